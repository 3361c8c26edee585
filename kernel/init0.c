/*
 * The first process. userinit makes it; it runs proc0 in the kernel, which
 * gives it memory, a name space and an environment, and leaves for user mode
 * with initcode, a tiny program that binds the devices and executes init.
 */
#include "bootmarks.h"
#include "chan/chan.h"
#include "mem/failalloc.h"
#include "proc/private.h"

/* From arch, in section .initcode: it runs at UTZERO. */
extern const u8 initcode_start[], initcode_end[];

enum { INIT_PATH_MAX = 256, WORDS_MAX = 128 };

static void start_proc0(void *arg)
{
	sched_finish();
	proc0(arg);
}

void userinit(void)
{
	Proc *p;
	time_prepare();
	account_prepare();
	Err err = proc_alloc(false, &p);
	if (err == nil) {
		p->pgrp = pgrp_new();
		p->fgrp = fgrp_new();
		p->egrp = egrp_new();
		p->rgrp = rgrp_new();
		if (p->pgrp == nil || p->fgrp == nil || p->egrp == nil || p->rgrp == nil)
			err = Enomem;
	}
	if (err != nil)
		panic("userinit: the first process cannot be made: %s", err);
	fpu_init(p->fpu);
	proc_setname(p, "*init*");
	proc_publish(p);
	assert(p->pid == 1);
	label_init(&p->sched, p->kstack, start_proc0, nil);
	boot_mark("BOOT[userinit]: spawned proc0 kernel process");
	ready(p);
	boot_mark("BOOT: userinit scheduled *init* kernel process");
}

/* ---- memory ---- */

/* A fresh page of s at va, mapped. Its kernel address goes to *k. */
static ERR give_page(Space *space, Segment *s, u64 va, u32 prot, u8 **k)
{
	Page *page = newpage(s);
	if (page == nil)
		return Enofree;
	TRY(segpage(s, uaddr_of(va), page));
	*k = page_kaddr(page);
	return fault(space, uaddr_of(va), prot);
}

static ERR make_stack(Space *space)
{
	Segment *s;
	u8 *k;
	TRY(newseg(SG_STACK, uaddr_of(USTKTOP - USTKSIZE), USTKSIZE, &s));
	seg_attach(space, SSEG, s);
	TRY(give_page(space, s, USTKTOP - BY2PG, PROT_WRITE, &k));
	boot_mark("Cs");
	return nil;
}

static ERR make_text(Space *space)
{
	Segment *s;
	u8 *k;
	usize size = (uintptr)initcode_end - (uintptr)initcode_start;
	assert(size <= BY2PG);
	TRY(newseg(SG_TEXT | SG_RONLY, uaddr_of(UTZERO), BY2PG, &s));
	seg_attach(space, TSEG, s);
	TRY(give_page(space, s, UTZERO, PROT_EXEC, &k));
	memmove(k, initcode_start, size);
	boot_mark("Cp");
	return nil;
}

/* ---- name space and environment ---- */

static ERR make_root(Proc *p)
{
	TRY(namec("#/", Atodir, 0, 0, &p->slash));
	path_put(p->slash->path);
	p->slash->path = path_new("/");
	if (p->slash->path == nil)
		return Enomem;
	return chan_clone(p->slash, &p->dot);
}

/*
 * name=value words of the command line: all to #ec, and to the environment unless the name
 * starts with `*`.
 */
static ERR set_from_cmdline(Proc *p)
{
	char *text = kstrdup(boot.cmdline);
	char **word = kalloc(WORDS_MAX * sizeof *word);
	Err err = text == nil || word == nil ? Enomem : nil;
	usize n = err == nil ? tokenize(text, word, WORDS_MAX) : 0;
	for (usize i = 0; i < n && err == nil; i++) {
		char *value = strchr(word[i], '=');
		if (value == nil || value == word[i])
			continue;
		*value++ = '\0';
		err = egrp_set(confenv, word[i], value, strlen(value));
		if (err == nil && word[i][0] != '*')
			err = egrp_set(p->egrp, word[i], value, strlen(value));
	}
	kfree(word);
	kfree(text);
	return err;
}

static ERR set_string(Proc *p, const char *name, const char *value)
{
	TRY(egrp_set(confenv, name, value, strlen(value)));
	return egrp_set(p->egrp, name, value, strlen(value));
}

static ERR make_environment(Proc *p)
{
	char cpuname[64], terminal[96];
	arch_cpuname(cpuname, sizeof cpuname);
	snprint(terminal, sizeof terminal, "lux9 %s", cpuname);
	TRY(set_string(p, "cputype", "amd64"));
	TRY(set_string(p, "terminal", terminal));
	TRY(set_string(p, "service", "terminal"));
	return set_from_cmdline(p);
}

/*
 * At entry initcode finds at 0(SP) the address of the name of the program to
 * run instead of init, or 0.
 */
static ERR make_frame(Ureg *u)
{
	char path[INIT_PATH_MAX];
	u64 at = USTKTOP - sizeof(Tos) - INIT_PATH_MAX, pointer = at;
	if (!boot_option("init", path, sizeof path) || path[0] == '\0')
		pointer = 0;
	else
		TRY(copyout(uaddr_of(at), path, strlen(path) + 1));
	at -= 16;
	TRY(copyout(uaddr_of(at), &pointer, sizeof pointer));
	ureg_init(u, uaddr_of(UTZERO), uaddr_of(at), uaddr_of(USTKTOP - sizeof(Tos)));
	return nil;
}

static void NORETURN cannot(const char *what, Err err)
{
	panic("boot process died: %s: %s", what, err);
}

/* Returns only if the first process cannot go to user mode, which is a bug. */
static void init0(Proc *p)
{
	chandevinit();
	watchdog_start();
	boot_mark("BOOT[init0]: chandevinit complete");
	Err err = make_root(p);
	if (err != nil)
		cannot("no root directory", err);
	err = make_environment(p);
	if (err == nil)
		err = make_frame(&p->start_ureg);
	if (err != nil)
		cannot("no environment", err);
	boot_mark("BOOT[init0]: environment configured");
	failalloc_boot(true);
	boot_mark("BOOT[init0]: entering user mode with initcode");
	trap_leave(&p->start_ureg);
	touser(&p->start_ureg);
}

void proc0(void *arg)
{
	Proc *p = up;
	boot_mark("C1");
	spllo();
	boot_mark("C2");
	boot_mark("C/");
	Err err = make_stack(&p->space);
	if (err != nil)
		cannot("no stack", err);
	err = make_text(&p->space);
	if (err != nil)
		cannot("no text", err);
	flushmmu();
	boot_mark("Ch");
	boot_mark("Ci");
	boot_mark("BOOT[proc0]: about to call init0 - switching to userspace");
	init0(p);
	boot_mark("Cj");
	boot_mark("BOOT[proc0]: init0 returned - this should never happen!");
	panic("proc0: init0 returned");
}
