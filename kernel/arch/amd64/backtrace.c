/*
 * Registers and call chain for a panic. Every frame is checked to be mapped
 * before it is read, so that a damaged stack ends the list and nothing else.
 */
#include "arch/amd64/amd64.h"
#include "sync/sync.h"

enum { DEPTH_MAX = 32 };

const Ureg *panicking_frame;

extern u8 __text_start[], __text_end[];
/* Where a trap in the kernel goes on after trap_kernel: the frame lies above (entry.S). */
extern const u8 kernel_trap_returns[], paranoid_trap_returns[];

static bool in_text(u64 pc)
{
	return pc >= (u64)__text_start && pc < (u64)__text_end;
}

static void print_pc(u64 pc)
{
	print("  %#lx %s\n", pc, in_text(pc) ? pcname(pc) : "");
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

/*
 * The next frame of a chain: where it returns to, and the frame above it in *bp (0: the
 * last). False when there is none. Below an interrupt or a trap in the kernel the chain
 * goes on with the function that was interrupted, whose pc is in *trapped. The process may run
 * meanwhile: what it had there is looked at once.
 */
static bool chain_next(u64 *bp, u64 *pc, u64 *trapped)
{
	const u64 *frame = (const u64 *)*bp;
	*trapped = 0;
	if (*bp % 8 != 0 || !kernel_mapped(frame, 2 * sizeof(u64)))
		return false;
	u64 above = PEEK(frame[0]);
	*pc = PEEK(frame[1]);
	if (!in_text(*pc))
		return false;
	if (*pc == (u64)kernel_trap_returns || *pc == (u64)paranoid_trap_returns) {
		const Ureg *u = (const Ureg *)(frame + 3);
		if (kernel_mapped(u, sizeof *u) && !ureg_isuser(u))
			*trapped = u->pc;
	}
	*bp = above > *bp ? above : 0;
	return true;
}

static void print_chain(u64 bp)
{
	u64 pc, trapped;
	for (u32 depth = 0; depth < DEPTH_MAX && bp != 0; depth++) {
		if (!chain_next(&bp, &pc, &trapped))
			return;
		/* a call may be a function's last word */
		print("  %#lx %s\n", pc, pcname(pc - 1));
		if (trapped != 0) {
			print("  interrupted:\n");
			print_pc(trapped);
		}
	}
}

u32 arch_callers(const Label *l, u64 *pcs, u32 max)
{
	Ureg u;
	u64 bp, trapped;
	u32 n = 0;
	if (!kernel_mapped((const void *)l->sp, LABEL_SIZE) || max == 0)
		return 0;
	label_ureg(l, &u);
	pcs[n++] = u.pc;
	bp = u.bp;
	while (n < max && bp != 0 && chain_next(&bp, &pcs[n], &trapped))
		n++;
	return n;
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
