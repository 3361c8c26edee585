/*
 * process.md 3.6 and 8: what a note does to a call that sleeps, alarms, notes during exec.
 */
#include "guest.h"

static char last[ERRMAX];
static int count;

static void record(void *u, char *note)
{
	USED(u);
	strecpy(last, last + ERRMAX, note);
	count++;
	noted(NCONT);
}

static void fresh(void)
{
	count = 0;
	last[0] = '\0';
	notify(record);
}

static char *snooze(void *arg)
{
	sleep((int)(uintptr)arg);
	return "woke";
}

/* ---- interrupted calls ---- */

static int sharedsem;
static int pfd[2];

static void poster(int pid, char *state)
{
	if (rfork(RFPROC | RFNOWAIT) != 0)
		return;
	reaches(pid, state);
	sleep(5);
	post(pid, "wake");
	_exits(nil);
}

static void interrupts(void)
{
	char buf[16];
	int me = getpid(), child;
	vlong t;

	fresh();
	pipe(pfd);
	poster(me, "Pread");
	fails("pipe read", read(pfd[0], buf, 1), "interrupted");
	same("then the handler ran", last, "wake");
	poster(me, "Sleep");
	t = nsec();
	fails("sleep", sleep(20000), "interrupted");
	yes("at once", nsec() - t < 8000000000LL);
	poster(me, "Semacquire");
	fails("semacquire", semacquire(&sharedsem, 1), "interrupted");
	is("word unchanged", sharedsem, 0);
	poster(me, "Tsemacquire");
	fails("tsemacquire", tsemacquire(&sharedsem, 20000), "interrupted");
	werrstr("unchanged");
	poster(me, "Rendez");
	is("rendezvous", (vlong)_syscall(RENDEZVOUS, 0x1234, 5, 0, 0, 0), -1);
	rerrstr(buf, sizeof buf);
	same("which leaves the error alone", buf, "unchanged");
	is("withdrawn: nobody meets it", tsemacquire(&sharedsem, 1), 0);
	child = start(0, snooze, (void *)100000);
	poster(me, "Await");
	fails("await", await(buf, sizeof buf), "interrupted");
	post(child, "x");
	statusof(child);
	count = 0;
	post(me, "pending");
	sleep(0);
	is("delivered on the way out of the write", count, 1);
	/* a call that need not sleep succeeds, the handler runs afterwards */
	write(pfd[1], "abc", 3);
	count = 0;
	alarm(1);
	t = nsec();
	while (count == 0 && nsec() - t < 2000000000)
		;
	is("alarm comes in user mode", count, 1);
	same("its text", last, "alarm");
	is("what is there is read", read(pfd[0], buf, 3), 3);
	close(pfd[0]);
	close(pfd[1]);
	notify(nil);
}

/* ---- alarms ---- */

static char *inheritsalarm(void *arg)
{
	USED(arg);
	return alarm(0) == 0 ? "" : "an alarm was inherited";
}

static char *inheritshandler(void *arg)
{
	USED(arg);
	count = 0;
	post(getpid(), "mine");
	sleep(0);
	return count == 1 ? "" : "the handler was not inherited";
}

static void alarms(void)
{
	vlong t;
	long left;

	fresh();
	t = nsec();
	alarm(50);
	sleep(5000);
	t = nsec() - t;
	yes("alarm is not early", t >= 50000000);
	yes("nor very late", t < 2000000000);
	same("note", last, "alarm");
	count = 0;
	alarm(3000);
	left = alarm(0);
	yes("what was left", left > 0 && left <= 3000);
	alarm(300);
	alarm(0);
	sleep(400);
	is("a cancelled alarm does not come", count, 0);
	alarm(2500);
	alarm(60);
	t = nsec();
	sleep(5000);
	t = nsec() - t;
	yes("an alarm replaces another", t >= 55000000 && t < 2400000000);
	is("one note", count, 1);
	alarm(0xffffffff);
	yes("what was left never looks like a failure", (int)alarm(0) != -1);
	alarm(3000000000UL);
	t = (vlong)(uint)alarm(0);
	yes("nor is it cut", t > 2990000000LL && t <= 3000000000LL);
	alarm(10000);
	same("alarms are not inherited", run(0, inheritsalarm, nil), "");
	same("handlers are", run(0, inheritshandler, nil), "");
	alarm(0);
	count = 0;
	for (left = 0; left < 20; left++) {
		alarm(1);
		sleep(1000);
	}
	is("twenty in a row", count, 20);
	notify(nil);
}

/* ---- races ---- */

static char *execs(void *arg)
{
	char *argv[] = { "echo", nil };

	USED(arg);
	notify(record);
	dup(open("/dev/null", ORDWR), 1);
	exec("/bin/echo", argv);
	return "exec failed";
}

static char *hangs(void *arg)
{
	puts(procfile(getpid(), "ctl"), "hang");
	return execs(arg);
}

/* Notes posted all through an exec: the process ends by the note or by itself, nothing else. */
static void races(void)
{
	int i, j, pid, good = 0;
	char *s;

	for (i = 0; i < 60; i++) {
		pid = start(RFFDG, execs, nil);
		for (j = 0; j < i % 12; j++)
			sleep(0);
		post(pid, "race");
		s = statusof(pid);
		if (s != nil && (s[0] == '\0' || strcmp(s, "race") == 0))
			good++;
	}
	is("notes during exec", good, 60);
	for (good = i = 0; i < 60; i++) {
		pid = start(RFFDG, execs, nil);
		for (j = 0; j < i % 12; j++)
			sleep(0);
		puts(procfile(pid, "ctl"), "kill");
		s = statusof(pid);
		if (s != nil && (s[0] == '\0' || strcmp(s, "Killed") == 0))
			good++;
	}
	is("kill during exec", good, 60);
	/* Stopped where it begins, or on its way there: kill ends it either way. */
	for (good = i = 0; i < 30; i++) {
		pid = start(RFFDG, hangs, nil);
		for (j = 0; j < i % 12; j++)
			sleep(0);
		puts(procfile(pid, "ctl"), "kill");
		good += strcmp(statusof(pid), "Killed") == 0;
	}
	is("kill during the exec of who hangs", good, 30);
}

void main(int argc, char **argv)
{
	begin("interrupts", 90);
	interrupts();
	alarms();
	races();
	done();
}
