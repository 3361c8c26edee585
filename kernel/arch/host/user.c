/*
 * User mode. The program of a process is a C function that runs on the process's
 * kernel stack; its system calls are calls of syscall. Which function, the user
 * memory at the program counter says: a word there is the number of a function,
 * as on a machine it would be an instruction. So text must be mapped and right for
 * a program to run, be it after rfork, exec or a note.
 */
#include <stdlib.h>
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "mem/mem.h"
#include "proc/proc.h"

#define WORD_MAGIC	0x6c75783900000000UL
#define CODE		(UTZERO + HOST_TEXT_HEADER)
#define STACK_POINTER	(USTKTOP - 20 * HOST_SLOT_SIZE)

enum Kind { PROGRAM, HANDLER };
typedef struct Function { enum Kind kind; HostMain *program; HostHandler *handler; } Function;

/* The first address is where every system call is made; no function starts there. */
static Function functions[HOST_NFUNCTIONS];
static u32 nfunctions = 1;

/* The text of the first process, and what every other text starts with: a word a function. */
__asm__(".section .rodata\n.balign 16\n"
	".globl initcode_start\n.globl initcode_end\n"
	"initcode_start:\n.skip 40\n"
	".set word, 0\n.rept 250\n.quad 0x6c75783900000000 + word\n.set word, word + 1\n.endr\n"
	"initcode_end:\n.text\n");

void host_first_program(void) NORETURN;

/* ---- functions and their addresses ---- */

static u64 address_of(Function f)
{
	u32 i = 1;
	while (i < nfunctions && (functions[i].program != f.program ||
		functions[i].handler != f.handler))
		i++;
	assert(i < HOST_NFUNCTIONS);
	functions[i] = f;
	nfunctions = MAX(nfunctions, i + 1);
	return CODE + 8 * i;
}

u64 host_address(HostMain *f)
{
	return address_of((Function){ PROGRAM, f, nil });
}

u64 host_handler(HostHandler *f)
{
	return address_of((Function){ HANDLER, nil, f });
}

static void deliver(Ureg *u);

/* Where frames of user mode lie, at the end of a Call. */
static Call *call_place(void)
{
	return (Call *)(void *)((u8 *)up->kstack - HOST_FRAME);
}

/* The process enters the kernel for something that f does, and leaves it. */
static void trap(Ureg *user, void (*f)(Ureg *u))
{
	Ureg *u = &call_place()->u;
	*u = *user;
	splhi();
	trap_enter(u);
	spllo();
	f(u);
	trap_leave(u);
	spllo();
	*user = *u;
}

/* What a page fault of user mode does. */
static void page_fault(Ureg *u)
{
	u64 va = u->cx;
	Err e = fault(&up->space, uaddr_of(va), (u32)u->dx);
	if (e == nil || e == Eintr)
		return;
	char note[ERRMAX];
	if (e == Enofree) {
		proc_oom();
		return;
	}
	if (e == Ebadarg)
		snprint(note, sizeof note, "sys: trap: fault %s addr=0x%lx",
			u->dx == PROT_WRITE ? "write" : "read", va);
	else
		snprint(note, sizeof note, "sys: %s", e);
	trap_note(u, note);
}

/* Until the access at va succeeds. Notes are delivered between the attempts. */
static void touch(u64 va, u32 prot)
{
	Mapping m;
	while (!plookup(&up->space.pt, uaddr_of(va), &m) || (m.prot & prot) != prot) {
		Ureg u = { .type = 14, .pc = CODE, .sp = STACK_POINTER, .cx = va, .dx = prot,
			.cs = 0x2b, .ss = 0x23 };
		trap(&u, page_fault);
		deliver(&u);
	}
}

static Function *fetch(u64 pc)
{
	u64 word;
	touch(pc, PROT_EXEC);
	host_read_user(&word, pc, sizeof word);
	if (word < WORD_MAGIC || word >= WORD_MAGIC + nfunctions)
		panic("host: process %u runs at %#lx, where %#lx stands", up->pid, pc, word);
	return &functions[word - WORD_MAGIC];
}

/* ---- notes ---- */

static void make_call(Ureg *user)
{
	Proc *p = up;
	Call *c = call_place();
	c->u = *user;
	splhi();
	trap_enter(&c->u);
	p->syscall = (s32)(u32)user->bp;
	spllo();
	c->result = 0;
	Err err = copyin(c->arg, uaddr_of(user->sp + sizeof(u64)), sizeof c->arg);
	c->u.ax = err == nil ? syscall(c) : syscall_fetch(c, err);
	*user = c->u;
	spllo();
}

/* u enters a handler: run it, end it by noted; u is then what noted restored. */
static void run_handler(Ureg *u, HostHandler *f)
{
	u64 text_at;
	char text[ERRMAX];
	host_read_user(&text_at, u->sp + 16, sizeof text_at);
	host_read_user(text, text_at, sizeof text);
	u64 args[NSYSARG] = { f(text) };
	Ureg v = { .bp = NOTED, .type = 64, .pc = u->pc, .sp = u->sp - 64, .cs = 0x2b,
		.ss = 0x23 };
	host_write_user(v.sp + 8, args, sizeof args);
	make_call(&v);
	*u = v;
}

/* Handlers first, as often as u is sent to one. */
static void deliver(Ureg *u)
{
	for (;;) {
		Function *f = u->pc != CODE ? fetch(u->pc) : nil;
		if (f == nil || f->kind != HANDLER)
			return;
		run_handler(u, f->handler);
	}
}

/* ---- running ---- */

static void run_program(void *arg)
{
	Function *f = arg;
	const char *status = f->program();
	host_syscall(EXITS, status != nil ? host_user_string(status, 0) : 0, 0, 0, 0, 0);
	abort();
}

void touser(const Ureg *user)
{
	Ureg u = *user;
	spllo();
	if (u.pc == UTZERO || u.pc == 0)
		host_first_program();
	deliver(&u);
	host_restart(up->kstack, run_program, fetch(u.pc));
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

/* ---- memory ---- */

u64 host_user_slot(u32 slot)
{
	assert(slot < HOST_SLOTS);
	return USTKTOP - (16 - slot) * HOST_SLOT_SIZE;
}

/* A page at a time: the mapping may go again between two of them. */
static void move(u8 *k, u64 va, usize n, u32 prot)
{
	while (n > 0) {
		usize step = MIN(n, BY2PG - va % BY2PG);
		Mapping m;
		touch(va, prot);
		if (!plookup(&up->space.pt, uaddr_of(va), &m) || (m.prot & prot) != prot)
			continue;
		u8 *u = (u8 *)kaddr(m.pa) + va % BY2PG;
		memmove(prot == PROT_WRITE ? u : k, prot == PROT_WRITE ? k : u, step);
		k += step;
		va += step;
		n -= step;
	}
}

void host_write_user(u64 to, const void *from, usize n)
{
	move((u8 *)(uintptr)from, to, n, PROT_WRITE);
}

void host_read_user(void *to, u64 from, usize n)
{
	move(to, from, n, PROT_READ);
}

u64 host_user_string(const char *s, u32 slot)
{
	host_write_user(host_user_slot(slot), s, strlen(s) + 1);
	return host_user_slot(slot);
}

/* ---- calls ---- */

static void look_at_clock(Ureg *u)
{
	host_clock();
}

void host_tick(void)
{
	Ureg u = { .type = 32, .pc = CODE, .sp = STACK_POINTER, .cs = 0x2b, .ss = 0x23 };
	if (host_exploring() && host_random(2) == 0)
		cpu()->resched = true;
	trap(&u, look_at_clock);
	deliver(&u);
}

/* Between two calls anything may happen to a process. */
static void interlude(void)
{
	if (!host_exploring())
		return;
	if (host_random(4) == 0)
		host_tick();
	if (host_random(8) == 0)
		proc_setpri(up, (s32)host_random(NPRI), false);
}

static u64 call(u32 number, const u64 args[NSYSARG], u64 pc)
{
	interlude();
	Ureg u = { .bp = number, .type = 64, .pc = pc, .sp = STACK_POINTER, .cs = 0x2b,
		.ss = 0x23 };
	host_write_user(u.sp + 8, args, NSYSARG * sizeof args[0]);
	make_call(&u);
	host_clock();
	if (u.pc != pc)
		deliver(&u);
	if (number == EXEC && u.pc != pc)
		touser(&u);
	return u.ax;
}

u64 host_syscall(u32 number, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 args[NSYSARG] = { a0, a1, a2, a3, a4 };
	return call(number, args, CODE);
}

u64 host_rfork(u32 flags, HostMain *f)
{
	u64 args[NSYSARG] = { flags };
	return call(RFORK, args, host_address(f));
}
