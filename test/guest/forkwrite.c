/*
 * A process forks while another, which shares its memory, writes to that: what the child got is
 * as it was at the fork and does not change, on however many processors they run.
 */
#include "guest.h"

enum { FORKS = 200, LOOKS = 2000 };

static volatile uint count[2048];	/* two pages: both are shared out at each fork */
static volatile int stop;

static void writer(void)
{
	while (!stop) {
		count[0]++;
		count[1024]++;
	}
	_exits(nil);
}

/* In a child: does its memory stay what it is? */
static int stays(void)
{
	uint a = count[0], b = count[1024], i;

	for (i = 0; i < LOOKS; i++)
		if (count[0] != a || count[1024] != b)
			return 0;
	return 1;
}

void main(int argc, char **argv)
{
	int i, pid, other, good = 0;
	char *s;

	USED(argc);
	USED(argv);
	begin("forkwrite", 60);
	other = rfork(RFPROC | RFMEM);
	if (other == 0)
		writer();
	for (i = 0; i < FORKS; i++) {
		pid = rfork(RFPROC);
		if (pid == 0)
			_exits(stays() ? nil : "changed");
		s = statusof(pid);
		good += s != nil && s[0] == '\0';
	}
	is("children whose memory stayed as it was", good, FORKS);
	stop = 1;
	same("the writer ends", statusof(other), "");
	done();
}
