/*
 * The 16550 and its kin (drv/uart.h).
 *
 * Each unit has one lock, taken with interrupts off, that guards its registers
 * and its output queue. The log may be called with any lock held, this one
 * included, so it waits for it for a bounded time, and not at all where this
 * processor holds it: then it goes without. With the lock it looks once more
 * whether the transmitter is still empty, and fills it. That does not disturb a
 * queued transfer, which goes on with the next transmitter interrupt. What is
 * printed without the lock may lose bytes; a panic stops the other processors first.
 */
#include "drv/uart.h"
#include "arch/arch.h"
#include "base/error.h"
#include "sync/sync.h"

/* Registers, from the base port. */
enum { UART_NPORTS = 8 };
enum {
	RBR = 0, THR = 0, DLL = 0,
	IER = 1, DLM = 1,
	IIR = 2, FCR = 2,
	LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7,
};
enum {
	IER_RECEIVE = 1, IER_TRANSMIT = 2, IER_LINE = 4, IER_MODEM = 8,
	IIR_NONE = 1, IIR_FIFO = 0xc0,
	FCR_ENABLE = 1, FCR_CLEAR_RECEIVE = 2, FCR_CLEAR_TRANSMIT = 4,
	LCR_BREAK = 0x40, LCR_DLAB = 0x80,
	MCR_DTR = 1, MCR_RTS = 2, MCR_OUT2 = 8, MCR_LOOP = 0x10,
	LSR_DATA = 1, LSR_OVERRUN = 2, LSR_PARITY = 4, LSR_FRAMING = 8, LSR_BREAK = 0x10,
	LSR_EMPTY = 0x20,
	FIFO_SIZE = 16, UNTAKEN_MAX = 4 * FIFO_SIZE,
	DSR_CHANGED = 2, DCD_CHANGED = 8, CTS = 0x10, DSR = 0x20, DCD = 0x80,
	CLOCK_HZ = 115200,	/* of the divisor's unit */
	TURNS_MAX = 200000,	/* polls before the transmitter is called dead */
	LOOPBACK_TURNS_MAX = 10000,
	TURNS_INTERRUPT_MAX = 128,
};
enum { QUEUE_SIZE = 16384, XON = 0x11, XOFF = 0x13 };

typedef struct Uart Uart;
struct Uart {
	u16 port;		/* [I] */
	u8 irq;			/* [I] */
	const char *name;	/* [I] */
	bool present;		/* [I] after uart_early */
	bool fifo_works;	/* [I] after uart_early */
	Lock lk;
	bool started GUARDED_BY(lk);	/* interrupts are on */
	bool stopped GUARDED_BY(lk);	/* XOFF came */
	u8 ier GUARDED_BY(lk);
	u8 held[UNTAKEN_MAX] GUARDED_BY(lk);	/* received, and not taken yet */
	u32 nheld GUARDED_BY(lk), first_held GUARDED_BY(lk);
	/* somebody hands bytes over, and the lock may be free; he must try again: there is room */
	bool handing GUARDED_BY(lk), again GUARDED_BY(lk);
	bool in_use GUARDED_BY(lk);	/* DTR and RTS may be on */
	bool throttled GUARDED_BY(lk);	/* no input until there is room */
	bool lost GUARDED_BY(lk);	/* the modem went: f of uart_set_hangup is to be called */
	UartLine line GUARDED_BY(lk);
	UartStatus status GUARDED_BY(lk);
	UartInput *input GUARDED_BY(lk);
	void *input_arg;
	UartInput *taker GUARDED_BY(lk);
	void *taker_arg;
	void (*hangup)(void *) GUARDED_BY(lk);
	void *hangup_arg;
	void (*drained)(void *) GUARDED_BY(lk);
	void *drained_arg;
	u32 head GUARDED_BY(lk), tail GUARDED_BY(lk);	/* of queue: free-running */
	u8 queue[QUEUE_SIZE];
};

static LOCK_CLASS(uart_class, "drv.uart");
static Uart uarts[UART_NUNITS] = {
	{ .port = 0x3f8, .irq = 4, .name = "eia0", .lk = LOCK_INIT(&uart_class) },
	{ .port = 0x2f8, .irq = 3, .name = "eia1", .lk = LOCK_INIT(&uart_class) },
};

static u32 console;	/* [I] after uart_choose_console */

static u8 get(const Uart *u, u32 reg) { return arch_in8((u16)(u->port + reg)); }
static void put(const Uart *u, u32 reg, u32 v) { arch_out8((u16)(u->port + reg), (u8)v); }

static Uart *unit_of(u32 unit)
{
	assert(unit < UART_NUNITS);
	return &uarts[unit];
}

/* ---- polled ---- */

/* The scratch register keeps what is written, and a byte sent in loopback comes back. */
static bool probe(Uart *u)
{
	put(u, SCR, 0x5a);
	if (get(u, SCR) != 0x5a)
		return false;
	put(u, SCR, 0xa5);
	if (get(u, SCR) != 0xa5)
		return false;
	put(u, MCR, MCR_LOOP);
	put(u, THR, 0xae);
	u32 turns = 0;
	while ((get(u, LSR) & LSR_DATA) == 0 && turns < LOOPBACK_TURNS_MAX)
		turns++;
	bool echoed = (get(u, LSR) & LSR_DATA) != 0 && get(u, RBR) == 0xae;
	put(u, MCR, 0);
	return echoed;
}

static u32 fifo_control(const Uart *u) REQUIRES(u->lk)
{
	if (!u->fifo_works || u->line.fifo == 0)
		return 0;
	u32 level = u->line.fifo >= 14 ? 3 : u->line.fifo >= 8 ? 2 : u->line.fifo >= 4 ? 1 : 0;
	return FCR_ENABLE | level << 6;
}

/* Where CTS holds us up, RTS holds up the other side. A line that nobody uses is hung up. */
static void modem_lines(const Uart *u) REQUIRES(u->lk)
{
	const UartLine *l = &u->line;
	bool rts = l->rts && u->in_use && !(u->throttled && l->cts_flow);
	put(u, MCR, (l->dtr && u->in_use ? MCR_DTR : 0) | (rts ? MCR_RTS : 0) | MCR_OUT2);
}

/* Program the line from u->line. */
static void program(Uart *u, u32 clear) REQUIRES(u->lk)
{
	const UartLine *l = &u->line;
	u32 divisor = MIN(MAX(CLOCK_HZ / l->baud, 1U), 0xffffU);
	u32 parity = l->parity == UART_NONE ? 0 : l->parity == UART_EVEN ? 0x18 : 0x08;
	u32 lcr = (l->bits - 5) | (l->stop == 2 ? 4 : 0) | parity;
	put(u, LCR, lcr | LCR_DLAB);
	put(u, DLL, divisor & 0xff);
	put(u, DLM, divisor >> 8);
	put(u, LCR, lcr);
	put(u, FCR, fifo_control(u) | clear);
	modem_lines(u);
}

static void setup(Uart *u, u32 baud) REQUIRES(u->lk)
{
	u->present = probe(u);
	if (!u->present)
		return;
	put(u, IER, 0);
	put(u, FCR, FCR_ENABLE);
	u->fifo_works = (get(u, IIR) & IIR_FIFO) == IIR_FIFO;
	u->line = (UartLine){
		.baud = baud, .bits = 8, .stop = 1, .parity = UART_NONE, .fifo = 8, .dtr = true,
		.rts = true,
	};
	program(u, FCR_CLEAR_RECEIVE | FCR_CLEAR_TRANSMIT);
}

NO_TSA void uart_early(void)
{
	uarts[console].in_use = true;
	for (u32 i = 0; i < UART_NUNITS; i++)
		setup(&uarts[i], i == console ? 115200 : 9600);
}

void uart_choose_console(void)
{
	char text[64];
	const char *end;
	if (!boot_option("console", text, sizeof text))
		return;
	u64 unit = strtou64(text, &end, 10);
	if (end == text || (*end != '\0' && *end != ' ') || unit >= UART_NUNITS ||
		!uarts[unit].present) {
		print("console=%s: there is no such line; it stays eia%u\n", text, console);
		return;
	}
	console = (u32)unit;
	uart_use(console, true);
}

u32 uart_console(void)
{
	return console;
}

/* Wait until the transmitter takes a burst; returns its size, 0 when the hardware is stuck. */
static u32 wait_empty(const Uart *u)
{
	for (u32 turns = 0; turns < TURNS_MAX; turns++)
		if ((get(u, LSR) & LSR_EMPTY) != 0)
			return u->fifo_works && PEEK(u->line.fifo) != 0 ? FIFO_SIZE : 1;
	return 0;
}

/*
 * So that another processor sends nothing meanwhile. A print must get out even if the holder of the
 * lock is stuck, or is what this print interrupted. Interrupts off.
 */
static NO_TSA bool borrow(Uart *u)
{
	for (u32 turns = 0; turns < TURNS_MAX && !panicking && !lock_held(&u->lk); turns++) {
		if (canlock(&u->lk))
			return true;
		arch_relax();
	}
	return false;
}

static NO_TSA void give_back(Uart *u)
{
	unlock(&u->lk);
}

/* One burst of text from *p; NL counts as two bytes. Returns where it got to. */
static const char *log_burst(Uart *u, const char *p, const char *end)
{
	u32 room = wait_empty(u);
	if (room == 0)
		return end;
	bool on = splhi(), borrowed = borrow(u);
	if (borrowed && (get(u, LSR) & LSR_EMPTY) == 0)
		room = 0;	/* another was faster */
	bool cr_pending = room == 1 && *p == '\n';
	if (cr_pending) {
		put(u, THR, '\r');
		if (wait_empty(u) != 0)
			put(u, THR, '\n');
		p++;
	}
	for (; p < end && !cr_pending; p++) {
		u32 need = *p == '\n' ? 2 : 1;
		if (need > room)
			break;
		if (*p == '\n')
			put(u, THR, '\r');
		put(u, THR, (u8)*p);
		room -= need;
	}
	if (borrowed)
		give_back(u);
	splx(on);
	return p;
}

void uart_log(const char *text, usize n)
{
	Uart *u = &uarts[console];
	const char *end = text + n;
	while (u->present && text < end)
		text = log_burst(u, text, end);
}

/* ---- by interrupt ---- */

static u32 queued(const Uart *u) REQUIRES(u->lk)
{
	return u->head - u->tail;
}

/* The modem's lines. Looking clears what changed, so every look must see the end of a call. */
static u8 look_at_modem(Uart *u) REQUIRES(u->lk)
{
	u8 msr = get(u, MSR);
	if (u->line.hangup_dcd && (msr & (DCD_CHANGED | DCD)) == DCD_CHANGED)
		u->lost = true;
	if (u->line.hangup_dsr && (msr & (DSR_CHANGED | DSR)) == DSR_CHANGED)
		u->lost = true;
	return msr;
}

/* May the next byte be sent now? */
static bool may_send(Uart *u) REQUIRES(u->lk)
{
	if (u->stopped)
		return false;
	return !u->line.cts_flow || (look_at_modem(u) & CTS) != 0;
}

/* Fill the transmitter if it is empty, and ask for an interrupt while anything is left. */
static void transmit(Uart *u) REQUIRES(u->lk)
{
	if (queued(u) > 0 && may_send(u) && (get(u, LSR) & LSR_EMPTY) != 0) {
		u32 room = u->fifo_works && u->line.fifo != 0 ? FIFO_SIZE : 1;
		for (; room > 0 && queued(u) > 0; room--)
			put(u, THR, u->queue[u->tail++ % QUEUE_SIZE]);
	}
	u8 ier = u->throttled ? IER_MODEM : IER_RECEIVE | IER_LINE | IER_MODEM;
	if (queued(u) > 0 && may_send(u))
		ier |= IER_TRANSMIT;
	if (u->started && ier != u->ier) {
		u->ier = ier;
		put(u, IER, ier);
	}
}

static void count_errors(Uart *u, u8 lsr) REQUIRES(u->lk)
{
	u->status.overruns += (lsr & LSR_OVERRUN) != 0;
	u->status.parity += (lsr & LSR_PARITY) != 0;
	u->status.framing += (lsr & LSR_FRAMING) != 0;
	u->status.breaks += (lsr & LSR_BREAK) != 0;
}

/* Take in what has arrived, at most a few FIFOs full; returns the count. */
static u32 receive(Uart *u, u8 *buf, u32 size) REQUIRES(u->lk)
{
	u32 n = 0;
	for (u8 lsr; n < size && ((lsr = get(u, LSR)) & LSR_DATA) != 0;) {
		u8 byte = get(u, RBR);
		count_errors(u, lsr);
		if ((lsr & LSR_BREAK) != 0)
			continue;
		if (u->line.xonxoff && (byte == XON || byte == XOFF)) {
			u->stopped = byte == XOFF;
			continue;
		}
		buf[n++] = byte;
	}
	return n;
}

/* Stop input, or go on with it: the other side is told as the settings say. */
static void throttle(Uart *u, bool on) REQUIRES(u->lk)
{
	if (u->throttled == on)
		return;
	POKE(u->throttled, on);
	modem_lines(u);
	if (u->line.xonxoff && wait_empty(u) != 0)
		put(u, THR, on ? XOFF : XON);
	transmit(u);
}

/*
 * Give away what is held, byte by byte, until it is refused. Interrupts are off; the lock is free
 * while a hook runs, so that it may write. Who made room after a refusal sees `handing' or
 * `throttled', whichever he looks at first (uart_resume).
 */
static void hand_over(Uart *u) REQUIRES(u->lk)
{
	if (u->handing)
		return;
	POKE(u->handing, true);
	for (bool taken = true; (taken || u->again) && u->nheld > 0;) {
		UartInput *f = u->taker != nil ? u->taker : u->input;
		void *arg = u->taker != nil ? u->taker_arg : u->input_arg;
		u8 byte = u->held[u->first_held];
		u->again = false;
		iunlock(&u->lk);
		taken = f == nil || f(arg, byte);
		ilock(&u->lk);
		if (taken) {
			u->first_held++;
			u->nheld--;
		}
	}
	u->again = false;
	throttle(u, u->nheld > 0);
	__atomic_store_n(&u->handing, false, __ATOMIC_RELEASE);
}

/* Call what the state asks for, without the lock; before: the bytes that were queued. */
static void call_hooks(Uart *u, u32 before) REQUIRES(u->lk)
{
	bool lost = u->lost, drained = before > 0 && queued(u) <= QUEUE_SIZE / 2;
	void (*f)(void *) = u->hangup, (*g)(void *) = u->drained;
	void *f_arg = u->hangup_arg, *g_arg = u->drained_arg;
	u->lost = false;
	iunlock(&u->lk);
	if (lost && f != nil)
		f(f_arg);
	if (drained && g != nil)
		g(g_arg);
	ilock(&u->lk);
}

/* One look at everything; false when the controller has no more to say. */
static bool serve(Uart *u) REQUIRES(u->lk)
{
	u8 why = get(u, IIR);
	u32 before = queued(u), n = 0;
	if (u->nheld == 0 && !u->handing) {
		u->first_held = 0;
		n = u->nheld = receive(u, u->held, sizeof u->held);
	}
	look_at_modem(u);
	transmit(u);
	hand_over(u);
	call_hooks(u, before);
	return (why & IIR_NONE) == 0 || n > 0;
}

/* Take the requests away and make them again: what still waits gives a new edge. */
static void request_again(Uart *u) REQUIRES(u->lk)
{
	put(u, IER, 0);
	put(u, IER, u->ier);
}

/*
 * Anything may have happened: look at everything until the controller has no more to say. The
 * interrupt is an edge: after many turns the requests are made again, or none would follow.
 */
static void uart_interrupt(Ureg *ureg, void *arg)
{
	Uart *u = arg;
	ilock(&u->lk);
	u32 turn = 0;
	while (turn < TURNS_INTERRUPT_MAX && serve(u))
		turn++;
	if (turn == TURNS_INTERRUPT_MAX)
		request_again(u);
	iunlock(&u->lk);
}

void uart_start(void)
{
	for (u32 i = 0; i < UART_NUNITS; i++) {
		Uart *u = &uarts[i];
		if (!u->present)
			continue;
		if (arch_io_claim(u->port, UART_NPORTS, u->name) != nil)
			print("uart: the ports of %s are another driver's too\n", u->name);
		Err e = intr_enable(u->irq, uart_interrupt, u, u->name);
		if (e != nil) {
			print("uart: %s stays without input: interrupt %d: %s\n", u->name, u->irq,
				e);
			continue;
		}
		ilock(&u->lk);
		u->started = true;
		u->ier = 0;
		transmit(u);
		iunlock(&u->lk);
	}
}

bool uart_present(u32 unit)
{
	return unit_of(unit)->present;
}

void uart_set_input(u32 unit, UartInput *f, void *arg)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->input = f;
	u->input_arg = arg;
	iunlock(&u->lk);
}

void uart_take_input(u32 unit, UartInput *f, void *arg)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->taker = f;
	u->taker_arg = arg;
	iunlock(&u->lk);
	uart_resume(unit);	/* the new one may have room */
}

void uart_resume(u32 unit)
{
	Uart *u = unit_of(unit);
	if (!__atomic_load_n(&u->handing, __ATOMIC_ACQUIRE) && !PEEK(u->throttled))
		return;
	bool on = splhi();
	ilock(&u->lk);
	u->again = u->handing;
	hand_over(u);
	if (!u->throttled)
		request_again(u);
	iunlock(&u->lk);
	splx(on);
}

void uart_set_hangup(u32 unit, void (*f)(void *arg), void *arg)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->hangup = f;
	u->hangup_arg = arg;
	iunlock(&u->lk);
}

void uart_set_drained(u32 unit, void (*f)(void *arg), void *arg)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->drained = f;
	u->drained_arg = arg;
	iunlock(&u->lk);
}

usize uart_write(u32 unit, const void *p, usize n)
{
	Uart *u = unit_of(unit);
	const u8 *from = p;
	ilock(&u->lk);
	usize count = MIN(n, (usize)QUEUE_SIZE - queued(u));
	if (!u->present)
		count = n;
	for (usize i = 0; u->present && i < count; i++)
		u->queue[u->head++ % QUEUE_SIZE] = from[i];
	transmit(u);
	iunlock(&u->lk);
	return count;
}

usize uart_room(u32 unit)
{
	return QUEUE_SIZE - uart_pending(unit);
}

usize uart_pending(u32 unit)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	usize n = queued(u);
	iunlock(&u->lk);
	return n;
}

static usize send_more(Uart *u)
{
	ilock(&u->lk);
	transmit(u);
	usize left = queued(u);
	iunlock(&u->lk);
	return left;
}

/* The processor of the interrupts may be stopped before it has sent all: so it is polled. */
void uart_finish(void)
{
	for (u32 i = 0; i < UART_NUNITS; i++) {
		Uart *u = &uarts[i];
		usize left = uart_pending(i), before = left + 1;
		while (left > 0 && left < before && wait_empty(u) != 0) {
			before = left;
			left = send_more(u);
		}
		if (u->present)
			wait_empty(u);
	}
}

void uart_discard(u32 unit)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->tail = u->head;
	transmit(u);
	iunlock(&u->lk);
}

/* ---- the line ---- */

void uart_line(u32 unit, UartLine *l)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	*l = u->line;
	iunlock(&u->lk);
}

static bool line_ok(const UartLine *l)
{
	return l->baud > 0 && l->baud <= CLOCK_HZ && l->bits >= 5 && l->bits <= 8 &&
		(l->stop == 1 || l->stop == 2) &&
		(l->parity == UART_NONE || l->parity == UART_EVEN || l->parity == UART_ODD) &&
		l->fifo <= FIFO_SIZE;
}

Err uart_set_line(u32 unit, const UartLine *l)
{
	Uart *u = unit_of(unit);
	if (!line_ok(l))
		return Ebadarg;
	ilock(&u->lk);
	u->line = *l;
	if (!l->xonxoff)
		u->stopped = false;
	if (u->present) {
		program(u, 0);
		transmit(u);
	}
	iunlock(&u->lk);
	return nil;
}

void uart_use(u32 unit, bool on)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	u->in_use = on || unit == console;
	if (u->present)
		modem_lines(u);
	iunlock(&u->lk);
}

void uart_break(u32 unit, bool on)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	if (u->present)
		put(u, LCR, on ? get(u, LCR) | LCR_BREAK : get(u, LCR) & ~(u32)LCR_BREAK);
	iunlock(&u->lk);
}

void uart_status(u32 unit, UartStatus *s)
{
	Uart *u = unit_of(unit);
	ilock(&u->lk);
	*s = u->status;
	s->modem = u->present ? look_at_modem(u) >> 4 : 0;
	iunlock(&u->lk);
	/* The register's order is CTS, DSR, ring, carrier. */
	s->modem = (s->modem & 3) | ((s->modem & 8) != 0 ? UART_DCD : 0) |
		((s->modem & 4) != 0 ? UART_RING : 0);
}
