/*
 * nsrandom [PROCS [STEPS]]: processes that bind, unmount, create, remove, list, post and pipe at
 * random, in shared and private name spaces, with alarms in between. Nothing may crash or
 * hang; errors are expected. After two equal rounds there are as many channels as after one.
 */
#include "guest.h"

static ulong seed;

static int rnd(int n)
{
	seed = seed * 1103515245 + 12345;
	return (int)((seed >> 16) % (ulong)n);
}

static char *dirs[] = {
	"/tmp/u0", "/tmp/u1", "/tmp/u2", "/tmp/u0/s", "/n", "/mnt",	/* what is bound on */
	"#c", "#e", "/srv", "/tmp/u1/f",
};
enum { NTARGETS = 6, NSTEPS = 12 };

static char *any(void) { return dirs[rnd(nelem(dirs))]; }
static char *target(void) { return dirs[rnd(NTARGETS)]; }

static int ignore(void *u, char *text)
{
	USED(u);
	USED(text);
	return 1;
}

/* Read it all by pieces of size bytes. */
static void drain(char *name, int size)
{
	char buf[4096];
	int fd = open(name, OREAD);

	if (fd < 0)
		return;
	while (read(fd, buf, size) > 0)
		;
	close(fd);
}

static void store(char *name, int mode, char *data, int n)
{
	int fd = create(name, mode, 0666);

	if (fd < 0)
		return;
	write(fd, data, n);
	close(fd);
}

static void pipes(void)
{
	char buf[200];
	int p[2];

	memset(buf, 0, sizeof buf);
	if (pipe(p) < 0)
		return;
	write(p[0], buf, 100);
	read(p[1], buf, sizeof buf);
	close(p[0]);
	alarm(1 + rnd(3));
	if (rnd(4) == 0)
		read(p[1], buf, 1);
	alarm(0);
	close(p[1]);
}

static void step(void)
{
	static char data[4096];
	char name[100];
	uchar st[300];
	int fd;

	switch (rnd(NSTEPS)) {
	case 0:
		bind(any(), target(), rnd(3) | (rnd(2) ? MCREATE : 0));
		break;
	case 1:
		unmount(rnd(2) ? nil : any(), target());
		break;
	case 2:
		drain(target(), 50 + rnd(4000));
		break;
	case 3:
		sprint(name, "%s/f%d", target(), rnd(5));
		store(name, ORDWR | (rnd(4) == 0 ? ORCLOSE : 0), data, rnd(sizeof data));
		break;
	case 4:
		sprint(name, "%s/f%d", target(), rnd(5));
		remove(name);
		break;
	case 5:
		chdir(any());
		break;
	case 6:
		if ((fd = open("..", OREAD)) >= 0) {
			fd2path(fd, data, sizeof data);
			close(fd);
		}
		break;
	case 7:
		stat(target(), st, sizeof st);
		break;
	case 8:
		pipes();
		break;
	case 9:
		sprint(name, "/env/v%d", rnd(8));
		store(name, OWRITE, data, rnd(300));
		if (rnd(2))
			remove(name);
		break;
	case 10:
		sprint(name, "/srv/s%d", rnd(4));
		store(name, OWRITE, "0", 1);
		close(open(name, OREAD));
		if (rnd(2))
			remove(name);
		break;
	case 11:
		sprint(name, "/proc/%d/%s", getpid() - rnd(5), rnd(2) ? "ns" : "fd");
		drain(name, sizeof data);
		break;
	}
}

static void worker(int k, int steps)
{
	seed = (ulong)k * 7919 + 1;
	atnotify(ignore, 1);
	if (k % 3 == 0)
		rfork(RFNAMEG);
	if (k % 4 == 0)
		rfork(RFFDG);
	for (int i = 0; i < steps; i++)
		step();
	exits(nil);
}

static void clean(void)
{
	char name[100];

	for (int i = 0; i < NTARGETS; i++)
		unmount(nil, dirs[i]);
	for (int i = 0; i < 4; i++) {
		sprint(name, "/srv/s%d", i);
		remove(name);
	}
	for (int i = (int)nelem(dirs) - 1; i >= 0; i--)
		for (int j = 0; j < 5; j++) {
			sprint(name, "%s/f%d", dirs[i], j);
			remove(name);
		}
	remove("/tmp/u1/f");
	for (int i = NTARGETS - 3; i >= 0; i--)
		remove(dirs[i]);
}

static void round_of(int procs, int steps)
{
	static char *made[] = { "/tmp/u0", "/tmp/u1", "/tmp/u2", "/tmp/u0/s", "/tmp/u1/f" };

	for (int i = 0; i < (int)nelem(made); i++)
		close(create(made[i], OREAD, DMDIR | 0777));
	for (int i = 0; i < procs; i++)
		if (fork() == 0)
			worker(i, steps);
	for (int i = 0; i < procs; i++)
		free(wait());
	clean();
}

void main(int argc, char **argv)
{
	int procs = argc > 1 ? atoi(argv[1]) : 6, steps = argc > 2 ? atoi(argv[2]) : 1500;
	vlong channels;

	begin("nsrandom", 120);
	rfork(RFENVG | RFFDG);
	round_of(procs, steps);
	channels = counted("channels");
	round_of(procs, steps);
	is("channels", counted("channels"), channels);
	yes("the audit is clean", strstr(contents("#c/audit"), ", 0 violations\n") != nil);
	done();
}
