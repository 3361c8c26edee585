/*
 * The clock and its controls: bintime of devices.md 3. The processor's counter is the
 * witness of what the clock does. Then what else in devices.md is about time.
 */
#include "guest.h"

typedef struct Moment Moment;
struct Moment {
	vlong ns, ticks, rate;
};

static int fd;

static vlong get(uchar *p)
{
	vlong v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void put(uchar *p, vlong v, int size)
{
	while (size-- > 0) {
		p[size] = v;
		v >>= 8;
	}
}

static Moment look(void)
{
	uchar b[24];
	Moment m = { 0 };

	if (pread(fd, b, 24, 0) == 24) {
		m.ns = get(b);
		m.ticks = get(b + 8);
		m.rate = get(b + 16);
	}
	return m;
}

static long control(int verb, vlong v, long seconds)
{
	uchar b[13];

	b[0] = verb;
	put(b + 1, v, 8);
	put(b + 9, seconds, 4);
	return pwrite(fd, b, verb == 'd' ? 13 : 9, 0);
}

/* Thousandths of the time that the counter shows, by a clock of the rate `real', meanwhile. */
static vlong speed(vlong real, int ms)
{
	Moment a = look(), b;

	sleep(ms);
	b = look();
	return (b.ns - a.ns) * 1000 / ((b.ticks - a.ticks) * 1000 / (real / 1000000));
}

static int about(vlong got, vlong want)
{
	return got >= want - 15 && got <= want + 15;
}

/* ---- kprint, sysstat, capabilities: what takes time ---- */

static volatile vlong *woken;	/* with every child */

static char *listens(void *arg)
{
	char buf[100];
	int kfd = open("#c/kprint", OREAD);

	USED(arg);
	woken[0] = 1;
	read(kfd, buf, sizeof buf);
	woken[1] = nsec();
	close(kfd);
	return "";
}

/* A reader of kprint is woken, and need not look. */
static void kprint(void)
{
	int cons = open("#c/cons", OWRITE), pid;
	vlong before;

	woken = segattach(0, "shared", nil, 4096);
	pid = start(0, listens, nil);
	yes("kprint blocks", reaches(pid, "Pread"));
	sleep(33);
	before = nsec();
	write(cons, "BOOT of clock.c\n", 16);
	statusof(pid);
	yes("kprint wakes its reader", woken[1] - before < 3000000);
	pid = start(0, listens, nil);
	reaches(pid, "Pread");
	post(pid, "x");
	same("a note does too", statusof(pid), "x");
	close(cons);
	segdetach((void *)woken);
}

static int idle(void)
{
	return atoi(contents("#c/sysstat") + 8 * 12);
}

/* Looked at again where the auditor of the checked build took its part, every five seconds. */
static void usage(void)
{
	vlong end;
	int i, most = 0;

	for (i = 0; i < 3 && most < 95; i++) {
		idle();
		sleep(1500);
		most = idle();
	}
	yes("sysstat: an idle processor", most >= 95);
	end = nsec() + 1500000000LL;
	while (nsec() < end)
		;
	yes("sysstat: a busy one", idle() <= 5);
}

/* HMAC-SHA1, key `secret', of `hilda': test/guest/devcap.c. */
static uchar hash[20] = {
	0x8a, 0x65, 0x71, 0xb4, 0x7b, 0x0e, 0x76, 0xd5, 0xc4, 0x1d,
	0xfd, 0xfe, 0xb4, 0xcc, 0xb2, 0x42, 0xef, 0x48, 0x0e, 0x89
};

static char *uses(void *arg)
{
	return puts("#¤/capuse", arg) == 0 ? "used" : "refused";
}

static void lifetime(void)
{
	int hfd = open("#¤/caphash", OWRITE);

	write(hfd, hash, sizeof hash);
	sleep(59000);
	same("a capability lives for a minute", run(0, uses, "hilda@secret"), "used");
	write(hfd, hash, sizeof hash);
	sleep(61000);
	same("and no longer", run(0, uses, "hilda@secret"), "refused");
	close(hfd);
}

void main(int argc, char **argv)
{
	static char *bad = "bad time control";
	vlong real, start;
	uchar b[13] = { 'd' };
	Moment m;

	USED(argc);
	USED(argv);
	begin("clock", 240);
	fd = open("#c/bintime", ORDWR);
	real = look().rate;
	yes("steady", about(speed(real, 200), 1000));
	start = nsec();
	is("slew", control('d', 200000000, 1), 13);
	yes("not at once", nsec() - start < 100000000);
	yes("faster", about(speed(real, 500), 1200));
	sleep(700);
	yes("then as before", about(speed(real, 300), 1000));
	is("slew back", control('d', -200000000, 1), 13);
	yes("slower", about(speed(real, 500), 800));
	sleep(700);
	is("rate", control('f', real + real / 10, 0), 9);
	m = look();
	is("rate is told", m.rate, real + real / 10);
	yes("a second has more ticks", about(speed(real, 300), 909));
	is("rate back", control('f', real, 0), 9);
	yes("as before", about(speed(real, 300), 1000));
	fails("rate of nonsense", control('f', real * 2, 0), bad);
	fails("slew in no time", control('d', 1, 0), bad);
	fails("slew too fast", control('d', 10000000000LL, 1), bad);
	fails("unknown", control('x', 1, 0), bad);
	fails("short", pwrite(fd, b, 9, 0), bad);
	start = nsec();
	is("set", control('n', start + 5000000000LL, 0), 9);
	yes("it is set", nsec() - start >= 5000000000LL);
	control('n', nsec() - 5000000000LL, 0);
	kprint();
	usage();
	lifetime();
	done();
}
