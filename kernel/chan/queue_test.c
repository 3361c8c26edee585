/* Queues of bytes, both shapes: order, limits, turns, ends. */
#include "chan/chan.h"
#include "unit.h"

void queue_test(void);

enum { LIMIT = 4096 };

static Queue *q;
static char got[400];
static u32 finished;
static Err last_error;

static Err put(const char *text)
{
	usize n;
	Iobuf b = iobuf_kernel((void *)(uintptr)text, strlen(text));
	Err e = queue_write(q, &b, &n);
	check(e != nil || n == strlen(text));
	return e;
}

static const char *get(usize size)
{
	usize n = 0;
	Iobuf b = iobuf_kernel(got, size);
	last_error = queue_read(q, &b, &n);
	got[n] = '\0';
	return last_error != nil ? last_error : got;
}

static void start(void (*f)(void *))
{
	check(kproc("test", f, nil) == nil);
	yield();
}

static void fills(void *arg)
{
	static char big[LIMIT + 100];
	Iobuf b = iobuf_kernel(big, sizeof big);
	usize n;
	last_error = queue_write(q, &b, &n);
	finished++;
}

static void reads_one(void *arg)
{
	get(10);
	finished++;
}

static void test_blocks(void)
{
	q = queue_new(LIMIT, 0);
	check(put("abc") == nil && put("defg") == nil && queue_length(q) == 7);
	check_text(get(2), "ab");
	check_text(get(10), "c");	/* one write a read */
	check_text(get(10), "defg");
	check(put("") == nil);
	check_text(get(10), "");
	start(reads_one);
	check(finished == 0);
	check(put("wakes") == nil);
	yield();
	check(finished == 1);
	check_text(got, "wakes");
	finished = 0;
	start(fills);
	check(finished == 0 && queue_length(q) == LIMIT + 100);
	queue_setlimit(q, 3 * LIMIT);
	yield();
	check(finished == 1 && last_error == nil);
	queue_free(q);
}

static void test_messages(void)
{
	q = queue_new(LIMIT, Q_MESSAGE);
	check(put("long message") == nil && put("next") == nil);
	check_text(get(4), "long");	/* the rest is dropped */
	check_text(get(10), "next");
	check(queue_length(q) == 0);
	queue_free(q);
	q = queue_new(8, Q_NONBLOCK);
	for (u32 i = 0; i < 10; i++)
		check(put("0123456789") == nil);
	check(queue_length(q) < 100);	/* what did not fit is lost */
	queue_free(q);
}

static void test_hangup(void)
{
	q = queue_new(LIMIT, 0);
	check(put("left") == nil);
	queue_hangup(q, nil);
	check(queue_ishungup(q) && put("late") == Ehungup);
	check_text(get(10), "left");
	for (u32 i = 0; i < 3; i++)
		check_text(get(10), "");
	check(get(10) == Ehungup);
	queue_reopen(q);
	check(!queue_ishungup(q) && put("new") == nil);
	check_text(get(10), "new");
	finished = 0;
	start(reads_one);
	queue_hangup(q, Eio);
	yield();
	check(finished == 1 && last_error == Eio);
	queue_free(q);
}

static void test_ring(void)
{
	q = queue_new(8, Q_COALESCE | Q_NONBLOCK);
	check(put("abc") == nil && put("def") == nil);
	check_text(get(4), "abcd");
	check(queue_produce(q, "ghijkl", 6) == 6 && queue_produce(q, "m", 1) == 0);
	check_text(get(100), "efghijkl");
	check(queue_produce(q, "0123456789", 10) == 8 && queue_consume(q, got, 3) == 3);
	check(memcmp(got, "012", 3) == 0 && queue_length(q) == 5);
	check(put("xyzuvw") == nil);
	check_text(get(100), "34567xyz");
	check(queue_consume(q, got, 1) == 0);
	queue_free(q);
	queue_free(nil);
}

void queue_test(void)
{
	test_blocks();
	test_messages();
	test_hangup();
	test_ring();
}
