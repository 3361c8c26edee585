/*
 * The other processors. The MADT names them; each is reset by an INIT and started by a SIPI at a
 * page below 1 MiB, where ap.S takes it to 64-bit mode and to ap_start. One after the other they
 * set themselves up as the first one did and compare their counters with its; then they wait
 * until the first one goes to its idle loop.
 *
 * That page and four tables are taken out of the memory map before anything else can use them, and
 * stay: a processor that is late, and was left out, still finds the code that makes it wait. Only
 * those tables map the page for execution, and no tables map it for both execution and writing.
 *
 * *nomp on the command line: one processor; *ncpu=N: N at the most.
 */
#include "arch/amd64/table.h"
#include "mem/mem.h"
#include "proc/proc.h"

enum {
	LOW_CODE, LOW_ROOT, LOW_PDPT, LOW_PD, LOW_PT, NLOW, LOW_END = 0xa0000,
	ROUNDS = 64,
};
#define MS 1000000UL
#define INIT_NS (10 * MS)
#define SECOND_SIPI_NS 200000UL
#define ANSWER_NS (1000 * MS)
/* counters that differ by more than the doubt and this are not the same clock */
#define AGREE_NS 2000UL

/* What a processor takes along, and how far it is. */
typedef struct Order { void *stack; u32 index; } Order;
enum Step { STEP_STARTING, STEP_READY, STEP_ASKED, STEP_ANSWERED, STEP_ADJUST, STEP_ADJUSTED,
	STEP_GO, STEP_GONE };

extern const u8 ap_trampoline[], ap_trampoline_end[], ap_gdt[], ap_gdtr[], ap_root[], ap_far[],
	ap_code64[];
void ap_start(const Order *o) NORETURN;

Order *ap_order;		/* [a] ap.S takes it */
static u32 step;		/* [a] enum Step, of the processor that is being started */
static u64 counter;		/* its counter; what it is to add to it */
static Paddr low;		/* [I] NLOW frames; 0: there are none */

/* ---- low memory ---- */

void smp_reserve(void)
{
	for (u32 i = 0; i < boot.nbanks; i++) {
		BootBank *b = &boot.banks[i];
		u64 end = b->base.a + b->size;
		if (b->type != BANK_USABLE || end > LOW_END || b->size <= NLOW * PAGE_SIZE)
			continue;
		b->size -= NLOW * PAGE_SIZE;
		low = paddr_of(b->base.a + b->size);
		return;
	}
}

static u64 low_page(u32 i)
{
	return low.a + i * PAGE_SIZE;
}

static void put_address(const u8 *where, u64 a)
{
	put32le((u8 *)kaddr(low) + (where - ap_trampoline), (u32)a);
}

static void make_trampoline(void)
{
	u64 *root = kaddr(paddr_of(low_page(LOW_ROOT)));
	memset(kaddr(low), 0, NLOW * PAGE_SIZE);
	memmove(kaddr(low), ap_trampoline, (usize)(ap_trampoline_end - ap_trampoline));
	put_address(ap_gdtr + 2, low.a + (u64)(ap_gdt - ap_trampoline));
	put_address(ap_root, low_page(LOW_ROOT));
	put_address(ap_far, low.a + (u64)(ap_code64 - ap_trampoline));
	memmove(root + USER_SLOTS, table_of(kernel_root.a) + USER_SLOTS, USER_SLOTS * sizeof(u64));
	for (u32 i = LOW_ROOT; i < LOW_PT; i++)
		table_of(low_page(i))[0] = low_page(i + 1) | PTE_P | PTE_W | PTE_A;
	table_of(low_page(LOW_PT))[level_index(low.a, 0)] = low.a | PTE_P | PTE_A;
}

/* ---- the clock ---- */

static void pause_ns(u64 ns)
{
	for (u64 start = arch_nsec(); arch_nsec() - start < ns;)
		arch_relax();
}

static void set_step(enum Step s)
{
	__atomic_store_n(&step, s, __ATOMIC_RELEASE);
}

static enum Step get_step(void)
{
	return __atomic_load_n(&step, __ATOMIC_ACQUIRE);
}

/* How far the other's counter is ahead, and the doubt about it: the best of many looks. */
static s64 compare(u64 *doubt)
{
	s64 ahead = 0;
	*doubt = ~0UL;
	for (u32 i = 0; i < ROUNDS; i++) {
		u64 before = rdtsc();
		set_step(STEP_ASKED);
		while (get_step() != STEP_ANSWERED)
			arch_relax();
		u64 after = rdtsc();
		if ((after - before) / 2 >= *doubt)
			continue;
		*doubt = (after - before) / 2;
		ahead = (s64)(counter - before - *doubt);
	}
	return ahead;
}

static u64 magnitude(s64 v)
{
	return v < 0 ? (u64)-v : (u64)v;
}

static u64 cycles_ns(u64 cycles)
{
	return cycles * 1000 / (arch_cyclehz() / 1000000);
}

/* Does its counter agree with ours, if need be after it was set? Says so. */
static bool agree(u32 index)
{
	u64 doubt;
	s64 ahead = compare(&doubt), was = ahead;
	if (magnitude(ahead) > doubt) {
		counter = (u64)-ahead;
		set_step(STEP_ADJUST);
		while (get_step() != STEP_ADJUSTED)
			arch_relax();
		ahead = compare(&doubt);
	}
	bool good = magnitude(ahead) <= doubt + AGREE_NS * (arch_cyclehz() / MS) / 1000;
	print("cpu%u: APIC id %u, its clock was %s%lu ns off%s, to %lu ns\n", index,
		cpu_apic_id(index), was < 0 ? "-" : "", cycles_ns(magnitude(was)),
		was == ahead ? "" : good ? " and was set" : " and could not be set",
		cycles_ns(doubt));
	return good;
}

/* The other side of compare, on the processor that is being started. */
static void answer_comparisons(void)
{
	enum Step s;
	set_step(STEP_READY);
	while ((s = get_step()) != STEP_GO) {
		if (s == STEP_ASKED) {
			counter = rdtsc();
			set_step(STEP_ANSWERED);
		} else if (s == STEP_ADJUST) {
			wrmsr(MSR_TSC, rdtsc() + counter);
			set_step(STEP_ADJUSTED);
		}
		arch_relax();
	}
	set_step(STEP_GONE);
}

/* ---- a processor's first steps ---- */

void ap_start(const Order *o)
{
	kernel_tables_load();
	gdt_init(o->index);
	idt_load();
	features_enable();
	fpu_enable();
	syscall_init();
	apic_join();
	mtrr_join();
	answer_comparisons();
	schedinit();
}

/* ---- starting them ---- */

static bool wait_for(enum Step s)
{
	for (u64 since = arch_nsec(); get_step() != s && arch_nsec() - since < ANSWER_NS;)
		arch_relax();
	return get_step() == s;
}

/* Why a processor does not run; nil when it does. */
static const char *try(Order *o, u32 id)
{
	u32 sipi = IPI_STARTUP | (u32)(low.a / PAGE_SIZE);
	set_step(STEP_STARTING);
	__atomic_store_n(&ap_order, o, __ATOMIC_RELEASE);
	apic_send(id, IPI_INIT);
	pause_ns(INIT_NS);
	apic_send(id, sipi);
	pause_ns(SECOND_SIPI_NS);
	if (__atomic_load_n(&ap_order, __ATOMIC_ACQUIRE) != nil)
		apic_send(id, sipi);
	if (!wait_for(STEP_READY))
		return "it does not answer";
	return agree(o->index) ? nil : "its clock is not ours";
}

/* The stack and tables of one that did not make it are the next one's: an INIT keeps it away. */
static bool start_one(u32 id)
{
	static Order order;
	order.index = cpu_count();
	if (order.stack == nil)
		order.stack = kstack_alloc();
	if (order.stack == nil || !cpu_prepare(order.index, id)) {
		print("cpu%u: no memory for it\n", order.index);
		return false;
	}
	const char *why = try(&order, id);
	if (why != nil) {
		print("the processor with APIC id %u is left out: %s\n", id, why);
		__atomic_store_n(&ap_order, nil, __ATOMIC_RELEASE);
		apic_send(id, IPI_INIT);
		return true;
	}
	order.stack = nil;
	cpu_add();
	set_step(STEP_GO);
	while (get_step() != STEP_GONE)
		arch_relax();
	return true;
}

static u32 wanted(void)
{
	char value[8];
	if (boot_option("*nomp", value, sizeof value))
		return 1;
	return MIN(MAX(boot_option_number("*ncpu", NCPU_MAX), 1U), (u32)NCPU_MAX);
}

void smp_start(void)
{
	u32 limit = MIN(wanted(), acpi.nprocessors), listed = MIN(acpi.nprocessors, (u32)NCPU_MAX);
	if (!apic_used || limit <= 1)
		return;
	if (low.a == 0) {
		print("smp: one processor: no memory below 1 MiB for others to start in\n");
		return;
	}
	u32 me = apic_id();
	cpu_set_apic_id(0, me);
	make_trampoline();
	mtrr_note();
	bool more = true;
	for (u32 i = 0; more && i < listed && cpu_count() < limit; i++)
		if (acpi.apic_id[i] != me)
			more = start_one(acpi.apic_id[i]);
	print("smp: %u of %u processors\n", cpu_count(), acpi.nprocessors);
}
