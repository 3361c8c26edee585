/*
 * What #c tells about the machine: sysstat, kmesg, kprint, audit.
 */
#include "dev/cons.h"

enum {
	CPU_LINE = 121, AUDIT_SIZE = 65536, AUDIT_LINE_MAX = 512, KPRINT_SIZE = LOG_SIZE,
	POLL_NS = 20000000,
};

/* ---- sysstat ---- */

static u64 percent(u64 part_ns, u64 whole_ns)
{
	return whole_ns == 0 ? 0 : MIN(part_ns / (whole_ns / 100 + 1), (u64)100);
}

Err sysstat_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	u32 ncpu = cpu_count();
	usize size = ncpu * CPU_LINE + 1;
	char *text = kalloc(size);
	u64 now = arch_nsec();

	if (text == nil)
		return Enomem;
	char *p = text, *end = text + size;

	for (u32 i = 0; i < ncpu; i++) {
		const Cpu *k = cpu_get(i);

		u64 column[10] = {
			k->index, k->nswitch, k->nintr, k->nsyscall, k->nfault, k->ntlbfault,
			k->ntlbpurge, k->load, percent(k->idle_ns, now), percent(k->intr_ns, now),
		};

		for (u32 j = 0; j < nelem(column); j++)
			p = seprint(p, end, "%11lu ", column[j]);
		p = seprint(p, end, "\n");
	}
	Err err = readstr(b, off, text, (usize)(p - text), n);

	kfree(text);
	return err;
}

Err sysstat_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	for (u32 i = 0; i < cpu_count(); i++) {
		Cpu *k = cpu_get(i);

		k->nswitch = k->nintr = k->nsyscall = k->nfault = k->ntlbfault = k->ntlbpurge = 0;
	}
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
 * kprint stands between the log and the console while it is open. The hook
 * runs with any locks held, so it only stores; the reader looks every 20 ms.
 */
static char kprint_ring[KPRINT_SIZE];
static u64 kprint_written;	/* [a] bytes ever stored */
static u64 kprint_taken;	/* bytes read; one opener at a time */
static void (*kprint_behind)(const char *text, usize n);

static void kprint_hook(const char *text, usize n)
{
	u64 at = __atomic_fetch_add(&kprint_written, n, __ATOMIC_RELAXED);

	for (usize i = n > KPRINT_SIZE ? n - KPRINT_SIZE : 0; i < n; i++)
		kprint_ring[(at + i) % KPRINT_SIZE] = text[i];
	if (kprint_behind != nil)
		kprint_behind(text, n);
}

void kprint_open(void)
{
	kprint_taken = __atomic_load_n(&kprint_written, __ATOMIC_RELAXED);
	kprint_behind = log_console;
	log_console = kprint_hook;
}

void kprint_close(void)
{
	log_console = kprint_behind;
}

static bool kprint_ready(void *arg)
{
	return __atomic_load_n(&kprint_written, __ATOMIC_RELAXED) != kprint_taken;
}

Err kprint_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[512];
	Rendez r;

	rendez_init(&r);
	while (!kprint_ready(nil))
		TRY(tsleep(&r, kprint_ready, nil, POLL_NS));
	u64 end = __atomic_load_n(&kprint_written, __ATOMIC_RELAXED);

	if (end - kprint_taken > KPRINT_SIZE)
		kprint_taken = end - KPRINT_SIZE;
	usize count = MIN(MIN(b->size, sizeof(text)), end - kprint_taken);

	for (usize i = 0; i < count; i++)
		text[i] = kprint_ring[(kprint_taken + i) % KPRINT_SIZE];
	kprint_taken += count;
	TRY(iobuf_put(b, 0, text, count));
	*n = count;
	return nil;
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

	mem_stats(&s);
	usize length = snprint(text, sizeof(text),
		"%u processes\n%lu channels\n%u fids\n%u tags\n%lu segments\n%lu images\n"
		"%lu user frames\n%lu heap bytes\n",
		proc_count(), chan_count(), mnt_fidcount(), mnt_tagcount(), s.segments, s.images,
		s.user - s.image, s.heap_bytes);
	return readstr(b, off, text, length, n);
}

/* A read at offset 0 audits; further ones continue in that report. */
Err audit_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Err err = nil;

	qlock(&c->diroff);
	if (c->aux == nil)
		c->aux = kalloc(sizeof(Report));
	Report *r = c->aux;

	if (r == nil)
		err = Enomem;
	if (err == nil && (off == 0 || r->length == 0)) {
		r->length = 0;
		audit(report_line, r);
	}
	if (err == nil)
		err = readstr(b, off, r->text, r->length, n);
	qunlock(&c->diroff);
	return err;
}

void audit_close(Chan *c)
{
	kfree(c->aux);
	c->aux = nil;
}
