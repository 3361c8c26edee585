/*
 * #|: pipes. Each attach makes one, with two ends and a queue in each
 * direction: what end i writes goes into q[1-i], what it reads comes from q[i].
 *
 * Every channel on a pipe holds a reference; the queues know hang-ups, Pipe.lk
 * guards the counts of opens and is held while a change of them is told to the queues.
 */
#include "dev/devices.h"

enum { QDIR, QDATA0, QDATA1, QMASK = 3, QSHIFT = 2, PIPE_LIMIT = 256 * 1024 };

typedef struct Pipe {
	Ref ref;
	Lock lk;
	u64 number;		/* [I] */
	Queue *q[2];		/* [I] */
	u32 opens[2] GUARDED_BY(lk);
} Pipe;

static LOCK_CLASS(pipe_class, "pipe");
static u64 npipe;

static const char *const end_names[2] = { "data", "data1" };

static void pipe_put(Pipe *p)
{
	if (ref_drop(&p->ref) > 0)
		return;
	queue_free(p->q[0]);
	queue_free(p->q[1]);
	kfree(p);
}

static Pipe *pipe_new(void)
{
	Pipe *p = kalloc(sizeof(*p));

	if (p == nil)
		return nil;
	p->ref.n = 1;
	lock_init(&p->lk, &pipe_class);
	p->number = __atomic_add_fetch(&npipe, 1, __ATOMIC_RELAXED);
	p->q[0] = queue_new(PIPE_LIMIT, 0);
	p->q[1] = queue_new(PIPE_LIMIT, 0);
	if (p->q[0] == nil || p->q[1] == nil) {
		pipe_put(p);
		return nil;
	}
	return p;
}

static Qid file_qid(const Pipe *p, u32 file)
{
	return (Qid){ .path = p->number << QSHIFT | file, .type = file == QDIR ? QTDIR : 0 };
}

/* 0 or 1: which end a data file is. */
static u32 end_of(const Chan *c)
{
	u32 file = (u32)(c->qid.path & QMASK);

	assert(file == QDATA0 || file == QDATA1);
	return file - QDATA0;
}

static Err pipe_attach(const Dev *d, const char *spec, Chan **out)
{
	if (spec[0] != '\0')
		return Ebadspec;
	Pipe *p = pipe_new();

	if (p == nil)
		return Enomem;
	Err err = devattach(d, spec, out);

	if (err != nil) {
		pipe_put(p);
		return err;
	}
	(*out)->aux = p;
	(*out)->instance = (u32)p->number;
	(*out)->qid = file_qid(p, QDIR);
	return nil;
}

static int pipe_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	Pipe *p = c->aux;

	if (i == DEVDOTDOT) {
		d->qid = file_qid(p, QDIR);
		return 1;
	}
	if (i > 1)
		return -1;
	devdir(c, file_qid(p, QDATA0 + (u32)i), end_names[i], queue_length(p->q[i]), eve, 0666, d);
	return 1;
}

static Err pipe_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	Pipe *p = c->aux;
	bool fresh = nc == nil;

	TRY(devwalk(c, nc, names, nnames, nil, 0, pipe_gen, w));
	if (fresh && w->clone != nil)
		ref_take(&p->ref);
	return nil;
}

static Err pipe_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d;

	if (c->qid.type & QTDIR)
		devdir(c, c->qid, "#|", 0, eve, 0500, &d);
	else
		pipe_gen(c, nil, nil, 0, end_of(c), &d);
	return devstatput(&d, buf, size, n);
}

static Err pipe_open(Chan *c, u32 mode, Chan **out)
{
	Pipe *p = c->aux;
	u32 omode;

	TRY(devopenmode(mode, &omode));
	if (c->qid.type & QTDIR) {
		if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
			return Eperm;
	} else {
		lock(&p->lk);
		p->opens[end_of(c)]++;
		unlock(&p->lk);
		c->iounit = IOUNIT_MAX;
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/*
 * The last open of an end is gone: its peer reads to the end and may write no more. All of it
 * before somebody can open an end again, who would find the queues hung up, or lose what he wrote.
 */
static void end_close(Pipe *p, u32 end)
{
	lock(&p->lk);
	assert(p->opens[end] > 0);
	bool last = --p->opens[end] == 0;
	bool both = last && p->opens[1 - end] == 0;

	if (last) {
		queue_hangup(p->q[0], nil);
		queue_hangup(p->q[1], nil);
	}
	if (both && ref_count(&p->ref) > 1) {
		queue_reopen(p->q[0]);
		queue_reopen(p->q[1]);
	}
	unlock(&p->lk);
}

static void pipe_close(Chan *c)
{
	Pipe *p = c->aux;

	if ((c->flag & COPEN) && !(c->qid.type & QTDIR))
		end_close(p, end_of(c));
	pipe_put(p);
}

static Err pipe_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Pipe *p = c->aux;

	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, pipe_gen, n);
	return queue_read(p->q[end_of(c)], b, n);
}

static Err pipe_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Pipe *p = c->aux;
	Err err = queue_write(p->q[1 - end_of(c)], b, n);

	if (err == Ehungup && !(c->flag & CMSG) && !up->kproc)
		postnote(up, "sys: write on closed pipe", NUser);
	return err;
}

static Err pipe_wstat(Chan *c, const u8 *buf, usize n)
{
	Pipe *p = c->aux;
	u64 length = get64le(buf + 33);

	if (c->qid.type & QTDIR)
		return Eperm;
	if (length == ~0UL)
		return nil;
	if (length == 0 || length > PIPE_LIMIT)
		return Ebadarg;
	queue_setlimit(p->q[0], length);
	queue_setlimit(p->q[1], length);
	return nil;
}

/* The channel goes without pipe_close: its reference ends here. */
static Err pipe_remove(Chan *c)
{
	pipe_put(c->aux);
	return Eperm;
}

const Dev devpipe = {
	.letter = '|',
	.name = "pipe",
	.attach = pipe_attach,
	.walk = pipe_walk,
	.stat = pipe_stat,
	.open = pipe_open,
	.create = dev_nocreate,
	.close = pipe_close,
	.read = pipe_read,
	.write = pipe_write,
	.remove = pipe_remove,
	.wstat = pipe_wstat,
};
