/*
 * Traps and system calls, in C from the first register saved (entry.S).
 *
 * From user mode an exception becomes a note (process.md 8), a page fault is
 * resolved by fault(), an interrupt is served. In the kernel a page fault on a
 * user address inside the user-copy functions is resolved or becomes their
 * error; anything else is a panic (report.c).
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "base/ktrace.h"
#include "mem/mem.h"
#include "proc/proc.h"

enum { MSR_CODE_MAX = 16 };

extern const Extable __extable_start[], __extable_end[];

/* AC, which a program may have set, would let the kernel touch user memory at will. */
static void forbid_user_access(void)
{
	__asm__ volatile(USER_CLOSE_ASM : : : "memory");
}

static void NORETURN machine_check_panic(const Ureg *u)
{
	u32 banks = (u32)rdmsr(MSR_MCG_CAP) & 0xff;
	for (u32 i = 0; i < banks; i++) {
		u64 status = rdmsr(MSR_MC0_STATUS + 4 * i);
		if ((status >> 63) != 0)
			print("machine check bank %u: status %#lx address %#lx\n", i, status,
				rdmsr(MSR_MC0_STATUS + 1 + 4 * i));
	}
	panicking_frame = u;
	panic("machine check: the hardware reports an error that cannot be corrected");
}

/* ---- user mode ---- */

static u32 wanted(u64 error)
{
	u32 there = (error & PF_PRESENT) != 0 ? PROT_THERE : 0;
	if ((error & PF_WRITE) != 0)
		return PROT_WRITE | there;
	return ((error & PF_FETCH) != 0 ? PROT_EXEC : PROT_READ) | there;
}

static __attribute__((noinline)) ERR traced_fault(Proc *p, u64 va, u32 prot)
{
	u64 start = arch_nsec();
	Err e = fault(&p->space, uaddr_of(va), prot);
	ktrace(p->pid, KT_FAULT, va, prot, arch_nsec() - start, e != nil);
	return e;
}

/* While it waits for a page /proc shows `Fault`, whatever the process was doing. Interrupts on. */
static inline __attribute__((always_inline)) ERR resolve(u64 va, u64 error)
{
	Proc *p = up;
	const char *reason = p->wait_reason;
	p->wait_reason = "Fault";
	Err e = ktracing(KT_FAULTS) ? traced_fault(p, va, wanted(error)) :
		fault(&p->space, uaddr_of(va), wanted(error));
	p->wait_reason = reason;
	return e;
}

/* Interrupts on. */
static void user_page_fault(Ureg *u, u64 va)
{
	if ((u->error & PF_RESERVED) != 0)
		panic("page table of process %u has a reserved bit set for address %#lx", up->pid,
			va);
	Err e = va < USTKTOP ? resolve(va, u->error) : Ebadarg;
	if (e == nil)
		fault_again(u, va);
	/* Interrupted: the note comes first, then the access again. */
	if (e == nil || e == Eintr)
		return;
	if (e == Enofree) {
		proc_oom();
		return;
	}
	char note[ERRMAX];
	if (e == Ebadarg)
		snprint(note, sizeof note, "sys: trap: fault %s addr=0x%lx",
			(u->error & PF_WRITE) != 0 ? "write" : "read", va);
	else if (e == Erevoked)
		snprint(note, sizeof note, "sys: trap: revoked page addr=0x%lx", va);
	else
		snprint(note, sizeof note, "sys: %s", e);
	trap_note(u, note);
}

static void debug_note(Ureg *u, char *note, usize size)
{
	u32 hits;
	u64 dr6 = watch_status(&hits);
	u->flags |= FLAG_RF;
	if (hits != 0) {
		watch_note(hits, note, size);
		return;
	}
	snprint(note, size, "sys: debug exception dr6=0x%08x", (u32)dr6);
	u->flags &= ~(u64)FLAG_TF;
}

/* Interrupts off: the debug and floating point registers are still those of the exception. */
static void exception_note(Ureg *u, char *note, usize size)
{
	switch (u->type) {
	case TRAP_DEBUG:
		debug_note(u, note, size);
		break;
	case TRAP_BREAKPOINT:
		u->pc--;
		snprint(note, size, "sys: breakpoint");
		break;
	case TRAP_X87:
	case TRAP_SIMD: {
		char text[ERRMAX];
		fpu_note((u32)u->type, u->pc, text, sizeof text);
		snprint(note, size, "sys: fp: %s", text);
		break;
	}
	default:
		snprint(note, size, "sys: trap: %s", exception_name(u->type));
	}
}

void trap_user(Ureg *u)
{
	forbid_user_access();
	trap_enter(u);
	if (u->type >= VEC_IRQ) {
		intr_dispatch(u);
		spllo();
	} else if (u->type == TRAP_PAGE) {
		u64 va = read_cr2();
		spllo();
		user_page_fault(u, va);
	} else {
		char note[ERRMAX];
		exception_note(u, note, sizeof note);
		spllo();
		trap_note(u, note);
	}
	trap_leave(u);
}

/* ---- kernel mode ---- */

/* The table ascends: its pieces are linked in the order of the code that they are about. */
void extable_check(void)
{
	for (const Extable *e = __extable_start; e + 1 < __extable_end; e++)
		if (e[0].pc >= e[1].pc)
			panic("the table of fixups is out of order at %s", pcname(e[1].pc));
}

static const Extable *extable_find(u64 pc)
{
	const Extable *e = __extable_start;
	usize left = (usize)(__extable_end - __extable_start);
	while (left > 1) {
		usize half = left / 2;
		if (e[half].pc <= pc)
			e += half;
		left -= half;
	}
	return e->pc == pc ? e : nil;
}

/* A fault inside a user copy: resolve it, or make it the copy's result. */
static void usercopy_fault(Ureg *u, const Extable *e, u64 va)
{
	if ((u->flags & FLAG_IF) == 0)
		panic("user memory at %#lx touched with interrupts off, by %s", va, pcname(u->pc));
	if (cpu()->nlocks != 0)
		panic("user memory at %#lx touched with %u spin locks held, by %s", va,
			cpu()->nlocks, pcname(u->pc));
	spllo();
	Err err = resolve(va, u->error);
	if (err == Enofree && (err = pager_wait()) == nil) {
		splhi();
		return;		/* and the access again */
	}
	splhi();
	if (err == nil) {
		fault_again(u, va);
	} else {
		u->ax = (u64)err;
		u->pc = e->fixup;
	}
}

static void kernel_page_fault(Ureg *u)
{
	u64 va = read_cr2();
	const Extable *e = va < USTKTOP ? extable_find(u->pc) : nil;
	if (CHECKED && e != nil && u->pc >= (u64)user_probe && u->pc < (u64)user_probe_end) {
		u->pc = e->fixup;
		return;
	}
	if (e == nil || up == nil || (u->error & PF_RESERVED) != 0)
		kernel_trap_panic(u, va);
	usercopy_fault(u, e, va);
}

/* The processor refuses a register that #P names. User copies never get this exception. */
static bool refused(Ureg *u)
{
	const Extable *e = extable_find(u->pc);
	bool msr = e != nil && (e->pc - (u64)msr_read_checked < MSR_CODE_MAX ||
		e->pc - (u64)msr_write_checked < MSR_CODE_MAX);
	if (msr) {
		u->ax = (u64)Ebadarg;
		u->pc = e->fixup;
	}
	return msr;
}

/*
 * The kernel used memory that its process watches, in a user copy; or a program arranged for a trap
 * to be due as it entered. Both happen with no lock held. false: it was something else.
 */
static bool kernel_watchpoint(void)
{
	char note[ERRMAX];
	u32 hits;
	watch_status(&hits);
	if (hits == 0 || up == nil || cpu()->nlocks != 0)
		return false;
	watch_note(hits, note, sizeof note);
	postnote(up, note, NDebug);
	return true;
}

/* From the kernel, interrupts off; also NMI, machine check and double fault from user mode. */
void trap_kernel(Ureg *u)
{
	forbid_user_access();
	if (u->type == TRAP_NMI)
		ipi_nmi(u);
	if (u->type >= VEC_IRQ)
		intr_dispatch(u);
	else if (u->type == TRAP_PAGE)
		kernel_page_fault(u);
	else if (u->type == TRAP_DEBUG && kernel_watchpoint())
		return;
	else if (u->type == TRAP_GP && refused(u))
		return;
	else if (u->type == TRAP_NMI && nmi_watch(u))
		return;
	else if (u->type == TRAP_NMI)
		print("nonmaskable interrupt at %s, ignored\n", pcname(u->pc));
	else if (u->type == TRAP_MACHINE_CHECK)
		machine_check_panic(u);
	else
		kernel_trap_panic(u, read_cr2());
}

/* ---- frames of user mode ---- */

enum { FLAGS_USER = 0xff, FLAGS_FIXED = 0x02 };

/*
 * RF makes the return load every register, which after a system call it would
 * not do. It is invisible to the program.
 */
void ureg_init(Ureg *u, Uaddr entry, Uaddr sp, Uaddr tos)
{
	*u = (Ureg){
		.pc = entry.a, .sp = sp.a, .ax = tos.a, .cs = SEL_UCODE, .ss = SEL_UDATA,
		.flags = FLAG_IF | FLAG_RF | FLAGS_FIXED,
	};
}

void ureg_sanitize(Ureg *u, const Ureg *old)
{
	u->pc &= (1UL << 47) - 1;
	u->cs = SEL_UCODE;
	u->ss = SEL_UDATA;
	u->flags = (old->flags & ~(u64)FLAGS_USER) | (u->flags & FLAGS_USER) | FLAG_IF | FLAG_RF |
		FLAGS_FIXED;
	u->flags &= ~(u64)FLAG_NT;
	u->ds = old->ds;
	u->es = old->es;
	u->fs = old->fs;
	u->gs = old->gs;
}
