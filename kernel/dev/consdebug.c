/*
 * What #c tells about the kernel itself: locks, channels, who waits for what.
 */
#include "dev/cons.h"
#include "mem/failalloc.h"

enum { LOCK_LINE = 128, SITE_LINE = 128, SITES_MORE = 8 };

/* The class's line of /dev/locks; what the release build does not count is a dash. */
static char *lock_line(char *p, char *end, const LockClass *class)
{
	p = seprint(p, end, "%-16s %12lu ", class->name, PEEK(class->contended));
	if (!CHECKED)
		return seprint(p, end, "%12s %12s -\n", "-", "-");
	return seprint(p, end, "%12lu %12lu %s\n", PEEK(class->acquired),
		PEEK(class->longest_ns), pcname(PEEK(class->longest_pc)));
}

static ERR locks_text(char **text, usize *length)
{
	usize n = (usize)(__stop_lockclasses - __start_lockclasses), size = n * LOCK_LINE + 1;
	char *p = kalloc(size);
	if (p == nil)
		return Enomem;
	char *end = p + size;
	*text = p;
	for (const LockClass *c = __start_lockclasses; c < __stop_lockclasses; c++)
		p = lock_line(p, end, c);
	*length = (usize)(p - *text);
	return nil;
}

/* Those made between the two looks have the room of a few more. */
static ERR chans_text(char **text, usize *length)
{
	usize wanted;
	usize none = chan_list(nil, 0, &wanted);
	usize size = wanted + wanted / 8;
	assert(none == 0);
	*text = kalloc(size);
	if (*text == nil)
		return Enomem;
	*length = chan_list(*text, size, &wanted);
	return nil;
}

/* ---- texts that are made when a read begins ---- */

typedef struct Snapshot { char *text; usize length; } Snapshot;

/* A read at offset 0 makes the text; further ones continue in it. */
ERR snapshot_read(Chan *c, const Iobuf *b, u64 off, usize *n,
	Err (*make)(char **text, usize *length))
{
	Err err = nil;
	if (!turn_wait(&c->diroff))
		return Eintr;
	if (c->aux == nil)
		c->aux = kalloc(sizeof(Snapshot));
	Snapshot *s = c->aux;
	if (s == nil)
		err = Enomem;
	if (err == nil && (off == 0 || s->text == nil)) {
		kfree(s->text);
		*s = (Snapshot){ 0 };
		err = make(&s->text, &s->length);
	}
	if (err == nil)
		err = readstr(b, off, s->text, s->length, n);
	turn_pass(&c->diroff);
	return err;
}

void snapshot_close(Chan *c)
{
	Snapshot *s = c->aux;
	if (s != nil)
		kfree(s->text);
	kfree(s);
	c->aux = nil;
}

Err locks_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return snapshot_read(c, b, off, n, locks_text);
}

Err chans_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return snapshot_read(c, b, off, n, chans_text);
}

/* ---- who waits for what ---- */

enum { HANG_PER_PROCESS = 640, HANG_SIZE_MIN = 4096 };
typedef struct Hang { char *p, *end; } Hang;

/* A line that does not fit whole is left out. */
static void hang_line(void *arg, const char *text)
{
	Hang *h = arg;
	if ((usize)(h->end - h->p) > strlen(text) + 1)
		h->p = seprint(h->p, h->end, "%s\n", text);
}

static ERR hang_text(char **text, usize *length)
{
	usize size = HANG_SIZE_MIN + HANG_PER_PROCESS * (proc_count() + mnt_counts().tags);
	Hang h;
	h.p = *text = kalloc(size);
	if (h.p == nil)
		return Enomem;
	h.end = h.p + size;
	hang_report(hang_line, &h);
	mnt_hang_report(hang_line, &h);
	*length = (usize)(h.p - *text);
	return nil;
}

Err hang_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return snapshot_read(c, b, off, n, hang_text);
}

/* ---- allocations that fail ---- */

static ERR sites_text(char **text, usize *length)
{
	uintptr pc;
	u32 n = 0, asked, failed;
	while (failalloc_site(n, &pc, &asked, &failed))
		n++;
	usize size = (n + SITES_MORE) * SITE_LINE;
	char *p = kalloc(size);
	if (p == nil)
		return Enomem;
	char *end = p + size;
	*text = p;
	for (u32 i = 0; failalloc_site(i, &pc, &asked, &failed) && end - p > SITE_LINE; i++)
		p = seprint(p, end, "%u %u %#lx %s\n", failed, asked, pc, pcname(pc));
	*length = (usize)(p - *text);
	return nil;
}

Err failalloc_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return snapshot_read(c, b, off, n, sites_text);
}

enum { MARK, ARM, EACH, NTH, PLACE, DISARM };

static const Cmdtab fail_commands[] = {
	{ MARK, "mark", 1 },
	{ ARM, "arm", 1 },
	{ EACH, "each", 1 },
	{ NTH, "nth", 2 },
	{ PLACE, "place", 2 },
	{ DISARM, "disarm", 1 },
};

static ERR fail_command(Cmdbuf *cb)
{
	const Cmdtab *command;
	TRY(cmd_lookup(cb, fail_commands, nelem(fail_commands), &command));
	if (!CHECKED)
		return "allocations fail on purpose only with BUILD=checked";
	switch (command->index) {
	case MARK:
		up->starved = true;
		break;
	case ARM:
		failalloc_arm(FAIL_ONE);
		break;
	case EACH:
		failalloc_arm(FAIL_EACH);
		break;
	case NTH:
		failalloc_nth(strtou64(cb->f[1], nil, 10));
		break;
	case PLACE:
		failalloc_place(strtou64(cb->f[1], nil, 0));
		break;
	case DISARM:
		if (failalloc_disarm() == 0)
			return "no allocation failed";
	}
	return nil;
}

Err failalloc_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (!iseve())
		return Eperm;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = fail_command(cb);
	kfree(cb);
	*n = b->size;
	return err;
}
