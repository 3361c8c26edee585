/*
 * What a panic says of the machine: which trap it was, on what kind of address,
 * how the page tables stand there, what frame is behind it.
 */
#include "arch/amd64/table.h"
#include "mem/mem.h"
#include "proc/proc.h"

enum { NEXCEPTION = 32, NIL_MAX = 65536, TEXT_MAX = 160, FAULTS_MAX = 100 };
static const char *const exception_names[NEXCEPTION] = {
	"divide error", "debug exception", "nonmaskable interrupt", "breakpoint", "overflow",
	"bounds check",
	"invalid opcode", "coprocessor not available", "double fault",
	"coprocessor segment overrun", "invalid TSS",
	"segment not present", "stack exception", "general protection violation", "page fault",
	"trap 15",
	"x87 floating point", "alignment check", "machine check", "SIMD floating point",
	"virtualization exception",
	"control protection",
};

extern u8 __text_start[], __text_end[], __rodata_start[], __rodata_end[];

static u64 touched;		/* the address of the fault that panics */
static bool was_touched;

const char *exception_name(u64 vector)
{
	bool known = vector < NEXCEPTION && exception_names[vector] != nil;
	return known ? exception_names[vector] : "unknown trap";
}

/* ---- what kind of address it is ---- */

/* An address of the direct map, whose frame says more. */
static const char *direct_kind(u64 va, u64 error, char *buf, usize size)
{
	u64 pa = va - boot.hhdm;
	const Page *p = page_of(paddr_of(pa));
	if (pa >= paddr(__text_start).a && pa < paddr(__rodata_end).a)
		return "kernel text or read-only data, by way of the direct map: not writable";
	if ((error & PF_PRESENT) != 0)
		return "memory in the direct map, which may not be executed";
	if (p == nil)
		snprint(buf, size,
			"physical %#lx, which is no RAM: registers are mapped by arch_mmio", pa);
	else if (page_is_free(p))
		snprint(buf, size, "freed memory: nobody has the frame %#lx", pa);
	else
		snprint(buf, size, "frame %#lx, which the direct map leaves out now", pa);
	return buf;
}

static const char *stack_kind(u64 va, char *buf, usize size)
{
	u64 index = (va - kstack_window()) / KSTACK_STRIDE;
	u64 top = kstack_window() + (index + 1) * KSTACK_STRIDE;
	const Proc *p = proc_of_kstack((void *)top);
	bool guard = (va - kstack_window()) % KSTACK_STRIDE < KSTACK_STRIDE - KSTACK_SIZE;
	if (guard && p != nil)
		snprint(buf, size, "the guard page of kernel stack %lu, of process %u (%s): "
			"the stack overflowed", index, p->pid, p->name);
	else
		snprint(buf, size, "kernel stack %lu, which no process has", index);
	return buf;
}

static const char *image_kind(u64 va, u64 error, char *buf, usize size)
{
	bool text = va >= (u64)__text_start && va < (u64)__text_end;
	if ((error & PF_PRESENT) == 0)
		return "beside the kernel's image: an address that no one gave out";
	if (text) {
		snprint(buf, size, "kernel text (%s): not writable", pcname(va));
		return buf;
	}
	return va < (u64)__rodata_end ? "read-only data: neither writable nor executable" :
		"kernel data, which may not be executed";
}

static const char *kernel_kind(u64 va, u64 error, char *buf, usize size)
{
	if (va >= -(u64)NIL_MAX)
		return "just below 0: a nil pointer was followed backwards, or an error value used";
	switch (kernel_region(va)) {
	case REGION_DIRECT:
		return direct_kind(va, error, buf, size);
	case REGION_DEVICES:
		return (error & PF_PRESENT) == 0 ?
			"in the window of device registers, where none are mapped" :
			"registers of a device, which may not be executed";
	case REGION_STACKS:
		return stack_kind(va, buf, size);
	case REGION_IMAGE:
		return image_kind(va, error, buf, size);
	case REGION_NONE:
		break;
	}
	return "in the kernel's half: an address that no one gave out";
}

static const char *address_kind(u64 va, u64 error, char *buf, usize size)
{
	char stack[64];
	const char *guard = guard_name(va, stack, sizeof stack);
	if (guard != nil) {
		snprint(buf, size, "the guard page of %s: the stack overflowed", guard);
		return buf;
	}
	if (va < NIL_MAX)
		return "in the first pages: a nil pointer was followed";
	if (va < 1UL << 47)
		return "user memory, which only the user copies may touch";
	if (va >> 47 != 0x1ffff)
		return "not canonical: no pointer at all";
	return kernel_kind(va, error, buf, size);
}

/* ---- the page tables ---- */

static void print_entry(u32 level, u64 table, u64 va, u64 e)
{
	static const char *const names[] = { "PT", "PD", "PDPT", "PML4" };
	print("  %-4s %#lx[%u] = %#018lx%s%s%s%s%s\n", names[level], table,
		level_index(va, level), e, (e & PTE_P) != 0 ? " present" : " not present",
		(e & PTE_W) != 0 ? " write" : "",
		(e & PTE_U) != 0 ? " user" : "",
		(e & PTE_NX) != 0 ? " noexec" : "",
		(e & PTE_PS) != 0 && level > 0 ? " large" : "");
}

/* The entries for va in the tables that the processor uses; the frame at the end of them. */
static void print_walk(u64 va)
{
	u64 table = read_cr3() & PTE_ADDR;
	for (u32 level = LEVEL_ROOT;; level--) {
		if (page_of(paddr_of(table)) == nil) {
			print("  the table %#lx lies in no RAM\n", table);
			return;
		}
		u64 e = table_of(table)[level_index(va, level)];
		print_entry(level, table, va, e);
		if ((e & PTE_P) == 0)
			return;
		u64 size = 1UL << level_shift(level);
		if (!is_table(e, level)) {
			frame_report(paddr_of((e & PTE_ADDR & ~(size - 1)) + va % size));
			return;
		}
		table = e & PTE_ADDR;
	}
}

void arch_report_address(void)
{
	u64 va = touched;
	if (!was_touched || boot.hhdm == 0 || kernel_root.a == 0)
		return;
	print("page tables for %#lx:\n", va);
	print_walk(va);
	if (va < 1UL << 47 && up != nil)
		segment_report(&up->space, uaddr_of(va));
	else if (kernel_region(va) == REGION_DIRECT)
		frame_report(paddr_of(va - boot.hhdm));
}

/* ---- registers ---- */

/* Freed memory is filled, in the checked build, by the heap (0xdd) and frame.c (0xdb). */
static const char *pattern(u64 v)
{
	if (v >> 16 == 0xddddddddddddUL)
		return "it was read from freed memory of the heap";
	return v >> 16 == 0xdbdbdbdbdbdbUL ? "it was read from a freed frame" :
		"no pointer at all";
}

/* A general protection violation does not say what was touched: what looks wrong is shown. */
static void print_suspects(const Ureg *u)
{
	static const char names[][4] = { "ax", "bx", "cx", "dx", "si", "di", "bp", "r8", "r9",
		"r10", "r11", "r12", "r13", "r14", "r15" };
	const u64 values[] = { u->ax, u->bx, u->cx, u->dx, u->si, u->di, u->bp, u->r8, u->r9,
		u->r10, u->r11, u->r12, u->r13, u->r14, u->r15 };
	for (u32 i = 0; i < nelem(values); i++) {
		u64 high = values[i] >> 47;
		if (high != 0 && high != 0x1ffff)
			print("register %s holds %#lx, which is not canonical: %s\n", names[i],
				values[i], pattern(values[i]));
	}
}

/* The error code of a trap that a selector or a descriptor caused; 0: none did. */
static void print_selector(u64 error)
{
	static const char *const tables[] = { "GDT", "IDT", "LDT", "IDT" };
	if (error == 0)
		return;
	u64 vector = error >> 3;
	if (vector > 255)	/* QEMU counts a descriptor of 64-bit mode as two */
		vector /= 2;
	if ((error & 2) != 0)
		print("the descriptor of vector %lu in the IDT is at fault\n", vector);
	else
		print("the selector %#lx of the %s is at fault\n", error & 0xfff8,
			tables[error >> 1 & 3]);
}

static const char *access_name(u64 error)
{
	if ((error & PF_WRITE) != 0)
		return "write";
	return (error & PF_FETCH) != 0 ? "execution" : "read";
}

/* The entries say whether the page may be used so; false: not. */
static bool entry_allows(u64 va, u64 error)
{
	u64 table = read_cr3() & PTE_ADDR;
	for (u32 level = LEVEL_ROOT;; level--) {
		u64 e = table_of(table)[level_index(va, level)];
		if ((e & PTE_P) == 0 || (e & PTE_U) == 0 ||
			((error & PF_WRITE) != 0 && (e & PTE_W) == 0) ||
			((error & PF_FETCH) != 0 && (e & PTE_NX) != 0))
			return false;
		if (!is_table(e, level))
			return true;
		table = e & PTE_ADDR;
	}
}

/*
 * The same instruction faults on the same page again and again, and each time fault() has said
 * that it may go on. A program can do that to itself, by giving the page back or sharing it; what
 * is never right is an entry that does not allow the access just now.
 */
void fault_again(const Ureg *u, u64 va)
{
	Proc *p = up;
	bool again = p->fault_pc == u->pc && p->fault_va == va;
	p->fault_pc = u->pc;
	p->fault_va = va;
	p->fault_times = again && !entry_allows(va, u->error) ? p->fault_times + 1 : 0;
	if (p->fault_times < FAULTS_MAX)
		return;
	was_touched = true;
	touched = va;
	panic("fault allows process %u (%s) the %s of %#lx, but the page table entry forbids it",
		p->pid, p->name, access_name(u->error), va);
}

void kernel_trap_panic(const Ureg *u, u64 va)
{
	char buf[TEXT_MAX];
	const char *at = pcname(u->pc);
	panicking_frame = u;
	if (!panicking) {
		was_touched = u->type == TRAP_PAGE || u->type == TRAP_DOUBLE;
		touched = va;
	}
	if (u->type == TRAP_PAGE && (u->error & PF_RESERVED) != 0)
		panic("page fault in the kernel at %s: the page table entry for %#lx has a "
			"reserved bit set", at, va);
	if (u->type == TRAP_PAGE)
		panic("page fault in the kernel at %s: %s of %#lx, %s", at, access_name(u->error),
			va, address_kind(va, u->error, buf, sizeof buf));
	if (u->type == TRAP_DOUBLE)
		panic("double fault in the kernel at %s: the last address, %#lx, is %s", at, va,
			address_kind(va, 0, buf, sizeof buf));
	if (u->type == TRAP_GP)
		print_suspects(u);
	if (u->type >= TRAP_TSS && u->type <= TRAP_GP)
		print_selector(u->error);
	panic("%s in the kernel at %s, error %#lx", exception_name(u->type), at, (u64)u->error);
}
