/*
 * The line discipline of the console. Bytes come from the serial line's
 * interrupt into a queue; a kernel process edits lines from there and delivers
 * them to readers, so that echoing and posting notes happen in process context.
 *
 * What is delivered waits in a ring of bytes, among which END marks where a ^D
 * ended a line. The line being edited is no part of it.
 *
 * Nothing is lost when nobody reads: the process waits until the ring has room for a line, the
 * queue fills up, and then the serial line holds up who sends. An interrupt key that comes
 * meanwhile does not queue behind all that: it takes effect, and ends what was typed ahead.
 */
#include "dev/devices.h"
#include "drv/uart.h"

enum {
	INPUT_SIZE = 16384, RING_SIZE = 16384, LINE_RUNES = 256, LINE_BYTES = 4 * LINE_RUNES,
	ROOM_MIN = LINE_BYTES + 2, READ_MAX = 1024, END = 0x100,
	KEY_INTERRUPT = 0x03, KEY_EOF = 0x04, KEY_BACKSPACE = 0x08, KEY_KILL = 0x15,
	KEY_DEBUG = 0x14, KEY_WORD = 0x17, KEY_DELETE = 0x7f,
};

static LOCK_CLASS(console_class, "console");

static struct {
	Lock lk;			/* taken with ilock */
	Queue *input;			/* [I] from the interrupt */
	char line[LINE_BYTES] GUARDED_BY(lk);	/* being edited */
	u32 nline GUARDED_BY(lk);	/* bytes of it */
	u32 nrunes GUARDED_BY(lk);	/* runes */
	u16 ring[RING_SIZE] GUARDED_BY(lk);	/* delivered */
	u32 first GUARDED_BY(lk);	/* of the ring */
	u32 count GUARDED_BY(lk);
	Waitq readers GUARDED_BY(lk);
	Rendez room;			/* the process that edits waits here for room */
	bool stalled GUARDED_BY(lk);	/* it does */
	bool urgent GUARDED_BY(lk);	/* an interrupt key came meanwhile */
	bool raw GUARDED_BY(lk);
	u32 noteid GUARDED_BY(lk);	/* whom the interrupt key interrupts; 0 nobody */
} con = { .lk = LOCK_INIT(&console_class) };

/* What to print once the lock is released. */
typedef struct Echo { usize n; char text[256]; } Echo;

static void echo(Echo *e, const char *text, usize n)
{
	if (e->n + n > sizeof(e->text)) {
		log_write(e->text, e->n);
		e->n = 0;
	}
	memcpy(e->text + e->n, text, n);
	e->n += n;
}

/* ---- delivering; con.lk held ---- */

static void deliver(u16 entry) REQUIRES(con.lk)
{
	assert(con.count < RING_SIZE);	/* wait_room */
	con.ring[(con.first + con.count) % RING_SIZE] = entry;
	con.count++;
}

static void deliver_line(void) REQUIRES(con.lk)
{
	for (u32 i = 0; i < con.nline; i++)
		deliver((u8)con.line[i]);
	con.nline = con.nrunes = 0;
	waitq_wake(&con.readers);
}

/* ---- editing; con.lk held ---- */

static void erase_rune(Echo *e) REQUIRES(con.lk)
{
	assert(con.nline > 0 && con.nrunes > 0);
	do
		con.nline--;
	while (con.nline > 0 && ((u8)con.line[con.nline] & 0xC0) == 0x80);
	con.nrunes--;
	echo(e, "\b \b", 3);
}

static bool last_is_blank(void) REQUIRES(con.lk)
{
	char last = con.line[con.nline - 1];

	return last == ' ' || last == '\t';
}

static void erase_word(Echo *e) REQUIRES(con.lk)
{
	while (con.nrunes > 0 && last_is_blank())
		erase_rune(e);
	while (con.nrunes > 0 && !last_is_blank())
		erase_rune(e);
}

static void add_byte(Echo *e, char byte) REQUIRES(con.lk)
{
	bool continues = ((u8)byte & 0xC0) == 0x80 && con.nline > 0;

	if (con.nline == LINE_BYTES || (con.nrunes == LINE_RUNES && !continues))
		deliver_line();
	if (!continues || con.nrunes == 0)
		con.nrunes++;
	con.line[con.nline++] = byte;
	echo(e, &byte, 1);
	if (byte == '\n' || (con.nrunes == LINE_RUNES && (u8)byte < 0x80))
		deliver_line();
}

/* One byte of cooked input; returns the note group to interrupt, or 0. */
static u32 edit(Echo *e, char byte) REQUIRES(con.lk)
{
	switch ((u8)byte) {
	case KEY_INTERRUPT:
	case KEY_DELETE:
		con.nline = con.nrunes = 0;
		return con.noteid;
	case KEY_EOF:
		deliver_line();
		deliver(END);
		break;
	case KEY_BACKSPACE:
		if (con.nrunes > 0)
			erase_rune(e);
		break;
	case KEY_KILL:
		while (con.nrunes > 0)
			erase_rune(e);
		break;
	case KEY_WORD:
		erase_word(e);
		break;
	case '\r':
		add_byte(e, '\n');
		break;
	default:
		add_byte(e, byte);
	}
	return 0;
}

static void take_byte(char byte)
{
	Echo e = { .n = 0 };
	u32 noteid = 0;

	ilock(&con.lk);
	if (con.raw) {
		deliver((u8)byte);
		waitq_wake(&con.readers);
	} else {
		noteid = edit(&e, byte);
	}
	iunlock(&con.lk);
	if (e.n > 0)
		log_write(e.text, e.n);
	if (noteid != 0)
		postnote_group(noteid, "interrupt", NUser, nil);
}

static bool has_room(void *arg)
{
	u32 count = __atomic_load_n(&con.count, __ATOMIC_RELAXED);

	return RING_SIZE - count >= ROOM_MIN || __atomic_load_n(&con.urgent, __ATOMIC_RELAXED);
}

/* The interrupt key over a full ring: what is queued behind what nobody reads is forgotten. */
static void interrupt_now(u32 noteid)
{
	queue_reopen(con.input);
	uart_resume(uart_console());
	if (noteid != 0)
		postnote_group(noteid, "interrupt", NUser, nil);
}

/* Wait until the ring takes whatever a byte may deliver; false when that byte is forgotten. */
static bool wait_room(void)
{
	if (has_room(nil))
		return true;
	ilock(&con.lk);
	con.stalled = true;
	while (!has_room(nil)) {
		iunlock(&con.lk);
		sleep_uninterruptible(&con.room, has_room, nil);
		ilock(&con.lk);
	}
	bool urgent = con.urgent;
	u32 noteid = con.noteid;

	con.stalled = con.urgent = false;
	if (urgent)
		con.nline = con.nrunes = 0;
	iunlock(&con.lk);
	if (urgent)
		interrupt_now(noteid);
	return !urgent;
}

/* The interrupt key, if it must not wait its turn. */
static bool is_urgent(u8 byte)
{
	if (byte != KEY_INTERRUPT && byte != KEY_DELETE)
		return false;
	ilock(&con.lk);
	bool urgent = con.stalled && !con.raw;

	if (urgent)
		con.urgent = true;
	iunlock(&con.lk);
	return urgent;
}

static void consline_main(void *arg)
{
	char bytes[64];

	for (;;) {
		Iobuf b = iobuf_kernel(bytes, sizeof(bytes));
		usize n;

		if (queue_read(con.input, &b, &n) != nil)
			continue;	/* nothing ends this queue */
		uart_resume(uart_console());
		for (usize i = 0; i < n && wait_room(); i++)
			take_byte(bytes[i]);
	}
}

static void print_line(void *arg, const char *text)
{
	print("%s\n", text);
}

static NO_TSA bool is_raw(void)
{
	return con.raw;
}

/*
 * ^T^Tp is answered in the interrupt itself, so that it works although no process does.
 * False: there is no room, and the same byte comes again.
 */
static bool debug_byte(u8 byte, bool *taken)
{
	static u32 held;	/* ^T not yet passed on */
	static const u8 key = KEY_DEBUG;
	*taken = true;
	if (byte == KEY_DEBUG && held < 2 && !is_raw()) {
		held++;
		return true;
	}
	if (byte == 'p' && held == 2) {
		held = 0;
		hang_report(print_line, nil);
		mnt_hang_report(print_line, nil);
		return true;
	}
	for (; held > 0; held--)
		if (queue_produce(con.input, &key, 1) != 1)
			return false;
	*taken = false;
	return true;
}

static bool input_byte(void *arg, u8 byte)
{
	bool taken;
	if (!debug_byte(byte, &taken))
		return false;
	if (taken)
		return true;
	if (!is_urgent(byte))
		return queue_produce(con.input, &byte, 1) == 1;
	wakeup(&con.room);
	return true;
}

void consline_init(void)
{
	waitq_init(&con.readers);
	rendez_init(&con.room);
	con.input = queue_new(INPUT_SIZE, Q_COALESCE);
	if (con.input == nil)
		panic("consline_init: no memory for the console's input");
	Err err = kproc("consline", consline_main, nil);

	if (err != nil)
		panic("consline_init: no process for the console's input: %s", err);
	uart_set_input(uart_console(), input_byte, nil);
}

/* ---- readers ---- */

void consline_opened(void)
{
	ilock(&con.lk);
	con.noteid = PEEK(up->noteid);
	iunlock(&con.lk);
}

/* Take a line or what size allows; con.lk held, something is there. */
static usize take_line(char *text, usize size) REQUIRES(con.lk)
{
	usize n = 0;

	while (con.count > 0) {
		u16 entry = con.ring[con.first];

		if (entry != END && n == size)
			break;
		con.first = (con.first + 1) % RING_SIZE;
		con.count--;
		if (entry == END)
			break;
		text[n++] = (char)entry;
		if (entry == '\n' && !con.raw)
			break;
	}
	return n;
}

Err consline_read(const Iobuf *b, usize *n)
{
	char text[READ_MAX];
	Err err = nil;

	*n = 0;
	if (b->size == 0)
		return nil;
	ilock(&con.lk);
	con.noteid = PEEK(up->noteid);
	while (err == nil && con.count == 0)
		err = waitq_sleep(&con.readers, &con.lk);
	if (err == nil)
		*n = take_line(text, MIN(b->size, sizeof(text)));
	if (con.count > 0)
		waitq_wake(&con.readers);
	bool stalled = con.stalled;

	iunlock(&con.lk);
	if (stalled)
		wakeup(&con.room);
	return err != nil ? err : iobuf_put(b, 0, text, *n);
}

usize consline_length(void)
{
	ilock(&con.lk);
	usize n = con.count;

	iunlock(&con.lk);
	return n;
}

/* Ends of lines mean nothing to a raw reader. con.lk held. */
static void forget_ends(void) REQUIRES(con.lk)
{
	u32 count = con.count;

	con.count = 0;
	for (u32 i = 0; i < count; i++) {
		u16 entry = con.ring[(con.first + i) % RING_SIZE];

		if (entry != END)
			deliver(entry);
	}
}

/* In raw mode nothing is edited: what stood on the line belongs to the reader. */
void consline_raw(bool raw)
{
	ilock(&con.lk);
	if (raw && !con.raw) {
		deliver_line();
		forget_ends();
	}
	con.raw = raw;
	iunlock(&con.lk);
}
