/*
 * scale n: what n workers get done in a second on lux9 (scale.h); tools/bench runs it on one
 * processor and on two.
 */
#include <u.h>
#include <libc.h>
#include "scale.h"

enum { PAGE = 4096, PAGES = 64, FAULTS_MAX = 64 * PAGES * PAGE, LOOP = 10000 };

uvlong _syscall(int n, uvlong, uvlong, uvlong, uvlong, uvlong);

static uchar *common_memory, *memory;
static int file, ends[2];
static char buf[8192];

static void must(int ok, char *what)
{
	if (!ok)
		sysfatal("%s: %r", what);
}

static void loop(int worker)
{
	(void)worker;
	for (volatile long i = 0; i < LOOP; i++)
		;
}

static void calls(int worker)
{
	(void)worker;
	for (int i = 0; i < 100; i++)
		_syscall(SYSR1, 0, 0, 0, 0, 0);
}

static void *attach(long size, char *class)
{
	void *p = segattach(0, class, nil, (ulong)size);
	must(p != (void *)-1, "segattach");
	return p;
}

/* Touch some pages and give them back. */
static void touch(uchar *p)
{
	for (long i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	must(segfree(p, PAGES * PAGE) >= 0, "segfree");
}

static void own_memory(int worker)
{
	(void)worker;
	memory = attach(PAGES * PAGE, "memory");
}

static void own_faults(int worker)
{
	(void)worker;
	touch(memory);
}

static void make_common_memory(void)
{
	if (common_memory == nil)
		common_memory = attach(FAULTS_MAX, "shared");
}

static void common_faults(int worker)
{
	touch(common_memory + worker * PAGES * PAGE);
}

static void fork_exec(int worker)
{
	char *argv[] = { "tiny", nil };
	(void)worker;
	if (fork() == 0) {
		exec("/t/tiny", argv);
		_exits("exec");
	}
	waitpid();
}

static void open_pair(int worker)
{
	(void)worker;
	must(pipe(ends) >= 0, "pipe");
	int pid = fork();
	must(pid >= 0, "fork");
	if (pid != 0) {
		close(ends[1]);
		return;
	}
	close(ends[0]);
	for (;;)
		if (read(ends[1], buf, 1) != 1 || write(ends[1], buf, 1) != 1)
			_exits(nil);
}

static void pair(int worker)
{
	(void)worker;
	must(write(ends[0], "x", 1) == 1 && read(ends[0], buf, 1) == 1, "pair");
}

static void open_file(int worker)
{
	(void)worker;
	file = open("/bin/rc", OREAD);
	must(file >= 0, "/bin/rc");
}

static void read_file(int worker)
{
	(void)worker;
	must(pread(file, buf, sizeof buf, 0) == sizeof buf, "/bin/rc");
}

const Work works[] = {
	{ "independent loops", nil, nil, loop },
	{ "independent system calls", nil, nil, calls },
	{ "faults, separate segments", nil, own_memory, own_faults },
	{ "faults, one shared segment", make_common_memory, nil, common_faults },
	{ "fork + exec + wait", nil, nil, fork_exec },
	{ "pipe pairs", nil, open_pair, pair },
	{ "reads of one file", nil, open_file, read_file },
};
const int nworks = nelem(works);

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

void *scale_shared(long size)
{
	return attach((size + PAGE - 1) / PAGE * PAGE, "shared");
}

void scale_start(void (*body)(int worker), int worker, int common)
{
	int pid = fork();
	(void)common;	/* shared segments stay shared */
	must(pid >= 0, "fork");
	if (pid == 0) {
		body(worker);
		_exits(nil);
	}
}

void scale_wait(int n)
{
	while (n-- > 0)
		must(waitpid() > 0, "waitpid");
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
