/*
 * Time: the time-stamp counter, whose frequency the processor tells or another
 * clock measures, and one timer for each processor: the local APIC's, or
 * channel 0 of the 8254 where there is no APIC.
 */
#include "arch/amd64/amd64.h"
#include "proc/proc.h"

enum {
	PIT_CHANNEL0 = 0x40, PIT_CHANNEL2 = 0x42, PIT_COMMAND = 0x43, PIT_GATE = 0x61,
	PIT_HZ = 1193182,
	PIT_ONESHOT0 = 0x30, PIT_ONESHOT2 = 0xb0, GATE_ON = 1, GATE_SPEAKER = 2, GATE_OUT = 0x20,
	PIT_IRQ = 0,
	PM_HZ = 3579545,
	/* how long a frequency is measured: the longer, the more doubt there is */
	MEASURE_MIN_US = 500,
	MEASURE_MAX_US = 16000,
	TURNS_MAX = 100000000,		/* a clock that does not tick for so long is dead */
};
#define NS_PER_S 1000000000UL
#define MHZ 1000000UL

typedef struct Sample { u64 tsc, doubt; u32 timer; } Sample;

static u64 tsc_start, tsc_hz;		/* [I] after clock_init */
static u64 ns_per_tsc;			/* [I] 32.32 fixed point */
static u64 timer_per_ns;		/* [I] 32.32 fixed point; of the timer that interrupts */
static bool pit_timer;			/* [I] that is the 8254 */
static u64 deadline[NCPU_MAX];		/* its own processor's, interrupts off; 0: none */
static u64 fired[NCPU_MAX];		/* its own processor's: interrupts of its timer */

/* v * factor, a 32.32 fixed-point number. */
static u64 scale(u64 v, u64 factor)
{
	u64 lo, hi;
	__asm__("mulq %3" : "=a"(lo), "=d"(hi) : "a"(v), "rm"(factor));
	return hi << 32 | lo >> 32;
}

static u64 fixed(u64 numerator, u64 denominator)
{
	return ((numerator / denominator) << 32) + ((numerator % denominator) << 32) / denominator;
}

u64 arch_cyclehz(void)
{
	return tsc_hz;
}

u64 arch_nsec(void)
{
	return scale(rdtsc() - tsc_start, ns_per_tsc);
}

/* ---- calibration ---- */

/* What the processor or the hypervisor says; 0 when they do not. */
static u64 told_frequency(void)
{
	if (features.hypervisor && cpuid(0x40000000, 0).a >= 0x40000010) {
		u64 khz = cpuid(0x40000010, 0).a;
		if (khz * 1000 >= MHZ)
			return khz * 1000;
	}
	if (features.leaf_max < 0x15)
		return 0;
	Cpuid r = cpuid(0x15, 0);
	return r.a != 0 && r.b != 0 && r.c != 0 ? (u64)r.c * r.b / r.a : 0;
}

static Sample sample(u64 before)
{
	u64 now = rdtsc();
	return (Sample){ now, now - before, apic_used ? apic_timer_now() : 0 };
}

static u32 pm_read(void)
{
	return arch_in32((u16)acpi.pm_timer) & (acpi.pm_timer32 ? ~0U : 0xffffffU);
}

/*
 * Measure from one tick of the ACPI timer to another; returns the ticks between, 0 when it stands
 * still.
 */
static u64 measure_pm(u32 us, Sample *a, Sample *b)
{
	u32 mask = acpi.pm_timer32 ? ~0U : 0xffffffU, first = pm_read(), now = first, start;
	u64 before = rdtsc();
	for (u32 turns = 0; now == first; turns++) {
		if (turns == TURNS_MAX)
			return 0;
		before = rdtsc();
		now = pm_read();
	}
	*a = sample(before);
	start = now;
	for (u32 turns = 0; ((now - start) & mask) < (u64)PM_HZ * us / 1000000; turns++) {
		if (turns == TURNS_MAX)
			return 0;
		before = rdtsc();
		now = pm_read();
	}
	*b = sample(before);
	return (now - start) & mask;
}

/* Measure one run of channel 2 of the 8254. */
static u64 measure_pit(u32 us, Sample *a, Sample *b)
{
	u32 count = (u32)((u64)PIT_HZ * us / 1000000);
	u8 gate = (u8)(arch_in8(PIT_GATE) & ~(u32)(GATE_ON | GATE_SPEAKER));
	arch_out8(PIT_GATE, gate);
	arch_out8(PIT_COMMAND, PIT_ONESHOT2);
	arch_out8(PIT_CHANNEL2, (u8)count);
	arch_out8(PIT_CHANNEL2, (u8)(count >> 8));
	u64 before = rdtsc();
	arch_out8(PIT_GATE, gate | GATE_ON);
	*a = sample(before);
	for (u32 turns = 0; (arch_in8(PIT_GATE) & GATE_OUT) == 0; turns++) {
		if (turns == TURNS_MAX)
			return 0;
		before = rdtsc();
	}
	*b = sample(before);
	return count;
}

/* Wait on the counter itself, whose frequency is known, for the sake of the APIC's timer. */
static u64 measure_tsc(u32 us, Sample *a, Sample *b)
{
	u64 ticks = tsc_hz * us / 1000000;
	*a = sample(rdtsc());
	while (rdtsc() - a->tsc < ticks)
		arch_relax();
	*b = sample(rdtsc());
	return b->tsc - a->tsc;
}

/*
 * The nearest whole number of MHz, if the measurement, good to one part in precision, cannot tell
 * them apart.
 */
static u64 whole_mhz(u64 hz, u64 precision)
{
	u64 whole = (hz + MHZ / 2) / MHZ * MHZ;
	return (whole > hz ? whole - hz : hz - whole) * precision <= hz ? whole : hz;
}

/*
 * Measure with a clock of hz, at first for a short time. While the moments at which the
 * two clocks were read are in doubt by more than a little of that, take longer.
 */
static bool measure(u64 (*f)(u32 us, Sample *, Sample *), u64 hz)
{
	for (u32 us = MEASURE_MIN_US; us <= MEASURE_MAX_US; us *= 2) {
		Sample a, b;
		if (apic_used)
			apic_timer_start(~0U);
		u64 ticks = f(us, &a, &b), cycles = b.tsc - a.tsc;
		if (ticks == 0)
			return false;
		if (f != measure_tsc)
			tsc_hz = whole_mhz(cycles * hz / ticks, cycles / (a.doubt + b.doubt + 1));
		timer_per_ns = fixed((a.timer - b.timer) * hz / ticks, NS_PER_S);
		if (a.doubt + b.doubt < cycles / 16000)
			break;
	}
	if (apic_used)
		apic_timer_start(0);
	return true;
}

static const char *calibrate(void)
{
	tsc_hz = told_frequency();
	if (tsc_hz != 0)
		return measure(measure_tsc, tsc_hz) ? "told by the processor" : nil;
	if (acpi.pm_timer != 0 && measure(measure_pm, PM_HZ))
		return "measured by the ACPI timer";
	return measure(measure_pit, PIT_HZ) ? "measured by the 8254" : nil;
}

static void pit_interrupt(Ureg *u, void *arg)
{
	clock_fired(u);
}

void clock_init(void)
{
	tsc_start = rdtsc();
	if (apic_used)
		apic_timer_init();
	const char *how = calibrate();
	if (how == nil || tsc_hz < MHZ)
		panic("clock_init: no clock ticks: neither the ACPI timer nor the 8254");
	ns_per_tsc = fixed(NS_PER_S, tsc_hz);
	pit_timer = !apic_used || timer_per_ns == 0;
	if (pit_timer) {
		timer_per_ns = fixed(PIT_HZ, NS_PER_S);
		Err e = intr_enable(PIT_IRQ, pit_interrupt, nil, "clock");
		if (e != nil)
			panic("clock_init: no timer interrupt: %s", e);
	}
	print("clock: %lu.%03lu MHz, %s\n", tsc_hz / 1000000, tsc_hz / 1000 % 1000, how);
}

/* ---- the timer ---- */

/* A little late rather than early, because an early interrupt is one more. */
static void timer_program(u64 ns)
{
	u64 late = MIN(ns, NS_PER_S);
	u64 count = scale(late + late / 256, timer_per_ns) + 1;
	if (!pit_timer) {
		apic_timer_start((u32)MIN(count, 0xffffffffUL));
		return;
	}
	count = MIN(count, 0xffffUL);
	arch_out8(PIT_COMMAND, PIT_ONESHOT0);
	arch_out8(PIT_CHANNEL0, (u8)count);
	arch_out8(PIT_CHANNEL0, (u8)(count >> 8));
}

void arch_timer_set(u64 deadline_ns)
{
	bool on = splhi();
	u64 now = arch_nsec();
	deadline[cpu()->index] = MAX(deadline_ns, 1UL);
	timer_program(deadline_ns > now ? deadline_ns - now : 0);
	splx(on);
}

u64 clock_count(u32 index)
{
	return PEEK(fired[index]);
}

void clock_fired(Ureg *u)
{
	u64 *d = &deadline[cpu()->index];
	fired[cpu()->index]++;
	if (*d == 0)
		return;
	u64 now = arch_nsec();
	if (now < *d) {
		timer_program(*d - now);
		return;
	}
	*d = 0;
	clock_interrupt(u);
}
