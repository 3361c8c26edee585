/*
 * Saved kernel contexts, as label_switch (entry.S) leaves them on a stack.
 */
#include "arch/amd64/amd64.h"

/* What label_switch pushes, lowest address first. */
typedef struct Context Context;
struct Context {
	u16 ds, es, fs, gs;
	u64 r15, r14, r13, r12, bx, bp;
	u64 pc;
	u64 end[2];	/* zeroes that stop a backtrace */
};

static_assert(sizeof(Context) == LABEL_SIZE, "Context");

void label_start(void);

/*
 * The top of the stack stays free for a frame from user mode (entry.S). The
 * selectors are those of the running process, which a forked one inherits.
 */
void label_init(Label *l, void *kstack_top, void (*entry)(void *), void *arg)
{
	enum { FRAME_ROOM = 192 };
	_Static_assert(FRAME_ROOM >= U_SIZE && FRAME_ROOM % 16 == 0, "room for a Ureg");
	Context *c = (Context *)((uintptr)kstack_top - FRAME_ROOM - sizeof(Context));
	assert(((uintptr)kstack_top & 15) == 0);
	*c = (Context){ .bx = (u64)entry, .r12 = (u64)arg, .pc = (u64)label_start };
	__asm__ volatile("movw %%ds, %0; movw %%es, %1; movw %%fs, %2; movw %%gs, %3"
		: "=m"(c->ds), "=m"(c->es), "=m"(c->fs), "=m"(c->gs));
	l->sp = (uintptr)c;
}

void label_ureg(const Label *l, Ureg *u)
{
	const Context *c = (const Context *)l->sp;
	*u = (Ureg){
		.bx = c->bx, .bp = c->bp, .r12 = c->r12, .r13 = c->r13, .r14 = c->r14,
		.r15 = c->r15,
		.ds = c->ds, .es = c->es, .fs = c->fs, .gs = c->gs,
		.pc = c->pc, .cs = SEL_KCODE, .ss = SEL_KDATA, .sp = l->sp + offsetof(Context, end),
	};
}
