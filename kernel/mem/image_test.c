/* The image cache: shared pages of files, by what they are and not what they are called. */
#include "chan/chan.h"
#include "mem/frame.h"
#include "sim.h"
#include "unit.h"

void image_test(void);

static const ImagePiece whole[] = { { 0, 3 * BY2PG }, { BY2PG, 100 } };

static Chan *open_file(const char *name)
{
	Chan *c = nil;
	check(namec(name, Aopen, OREAD, 0, &c) == nil);
	return c;
}

static u64 cached_frames(void)
{
	MemStats m;
	mem_stats(&m);
	return m.image;
}

/* What is cached of two pages of the first piece, with a holder more; each after the other. */
static u64 cached(Image *i, u64 first, Page *slots[2])
{
	slots[0] = slots[1] = nil;
	return image_pages_cached(i, 0, first, 2, slots);
}

static void test_sharing(void)
{
	Image *a, *b = nil, *other;
	Page *p = nil, *q = nil, *slots[2];
	bool freed;
	Chan *c = open_file("/bin/p0"), *same = open_file("/bin/p0"), *d = open_file("/bin/p1");
	check(image_get(c, whole, 2, &a) == nil && image_get(same, whole, 2, &b) == nil && a == b);
	check(image_get(c, whole, 1, &other) == nil && other != a);
	image_put(other);
	check(image_get(d, whole, 2, &other) == nil && other != a);
	image_put(other);
	check(cached(a, 1, slots) == 0 && slots[0] == nil);
	check(image_page(a, 0, 1, &p) == nil && image_page(b, 0, 1, &q) == nil && p == q);
	check(p->state == FRAME_FROZEN && p->holders == 3);
	check(own_drop(p, &freed) == nil && own_drop(p, &freed) == nil && !freed);
	check(cached(a, 0, slots) == 2 && slots[0] == nil && slots[1] == p);
	check(image_pages_cached(a, 0, 0, 2, slots) == 0);	/* they are filled */
	check(own_drop(p, &freed) == nil && cached(a, 3, slots) == 0);	/* beyond the piece */
	check(image_page(a, 0, 3, &q) == nil && q == nil);
	check(image_page(a, 1, 0, &q) == nil && q != p);
	const u8 *text = page_kaddr(p), *part = page_kaddr(q);
	check(memcmp(text, part, 100) == 0 && part[100] == 0 && part[BY2PG - 1] == 0);
	check(own_drop(q, &freed) == nil);
	image_put(a);
	image_put(b);
	check(cached_frames() == 2);
	chan_close(c);
	chan_close(same);
	chan_close(d);
}

static void test_reclaim(void)
{
	Image *a;
	Page *p, *slots[2];
	bool freed;
	Chan *c = open_file("/bin/p0");
	check(image_reclaim(100) > 0 && cached_frames() == 0);
	check(image_get(c, whole, 2, &a) == nil);
	for (u64 n = 3; n-- > 0;) {
		check(image_page(a, 0, n, &p) == nil);
		if (n > 0)
			check(own_drop(p, &freed) == nil);
	}
	check(cached_frames() == 3);
	check(image_reclaim(100) == 2 && cached_frames() == 1);	/* what somebody holds stays */
	check(cached(a, 1, slots) == 0 && cached(a, 0, slots) == 1 && slots[0] == p);
	check(own_drop(p, &freed) == nil && own_drop(p, &freed) == nil && !freed);
	image_put(a);
	chan_close(c);
}

enum { IDLE = 64 };	/* as many are kept (mem.md) */

/* Use the n-th image of the file for a moment; does it have its page already, which it gets? */
static bool visit(Chan *c, u64 n)
{
	ImagePiece piece = { 0, n + 1 };
	Image *i;
	Page *p, *slots[2];
	bool freed;
	check(image_get(c, &piece, 1, &i) == nil);
	bool had = cached(i, 0, slots) == 1;
	check(had || image_page(i, 0, 0, &p) == nil);
	check(own_drop(had ? slots[0] : p, &freed) == nil && !freed);
	image_put(i);
	return had;
}

/* Who was idle for longest goes first when there are too many, and never who is in use. */
static void test_idle(void)
{
	static const ImagePiece used[] = { { BY2PG, 1 } };
	Image *i;
	Page *p, *slots[2];
	bool freed;
	Chan *c = open_file("/bin/p0"), *d = open_file("/bin/p1");
	image_reclaim(1000);
	check(image_get(c, used, 1, &i) == nil && image_page(i, 0, 0, &p) == nil);
	check(own_drop(p, &freed) == nil);
	for (u64 n = 0; n < IDLE; n++)
		check(!visit(n % 2 == 0 ? c : d, n));
	check(visit(c, 0) && visit(d, 1));	/* the next to go is that of 2 */
	check(!visit(c, IDLE));
	check(!visit(d, IDLE + 1));
	check(visit(c, 0) && visit(d, 1) && visit(c, 4) && !visit(c, 2));
	check(cached(i, 0, slots) == 1 && own_drop(slots[0], &freed) == nil);
	image_put(i);
	chan_close(c);
	chan_close(d);
	image_reclaim(1000);
	check(cached_frames() == 0);
}

/* A file that is shorter than the piece says. */
static void test_short_file(void)
{
	static const ImagePiece beyond[] = { { 0, 64 * BY2PG } };
	Image *a;
	Page *p = nil;
	Chan *c = open_file("/bin/p0");
	check(image_get(c, beyond, 1, &a) == nil);
	Err e = image_page(a, 0, 50, &p);
	check(e != nil && p == nil);
	check(image_chan(a) == c);
	image_put(a);
	chan_close(c);
	image_reclaim(1000);
	check(cached_frames() == 0);
}

/* Programs run from it. */
static const char *executes(void)
{
	u_exec(up->pid % 2 == 0 ? "/bin/p1" : "/bin/p2", "p");
	return u_error();
}

static void test_exec(void)
{
	char status[ERRMAX];
	for (u32 i = 0; i < 8; i++) {
		host_rfork(RFPROC | RFFDG, executes);
		check(u_await(status) > 0);
		check_text(status, "");
		if (i == 5)
			image_reclaim(1000);
	}
	check(u_exec("/bin/none", "p") < 0);
	check_text(u_error(), "'/bin/none' file does not exist");
	check(u_exec("/a/which", "p") < 0);
	check_text(u_error(), "'/a/which' permission denied");
	check(u_exec("/bin", "p") < 0);
}

void image_test(void)
{
	test_sharing();
	test_reclaim();
	test_idle();
	test_short_file();
	test_exec();
	image_reclaim(1000);
	check(cached_frames() == 0);
}
