/*
 * Saved kernel contexts, as label_switch (arch.h) leaves them on a stack.
 */
#include "arch/amd64/amd64.h"

/* What label_switch pushes, lowest address first. */
typedef struct Context Context;
struct Context {
	u16 ds, es, fs, gs;
	u64 bp;
	u64 pc;
};

static_assert(sizeof(Context) == LABEL_SIZE, "Context");

/* And what label_start finds above it, at the beginning of a stack. */
typedef struct Fresh Fresh;
struct Fresh {
	Context context;
	u64 entry, arg;
	u64 unused[2];	/* zeroes; they align what entry is called with */
};

void label_start(void);

/*
 * The top of the stack stays free for a frame from user mode (entry.S). The
 * selectors are those of the running process, which a forked one inherits.
 */
void label_init(Label *l, void *kstack_top, void (*entry)(void *), void *arg)
{
	enum { FRAME_ROOM = 192 };
	_Static_assert(FRAME_ROOM >= U_SIZE && FRAME_ROOM % 16 == 0, "room for a Ureg");
	Fresh *f = (Fresh *)((uintptr)kstack_top - FRAME_ROOM - sizeof(Fresh));
	Context *c = &f->context;
	assert(((uintptr)kstack_top & 15) == 0);
	*f = (Fresh){ .entry = (u64)entry, .arg = (u64)arg, .context.pc = (u64)label_start };
	__asm__ volatile("movw %%ds, %0; movw %%es, %1; movw %%fs, %2; movw %%gs, %3"
		: "=m"(c->ds), "=m"(c->es), "=m"(c->fs), "=m"(c->gs));
	l->sp = (uintptr)c;
}

void label_ureg(const Label *l, Ureg *u)
{
	const Context *c = (const Context *)l->sp;
	*u = (Ureg){
		.bp = c->bp, .ds = c->ds, .es = c->es, .fs = c->fs, .gs = c->gs,
		.pc = c->pc, .cs = SEL_KCODE, .ss = SEL_KDATA, .sp = l->sp + sizeof(Context),
	};
}
