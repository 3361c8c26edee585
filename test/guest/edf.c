/*
 * Real-time scheduling by /proc/n/ctl: devices.md 5. Run under -icount, where no busy
 * host bends a share.
 */
#include "guest.h"

enum { RUN_MS = 1000 };

static char *ctl(char *text)
{
	static char err[ERRMAX];

	if (puts(procfile(getpid(), "ctl"), text) == 0)
		return "";
	rerrstr(err, sizeof err);
	return err;
}

static void messages(void)
{
	same("period", ctl("period 100ms"), "");
	same("fraction", ctl("cost 0.0205"), "");
	same("µs", ctl("deadline 90000µs"), "");
	same("us", ctl("cost 20000us"), "");
	same("ns", ctl("cost 20000000ns"), "");
	same("bad unit", ctl("cost 20min"), "bad time 20min");
	same("no number", ctl("cost ms"), "bad time ms");
	same("arguments", ctl("admit now"), "wrong #args in control message \"admit now\"");
	same("admit", ctl("admit"), "");
	same("twice", ctl("admit"), "already admitted");
	same("wired meanwhile", ctl("wired 1"), "");
	same("prioritized meanwhile", ctl("fixedpri 3"), "");
	ctl("pri 10");
	same("expel", ctl("expel"), "");
	same("expel again", ctl("expel"), "");
	ctl("cost 0");
	begins("no cost", ctl("admit"), "not schedulable: ");
	ctl("cost 95ms");
	begins("cost beyond the deadline", ctl("admit"), "not schedulable: ");
	ctl("deadline 0.2s");
	begins("deadline beyond the period", ctl("admit"), "not schedulable: ");
	ctl("deadline 100ms");
	begins("more than can be promised", ctl("admit"), "not schedulable: ");
	ctl("period 1us");
	begins("too short", ctl("admit"), "not schedulable: ");
	ctl("expel");
}

/* Milliseconds of processor time in the next RUN_MS. */
static long busy(void)
{
	vlong end = nsec() + RUN_MS * 1000000LL;
	char buf[80];
	long before, after;
	volatile int i;
	int fd = open("/dev/cputime", OREAD);

	pread(fd, buf, sizeof buf, 0);
	before = atoi(buf) + atoi(buf + 12);
	while (nsec() < end)
		for (i = 0; i < 2000; i++)
			;
	pread(fd, buf, sizeof buf, 0);
	after = atoi(buf) + atoi(buf + 12);
	close(fd);
	return after - before;
}

/* Processors that others use would bend the shares where the emulator runs them by turns. */
static void together(void)
{
	ctl("wired 0");
}

static char *spin(void *arg)
{
	volatile int i = 0;

	USED(arg);
	together();
	while (i >= 0)
		i ^= 1;
	return nil;
}

static char *admitted(void *arg)
{
	static char out[64];
	char **s = arg;

	together();
	for (; *s != nil; s++)
		if (*ctl(*s) != '\0')
			return *s;
	snprint(out, sizeof out, "%ld", busy());
	return out;
}

static char
	*fifth[] = { "period 100ms", "cost 20ms", "admit", nil },
	*half[] = { "period 50ms", "deadline 40ms", "cost 25ms", "admit", nil },
	*seldom[] = { "period 100ms", "cost 20ms", "sporadic", "admit", nil },
	*more[] = { "period 100ms", "cost 20ms", "extra", "admit", nil };

/*
 * The processor's time of an admitted process, which is to lie between the bounds. Measured again
 * where it does not: every five seconds the auditor of the checked build takes its time as well.
 */
static void share(char *name, char **asked, long least, long most)
{
	long ms = -1;
	int i;

	for (i = 0; i < 3 && (ms < least || ms > most); i++)
		ms = atoi(run(0, admitted, asked));
	if (ms >= least && ms <= most)
		ok(name);
	else
		notok(name, "got %ld ms, expected %ld to %ld", ms, least, most);
}

static void shares(void)
{
	int pid[4], i;

	share("no more than its cost", fifth, 180, 230);
	share("sporadic, no more than its cost", seldom, 180, 230);
	share("extra takes what is left", more, 900, 1050);
	for (i = 0; i < 4; i++)
		pid[i] = start(0, spin, nil);
	share("its cost among others", half, 450, 560);
	for (i = 0; i < 4; i++)
		puts(procfile(pid[i], "ctl"), "kill");
	for (i = 0; i < 4; i++)
		free(wait());
}

static volatile int misses;

static void missed(void *u, char *note)
{
	USED(u);
	if (strncmp(note, "sys: deadline miss", 18) == 0)
		misses++;
	noted(NCONT);
}

static char *overrun(void *arg)
{
	USED(arg);
	notify(missed);
	ctl("period 50ms");
	ctl("cost 5ms");
	ctl("deadlinenotes");
	if (*ctl("admit") != '\0')
		return "not admitted";
	busy();
	return misses > 2 ? nil : "no notes";
}

static char *yields(void *arg)
{
	vlong t = nsec();
	int i;

	USED(arg);
	ctl("period 20ms");
	ctl("cost 2ms");
	ctl("deadlinenotes");
	notify(missed);
	if (*ctl("admit") != '\0')
		return "not admitted";
	for (i = 0; i < 10; i++)
		sleep(0);
	t = (nsec() - t) / 1000000;
	ctl("expel");
	if (t < 150)
		return "too fast";
	return misses <= 2 ? nil : "missed";
}

/* Asleep for longer than its period each time; the next begins when it wakes up. */
static char *comes(void *arg)
{
	vlong t;
	int i;

	USED(arg);
	ctl("period 100ms");
	ctl("cost 60ms");
	ctl("sporadic");
	ctl("deadlinenotes");
	notify(missed);
	if (*ctl("admit") != '\0')
		return "not admitted";
	for (i = 0; i < 5; i++) {
		sleep(130);
		for (t = nsec() + 30 * 1000000LL; nsec() < t; )
			;
	}
	return misses == 0 ? nil : "missed";
}

static char *dies(void *arg)
{
	ctl("period 10ms");
	ctl("cost 8ms");
	ctl("admit");
	if (arg != nil)
		sleep(60000);
	return nil;
}

static void ends(void)
{
	int i, pid;

	same("deadline notes", run(0, overrun, nil), "");
	same("a yield waits for the next period", run(0, yields, nil), "");
	same("sporadic: a period from each awakening", run(0, comes, nil), "");
	for (i = 0; i < 10; i++)
		run(0, dies, nil);
	pid = start(0, dies, "sleep");
	reaches(pid, "Sleep");
	puts(procfile(pid, "ctl"), "kill");
	same("killed while admitted", statusof(pid), "Killed");
	pid = start(0, spin, nil);
	puts(procfile(pid, "ctl"), "period 100ms");
	puts(procfile(pid, "ctl"), "cost 1ms");
	is("admit another", puts(procfile(pid, "ctl"), "admit"), 0);
	sleep(50);
	puts(procfile(pid, "ctl"), "kill");
	same("killed while it waits", statusof(pid), "Killed");
	ctl("period 100ms");
	ctl("deadline 0");
	ctl("cost 85ms");
	same("all promises are back", ctl("admit"), "");
	same("expel", ctl("expel"), "");
}

static char *idles(void *arg)
{
	USED(arg);
	sleep(60000);
	return nil;
}

/* Who is wired elsewhere takes the promise along, or stays where it is. */
static void moves(void)
{
	int pid;

	if (processors() < 2)
		return;
	pid = start(0, idles, nil);
	puts(procfile(pid, "ctl"), "wired 1");
	puts(procfile(pid, "ctl"), "period 100ms");
	puts(procfile(pid, "ctl"), "cost 60ms");
	is("the second processor's", puts(procfile(pid, "ctl"), "admit"), 0);
	ctl("expel");
	ctl("period 100ms");
	ctl("cost 60ms");
	ctl("wired 0");
	same("the first one's", ctl("admit"), "");
	begins("wired where there is no time", ctl("wired 1"), "not schedulable: ");
	same("still admitted", ctl("admit"), "already admitted");
	puts(procfile(pid, "ctl"), "kill");
	free(wait());
	same("wired where there is", ctl("wired 1"), "");
	same("admitted there", ctl("admit"), "already admitted");
	pid = start(0, idles, nil);
	puts(procfile(pid, "ctl"), "wired 0");
	puts(procfile(pid, "ctl"), "period 100ms");
	puts(procfile(pid, "ctl"), "cost 85ms");
	is("what was promised is back", puts(procfile(pid, "ctl"), "admit"), 0);
	puts(procfile(pid, "ctl"), "kill");
	free(wait());
	ctl("expel");
	ctl("wired 0");
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("edf", 60);
	messages();
	shares();
	ends();
	moves();
	done();
}
