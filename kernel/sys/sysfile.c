/*
 * System calls about files: descriptors, names, the name space. Names are
 * copied in and buffers checked here; chan does the rest.
 */
#include "sys/sys.h"

enum { STAT_MAX = 65535 + 2, STAT_SMALL = 256 };

/* ---- names ---- */

Err sys_open(Call *c)
{
	CallName name;
	s32 fd;
	TRY(call_string(c, 0, &name));
	TRY(sys_open_name(name.text, call_u32(c, 1), &fd));
	c->result = (u64)fd;
	return nil;
}

Err sys_create(Call *c)
{
	CallName name;
	s32 fd;
	TRY(call_string(c, 0, &name));
	TRY(sys_create_name(name.text, call_u32(c, 1), call_u32(c, 2), &fd));
	c->result = (u64)fd;
	return nil;
}

Err sys_remove(Call *c)
{
	CallName name;
	TRY(call_string(c, 0, &name));
	return file_remove(name.text);
}

Err sys_chdir(Call *c)
{
	CallName name;
	TRY(call_string(c, 0, &name));
	return file_chdir(name.text);
}

/* ---- descriptors ---- */

Err sys_close(Call *c)
{
	return fd_close(call_s32(c, 0));
}

Err sys_dup(Call *c)
{
	s32 fd;
	TRY(fd_dup(call_s32(c, 0), call_s32(c, 1), &fd));
	c->result = (u64)fd;
	return nil;
}

Err sys_pipe(Call *c)
{
	s32 fd[2];
	TRY(call_range(c, 0, sizeof fd, true));
	TRY(file_pipe(fd));
	Err err = copyout(call_addr(c, 0), fd, sizeof fd);
	if (err == nil)
		return nil;
	Err ignored = fd_close(fd[0]);
	ignored = fd_close(fd[1]);
	(void)ignored;
	return err;
}

Err sys_fd2path(Call *c)
{
	u32 size = call_u32(c, 2);
	void *buf;
	TRY(call_range(c, 1, size, true));
	size = MIN(size, (u32)NAME_MAX_BYTES + 1);
	if (size == 0)
		return Ebadarg;
	TRY(call_alloc(size, &buf));
	TRY(file_fd2path(call_s32(c, 0), buf, size));
	return copyout(call_addr(c, 1), buf, strnlen(buf, size - 1) + 1);
}

Err sys_pread(Call *c)
{
	u32 size = call_u32(c, 2);
	TRY(call_range(c, 1, size, true));
	const Iobuf b = iobuf_user(call_addr(c, 1), size);
	return file_pread(call_s32(c, 0), &b, (s64)c->arg[3], &c->result);
}

Err sys_pwrite(Call *c)
{
	u32 size = call_u32(c, 2);
	TRY(call_range(c, 1, size, false));
	const Iobuf b = iobuf_user(call_addr(c, 1), size);
	return file_pwrite(call_s32(c, 0), &b, (s64)c->arg[3], &c->result);
}

Err sys_seek(Call *c)
{
	s64 offset;
	TRY(call_range(c, 0, sizeof offset, true));
	TRY(file_seek(call_s32(c, 1), (s64)c->arg[2], call_s32(c, 3), &offset));
	return copyout(call_addr(c, 0), &offset, sizeof offset);
}

/* ---- stat ---- */

/* *buf is small already. Of buffers beyond the largest entry only that much is used. */
static ERR stat_buffer(Call *c, void **buf, usize *size)
{
	u32 asked = call_u32(c, 2);
	TRY(call_range(c, 1, asked, true));
	*size = MIN(asked, (u32)STAT_MAX);
	return asked <= STAT_SMALL ? nil : call_alloc(*size, buf);
}

Err sys_stat(Call *c)
{
	CallName name;
	u8 small[STAT_SMALL];
	void *buf = small;
	usize size, n;
	TRY(call_string(c, 0, &name));
	TRY(stat_buffer(c, &buf, &size));
	TRY(file_stat(name.text, buf, size, &n));
	c->result = n;
	return copyout(call_addr(c, 1), buf, n);
}

Err sys_fstat(Call *c)
{
	u8 small[STAT_SMALL];
	void *buf = small;
	usize size, n;
	TRY(stat_buffer(c, &buf, &size));
	TRY(file_fstat(call_s32(c, 0), buf, size, &n));
	c->result = n;
	return copyout(call_addr(c, 1), buf, n);
}

/* The entry that a wstat brings, copied in. */
static ERR wstat_entry(Call *c, void **buf, usize *size)
{
	u32 n = call_u32(c, 2);
	TRY(call_range(c, 1, n, false));
	if (n > STAT_MAX)
		return Ebadstat;
	TRY(call_alloc(n, buf));
	*size = n;
	c->result = n;
	return copyin(*buf, call_addr(c, 1), n);
}

Err sys_wstat(Call *c)
{
	CallName name;
	void *buf;
	usize n;
	TRY(call_string(c, 0, &name));
	TRY(wstat_entry(c, &buf, &n));
	return file_wstat(name.text, buf, n);
}

Err sys_fwstat(Call *c)
{
	void *buf;
	usize n;
	TRY(wstat_entry(c, &buf, &n));
	return file_fwstat(call_s32(c, 0), buf, n);
}

/* ---- the name space ---- */

Err sys_bind(Call *c)
{
	CallName name, old;
	TRY(call_string(c, 0, &name));
	TRY(call_string(c, 1, &old));
	return file_bind(name.text, old.text, call_u32(c, 2));
}

/* A nil attach name is an empty one. */
static ERR aname_at(Call *c, u32 slot, CallName *aname)
{
	aname->text = "";
	return c->arg[slot] != 0 ? call_string(c, slot, aname) : nil;
}

Err sys_mount(Call *c)
{
	CallName old, aname;
	TRY(call_string(c, 2, &old));
	TRY(aname_at(c, 4, &aname));
	return file_mount(call_s32(c, 0), call_s32(c, 1), old.text, call_u32(c, 3), aname.text);
}

Err sys_unmount(Call *c)
{
	CallName name, old;
	name.text = nil;
	if (c->arg[0] != 0)
		TRY(call_string(c, 0, &name));
	TRY(call_string(c, 1, &old));
	return file_unmount(name.text, old.text);
}

Err sys_fauth(Call *c)
{
	CallName aname;
	s32 fd;
	TRY(aname_at(c, 1, &aname));
	TRY(file_fauth(call_s32(c, 0), aname.text, &fd));
	c->result = (u64)fd;
	return nil;
}

Err sys_fversion(Call *c)
{
	u32 size = call_u32(c, 3);
	void *vers;
	usize n;
	TRY(call_range(c, 2, size, true));
	size = MIN(size, (u32)STAT_MAX);
	TRY(call_alloc(size, &vers));
	TRY(copyin(vers, call_addr(c, 2), size));
	if (memchr(vers, '\0', size) == nil)
		return Ebadarg;
	TRY(file_fversion(call_s32(c, 0), call_u32(c, 1), vers, size, &n));
	assert(n <= size);
	c->result = n;
	return copyout(call_addr(c, 2), vers, n);
}
