/*
 * How the processor's time is shared: process.md 10, devices.md 5. Run under -icount (make
 * test-guest does), where the time is the guest's own and no busy host can bend a share.
 */
#include "guest.h"

enum { NSPIN = 4, SPIN_NS = 600000000, SLEEPS = 5 };

static volatile int turns[NSPIN]; /* shared with RFMEM */

static char *spins(void *arg)
{
	volatile int *mine = &turns[(int)(uintptr)arg];
	vlong t = nsec();

	while (nsec() - t < SPIN_NS)
		++*mine;
	return "";
}

static char *lowly(void *arg)
{
	puts(procfile(getpid(), "ctl"), "pri 3");
	return spins(arg);
}

static void bounds(int *least, int *most)
{
	int i;

	*least = *most = turns[0];
	for (i = 1; i < NSPIN; i++) {
		*least = turns[i] < *least ? turns[i] : *least;
		*most = turns[i] > *most ? turns[i] : *most;
	}
}

static void equals(void)
{
	int i, least, most;
	vlong t, longest = 0;

	for (i = 0; i < NSPIN; i++)
		start(RFMEM, spins, (void *)(uintptr)i);
	for (i = 0; i < SLEEPS; i++) {
		t = nsec();
		sleep(50);
		t = (nsec() - t) / 1000000;
		longest = t > longest ? t : longest;
	}
	if (!yes("a sleeper runs soon although others spin", longest < 150))
		print("# %lld ms\n", longest);
	for (i = 0; i < NSPIN; i++)
		waitpid();
	bounds(&least, &most);
	if (!yes("all that spin get like shares", least > most - most / 5))
		print("# %d to %d turns\n", least, most);
}

/* A lower priority gets what is left, but is not starved. */
static void unequals(void)
{
	int i;

	memset((void *)turns, 0, sizeof turns);
	start(RFMEM, lowly, (void *)(uintptr)0);
	for (i = 1; i < NSPIN; i++)
		start(RFMEM, spins, (void *)(uintptr)i);
	for (i = 0; i < NSPIN; i++)
		waitpid();
	for (i = 1; i < NSPIN; i++)
		yes("a lower priority gets less", turns[0] < turns[i] / 2);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("shares", 60);
	equals();
	unequals();
	done();
}
