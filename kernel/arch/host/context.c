/*
 * Execution: kernel stacks, switching between them, "user mode". The program
 * of a process is a C function whose address is in the frame's pc; it runs on
 * the process's kernel stack, and its system calls are calls of syscall.
 */
#include <stdlib.h>
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "proc/proc.h"

enum { HOST_KSTACK = 256 * 1024 };	/* sanitizers want room */

void *kstack_alloc(void)
{
	u8 *p = os_map(HOST_KSTACK);
	os_guard(p, BY2PG);
	return p + HOST_KSTACK;
}

void kstack_free(void *top)
{
	os_unmap((u8 *)top - HOST_KSTACK, HOST_KSTACK);
}

void arch_set_kstack(void *top) { }

void host_switch(uintptr *from, uintptr to);
__asm__(
	".globl host_switch\n"
	"host_switch:\n"
	"	pushq %rbx\n	pushq %rbp\n	pushq %r12\n"
	"	pushq %r13\n	pushq %r14\n	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n	popq %r14\n	popq %r13\n"
	"	popq %r12\n	popq %rbp\n	popq %rbx\n"
	"	ret\n"
	".globl host_start\n"
	"host_start:\n"
	"	movq %r12, %rdi\n"
	"	callq *%r13\n"
	"	ud2\n");
extern void host_start(void);

void label_switch(Label *from, const Label *to)
{
	host_switch(&from->sp, to->sp);
}

void label_init(Label *l, void *top, void (*entry)(void *), void *arg)
{
	uintptr *sp = (uintptr *)top - 2;
	*--sp = (uintptr)host_start;
	*--sp = 0;			/* rbx */
	*--sp = 0;			/* rbp */
	*--sp = (uintptr)arg;		/* r12 */
	*--sp = (uintptr)entry;		/* r13 */
	*--sp = 0;
	*--sp = 0;
	l->sp = (uintptr)sp;
}

void label_ureg(const Label *l, Ureg *u)
{
	*u = (Ureg){ .sp = l->sp };
}

/* ---- user mode ---- */

void host_first_program(void) NORETURN;

void touser(const Ureg *u)
{
	if (u->pc == UTZERO || u->pc == 0)
		host_first_program();
	const char *(*f)(void) = (const char *(*)(void))(uintptr)u->pc;
	const char *status = f();
	host_syscall(EXITS, status != nil ? host_user_string(status, 0) : 0, 0, 0, 0, 0);
	abort();
}

void ureg_init(Ureg *u, Uaddr entry, Uaddr sp, Uaddr tos)
{
	*u = (Ureg){ .pc = entry.a, .sp = sp.a, .ax = tos.a, .cs = 0x2b, .ss = 0x23,
		.flags = 0x202 };
}

void ureg_sanitize(Ureg *u, const Ureg *old)
{
	u->cs = 0x2b;
	u->ss = 0x23;
	u->flags = (old->flags & ~0xffUL) | (u->flags & 0xff);
}

bool ureg_isuser(const Ureg *u)
{
	return u->cs == 0x2b;
}

static u64 scratch(void)
{
	return USTKTOP - 16 * HOST_SLOT_SIZE;
}

u64 host_user_slot(u32 slot)
{
	assert(slot < HOST_SLOTS);
	return scratch() + slot * HOST_SLOT_SIZE;
}

void host_write_user(u64 to, const void *from, usize n)
{
	Err e = copyout(uaddr_of(to), from, n);
	assert(e == nil);
}

void host_read_user(void *to, u64 from, usize n)
{
	Err e = copyin(to, uaddr_of(from), n);
	assert(e == nil);
}

u64 host_user_string(const char *s, u32 slot)
{
	host_write_user(host_user_slot(slot), s, strlen(s) + 1);
	return host_user_slot(slot);
}

static u64 call(u32 number, const u64 args[NSYSARG], u64 pc)
{
	Ureg u = { .bp = number, .type = 64, .pc = pc, .sp = USTKTOP - 20 * HOST_SLOT_SIZE,
		.cs = 0x2b, .ss = 0x23 };
	host_write_user(u.sp + 8, args, NSYSARG * sizeof args[0]);
	splhi();
	trap_enter(&u);
	spllo();
	syscall(&u);
	host_clock();
	trap_leave(&u);
	spllo();
	if (u.pc != pc)		/* a note: run its handler */
		((void (*)(void))(uintptr)u.pc)();
	return u.ax;
}

u64 host_syscall(u32 number, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 args[NSYSARG] = { a0, a1, a2, a3, a4 };
	return call(number, args, 0x7000);
}

u64 host_rfork(u32 flags, const char *(*f)(void))
{
	u64 args[NSYSARG] = { flags };
	return call(RFORK, args, (u64)(uintptr)f);
}
