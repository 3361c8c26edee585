/*
 * Simulated: pages handed over through #X by processes that offer, accept, return, revoke,
 * free, fork and die as they like, on the same offers at once. Whatever they do, each page
 * reads as something that was written into such memory or as zero, and the audit is clean.
 */
#include "sim.h"

enum { NOFFERS = 3, NPAGES = 6, NHELD = 4, STAMP = 0x5a000000 };

/* A piece of memory of the running process: its own, or taken from another. */
typedef struct Held { u64 va, npages; bool write; } Held;
static s32 offers[NOFFERS];	/* control files, which children inherit */
static u32 depth;

static s64 tell(const char *fmt, ...)
{
	char text[100];
	va_list args;
	va_start(args, fmt);
	usize n = vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	return u_write(offers[host_random(NOFFERS)], text, n);
}

static Held *any_held(Held *held)
{
	u32 i = host_random(NHELD);
	return held[i].va != 0 ? &held[i] : nil;
}

/* A piece that was revoked, or is lent, is the end of who touches it. */
static void use(const Held *h)
{
	for (u64 i = 0; i < h->npages; i++) {
		u64 va = h->va + i * BY2PG;
		u32 v = u_get32(va);
		sim_check(v == 0 || (v & 0xff000000) == STAMP, "a page holds %#x", v);
		if (h->write && chance(2))
			u_put32(va, STAMP | host_random(1000));
	}
}

static void attach(Held *held)
{
	Held *h = &held[host_random(NHELD)];
	if (h->va != 0)
		return;
	u64 va = host_syscall(SEGATTACH, 0, host_user_string(chance(3) ? "shared" : "memory", 0), 0,
		NPAGES * BY2PG, 0);
	if (va != ~0UL)
		*h = (Held){ va, NPAGES, true };
}

static void detach(Held *h)
{
	host_syscall(SEGDETACH, h->va, 0, 0, 0, 0);
	*h = (Held){ 0 };
}

static void offer(const Held *h)
{
	static const char *const kinds[] = { "move", "share", "lend" };
	u64 first = host_random((u32)h->npages), n = 1 + host_random((u32)(h->npages - first));
	tell("offer %s %#lx %lu", kinds[host_random(3)], h->va + first * BY2PG, n * BY2PG);
}

static void accept(Held *held)
{
	Held *h = &held[host_random(NHELD)];
	s32 fd = offers[host_random(NOFFERS)];
	char text[100];
	const char *end;
	if (h->va != 0 || u_write(fd, "accept", 6) < 0)
		return;
	s64 n = u_pread(fd, text, sizeof text - 1, 0);
	if (n <= 2)	/* the next offer stands there already, or memory is short */
		return;
	text[n] = '\0';
	h->va = strtou64(text, &end, 0);
	h->npages = strtou64(end + 1, &end, 0) / BY2PG;
	h->write = strcmp(end + 1, "share\n") != 0;
	sim_check(h->npages > 0 && h->npages <= NPAGES, "%lu pages taken", h->npages);
}

static const char *hands_over(void);

static void step(Held *held)
{
	static const char *const ends[] = { "return", "revoke", "cancel" };
	Held *h = any_held(held);
	u32 what = host_random(16);
	if (what < 4)
		accept(held);
	else if (what < 6)
		tell("%s", ends[host_random(3)]);
	else if (h == nil)
		attach(held);
	else if (what < 10)
		offer(h);
	else if (what == 10)
		detach(h);
	else if (what == 11)
		host_syscall(SEGFREE, h->va + host_random(NPAGES) * BY2PG, BY2PG, 0, 0, 0);
	else if (what == 12)
		host_syscall(SEGBRK, h->va, h->va + host_random(NPAGES + 2) * BY2PG, 0, 0, 0);
	else if (what == 13 && depth < 10) {
		depth++;
		sim_spawn(RFFDG | RFMEM * chance(2), hands_over);
	} else if (what > 13 && chance(3))
		use(h);
}

static const char *hands_over(void)
{
	Held held[NHELD] = { 0 };
	for (u32 n = 20 + host_random(60); n > 0; n--) {
		step(held);
		if (chance(8))
			host_tick();
	}
	return nil;
}

static void lending(void)
{
	for (u32 i = 0; i < NOFFERS; i++) {
		offers[i] = u_open("#X/clone", ORDWR);
		sim_check(offers[i] >= 0 || sim_failing(), "clone");
	}
	depth = 0;
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(RFFDG, hands_over);
	sim_reap();
	for (u32 i = 0; i < NOFFERS; i++)
		u_close(offers[i]);
}

const Scenario sim_lend[] = {
	{ "lending", lending },
	{ nil, nil },
};
