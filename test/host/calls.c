/* System calls as programs of the tests make them. Arguments go through slots of the stack. */
#include "calls.h"

enum { SLOT_NAME, SLOT_NAME2, SLOT_READ, SLOT_WRITE, SLOT_WAIT };

static s32 call32(u32 number, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return (s32)host_syscall(number, a0, a1, a2, a3, 0);
}

s32 u_open(const char *name, u32 mode)
{
	return call32(OPEN, host_user_string(name, SLOT_NAME), mode, 0, 0);
}

s32 u_create(const char *name, u32 mode, u32 perm)
{
	return call32(CREATE, host_user_string(name, SLOT_NAME), mode, perm, 0);
}

s64 u_pread(s32 fd, void *buf, usize n, s64 off)
{
	assert(n <= HOST_SLOT_SIZE);
	s64 got = (s32)host_syscall(PREAD, (u64)fd, host_user_slot(SLOT_READ), n, (u64)off, 0);
	if (got > 0)
		host_read_user(buf, host_user_slot(SLOT_READ), (usize)got);
	return got;
}

s64 u_read(s32 fd, void *buf, usize n)
{
	return u_pread(fd, buf, n, -1);
}

s64 u_write(s32 fd, const void *buf, usize n)
{
	assert(n <= HOST_SLOT_SIZE);
	host_write_user(host_user_slot(SLOT_WRITE), buf, n);
	return (s32)host_syscall(PWRITE, (u64)fd, host_user_slot(SLOT_WRITE), n, ~0UL, 0);
}

s32 u_close(s32 fd)
{
	return call32(CLOSE, (u64)fd, 0, 0, 0);
}

s32 u_pipe(s32 fd[2])
{
	s32 e = call32(PIPE, host_user_slot(SLOT_WAIT), 0, 0, 0);
	if (e >= 0)
		host_read_user(fd, host_user_slot(SLOT_WAIT), 2 * sizeof fd[0]);
	return e;
}

s32 u_bind(const char *what, const char *where, u32 flag)
{
	u64 from = host_user_string(what, SLOT_NAME), to = host_user_string(where, SLOT_NAME2);
	return call32(BIND, from, to, flag, 0);
}

s32 u_unmount(const char *what, const char *where)
{
	u64 from = what != nil ? host_user_string(what, SLOT_NAME) : 0;
	return call32(UNMOUNT, from, host_user_string(where, SLOT_NAME2), 0, 0);
}

s32 u_mount(s32 fd, const char *where, u32 flag, const char *aname)
{
	u64 to = host_user_string(where, SLOT_NAME), spec = host_user_string(aname, SLOT_NAME2);
	return (s32)host_syscall(MOUNT, (u64)fd, ~0UL, to, flag, spec);
}

s32 u_remove(const char *name)
{
	return call32(REMOVE, host_user_string(name, SLOT_NAME), 0, 0, 0);
}

s32 u_sleep(u32 ms)
{
	return call32(SLEEP, ms, 0, 0, 0);
}

u32 u_alarm(u32 ms)
{
	return (u32)call32(ALARM, ms, 0, 0, 0);
}

s32 u_notify(HostHandler *f)
{
	return call32(NOTIFY, f != nil ? host_handler(f) : 0, 0, 0, 0);
}

u64 u_rendezvous(u64 tag, u64 value)
{
	return host_syscall(RENDEZVOUS, tag, value, 0, 0, 0);
}

s64 u_length(s32 fd)
{
	u8 stat[256];
	s32 n = call32(FSTAT, (u64)fd, host_user_slot(SLOT_WAIT), sizeof stat, 0);
	if (n < STATFIXLEN)
		return -1;
	host_read_user(stat, host_user_slot(SLOT_WAIT), (usize)n);
	return (s64)get64le(stat + 33);
}

s32 u_exec(const char *file, const char *arg)
{
	u64 argv[] = { host_user_string(arg, SLOT_WRITE), 0 };
	host_write_user(host_user_slot(SLOT_READ), argv, sizeof argv);
	return call32(EXEC, host_user_string(file, SLOT_NAME), host_user_slot(SLOT_READ), 0, 0);
}

s32 u_await(char *status)
{
	char buf[512];
	s32 n = call32(AWAIT, host_user_slot(SLOT_WAIT), sizeof buf - 1, 0, 0);
	if (n <= 0)
		return -1;
	host_read_user(buf, host_user_slot(SLOT_WAIT), (usize)n);
	buf[n] = '\0';
	char *words[5];
	if (tokenize(buf, words, nelem(words)) != 5)
		return -1;
	if (status != nil)
		strecpy(status, status + ERRMAX, words[4]);
	return (s32)strtou64(words[0], nil, 10);
}

static s32 write_proc(u32 pid, const char *file, const char *text)
{
	char name[64];
	snprint(name, sizeof name, "#p/%u/%s", pid, file);
	s32 fd = u_open(name, OWRITE);
	if (fd < 0)
		return -1;
	s32 n = (s32)u_write(fd, text, strlen(text));
	u_close(fd);
	return n;
}

s32 u_note(u32 pid, const char *text)
{
	return write_proc(pid, "note", text);
}

s32 u_ctl(u32 pid, const char *text)
{
	return write_proc(pid, "ctl", text);
}

const char *u_error(void)
{
	return up->errstr;
}

u64 u_share(u64 size)
{
	u64 va = host_syscall(SEGATTACH, 0, host_user_string("shared", SLOT_NAME), 0, size, 0);
	return va == ~0UL ? 0 : va;
}

u32 u_get32(u64 va)
{
	u32 v;
	host_read_user(&v, va, sizeof v);
	return v;
}

void u_put32(u64 va, u32 value)
{
	host_write_user(va, &value, sizeof value);
}
