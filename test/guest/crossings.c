/*
 * Two processes, on two processors if there are, that do at the same moment what excludes each
 * other: who is killed on its way to be Broken goes, and a segment does not grow into one that is
 * just being attached.
 */
#include "guest.h"

enum { PAGE = 4096, ROUNDS = 60, GONE_MS = 5000 };

static volatile int *volatile nowhere;
static volatile int ready, go; /* shared with RFMEM */

static char *breaks(void *arg)
{
	USED(arg);
	close(2);
	*nowhere = 1;
	return "it did not break";
}

static int isgone(int pid)
{
	int i, fd;

	for (i = 0; i < GONE_MS / 5; i++) {
		fd = open(procfile(pid, "status"), OREAD);
		if (fd < 0)
			return 1;
		close(fd);
		sleep(5);
	}
	return 0;
}

/* The parent hears of the end before the process stays. */
static void killedonitsway(void)
{
	int i, pid, stay = 0;

	for (i = 0; i < ROUNDS; i++) {
		pid = start(0, breaks, nil);
		free(wait());
		puts(procfile(pid, "ctl"), "kill");
		stay += !isgone(pid);
	}
	is("who was killed on its way to be Broken is gone", stay, 0);
}

static char *grows(void *arg)
{
	char *base = arg;

	ready = 1;
	while (!go)
		;
	return segbrk(base, base + 4 * PAGE) == (void *)-1 ? "refused" : "";
}

static void growsinto(void)
{
	int i, pid, both = 0, neither = 0;
	char *base, *other, *said;

	for (i = 0; i < ROUNDS; i++) {
		base = segattach(0, "shared", (void *)0x10000000, PAGE);
		ready = go = 0;
		pid = start(RFMEM, grows, base);
		while (!ready)
			sleep(0);
		go = 1;
		other = segattach(0, "memory", base + 2 * PAGE, PAGE);
		said = statusof(pid);
		both += other != (void *)-1 && *said == '\0';
		neither += other == (void *)-1 && *said != '\0';
		if (other != (void *)-1)
			segdetach(other);
		segdetach(base);
	}
	is("one of the two is refused", both, 0);
	yes("seldom both", neither < ROUNDS / 2);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("crossings", 240);
	killedonitsway();
	growsinto();
	done();
}
