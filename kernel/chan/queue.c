/*
 * Queues of bytes. Two shapes behind one interface:
 *
 * - a list of blocks, one a write of up to 64 KiB: pipes. A write takes a
 *   block of its own size and copies user memory straight into it; a read
 *   copies out of it. A short message has a block in the queue itself; emptied
 *   big ones are kept for the next write, and a writer that has filled as many
 *   lets the reader run: so a busy pipe neither allocates nor clears memory.
 * - a ring of fixed size (Q_COALESCE): serial lines. Interrupts put bytes in or
 *   take them out.
 *
 * Queue.lk is taken with ilock and never held while user memory is touched.
 * At most one process reads at a time (Queue.reading) and, in a ring, one
 * writes; the others wait for their turn, interruptibly. The reader owns the
 * block it copies from or the bytes between head and tail meanwhile.
 */
#include "chan/chan.h"

enum {
	BLOCK_MAX = 65536, SHORT_MAX = 256, HUNGUP_READS = 3,
	SPARE_MIN = 4096,	/* bytes of a block that is worth keeping */
	SPARES_MAX = 65536,	/* bytes in kept blocks, but for one */
};

typedef struct Block Block;
struct Block {
	Block *next;
	u8 *data;
	u32 size;	/* room in data */
	u32 at, end;	/* data[at..end) is not read yet */
};

struct Queue {
	Lock lk;
	u32 flags;		/* [I] */
	usize limit GUARDED_BY(lk);	/* bytes beyond which writers wait */
	usize size;		/* [I] of the ring */
	usize length GUARDED_BY(lk);	/* bytes queued */
	usize held GUARDED_BY(lk);	/* with what blocks cost: small writes have a limit too */
	Block *head GUARDED_BY(lk), **tail GUARDED_BY(lk);	/* block list */
	Block *spare GUARDED_BY(lk);	/* emptied blocks */
	usize spares GUARDED_BY(lk);	/* bytes they have room for */
	Block brief;		/* for one short message; its data is ... */
	u8 brief_data[SHORT_MAX];
	bool brief_used;	/* [a] */
	u8 *ring;		/* [I] size bytes */
	usize first GUARDED_BY(lk);	/* of the ring: index of the oldest byte */
	bool reading GUARDED_BY(lk), writing GUARDED_BY(lk);	/* somebody copies */
	bool closed GUARDED_BY(lk);
	Err why GUARDED_BY(lk);	/* what ends it */
	u32 hungup_reads GUARDED_BY(lk);	/* reads of nothing since */
	Waitq readers GUARDED_BY(lk), turn_read GUARDED_BY(lk);
	Waitq writers GUARDED_BY(lk), turn_write GUARDED_BY(lk);
};

static LOCK_CLASS(queue_class, "chan.queue");

/* What the kept blocks of all queues take, as each processor kept or took it. [a] */
static struct { _Alignas(64) s64 n; } kept_bytes[NCPU_MAX];

/* ---- waiting ---- */

typedef struct Waiter {
	List link;		/* [the lock] in Waitq.waiters until woken */
	Proc *p;
	bool woken;		/* [the lock] */
} Waiter;

void waitq_init(Waitq *w)
{
	list_init(&w->waiters);
}

static bool is_woken(void *arg)
{
	return PEEK(((const Waiter *)arg)->woken);
}

/* A note that comes with the wake-up is for the next wait: the wake-up may not be lost. */
Err waitq_sleep(Waitq *q, Lock *held)
{
	Waiter w = { .p = up };

	list_append(&q->waiters, &w.link);
	bool undisturbed = park(held, is_woken, &w);

	ilock(held);
	if (likely(undisturbed))
		return nil;
	if (w.woken) {
		park_keep_note();
		return nil;
	}
	list_remove(&w.link);
	return Eintr;
}

void waitq_wake(Waitq *q)
{
	if (list_empty(&q->waiters))
		return;
	Waiter *w = list_entry(q->waiters.next, Waiter, link);

	list_remove(&w->link);
	w->woken = true;
	rouse(w->p);
}

void waitq_wakeall(Waitq *q)
{
	while (!list_empty(&q->waiters))
		waitq_wake(q);
}

/* ---- birth and death ---- */

NO_TSA Queue *queue_new(usize limit, u32 flags)
{
	Queue *q = kalloc(sizeof(*q));

	assert(limit > 0);
	if (q == nil)
		return nil;
	if ((flags & Q_COALESCE) && (q->ring = kalloc(limit)) == nil) {
		kfree(q);
		return nil;
	}
	lock_init(&q->lk, &queue_class);
	q->limit = q->size = limit;
	q->flags = flags;
	q->tail = &q->head;
	q->brief = (Block){ .data = q->brief_data, .size = SHORT_MAX };
	waitq_init(&q->readers);
	waitq_init(&q->turn_read);
	waitq_init(&q->writers);
	waitq_init(&q->turn_write);
	return q;
}

static usize block_cost(const Block *b)
{
	return round_up(sizeof(*b) + b->size, BY2PG);
}

/* A block of that cost is kept, or with the cost's negative no longer. */
static void count_kept(s64 cost)
{
	__atomic_fetch_add(&kept_bytes[cpu()->index].n, cost, __ATOMIC_RELAXED);
}

usize queue_kept(void)
{
	s64 n = 0;

	for (u32 i = 0; i < cpu_count(); i++)
		n += PEEK(kept_bytes[i].n);
	return n > 0 ? (usize)n : 0;
}

static void block_free(Queue *q, Block *b)
{
	if (b == &q->brief)
		__atomic_store_n(&q->brief_used, false, __ATOMIC_RELEASE);
	else
		kfree(b);
}

static void blocks_free(Queue *q, Block *b)
{
	for (Block *next; b != nil; b = next) {
		next = b->next;
		block_free(q, b);
	}
}

NO_TSA void queue_free(Queue *q)
{
	if (q == nil)
		return;
	assert(!q->reading && !q->writing && list_empty(&q->readers.waiters));
	blocks_free(q, q->head);
	for (const Block *b = q->spare; b != nil; b = b->next)
		count_kept(-(s64)block_cost(b));
	blocks_free(q, q->spare);
	kfree(q->ring);
	kfree(q);
}

usize queue_length(Queue *q)
{
	ilock(&q->lk);
	usize n = q->length;

	iunlock(&q->lk);
	return n;
}

bool queue_ishungup(Queue *q)
{
	ilock(&q->lk);
	bool closed = q->closed;

	iunlock(&q->lk);
	return closed;
}

void queue_hangup(Queue *q, Err why)
{
	ilock(&q->lk);
	q->closed = true;
	q->why = why == nil ? Ehungup : why;
	waitq_wakeall(&q->readers);
	waitq_wakeall(&q->writers);
	iunlock(&q->lk);
}

void queue_reopen(Queue *q)
{
	ilock(&q->lk);
	Block *left = q->head;

	q->head = nil;
	q->tail = &q->head;
	q->length = q->first = q->held = 0;
	q->closed = false;
	q->hungup_reads = 0;
	iunlock(&q->lk);
	blocks_free(q, left);
}

void queue_setlimit(Queue *q, usize limit)
{
	assert(limit > 0);
	ilock(&q->lk);
	q->limit = q->ring != nil ? MIN(limit, q->size) : limit;
	if (q->held < limit)
		waitq_wakeall(&q->writers);
	iunlock(&q->lk);
}

/* These are entered and left with the queue locked; it may be unlocked in between. */
static ERR turn_take(Queue *q, bool *busy, Waitq *turn) REQUIRES(&q->lk);
static ERR wait_data(Queue *q) REQUIRES(&q->lk);
static ERR read_block(Queue *q, const Iobuf *buf, usize *n, Block **gone) REQUIRES(&q->lk);
static ERR read_ring(Queue *q, const Iobuf *buf, usize *n) REQUIRES(&q->lk);
static ERR write_ring(Queue *q, const Iobuf *buf, usize at, usize *n) REQUIRES(&q->lk);

/* ---- turns ---- */

/* Become the one reader (or ring writer). */
static ERR turn_take(Queue *q, bool *busy, Waitq *turn)
{
	while (*busy)
		TRY(waitq_sleep(turn, &q->lk));
	*busy = true;
	return nil;
}

static inline void turn_give(bool *busy, Waitq *turn)
{
	assert(*busy);
	*busy = false;
	waitq_wake(turn);
}

static bool nothing_queued(const Queue *q) REQUIRES(q->lk)
{
	return q->ring != nil ? q->length == 0 : q->head == nil;
}

/* Wait until there is something to read. nil with nothing queued: a read of nothing, the end. */
static ERR wait_data(Queue *q)
{
	while (nothing_queued(q)) {
		if (q->closed) {
			if (q->why != Ehungup || q->hungup_reads >= HUNGUP_READS)
				return q->why;
			q->hungup_reads++;
			return nil;
		}
		TRY(waitq_sleep(&q->readers, &q->lk));
	}
	return nil;
}

/* ---- blocks ---- */

/* Of the emptied blocks one that fits; where none does one of them goes, for the new one's sake. */
static Block *spare_take(Queue *q, usize size)
{
	Block **at, *b;

	ilock(&q->lk);
	for (at = &q->spare; (b = *at) != nil; at = &b->next)
		if (b->size >= size && b->size / 2 <= size)
			break;
	bool fits = b != nil;

	if (!fits)
		at = &q->spare;
	b = *at;
	if (b != nil) {
		q->spares -= b->size;
		count_kept(-(s64)block_cost(b));
		*at = b->next;
	}
	iunlock(&q->lk);
	if (fits)
		return b;
	kfree(b);
	return nil;
}

/* A block with room for size bytes. */
static Block *block_get(Queue *q, usize size)
{
	Block *b = nil;

	assert(size <= BLOCK_MAX);
	if (size <= SHORT_MAX && !PEEK(q->brief_used) &&
	    !__atomic_exchange_n(&q->brief_used, true, __ATOMIC_ACQUIRE))
		b = &q->brief;
	else if (size >= SPARE_MIN)
		b = spare_take(q, size);
	if (b == nil) {
		if ((b = kalloc(sizeof(*b) + size)) == nil)
			return nil;
		b->data = (u8 *)(b + 1);
		b->size = (u32)size;
	}
	b->next = nil;
	b->at = 0;
	b->end = (u32)size;
	return b;
}

/* Keep an emptied block, or nil; else it is to be freed. */
static Block *block_keep(Queue *q, Block *b) REQUIRES(q->lk)
{
	if (b->size < SPARE_MIN || q->spares >= SPARES_MAX || q->closed || b == &q->brief)
		return b;
	b->next = q->spare;
	q->spare = b;
	q->spares += b->size;
	count_kept((s64)block_cost(b));
	return nil;
}

/* Take up to size bytes of the first block; the reader's turn is ours. *gone is to be freed. */
static ERR read_block(Queue *q, const Iobuf *buf, usize *n, Block **gone)
{
	Block *b = q->head;
	usize count = MIN(buf->size, (usize)(b->end - b->at));

	iunlock(&q->lk);
	Err err = iobuf_put(buf, 0, b->data + b->at, count);

	ilock(&q->lk);
	if (err != nil)
		return err;
	assert(q->head == b && q->length >= count);
	*n = count;
	b->at += (u32)count;
	q->length -= count;
	if (b->at < b->end && !(q->flags & Q_MESSAGE))
		return nil;
	q->length -= b->end - b->at;
	q->held -= b->end + sizeof(*b);
	q->head = b->next;
	if (q->head == nil)
		q->tail = &q->head;
	*gone = block_keep(q, b);
	return nil;
}

/*
 * Append one block of user data, then wait while the queue is over its limit. *n grows by what was
 * appended, also when a note ends the wait.
 */
static ERR write_block(Queue *q, const Iobuf *buf, usize at, usize size, usize *n)
{
	Block *b = block_get(q, size);

	if (b == nil)
		return Enomem;
	Err err = iobuf_get(buf, at, b->data, size);

	if (err != nil) {
		block_free(q, b);
		return err;
	}
	ilock(&q->lk);
	if (q->closed || ((q->flags & Q_NONBLOCK) && q->held >= q->limit)) {
		err = q->closed ? q->why : nil;
		*n += q->closed ? 0 : size;	/* one that does not block drops it */
		iunlock(&q->lk);
		block_free(q, b);
		return err;
	}
	*q->tail = b;
	q->tail = &b->next;
	q->length += size;
	q->held += size + sizeof(*b);
	*n += size;
	waitq_wake(&q->readers);
	if (q->held >= SPARES_MAX && q->held - size < SPARES_MAX)
		yield_soon();
	while (err == nil && q->held >= q->limit && !q->closed && !(q->flags & Q_NONBLOCK))
		err = waitq_sleep(&q->writers, &q->lk);
	if (q->held < q->limit)
		waitq_wake(&q->writers);	/* a read wakes one writer; each wakes the next */
	iunlock(&q->lk);
	return err;
}

/* ---- rings ---- */

static ERR read_ring(Queue *q, const Iobuf *buf, usize *n)
{
	usize count = MIN(buf->size, q->length), first = q->first;
	usize run = MIN(count, q->size - first);

	iunlock(&q->lk);
	Err err = iobuf_put(buf, 0, q->ring + first, run);

	if (err == nil && run < count)
		err = iobuf_put(buf, run, q->ring, count - run);
	ilock(&q->lk);
	if (err != nil)
		return err;
	q->first = (q->first + count) % q->size;
	q->length -= count;
	*n = count;
	return nil;
}

/* Copy what fits of buf[at..] into the ring; the writer's turn is ours. */
static ERR write_ring(Queue *q, const Iobuf *buf, usize at, usize *n)
{
	usize space = q->limit - q->length, to = (q->first + q->length) % q->size;
	usize count = MIN(buf->size - at, space), run = MIN(count, q->size - to);

	iunlock(&q->lk);
	Err err = iobuf_get(buf, at, q->ring + to, run);

	if (err == nil && run < count)
		err = iobuf_get(buf, at + run, q->ring, count - run);
	ilock(&q->lk);
	if (err != nil)
		return err;
	q->length += count;
	*n = count;
	waitq_wake(&q->readers);
	return nil;
}

static ERR write_ring_all(Queue *q, const Iobuf *buf, usize *n)
{
	Err err = nil;
	usize count;

	ilock(&q->lk);
	if ((err = turn_take(q, &q->writing, &q->turn_write)) != nil) {
		iunlock(&q->lk);
		return err;
	}
	while (err == nil && *n < buf->size) {
		if (q->closed) {
			err = q->why;
		} else if (q->length >= q->limit) {
			if (q->flags & Q_NONBLOCK)
				break;
			err = waitq_sleep(&q->writers, &q->lk);
		} else if ((err = write_ring(q, buf, *n, &count)) == nil) {
			*n += count;
		}
	}
	turn_give(&q->writing, &q->turn_write);
	iunlock(&q->lk);
	if (err == nil)
		*n = buf->size;
	return err;
}

/* ---- reading and writing ---- */

Err queue_read(Queue *q, const Iobuf *b, usize *n)
{
	Block *gone = nil;

	*n = 0;
	ilock(&q->lk);
	Err err = turn_take(q, &q->reading, &q->turn_read);

	if (err != nil) {
		iunlock(&q->lk);
		return err;
	}
	err = wait_data(q);
	if (err == nil && !nothing_queued(q))
		err = q->ring != nil ? read_ring(q, b, n) : read_block(q, b, n, &gone);
	if (q->held < q->limit)
		waitq_wake(&q->writers);
	turn_give(&q->reading, &q->turn_read);
	iunlock(&q->lk);
	if (gone != nil)
		block_free(q, gone);
	return err;
}

Err queue_write(Queue *q, const Iobuf *b, usize *n)
{
	*n = 0;
	if (q->ring != nil)
		return write_ring_all(q, b, n);
	do {
		usize size = MIN(b->size - *n, (usize)BLOCK_MAX);

		TRY(write_block(q, b, *n, size, n));
	} while (*n < b->size);
	return nil;
}

usize queue_produce(Queue *q, const void *p, usize n)
{
	const u8 *from = p;
	usize i;

	assert(q->ring != nil);
	ilock(&q->lk);
	for (i = 0; i < n && q->length < q->limit && !q->closed; i++) {
		q->ring[(q->first + q->length) % q->size] = from[i];
		q->length++;
	}
	if (i > 0)
		waitq_wake(&q->readers);
	iunlock(&q->lk);
	return i;
}

usize queue_consume(Queue *q, void *p, usize n)
{
	u8 *to = p;
	usize i;

	assert(q->ring != nil);
	ilock(&q->lk);
	for (i = 0; i < n && q->length > 0; i++) {
		to[i] = q->ring[q->first];
		q->first = (q->first + 1) % q->size;
		q->length--;
	}
	if (i > 0)
		waitq_wake(&q->writers);
	iunlock(&q->lk);
	return i;
}
