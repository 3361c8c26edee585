/*
 * Segment descriptors, the task state segment and GS of each processor, and
 * the MSRs of SYSCALL that refer to them.
 *
 * There is no 32-bit user code segment, so user mode is 64-bit mode always.
 */
#include "arch/amd64/amd64.h"
#include "mem/mem.h"
#include "sync/sync.h"

typedef struct PACKED Tss {
	u32 unused0;
	u64 rsp[3];
	u64 unused1;
	u64 ist[7];
	u64 unused2;
	u16 unused3, iomap;
} Tss;
_Static_assert(sizeof(Tss) == 104, "Tss");

enum { NGDT = 8 };

/* Everything of one processor; Cpu is what the rest of the kernel sees of it. */
typedef struct Machine {
	Cpu cpu;
	u32 apic_id;
	Tss tss ALIGNED(16);
	u64 gdt[NGDT] ALIGNED(16);
} Machine;

static Machine boot_machine ALIGNED(64);
GuardedStack boot_istack[NIST] ALIGNED(4096);

static Machine *machines[NCPU_MAX] = { &boot_machine };
u32 arch_ncpu = 1;		/* only ever grows, during boot */

u32 cpu_apic_id(u32 index)
{
	return machines[index]->apic_id;
}

void cpu_set_apic_id(u32 index, u32 id)
{
	machines[index]->apic_id = id;
}

void cpu_add(void)
{
	__atomic_store_n(&arch_ncpu, arch_ncpu + 1, __ATOMIC_RELEASE);
}

Cpu *cpu_get(u32 index)
{
	assert(index < cpu_count());
	return &machines[index]->cpu;
}

/* The stacks of the traps that have their own come from where kernel stacks do. */
bool cpu_prepare(u32 index, u32 id)
{
	Machine *m = machines[index];
	if (m == nil)
		m = kalloc_aligned(sizeof *m, 64);
	if (m == nil)
		return false;
	machines[index] = m;
	m->apic_id = id;
	for (u32 i = 0; i < NIST; i++) {
		void *top = m->tss.ist[i] == 0 ? kstack_alloc() : (void *)m->tss.ist[i];
		if (top == nil)
			return false;
		m->tss.ist[i] = (u64)top;
	}
	return true;
}

static void gdt_fill(Machine *m)
{
	u64 tss = (u64)&m->tss, limit = sizeof(Tss) - 1;
	m->gdt[SEL_KCODE / 8] = 0x00af9b000000ffff;
	m->gdt[SEL_KDATA / 8] = 0x00cf93000000ffff;
	m->gdt[SEL_UDATA / 8] = 0x00cff3000000ffff;
	m->gdt[SEL_UCODE / 8] = 0x00affb000000ffff;
	m->gdt[SEL_TSS / 8] =
		limit | (tss & 0xffffff) << 16 | 0x89UL << 40 | (tss >> 24 & 0xff) << 56;
	m->gdt[SEL_TSS / 8 + 1] = tss >> 32;
}

static void gdt_load(const Machine *m)
{
	struct PACKED { u16 limit; u64 base; } gdtr = { sizeof m->gdt - 1, (u64)m->gdt };
	__asm__ volatile(
		"lgdt %0\n\t"
		"pushq %1\n\t"
		"leaq 1f(%%rip), %%rax\n\t"
		"pushq %%rax\n\t"
		"lretq\n"
		"1:\tmovl %2, %%eax\n\t"
		"movl %%eax, %%ss\n\t"
		"xorl %%eax, %%eax\n\t"
		"movl %%eax, %%ds\n\t"
		"movl %%eax, %%es\n\t"
		"movl %%eax, %%fs\n\t"
		"movl %%eax, %%gs\n\t"
		"movw %3, %%ax\n\t"
		"ltr %%ax\n\t"
		"xorl %%eax, %%eax\n\t"
		"lldt %%ax"
		: : "m"(gdtr), "i"(SEL_KCODE), "i"(SEL_KDATA), "i"(SEL_TSS) : "rax", "memory");
}

static void boot_stacks(Machine *m)
{
	for (u32 i = 0; i < NIST; i++)
		m->tss.ist[i] = (u64)(boot_istack[i].stack + ISTACK_SIZE);
}

void gdt_init(u32 index)
{
	Machine *m = machines[index];
	assert(m != nil);
	m->cpu.self = &m->cpu;
	m->cpu.index = index;
	m->tss.iomap = sizeof(Tss);
	if (index == 0)
		boot_stacks(m);
	gdt_fill(m);
	gdt_load(m);
	wrmsr(MSR_GS_BASE, (u64)m);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	wrmsr(MSR_FS_BASE, 0);
}

void arch_set_kstack(void *kstack_top)
{
	Machine *m = container_of(cpu(), Machine, cpu);
	assert(((uintptr)kstack_top & 15) == 0);
	m->tss.rsp[0] = (uintptr)kstack_top;
	m->cpu.frame = (uintptr)kstack_top - sizeof(Ureg);
}

/*
 * SYSCALL loads SEL_KCODE and the next; SYSRET SEL_UCODE and SEL_UDATA, counted from 16 below the
 * first.
 */
void syscall_init(void)
{
	_Static_assert(
		SEL_KDATA == SEL_KCODE + 8 && SEL_UCODE == SEL_UDATA + 8, "order of selectors");
	wrmsr(MSR_STAR, (u64)(SEL_UCODE - 16) << 48 | (u64)SEL_KCODE << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_SFMASK, FLAG_TF | FLAG_IF | FLAG_DF | FLAG_NT | FLAG_AC);
}

const char *guard_name(u64 va, char *buf, usize size)
{
	static const char *const names[NIST] = { "double fault", "NMI", "machine check", "debug" };
	u64 page = round_down(va, PAGE_SIZE);
	if (page == (u64)boot_stack)
		return "the boot stack";
	for (u32 i = 0; i < NIST; i++)
		if (page == (u64)boot_istack[i].guard) {
			snprint(buf, size, "the %s stack", names[i]);
			return buf;
		}
	return nil;
}
