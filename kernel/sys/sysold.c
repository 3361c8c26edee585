/*
 * System calls that only old binaries make. They are thin: what they did is
 * done by their successors.
 */
#include "sys/sys.h"

enum { OLD_NAME = 28, OLD_STAT = 116, OLD_STAT_BUF = 8192, OLD_DIR = 0x80000000U };

Err sys_oldfsession(Call *c)
{
	u32 size = call_u32(c, 2);
	if (size == 0)
		return Ebadarg;
	TRY(call_range(c, 1, size, true));
	return zeroout(call_addr(c, 1), 1);
}

/* The position of the shared offset makes these pread and pwrite. */
Err sys_oldread(Call *c)
{
	c->arg[3] = ~0UL;
	return sys_pread(c);
}

Err sys_oldwrite(Call *c)
{
	c->arg[3] = ~0UL;
	return sys_pwrite(c);
}

Err sys_oldseek(Call *c)
{
	s64 offset;
	TRY(file_seek(call_s32(c, 0), call_s32(c, 1), call_s32(c, 2), &offset));
	c->result = (u64)offset;
	return nil;
}

/* mount without an authentication descriptor: the arguments move one place up. */
Err sys_oldmount(Call *c)
{
	memmove(&c->arg[2], &c->arg[1], 3 * sizeof c->arg[0]);
	c->arg[1] = ~0UL;
	return sys_mount(c);
}

Err sys_oldwstat(Call *c)
{
	return "old wstat system call - recompile";
}

Err sys_oldfwstat(Call *c)
{
	return "old fwstat system call - recompile";
}

/* ---- the old stat record ---- */

static u8 *put_name(u8 *p, const char *name)
{
	char field[OLD_NAME] = { 0 };
	strecpy(field, field + sizeof field, name);
	memmove(p, field, sizeof field);
	return p + sizeof field;
}

static void old_record(const Dir *d, u8 rec[OLD_STAT])
{
	u8 *p = put_name(put_name(put_name(rec, d->name), d->uid), d->gid);
	put32le(p, ((u32)d->qid.path & ~OLD_DIR) | ((d->qid.type & QTDIR) ? OLD_DIR : 0));
	put32le(p + 4, d->qid.vers);
	put32le(p + 8, d->mode);
	put32le(p + 12, d->atime);
	put32le(p + 16, d->mtime);
	put64le(p + 20, d->length);
	put16le(p + 28, d->type);
	put16le(p + 30, (u16)d->dev);
	assert(p + 32 == rec + OLD_STAT);
}

/* entry holds n bytes in the wire format; strs has room for their strings. */
static ERR give_old_record(Call *c, const u8 *entry, usize n, char *strs)
{
	Dir d;
	u8 rec[OLD_STAT];
	TRY(dir_decode(entry, n, &d, strs));
	old_record(&d, rec);
	return copyout(call_addr(c, 1), rec, sizeof rec);
}

static ERR old_stat(Call *c, const char *name)
{
	void *entry, *strs;
	usize n;
	TRY(call_range(c, 1, OLD_STAT, true));
	TRY(call_alloc(OLD_STAT_BUF, &entry));
	TRY(call_alloc(OLD_STAT_BUF, &strs));
	if (name != nil)
		TRY(file_stat(name, entry, OLD_STAT_BUF, &n));
	else
		TRY(file_fstat(call_s32(c, 0), entry, OLD_STAT_BUF, &n));
	return give_old_record(c, entry, n, strs);
}

Err sys_oldstat(Call *c)
{
	CallName name;
	TRY(call_string(c, 0, &name));
	return old_stat(c, name.text);
}

Err sys_oldfstat(Call *c)
{
	return old_stat(c, nil);
}

/* ---- the old wait record ---- */

Err sys_oldwait(Call *c)
{
	struct { char number[4][12]; char msg[64]; } rec = { 0 };
	char text[16];
	WaitRecord w;
	if (c->arg[0] != 0)
		TRY(call_range(c, 0, sizeof rec, true));
	TRY(proc_wait_record(up, &w));
	u64 number[4] = { w.pid, w.user_ms, w.sys_ms, w.real_ms };
	for (u32 i = 0; i < nelem(number); i++) {
		snprint(text, sizeof text, "%11lu ", number[i]);
		memmove(rec.number[i], text, sizeof rec.number[i]);
	}
	strecpy(rec.msg, rec.msg + sizeof rec.msg, w.msg);
	c->result = w.pid;
	return c->arg[0] != 0 ? copyout(call_addr(c, 0), &rec, sizeof rec) : nil;
}
