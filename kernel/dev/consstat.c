/*
 * What #c tells about the machine: sysstat, kmesg, kprint, audit.
 */
#include "dev/cons.h"
#include "mem/race.h"

enum {
	CPU_LINE = 121, AUDIT_SIZE = 65536, AUDIT_LINE_MAX = 512, KPRINT_SIZE = LOG_SIZE,
	LOOK_NS = 1000000000,
};

/* ---- sysstat ---- */

enum { NCOUNTS = 6 };

/*
 * How a processor spent its time between two looks of a second or more, and what its counts were
 * when they were set to 0 last: it goes on counting by itself.
 */
typedef struct Usage { u64 at_ns, idle_ns, intr_ns, idle, intr, zero[NCOUNTS]; } Usage;
static LOCK_CLASS(usage_class, "cons.usage");
static Lock usage_lk = LOCK_INIT(&usage_class);
static Usage usages[NCPU_MAX] GUARDED_BY(usage_lk);

static u64 percent(u64 part_ns, u64 whole_ns)
{
	return MIN(part_ns / (whole_ns / 100 + 1), (u64)100);
}

static void counts_of(const Cpu *k, u64 counts[NCOUNTS])
{
	counts[0] = PEEK(k->nswitch);
	counts[1] = PEEK(k->nintr);
	counts[2] = PEEK(k->nsyscall);
	counts[3] = PEEK(k->nfault);
	counts[4] = PEEK(k->ntlbfault);
	counts[5] = PEEK(k->ntlbpurge);
}

static void look(Usage *u, const Cpu *k) REQUIRES(usage_lk)
{
	u64 now = arch_nsec(), idle_ns = PEEK(k->idle_ns), intr_ns = PEEK(k->intr_ns);

	if (u->at_ns != 0 && now - u->at_ns < LOOK_NS)
		return;
	u->idle = percent(idle_ns - u->idle_ns, now - u->at_ns);
	u->intr = percent(intr_ns - u->intr_ns, now - u->at_ns);
	u->idle_ns = idle_ns;
	u->intr_ns = intr_ns;
	u->at_ns = now;
}

static char *sysstat_line(char *p, char *end, const Cpu *k)
{
	u64 counts[NCOUNTS];

	lock(&usage_lk);
	Usage *u = &usages[k->index];

	look(u, k);
	counts_of(k, counts);
	p = seprint(p, end, "%11u ", k->index);
	for (u32 i = 0; i < NCOUNTS; i++)
		p = seprint(p, end, "%11lu ", counts[i] - u->zero[i]);
	p = seprint(p, end, "%11lu %11lu %11lu \n", PEEK(k->load), u->idle, u->intr);
	unlock(&usage_lk);
	return p;
}

Err sysstat_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	u32 ncpu = cpu_count();
	usize size = ncpu * CPU_LINE + 1;
	char *text = kalloc(size);

	if (text == nil)
		return Enomem;
	char *p = text, *end = text + size;

	for (u32 i = 0; i < ncpu; i++)
		p = sysstat_line(p, end, cpu_get(i));
	Err err = readstr(b, off, text, (usize)(p - text), n);

	kfree(text);
	return err;
}

Err sysstat_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	lock(&usage_lk);
	for (u32 i = 0; i < cpu_count(); i++)
		counts_of(cpu_get(i), usages[i].zero);
	unlock(&usage_lk);
	*n = b->size;
	return nil;
}

/* ---- the log ---- */

Err kmesg_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[512];

	while (*n < b->size && off + *n < LOG_SIZE) {
		usize got = log_read(text, MIN(b->size - *n, sizeof(text)), off + *n);

		if (got == 0)
			break;
		TRY(iobuf_put(b, *n, text, got));
		*n += got;
	}
	return nil;
}

/*
 * kprint stands between the log and the console while it is open. Whoever prints wakes the reader,
 * unless he holds spin locks, the very ones perhaps that a wake-up takes: so the reader looks every
 * second as well.
 */
static char kprint_ring[KPRINT_SIZE];
static u64 kprint_claimed;	/* [a] bytes that have a place in the ring */
static u64 kprint_stored;	/* [a] bytes that are there */
static u64 kprint_taken;	/* bytes read; one opener at a time */
static bool kprint_reading;	/* [a] one reader at a time */
static Rendez kprint_reader = RENDEZ_INIT;
static void (*kprint_behind)(const char *text, usize n);

static void kprint_hook(const char *text, usize n)
{
	u64 at = __atomic_fetch_add(&kprint_claimed, n, __ATOMIC_RELAXED);

	for (usize i = n > KPRINT_SIZE ? n - KPRINT_SIZE : 0; i < n; i++)
		POKE(kprint_ring[(at + i) % KPRINT_SIZE], text[i]);
	__atomic_fetch_add(&kprint_stored, n, __ATOMIC_RELEASE);
	if (kprint_behind != nil)
		kprint_behind(text, n);
	if (cpu()->nlocks == 0 && !PEEK(panicking))
		wakeup(&kprint_reader);
}

void kprint_open(void)
{
	kprint_taken = __atomic_load_n(&kprint_stored, __ATOMIC_RELAXED);
	kprint_behind = log_console;
	__atomic_store_n(&log_console, kprint_hook, __ATOMIC_RELEASE);
}

/* Somebody may be in the hook yet: what is behind it stays. */
void kprint_close(void)
{
	__atomic_store_n(&log_console, kprint_behind, __ATOMIC_RELEASE);
}

/* While somebody stores, what is whole cannot be told from what is not. */
static bool kprint_ready(void *arg)
{
	u64 stored = __atomic_load_n(&kprint_stored, __ATOMIC_ACQUIRE);

	return stored != kprint_taken &&
		stored == __atomic_load_n(&kprint_claimed, __ATOMIC_RELAXED);
}

static ERR kprint_take(const Iobuf *b, usize *n)
{
	char text[512];

	while (!kprint_ready(nil))
		TRY(tsleep(&kprint_reader, kprint_ready, nil, LOOK_NS));
	u64 end = __atomic_load_n(&kprint_stored, __ATOMIC_RELAXED);

	if (end - kprint_taken > KPRINT_SIZE)
		kprint_taken = end - KPRINT_SIZE;
	usize count = MIN(MIN(b->size, sizeof(text)), end - kprint_taken);

	for (usize i = 0; i < count; i++)
		text[i] = PEEK(kprint_ring[(kprint_taken + i) % KPRINT_SIZE]);
	kprint_taken += count;
	TRY(iobuf_put(b, 0, text, count));
	*n = count;
	return nil;
}

Err kprint_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (__atomic_exchange_n(&kprint_reading, true, __ATOMIC_ACQUIRE))
		return Einuse;
	Err err = kprint_take(b, n);

	__atomic_store_n(&kprint_reading, false, __ATOMIC_RELEASE);
	return err;
}

/* ---- the auditor ---- */

/* What one audit said; the last line is the summary and always fits. */
typedef struct Report { usize length; char text[AUDIT_SIZE]; } Report;

/* Called with the frames' locks held: stores and nothing else. */
static void report_line(void *arg, const char *line)
{
	Report *r = arg;
	usize len = strlen(line), room = AUDIT_SIZE - r->length;
	bool summary = strstr(line, " violations") != nil;

	if (len + 1 > room || (!summary && len + 1 + AUDIT_LINE_MAX > room))
		return;
	memcpy(r->text + r->length, line, len);
	r->length += len;
	if (len == 0 || line[len - 1] != '\n')
		r->text[r->length++] = '\n';
}

/* How many of everything there are: what must be back where it was after any program. */
Err counts_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[256];
	MemStats s;
	MntCounts mnt = mnt_counts();

	mem_stats(&s);
	usize length = snprint(text, sizeof(text),
		"%u processes\n%lu channels\n%u fids\n%u tags\n%lu segments\n%lu images\n"
		"%lu user frames\n%lu heap bytes\n",
		proc_count(), chan_count(), mnt.fids, mnt.tags, s.segments, s.images,
		s.user - s.image, s.heap_bytes - queue_kept() - mnt_kept());
	return readstr(b, off, text, length, n);
}

/* A read at offset 0 audits; further ones continue in that report. */
Err audit_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Err err = nil;

	if (!turn_wait(&c->diroff))
		return Eintr;
	if (c->aux == nil)
		c->aux = kalloc(sizeof(Report));
	Report *r = c->aux;

	if (r == nil)
		err = Enomem;
	if (err == nil && (off == 0 || r->length == 0)) {
		r->length = 0;
		if (RACES)
			races_each(report_line, r);
		audit(report_line, r);
	}
	if (err == nil)
		err = readstr(b, off, r->text, r->length, n);
	turn_pass(&c->diroff);
	return err;
}

void audit_close(Chan *c)
{
	kfree(c->aux);
	c->aux = nil;
}
