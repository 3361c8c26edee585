/*
 * scale n: what n workers get done in a second on lux9 (scale.h); tools/bench runs it on one
 * processor and on two.
 */
#include <u.h>
#include <libc.h>
#include "scale.h"

enum { PAGE = 4096 };

uvlong _syscall(int n, uvlong, uvlong, uvlong, uvlong, uvlong);

void scale_must(int ok, const char *what)
{
	if (!ok)
		sysfatal("%s: %r", what);
}

void scale_call(void)
{
	_syscall(SYSR1, 0, 0, 0, 0, 0);
}

char *scale_memory(long size, enum scale_kind kind)
{
	size = (size + PAGE - 1) / PAGE * PAGE;
	void *p = segattach(0, kind == SCALE_OWN ? "memory" : "shared", nil, (ulong)size);
	scale_must(p != (void *)-1, "segattach");
	return p;
}

void scale_give_back(char *p, long size)
{
	scale_must(segfree(p, (ulong)size) >= 0, "segfree");
}

void scale_fork_exec(void)
{
	char *argv[] = { "tiny", nil };
	if (fork() == 0) {
		exec("/t/tiny", argv);
		_exits("exec");
	}
	waitpid();
}

void scale_partner(int *to, int *from)
{
	int ends[2];
	scale_must(pipe(ends) >= 0, "pipe");
	int pid = fork();
	scale_must(pid >= 0, "fork");
	if (pid == 0) {
		close(ends[0]);
		scale_answer(ends[1], ends[1]);
		_exits(nil);
	}
	close(ends[1]);
	*to = *from = ends[0];
}

int scale_open(void)
{
	int fd = open("/bin/rc", OREAD);
	scale_must(fd >= 0, "/bin/rc");
	return fd;
}

long scale_read(int fd, void *p, long n)
{
	return read(fd, p, n);
}

long scale_read_start(int fd, void *p, long n)
{
	return pread(fd, p, n, 0);
}

long scale_write(int fd, const void *p, long n)
{
	return write(fd, (void *)p, n);
}

uvlong scale_now_ns(void)
{
	return (uvlong)nsec();
}

void scale_sleep_ms(int ms)
{
	sleep(ms);
}

void scale_yield(void)
{
	sleep(0);
}

void scale_start(void (*body)(int worker), int worker, int common)
{
	int pid = fork();
	(void)common;	/* shared segments stay shared */
	scale_must(pid >= 0, "fork");
	if (pid == 0) {
		body(worker);
		_exits(nil);
	}
}

void scale_wait(int n)
{
	while (n-- > 0)
		scale_must(waitpid() > 0, "waitpid");
}

void scale_say(const char *name, double per_second)
{
	print("%s\t%.0f\n", name, per_second);
}

void main(int argc, char **argv)
{
	if (argc != 2)
		sysfatal("usage: scale workers");
	scale(atoi(argv[1]));
	exits(nil);
}
