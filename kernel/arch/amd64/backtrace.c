/*
 * Registers and call chain for a panic. Every frame is checked to be mapped
 * before it is read, so that a damaged stack ends the list and nothing else.
 */
#include "arch/amd64/amd64.h"

enum { DEPTH_MAX = 32 };

const Ureg *panicking_frame;

extern u8 __text_start[], __text_end[];

/* Function names in ascending order of address, when the image carries them (tools/ksyms). */
typedef struct Ksym { u64 address; const char *name; } Ksym;
typedef struct Ksyms { u64 count; Ksym sym[]; } Ksyms;
extern const Ksyms ksyms __attribute__((weak));

/* The last function that starts at or before pc; nil without a table. */
static const Ksym *symbol_find(u64 pc)
{
	const Ksyms *table = &ksyms;
	u64 low = 0, high = table != nil ? table->count : 0;
	while (low < high) {
		u64 middle = low + (high - low) / 2;
		if (table->sym[middle].address <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &table->sym[low - 1] : nil;
}

static bool in_text(u64 pc)
{
	return pc >= (u64)__text_start && pc < (u64)__text_end;
}

const char *arch_symbol(uintptr pc, usize *offset)
{
	const Ksym *sym = in_text(pc) ? symbol_find(pc) : nil;
	if (sym == nil)
		return nil;
	*offset = pc - sym->address;
	return sym->name;
}

static void print_pc(u64 pc)
{
	usize offset;
	const char *name = arch_symbol(pc, &offset);
	if (name != nil)
		print("  %#lx %s+%#lx\n", pc, name, offset);
	else
		print("  %#lx\n", pc);
}

static void print_registers(const Ureg *u)
{
	print("pc %016llx sp %016llx flags %llx cs %llx ss %llx type %llu error %llx\n", u->pc,
		u->sp, u->flags, u->cs, u->ss, u->type, u->error);
	print("ax %016llx bx %016llx cx %016llx dx %016llx\n", u->ax, u->bx, u->cx, u->dx);
	print("si %016llx di %016llx bp %016llx r8 %016llx\n", u->si, u->di, u->bp, u->r8);
	print("r9 %016llx 10 %016llx 11 %016llx 12 %016llx\n", u->r9, u->r10, u->r11, u->r12);
	print("13 %016llx 14 %016llx 15 %016llx\n", u->r13, u->r14, u->r15);
	print("cr2 %016lx cr3 %016lx\n", read_cr2(), read_cr3());
}

static void print_chain(u64 bp)
{
	for (u32 depth = 0; depth < DEPTH_MAX && bp % 8 == 0; depth++) {
		const u64 *frame = (const u64 *)bp;
		if (!kernel_mapped(frame, 2 * sizeof(u64)) || !in_text(frame[1]))
			return;
		print_pc(frame[1]);
		if (frame[0] <= bp)
			return;
		bp = frame[0];
	}
}

void arch_backtrace(const Ureg *u)
{
	if (u == nil)
		u = panicking_frame;
	if (u == nil) {
		print("called from:\n");
		print_chain((u64)__builtin_frame_address(0));
		return;
	}
	print_registers(u);
	if (ureg_isuser(u))
		return;
	print("at and called from:\n");
	print_pc(u->pc);
	/* A call through a bad pointer left its return address on the stack. */
	const u64 *top = (const u64 *)u->sp;
	if (!in_text(u->pc) && u->sp % 8 == 0 && kernel_mapped(top, sizeof *top))
		print_pc(*top);
	print_chain(u->bp);
}
