/*
 * #t: serial lines (devices.md 15): eia0 is COM1, eia1 COM2. The kernel's log and the console use
 * one of them too: while a program has that open for reading, it gets the bytes and the console
 * does not.
 *
 * Input goes from the interrupt into a byte queue. Output goes into the
 * driver's queue; a writer that finds no room sleeps until the interrupt has
 * made some. write_lk serialises writers, so that at most one sleeps.
 */
#include "dev/devices.h"
#include "drv/uart.h"

enum {
	INPUT_MAX = 65536,
	CHUNK = 2048,
	TEXT_MAX = 256,
	DRAIN_NS = 100 * 1000 * 1000,
	NS_PER_MS = 1000 * 1000
};
enum { Kdata, Kctl, Kstatus, NKIND };

typedef struct Line Line;
struct Line {
	Queue *input;		/* [I] after uart_devinit */
	QLock open_lk;		/* opens, and what follows: */
	u32 nopen;		/* data files open */
	u32 nreaders;		/* of those for reading */
	u32 perm[NKIND];	/* [a] */
	QLock write_lk;
	Rendez room;		/* the writer sleeps here */
	bool nonblock GUARDED_BY(write_lk);	/* drop output that does not fit */
};

static LOCK_CLASS(open_class, "uart.open");
static LOCK_CLASS(write_class, "uart.write");
static Line lines[UART_NUNITS];

static u64 path_of(u32 unit, u32 kind) { return 1 + unit * NKIND + kind; }
static u32 unit_of(const Chan *c) { return (u32)(c->qid.path - 1) / NKIND; }
static u32 kind_of(const Chan *c) { return (u32)(c->qid.path - 1) % NKIND; }
static bool is_data(const Chan *c) { return (c->qid.type & QTDIR) == 0 && kind_of(c) == Kdata; }

/* ---- the tree: three files for each line that the machine has ---- */

static int uart_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	static const char *const names[UART_NUNITS][NKIND] = {
		{ "eia0", "eia0ctl", "eia0status" }, { "eia1", "eia1ctl", "eia1status" },
	};
	if (i == DEVDOTDOT) {
		devdir(c, (Qid){ 0, 0, QTDIR }, "#t", 0, eve, 0555, d);
		return 1;
	}
	if (i >= UART_NUNITS * NKIND)
		return -1;
	u32 unit = (u32)i / NKIND, kind = (u32)i % NKIND;
	if (!uart_present(unit))
		return 0;
	Queue *q = lines[unit].input;
	u64 length = kind == Kdata && q != nil ? queue_length(q) : 0;
	devdir(c, (Qid){ path_of(unit, kind), 0, QTFILE }, names[unit][kind], length, eve,
		lines[unit].perm[kind], d);
	return 1;
}

static Err uart_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err uart_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, uart_gen, w);
}

static Err uart_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	return devstat(c, buf, size, nil, 0, uart_gen, n);
}

/* ---- opening and closing ---- */

/* A closed queue swallows what comes. */
static bool take_byte(void *arg, u8 byte)
{
	Line *l = arg;
	return queue_produce(l->input, &byte, 1) == 1 || queue_ishungup(l->input);
}

static void modem_lost(void *arg)
{
	Line *l = arg;
	queue_hangup(l->input, nil);
}

static void drained(void *arg)
{
	Line *l = arg;
	wakeup(&l->room);
}

static void uart_devinit(void)
{
	static const u32 perm[NKIND] = { 0660, 0660, 0444 };
	for (u32 i = 0; i < UART_NUNITS; i++) {
		Line *l = &lines[i];
		qlock_init(&l->open_lk, &open_class);
		qlock_init(&l->write_lk, &write_class);
		rendez_init(&l->room);
		memcpy(l->perm, perm, sizeof perm);
		l->input = queue_new(INPUT_MAX, Q_COALESCE);
		if (l->input == nil)
			panic("uart_devinit: no memory for the input of a serial line");
		uart_set_drained(i, drained, l);
		uart_set_hangup(i, modem_lost, l);
	}
}

static void data_opened(u32 unit, u32 mode)
{
	Line *l = &lines[unit];
	qlock(&l->open_lk);
	if (l->nopen++ == 0) {
		queue_reopen(l->input);
		uart_use(unit, true);
	}
	/* The console keeps its input while a program only writes. */
	if (mode != OWRITE && l->nreaders++ == 0)
		uart_take_input(unit, take_byte, l);
	qunlock(&l->open_lk);
}

static Err uart_open(Chan *c, u32 mode, Chan **out)
{
	TRY(devopen(c, mode, nil, 0, uart_gen, out));
	if (is_data(c))
		data_opened(unit_of(c), c->mode);
	return nil;
}

static bool nothing_pending(void *arg)
{
	return uart_pending((u32)((Line *)arg - lines)) == 0;
}

/*
 * Wait until the output is out; a line that makes no progress for a while (flow control) loses it.
 */
static void drain(u32 unit)
{
	usize left = uart_pending(unit);
	while (left > 0) {
		Err e = tsleep(&lines[unit].room, nothing_pending, &lines[unit], DRAIN_NS);
		usize now = uart_pending(unit);
		if (e != nil || now >= left) {
			uart_discard(unit);
			return;
		}
		left = now;
	}
}

static void uart_close(Chan *c)
{
	if ((c->flag & COPEN) == 0 || !is_data(c))
		return;
	u32 unit = unit_of(c);
	Line *l = &lines[unit];
	qlock(&l->open_lk);
	if (c->mode != OWRITE && --l->nreaders == 0)
		uart_take_input(unit, nil, nil);
	if (--l->nopen == 0) {
		qlock(&l->write_lk);
		drain(unit);
		qunlock(&l->write_lk);
		queue_hangup(l->input, nil);
		uart_use(unit, false);
	}
	qunlock(&l->open_lk);
}

/* ---- data ---- */

static bool has_room(void *arg)
{
	return uart_room((u32)((Line *)arg - lines)) > 0;
}

/* Queue n bytes, waiting for room; write_lk is held. *done counts what was queued. */
static Err send(u32 unit, const u8 *p, usize n, usize *done)
{
	Line *l = &lines[unit];
	for (usize at = 0; at < n;) {
		usize sent = uart_write(unit, p + at, n - at);
		at += sent;
		*done += sent;
		if (at == n)
			break;
		if (PEEK(l->nonblock)) {
			*done += n - at;
			break;
		}
		TRY(sleep(&l->room, has_room, l));
	}
	return nil;
}

static Err data_write(u32 unit, const Iobuf *b, usize *n)
{
	u8 chunk[CHUNK];
	Err e = nil;
	Line *l = &lines[unit];
	*n = 0;
	qlock(&l->write_lk);
	while (e == nil && *n < b->size) {
		usize count = MIN(b->size - *n, (usize)CHUNK);
		e = queue_ishungup(l->input) ? Ehungup : nil;
		if (e == nil)
			e = iobuf_get(b, *n, chunk, count);
		if (e == nil)
			e = send(unit, chunk, count, n);
	}
	qunlock(&l->write_lk);
	return e;
}

/* ---- status and control ---- */

/* The settings as the control file would take them. */
static usize line_text(u32 unit, const UartLine *l, const UartStatus *s, char *buf, usize size)
{
	return snprint(buf, size,
		"b%u c%d d%d e%d l%u m%d p%c r%d s%u i%u\n"
		"dev(%u) type(1) framing(%u) overruns(%u) berr(%u) serr(0)%s%s%s%s\n",
		l->baud, l->hangup_dcd, l->dtr, l->hangup_dsr, l->bits, l->cts_flow, (int)l->parity,
		l->rts, l->stop, l->fifo, unit, s->framing, s->overruns, s->breaks,
		(s->modem & UART_CTS) != 0 ? " cts" : "", (s->modem & UART_DSR) != 0 ? " dsr" : "",
		(s->modem & UART_DCD) != 0 ? " dcd" : "",
		(s->modem & UART_RING) != 0 ? " ring" : "");
}

static Err uart_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[TEXT_MAX];
	if ((c->qid.type & QTDIR) != 0)
		return devdirread(c, b, nil, 0, uart_gen, n);
	u32 unit = unit_of(c);
	if (kind_of(c) == Kdata) {
		Err e = queue_read(lines[unit].input, b, n);
		uart_resume(unit);
		return e;
	}
	if (kind_of(c) == Kctl)
		return readstr(b, off, text, snprint(text, sizeof text, "%11u ", unit), n);
	UartLine l;
	UartStatus s;
	uart_line(unit, &l);
	uart_status(unit, &s);
	return readstr(b, off, text, line_text(unit, &l, &s, text, sizeof text), n);
}

/* Wait without holding anything; a note cuts it short. */
static bool never(void *arg)
{
	return false;
}

static Err send_break(u32 unit, u64 ms)
{
	Rendez r;
	rendez_init(&r);
	uart_break(unit, true);
	Err e = tsleep(&r, never, nil, ms * NS_PER_MS);
	uart_break(unit, false);
	return e;
}

/* Commands that change nothing of the line's settings; false when word is none of them. */
static bool act(u32 unit, char verb, u64 value, Err *e)
{
	Line *l = &lines[unit];
	switch (verb) {
	case 'f':
		uart_discard(unit);
		break;
	case 'h':
		queue_hangup(l->input, nil);
		break;
	case 'k':
		*e = value <= 10000 ? send_break(unit, value) : Ebadarg;
		break;
	case 'n':
		qlock(&l->write_lk);
		l->nonblock = value != 0;
		qunlock(&l->write_lk);
		break;
	case 'q':
		if (value == 0 || value > INPUT_MAX)
			*e = Ebadarg;
		else
			queue_setlimit(l->input, value);
		break;
	case 'w':
		break;	/* the receiver's timer is the FIFO's own */
	default:
		return false;
	}
	return true;
}

/* A setting: its letter and number (for p, the letter that follows). */
static Err change(UartLine *l, char verb, u64 value, char letter)
{
	switch (verb) {
	case 'b': l->baud = value <= ~0U ? (u32)value : 0; break;
	case 'c': l->hangup_dcd = value != 0; break;
	case 'd': l->dtr = value != 0; break;
	case 'e': l->hangup_dsr = value != 0; break;
	case 'i': l->fifo = value <= ~0U ? (u32)value : ~0U; break;
	case 'l': l->bits = value <= 8 ? (u32)value : 0; break;
	case 'm': l->cts_flow = value != 0; break;
	case 'p': l->parity = (u32)(u8)letter; break;
	case 'r': l->rts = value != 0; break;
	case 's': l->stop = value <= 2 ? (u32)value : 0; break;
	case 'x': l->xonxoff = value != 0; break;
	default: return Ebadarg;
	}
	return nil;
}

static Err command(u32 unit, const char *word)
{
	char verb = word[0] >= 'A' && word[0] <= 'Z' ? (char)(word[0] - 'A' + 'a') : word[0];
	const char *end;
	Err e = nil;
	if (strcmp(word, "break") == 0)
		return send_break(unit, 250);
	u64 value = strtou64(word + 1, &end, 10);
	if (verb != 'p' && *end != '\0')
		return Ebadarg;
	if (act(unit, verb, value, &e))
		return e;
	UartLine l;
	uart_line(unit, &l);
	TRY(change(&l, verb, value, word[1]));
	return uart_set_line(unit, &l);
}

static Err ctl_write(u32 unit, const Iobuf *b, usize *n)
{
	char text[TEXT_MAX], *word[TEXT_MAX / 2];
	TRY(writestr(b, text, sizeof text));
	usize nwords = tokenize(text, word, nelem(word));
	for (usize i = 0; i < nwords; i++)
		TRY(command(unit, word[i]));
	*n = b->size;
	return nil;
}

/* What follows the line's number in `console=N ...` of the command line. */
static void console_options(void)
{
	char text[64], *word[16];
	if (!boot_option("console", text, sizeof text))
		return;
	usize n = tokenize(text, word, nelem(word));
	for (usize i = 1; i < n; i++) {
		Err e = command(uart_console(), word[i]);
		if (e != nil)
			print("console: %s: %s\n", word[i], e);
	}
}

static Err uart_devwrite(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (kind_of(c) == Kdata)
		return data_write(unit_of(c), b, n);
	return kind_of(c) == Kctl ? ctl_write(unit_of(c), b, n) : Eperm;
}

/* The mode, by eve. */
static ERR change_mode(Chan *c, const Dir *d)
{
	if (d->name[0] != '\0' || d->uid[0] != '\0' || d->gid[0] != '\0')
		return Eperm;
	if (d->mode != ~0U)
		lines[unit_of(c)].perm[kind_of(c)] = d->mode & 0777;
	return nil;
}

static Err uart_wstat(Chan *c, const u8 *buf, usize size)
{
	return (c->qid.type & QTDIR) == 0 && iseve() ? devwstat(c, buf, size, nil,
		change_mode) : Eperm;
}

static void uart_start_lines(void)
{
	uart_devinit();
	console_options();
}

const Dev devuart = {
	.letter = 't',
	.name = "uart",
	.init = uart_start_lines,
	.attach = uart_attach,
	.walk = uart_walk,
	.stat = uart_stat,
	.open = uart_open,
	.create = dev_nocreate,
	.close = uart_close,
	.read = uart_read,
	.write = uart_devwrite,
	.remove = dev_noremove,
	.wstat = uart_wstat,
};
