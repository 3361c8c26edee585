/*
 * The local APIC of each processor and the I/O APICs, as the MADT describes
 * them. The local APIC is used through memory, or through MSRs when the
 * firmware left it in x2APIC mode.
 */
#include "arch/amd64/amd64.h"

enum {
	LAPIC_ID = 0x20, LAPIC_TPR = 0x80, LAPIC_EOI = 0xb0, LAPIC_SVR = 0xf0, LAPIC_ESR = 0x280,
	ICR_LOW = 0x300, ICR_HIGH = 0x310, ICR_PENDING = 1 << 12,
	LVT_TIMER = 0x320, LVT_LINT0 = 0x350, LVT_LINT1 = 0x360, LVT_ERROR = 0x370,
	TIMER_INITIAL = 0x380, TIMER_CURRENT = 0x390, TIMER_DIVIDE = 0x3e0,
	SVR_ENABLE = 0x100, LVT_MASKED = 1 << 16, LVT_NMI = 0x400, LVT_EXTINT = 0x700,
	DIVIDE_BY_16 = 3,
	BASE_X2APIC = 1 << 10, BASE_ENABLE = 1 << 11, LAPIC_SIZE = 0x400,
	IOAPIC_VERSION = 1, IOAPIC_ENTRY = 0x10, IOAPIC_WINDOW = 0x10, IOAPIC_SIZE = 0x20,
	ENTRY_LOW = 1 << 13, ENTRY_LEVEL = 1 << 15, ENTRY_MASKED = 1 << 16,
};

typedef struct Ioapic {
	volatile u8 *regs;
	u32 gsi_base, nentries;
} Ioapic;

bool apic_used;
static volatile u8 *lapic;	/* [I] nil in x2APIC mode */
static bool x2apic;		/* [I] */
static Ioapic ioapics[ACPI_IOAPICS_MAX];
static u32 nioapics;		/* [I] */

static u32 lapic_get(u32 reg)
{
	if (x2apic)
		return (u32)rdmsr(MSR_X2APIC + (reg >> 4));
	return *(volatile u32 *)(lapic + reg);
}

static void lapic_put(u32 reg, u32 v)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + (reg >> 4), v);
	else
		*(volatile u32 *)(lapic + reg) = v;
}

void apic_eoi(void)
{
	lapic_put(LAPIC_EOI, 0);
}

u32 apic_id(void)
{
	u32 id = lapic_get(LAPIC_ID);
	return x2apic ? id : id >> 24;
}

/* Make its registers reachable; false when they are not. */
static bool lapic_find(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);
	if ((base & BASE_ENABLE) == 0) {
		base |= BASE_ENABLE;
		wrmsr(MSR_APIC_BASE, base);
	}
	x2apic = (base & BASE_X2APIC) != 0;
	if (x2apic)
		return true;
	lapic = arch_mmio(paddr_of(round_down(base & ((1UL << features.physbits) - 1), PAGE_SIZE)),
		LAPIC_SIZE);
	return lapic != nil;
}

static void lapic_enable(u32 lint0)
{
	lapic_put(LAPIC_TPR, 0);
	lapic_put(LVT_TIMER, LVT_MASKED);
	lapic_put(LVT_LINT0, lint0);
	lapic_put(LVT_LINT1, LVT_NMI);
	lapic_put(LVT_ERROR, VEC_ERROR);
	lapic_put(LAPIC_SVR, SVR_ENABLE | VEC_SPURIOUS);
	lapic_put(LAPIC_ESR, 0);
	lapic_put(LAPIC_EOI, 0);
}

/* The same mode of access as the first processor's. */
void apic_join(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | BASE_ENABLE;
	wrmsr(MSR_APIC_BASE, base);
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | BASE_X2APIC);
	lapic_enable(LVT_MASKED);
	apic_timer_init();
}

/* ---- to other processors ---- */

void apic_send(u32 id, u32 command)
{
	bool on = splhi();
	if (x2apic) {
		/* what was stored before is there before the interrupt is */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		wrmsr(MSR_X2APIC + (ICR_LOW >> 4), (u64)id << 32 | command);
	} else {
		while ((lapic_get(ICR_LOW) & ICR_PENDING) != 0)
			arch_relax();
		lapic_put(ICR_HIGH, id << 24);
		lapic_put(ICR_LOW, command);
	}
	splx(on);
}

/* From an NMI, which may have come between the two halves of what another command is: as it was. */
void apic_send_nested(u32 id, u32 command)
{
	u32 high = x2apic ? 0 : lapic_get(ICR_HIGH);
	apic_send(id, command);
	if (x2apic)
		return;
	while ((lapic_get(ICR_LOW) & ICR_PENDING) != 0)
		__builtin_ia32_pause();
	lapic_put(ICR_HIGH, high);
}

/* ---- I/O APIC ---- */

static u32 ioapic_get(const Ioapic *a, u32 reg)
{
	*(volatile u32 *)a->regs = reg;
	return *(volatile u32 *)(a->regs + IOAPIC_WINDOW);
}

static void ioapic_put(const Ioapic *a, u32 reg, u32 v)
{
	coherence();	/* what an interrupt will look at is there before it may come */
	*(volatile u32 *)a->regs = reg;
	*(volatile u32 *)(a->regs + IOAPIC_WINDOW) = v;
}

static void ioapic_add(const AcpiIoapic *from)
{
	Ioapic *a = &ioapics[nioapics];
	a->regs = from->pa % 16 == 0 ? arch_mmio(paddr_of(from->pa), IOAPIC_SIZE) : nil;
	a->gsi_base = from->gsi_base;
	u32 version = a->regs != nil ? ioapic_get(a, IOAPIC_VERSION) : ~0U;
	if (version == ~0U || version == 0) {
		print("apic: nothing answers at the I/O APIC's address %#lx\n", from->pa);
		return;
	}
	a->nentries = (version >> 16 & 0xff) + 1;
	for (u32 i = 0; i < a->nentries; i++) {
		ioapic_put(a, IOAPIC_ENTRY + 2 * i, ENTRY_MASKED);
		ioapic_put(a, IOAPIC_ENTRY + 2 * i + 1, 0);
	}
	nioapics++;
}

bool apic_route(u32 irq)
{
	const AcpiIrq *r = &acpi.isa[irq];
	for (u32 i = 0; i < nioapics; i++) {
		const Ioapic *a = &ioapics[i];
		if (r->gsi < a->gsi_base || r->gsi - a->gsi_base >= a->nentries)
			continue;
		u32 entry = IOAPIC_ENTRY + 2 * (r->gsi - a->gsi_base);
		ioapic_put(a, entry + 1, apic_id() << 24);
		ioapic_put(a, entry,
			(VEC_IRQ + irq) | (r->low ? ENTRY_LOW : 0) | (r->level ? ENTRY_LEVEL : 0));
		return true;
	}
	return false;
}

bool apic_route_nmi(u32 gsi)
{
	for (u32 i = 0; i < nioapics; i++) {
		const Ioapic *a = &ioapics[i];
		if (gsi < a->gsi_base || gsi - a->gsi_base >= a->nentries)
			continue;
		u32 entry = IOAPIC_ENTRY + 2 * (gsi - a->gsi_base);
		ioapic_put(a, entry + 1, apic_id() << 24);
		ioapic_put(a, entry, LVT_NMI);
		return true;
	}
	return false;
}

void apic_quiet(void)
{
	for (u32 i = 0; i < nioapics; i++)
		for (u32 k = 0; k < ioapics[i].nentries; k++)
			ioapic_put(&ioapics[i], IOAPIC_ENTRY + 2 * k, ENTRY_MASKED);
	if (x2apic || lapic != nil) {
		lapic_put(LVT_TIMER, LVT_MASKED);
		lapic_put(LVT_LINT0, LVT_MASKED);
		lapic_put(TIMER_INITIAL, 0);
	}
}

/* ---- which ---- */

/* Why the APICs cannot be used; nil when they can. */
static const char *objection(void)
{
	char value[8];
	if (boot_option("noapic", value, sizeof value))
		return "the command line says noapic";
	if (!features.apic)
		return "the processor has none";
	if (!acpi.madt)
		return "no ACPI table describes it";
	if (!lapic_find())
		return "its registers cannot be mapped";
	for (u32 i = 0; i < acpi.nioapics; i++)
		ioapic_add(&acpi.ioapics[i]);
	return nioapics == 0 ? "there is no I/O APIC" : nil;
}

bool apic_init(void)
{
	const char *why = objection();
	if (why == nil) {
		lapic_enable(LVT_MASKED);
		apic_used = true;
		return true;
	}
	print("apic: not used: %s; the 8259 and the 8254 serve instead\n", why);
	if (features.apic && (x2apic || lapic != nil || lapic_find()))
		lapic_enable(LVT_EXTINT);
	return false;
}

/* ---- timer ---- */

void apic_timer_init(void)
{
	lapic_put(TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_put(LVT_TIMER, VEC_TIMER);
}

void apic_timer_start(u32 count)
{
	lapic_put(TIMER_INITIAL, count);
}

u32 apic_timer_now(void)
{
	return lapic_get(TIMER_CURRENT);
}
