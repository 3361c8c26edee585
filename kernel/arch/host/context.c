/*
 * Execution: kernel stacks and switching between them. The stacks lie side by
 * side in one reserved piece of memory, each with a guard page below, so that the
 * stack of any address is known.
 */
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "proc/proc.h"

enum { HOST_KSTACK = 256 * 1024, NSTACKS = 4200 };	/* sanitizers want room */

static u8 *stacks;
static u32 nused, nfree, free_stack[NSTACKS];

static u8 *stack_bottom(u32 i)
{
	return stacks + (usize)i * HOST_KSTACK;
}

void *kstack_alloc(void)
{
	if (host_fail())
		return nil;
	if (stacks == nil)
		stacks = os_map((usize)NSTACKS * HOST_KSTACK);
	if (nfree > 0)
		return stack_bottom(free_stack[--nfree]) + HOST_KSTACK;
	assert(nused < NSTACKS);
	u8 *bottom = stack_bottom(nused++);
	os_guard(bottom, BY2PG);
	return bottom + HOST_KSTACK;
}

/* The number of the stack that sp lies in; NSTACKS: none of ours. */
static u32 stack_of(uintptr sp)
{
	usize offset = sp - (uintptr)stacks;
	return stacks != nil && offset < (usize)nused * HOST_KSTACK ?
		(u32)(offset / HOST_KSTACK) : NSTACKS;
}

void kstack_free(void *top)
{
	u32 i = stack_of((uintptr)top - 1);
	uintptr bottom = (uintptr)top - HOST_KSTACK;
	assert(i < NSTACKS && stack_bottom(i) == (u8 *)bottom);
	if (stack_of((uintptr)&i) == i || host_stack_waiting(bottom, (uintptr)top))
		panic("host: the kernel stack at %p is freed by who runs on it", top);
	os_unpoison((u8 *)bottom + BY2PG, HOST_KSTACK - BY2PG);
	free_stack[nfree++] = i;
}

void arch_set_kstack(void *top) { }

void host_switch(uintptr *from, uintptr to);
void host_jump(void *top, void (*f)(void *), void *arg) NORETURN;
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
	"	callq os_fiber_entered\n"
	"	movq %r12, %rdi\n"
	"	callq *%r13\n"
	"	ud2\n"
	".globl host_jump\n"
	"host_jump:\n"
	"	movq %rdi, %rsp\n"
	"	movq %rdx, %rdi\n"
	"	xorl %ebp, %ebp\n"
	"	callq *%rsi\n"
	"	ud2\n");
extern void host_start(void);

void host_stack_switch(uintptr *from, uintptr to)
{
	void *saved;
	u32 i = stack_of(to);
	os_fiber_leave(&saved, i < NSTACKS ? stack_bottom(i) + BY2PG : nil, HOST_KSTACK - BY2PG);
	host_switch(from, to);
	os_fiber_back(saved);
}

void label_switch(Label *from, const Label *to)
{
	host_stack_switch(&from->sp, to->sp);
}

void label_init(Label *l, void *top, void (*entry)(void *), void *arg)
{
	uintptr *sp = (uintptr *)(void *)((u8 *)top - HOST_FRAME) - 2;
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

void host_restart(void *top, void (*f)(void *), void *arg)
{
	os_fiber_cut();
	host_jump((u8 *)top - HOST_FRAME, f, arg);
}
