/*
 * What exec changes in a process besides its memory: its name, and everything
 * that belonged to the program that is gone.
 */
#include "proc/private.h"

static void rename(Proc *p, const char *name, const char *args, u32 args_len)
{
	proc_setname(p, name);
	ilock(&p->lk);
	assert(args_len <= sizeof p->args);
	memmove(p->args, args, args_len);
	p->args_len = args_len;
	p->args_written = false;
	iunlock(&p->lk);
}

static void reset_marks(Proc *p)
{
	ilock(&p->lk);
	p->private = p->space.noswap = false;
	if (p->hang && p->ctl != CTL_EXIT)
		p->ctl = CTL_STOP;
	iunlock(&p->lk);
}

void proc_newimage(const char *name, const char *args, u32 args_len)
{
	Proc *p = up;
	assert(qlock_held(&p->debug));
	rename(p, name, args, args_len);
	reset_marks(p);
	notes_reset(p);
	Err err = proc_setwatch(p, nil, 0);
	assert(err == nil);
	account_exec(p);
	p->errstr[0] = '\0';
	fpu_init(p->fpu);
	fpu_restore(p->fpu);
}
