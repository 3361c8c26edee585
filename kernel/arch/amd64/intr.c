/*
 * Interrupts of devices: who handles which line, and the dispatch of
 * everything that is not an exception. Handlers run with interrupts off.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "drv/uart.h"
#include "proc/proc.h"
#include "sync/sync.h"

enum { STIR_EVERY = 16, SEED_WORDS = 8, RDRAND_TRIES = 10,
	STORM_MIN = 1000, STORM_BUSY_MIN = 5000, STORM_SECONDS = 3 };

typedef struct Irq {
	IrqHandler *f;
	void *arg;
	const char *name;
	u64 count, counted;	/* in all, and when that was last looked at */
} Irq;

static LOCK_CLASS(intr_class, "arch.intr");
static Lock intr_lk = LOCK_INIT(&intr_class);
/* [intr_lk] to change; a handler is complete before its line is opened */
static Irq irqs[ISA_IRQS];

Err intr_enable(u32 irq, IrqHandler *f, void *arg, const char *name)
{
	if (irq >= ISA_IRQS)
		return Enodev;
	Err e = nil;
	ilock(&intr_lk);
	if (irqs[irq].f != nil) {
		e = Einuse;
	} else {
		irqs[irq] = (Irq){ .f = f, .arg = arg, .name = name };
		if (!apic_used)
			pic_unmask(irq);
		else if (!apic_route(irq))
			e = Enodev;
		if (e != nil)
			irqs[irq] = (Irq){ 0 };
	}
	iunlock(&intr_lk);
	return e;
}

void intr_quiet(void)
{
	pic_quiet();
	apic_quiet();
}

bool arch_irq_info(u32 i, IrqInfo *info)
{
	if (i == 0) {
		*info = (IrqInfo){ VEC_TIMER, 0, "clock" };
		return true;
	}
	for (u32 irq = 0; irq < ISA_IRQS; irq++)
		if (irqs[irq].f != nil && --i == 0) {
			*info = (IrqInfo){ VEC_IRQ + irq, irq, irqs[irq].name };
			return true;
		}
	return false;
}

/* The moments at which devices ask are hard to guess from outside; a few of them are enough. */
static void stir(const Irq *i)
{
	u64 now = rdtsc();
	if (i->count % STIR_EVERY == 0)
		random_mix(&now, sizeof now);
}

static void device_interrupt(Ureg *u, u32 irq)
{
	if (!apic_used && pic_spurious(irq))
		return;
	Irq *i = &irqs[irq];
	i->count++;
	if (i->f != nil) {
		stir(i);
		i->f(u, i->arg);
	}
	if (apic_used)
		apic_eoi();
	else
		pic_eoi(irq);
}

/* The line that interrupted most since the last look, and how often. */
static u32 busiest(u64 *times)
{
	u32 worst = 0;
	*times = 0;
	for (u32 irq = 0; irq < ISA_IRQS; irq++) {
		u64 n = irqs[irq].count - irqs[irq].counted;
		irqs[irq].counted = irqs[irq].count;
		if (n > *times) {
			*times = n;
			worst = irq;
		}
	}
	return worst;
}

/*
 * A storm: for seconds on end a device interrupted and no process got anywhere, or the
 * processor did little but serve it. The share of time alone would accuse a host that
 * stalls in an interrupt, the number alone a device that is just busy.
 */
void intr_storm_check(void)
{
	static u64 last_ns, last_intr_ns, last_switches;
	static u32 seconds;
	const Cpu *c = cpu();
	u64 now = arch_nsec(), dt = now - last_ns, spent = c->intr_ns - last_intr_ns, times;
	bool stands = c->nswitch == last_switches && !c->idle;
	u32 irq = busiest(&times);
	last_ns = now;
	last_intr_ns = c->intr_ns;
	last_switches = c->nswitch;
	bool storm = (stands && times >= STORM_MIN) ||
		(spent >= dt / 4 * 3 && times >= STORM_BUSY_MIN);
	seconds = storm ? seconds + 1 : 0;
	if (seconds == STORM_SECONDS)
		print("watchdog: interrupt storm: irq %u (%s) came %lu times in a second%s\n", irq,
			irqs[irq].name != nil ? irqs[irq].name : "no driver", times,
			stands ? ", and no process gets anywhere" : "");
}

void intr_dispatch(Ureg *u)
{
	Cpu *c = cpu();
	trace_event(up, TRACE_INTR_START);
	u64 start = arch_nsec();
	c->nintr++;
	c->in_interrupt = true;
	if (u->type == VEC_TIMER) {
		apic_eoi();
		clock_fired(u);
	} else if (u->type == VEC_KICK) {
		apic_eoi();
	} else if (u->type == VEC_CALL) {
		apic_eoi();
		ipi_serve();
	} else if (u->type < VEC_IRQ + ISA_IRQS) {
		device_interrupt(u, (u32)u->type - VEC_IRQ);
	} else if (u->type == VEC_ERROR) {
		apic_eoi();
		print("apic: the local APIC of cpu%u reports an error\n", c->index);
	} else if (u->type != VEC_SPURIOUS) {
		print("interrupt %llu came, which nothing was set up for\n", u->type);
		if (apic_used)
			apic_eoi();
	}
	c->in_interrupt = false;
	c->intr_ns += arch_nsec() - start;
	trace_event(up, TRACE_INTR_END);
}

/* What the processor's generator gives, the counter where it gives nothing. */
static u64 random_word(void)
{
	u64 v = rdtsc();
	bool ok = false;
	for (u32 i = 0; i < RDRAND_TRIES && features.rdrand && !ok; i++)
		__asm__ volatile("rdrand %0" : "=r"(v), "=@ccc"(ok));
	return ok ? v : rdtsc();
}

static void seed(void)
{
	u64 words[SEED_WORDS];
	for (u32 i = 0; i < SEED_WORDS; i++)
		words[i] = random_word();
	words[0] ^= (u64)arch_wallclock() << 20;
	random_mix(words, sizeof words);
}

void arch_devices(void)
{
	acpi_init();
	pic_init();
	apic_init();
	clock_init();
	inventory_init();
	nmi_watch_init();
	seed();
	uart_start();
	smp_start();
}
