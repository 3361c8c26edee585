/*
 * The part of the watchdog that a processor with its interrupts off cannot keep
 * away: every second the HPET raises an NMI of the first processor by way of an I/O
 * APIC. Clock interrupts must have come since on every processor that is not
 * idle; when none did for as many NMIs as the option watchdog says, it keeps
 * interrupts off or its timer is silent. Another one than the first is sent an NMI
 * and tells itself what it does. NMIs are counted, not time: those that a stalled
 * host owes come as one.
 *
 * Where there is no HPET, or no I/O APIC for it, that is said at boot, and such a
 * hang stays silent.
 */
#include "arch/amd64/amd64.h"
#include "proc/proc.h"

enum {
	HPET_CAPABILITIES = 0, HPET_CONFIG = 0x10, HPET_COUNTER = 0xf0,
	TIMER_CONFIG = 0x100, TIMER_COMPARATOR = 0x108, HPET_SIZE = 0x400,
	CONFIG_ENABLE = 1, CONFIG_LEGACY = 2,
	TIMER_LEVEL = 2, TIMER_ENABLE = 4, TIMER_PERIODIC = 8, TIMER_CAN_PERIODIC = 0x10,
	TIMER_SET = 0x40, TIMER_ROUTE_SHIFT = 9, TIMER_ROUTE_MASK = 0x1f << TIMER_ROUTE_SHIFT,
	GSI_FIRST = 16,		/* below are the lines of ISA */
};
#define FEMTOSECONDS 1000000000000000UL

static volatile u8 *hpet;
static bool armed;
static u64 seen[NCPU_MAX];	/* clock interrupts at the last NMI */
static u32 silent[NCPU_MAX];	/* NMIs since one came */
static bool told[NCPU_MAX];	/* [a] to say what it does */

static u64 get(u32 reg) { return *(volatile u64 *)(hpet + reg); }
static void put(u32 reg, u64 v) { *(volatile u64 *)(hpet + reg) = v; }

/* ---- at boot ---- */

/* A line that the timer can raise and an I/O APIC makes an NMI of; false when there is none. */
static bool route(u64 config, u32 *gsi)
{
	u64 possible = config >> 32;
	for (u32 i = GSI_FIRST; i < 32; i++)
		if ((possible & 1UL << i) != 0 && apic_route_nmi(i)) {
			*gsi = i;
			return true;
		}
	return false;
}

static void start_timer(u64 config, u32 gsi, u64 period)
{
	put(HPET_CONFIG, get(HPET_CONFIG) & ~(u64)(CONFIG_ENABLE | CONFIG_LEGACY));
	config &= ~(u64)(TIMER_ROUTE_MASK | TIMER_LEVEL);
	config |= (u64)gsi << TIMER_ROUTE_SHIFT | TIMER_ENABLE | TIMER_PERIODIC | TIMER_SET;
	put(HPET_COUNTER, 0);
	put(TIMER_CONFIG, config);
	put(TIMER_COMPARATOR, period);
	put(TIMER_COMPARATOR, period);	/* the first was the comparator, this one is the period */
	put(HPET_CONFIG, get(HPET_CONFIG) | CONFIG_ENABLE);
}

/* Why there can be no NMI; nil when it is on. */
static const char *begin(void)
{
	u32 gsi;
	if (acpi.hpet == 0)
		return "there is no HPET";
	if (!apic_used)
		return "there is no I/O APIC";
	hpet = arch_mmio(paddr_of(acpi.hpet), HPET_SIZE);
	u64 femtoseconds = hpet != nil ? get(HPET_CAPABILITIES) >> 32 : 0;
	if (femtoseconds == 0 || femtoseconds > 100000000)
		return "the HPET does not answer";
	u64 config = get(TIMER_CONFIG);
	if ((config & TIMER_CAN_PERIODIC) == 0)
		return "the HPET has no periodic timer";
	if (!route(config, &gsi))
		return "no I/O APIC has a line for the HPET";
	start_timer(config, gsi, FEMTOSECONDS / femtoseconds);
	return nil;
}

void nmi_watch_init(void)
{
	if (watchdog_seconds() == 0)
		return;
	armed = true;	/* the first may come at once */
	const char *why = begin();
	armed = why == nil;
	if (!armed)
		print("watchdog: interrupts kept off will not be noticed: %s\n", why);
}

/* ---- the NMI ---- */

static void report(const Ureg *u)
{
	bool off = (u->flags & FLAG_IF) == 0;
	print("watchdog: cpu%u has had no clock interrupt for %u seconds: %s at %s\n", cpu()->index,
		silent[cpu()->index], off ? "interrupts are off" : "the timer is silent",
		ureg_isuser(u) ? "user mode" : pcname(u->pc));
	report_process();
	arch_backtrace(u);
	report_locks();
}

/* An idle processor needs no clock when there are others. */
static bool is_silent(u32 i)
{
	u64 now = clock_count(i);
	bool idle = cpu_count() > 1 && PEEK(cpu_get(i)->idle);
	bool moves = now != seen[i] || now == 0 || idle || panicking;
	seen[i] = now;
	silent[i] = moves ? 0 : silent[i] + 1;
	return silent[i] == watchdog_seconds();
}

bool nmi_watch(const Ureg *u)
{
	u32 me = cpu()->index;
	if (!armed)
		return false;
	if (me != 0) {
		bool asked = __atomic_exchange_n(&told[me], false, __ATOMIC_ACQUIRE);
		if (asked)
			report(u);
		return asked;
	}
	for (u32 i = 1; i < cpu_count(); i++)
		if (is_silent(i)) {
			__atomic_store_n(&told[i], true, __ATOMIC_RELEASE);
			apic_send_nested(cpu_apic_id(i), IPI_NMI);
		}
	if (is_silent(0))
		report(u);
	intr_storm_check();
	return true;
}
