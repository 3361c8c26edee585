/*
 * #d: the open descriptors of the process that looks. Opening `n` gives the
 * channel behind descriptor n itself.
 */
#include "dev/devices.h"

enum { LINE_MAX = 512 };

/* qid.path: 0 the directory, else (fd + 1) * 2, plus 1 for the ctl file. */
static Qid fd_qid(u32 fd, bool ctl)
{
	return (Qid){ .path = ((u64)fd + 1) * 2 + ctl };
}

static u32 fd_of(const Chan *c)
{
	assert(c->qid.path >= 2);
	return (u32)(c->qid.path / 2 - 1);
}

static bool is_ctl(const Chan *c)
{
	return c->qid.path & 1;
}

/* `12` or `12ctl`; false for anything else, leading zeros included. */
static bool parse_name(const char *name, u32 *fd, bool *ctl)
{
	const char *end;
	u64 n;

	if (name[0] < '0' || name[0] > '9' || (name[0] == '0' && name[1] >= '0' && name[1] <= '9'))
		return false;
	n = strtou64(name, &end, 10);
	if (n > FD_MAX)
		return false;
	*fd = (u32)n;
	*ctl = strcmp(end, "ctl") == 0;
	return *ctl || *end == '\0';
}

static int fd_entry(Chan *c, u32 fd, bool ctl, Dir *d)
{
	static const u32 modes[4] = { 0400, 0200, 0600, 0400 };
	Chan *open;

	if (fd_chan((s32)fd, -1, false, &open) != nil)
		return 0;
	snprint(d->room, sizeof(d->room), ctl ? "%uctl" : "%u", fd);
	devdir(c, fd_qid(fd, ctl), d->room, 0, eve, ctl ? 0400 : modes[open->mode & 3], d);
	chan_close(open);
	return 1;
}

static int dup_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	u32 fd;
	bool ctl;

	if (i == DEVDOTDOT) {
		d->qid = (Qid){ .type = QTDIR };
		return 1;
	}
	if (name != nil)
		return parse_name(name, &fd, &ctl) && fd_entry(c, fd, ctl, d) ? 1 : -1;
	lock(&up->fgrp->lk);
	s64 last = up->fgrp->maxfd;

	unlock(&up->fgrp->lk);
	if (i / 2 > last)
		return -1;
	return fd_entry(c, (u32)(i / 2), i & 1, d);
}

static Err dup_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err dup_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, dup_gen, w);
}

static Err dup_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d;

	if (c->qid.type & QTDIR)
		devdir(c, c->qid, "#d", 0, eve, 0555, &d);
	else if (fd_entry(c, fd_of(c), is_ctl(c), &d) == 0)
		return Enonexist;
	return devstatput(&d, buf, size, n);
}

static Err dup_open(Chan *c, u32 mode, Chan **out)
{
	u32 omode;
	Chan *open;

	if (mode & ORCLOSE)
		return Eperm;
	TRY(devopenmode(mode, &omode));
	if (!(c->qid.type & QTDIR) && !is_ctl(c)) {
		TRY(fd_chan((s32)fd_of(c), (s32)(omode | (mode & OTRUNC)), false, &open));
		chan_close(c);
		*out = open;
		return nil;
	}
	if (omode != OREAD || (mode & OTRUNC))
		return Eperm;
	c->mode = OREAD;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

static Err dup_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char line[LINE_MAX];
	usize len;

	*n = 0;
	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, dup_gen, n);
	TRY(fd_line(up, fd_of(c), line, sizeof(line), &len));
	return readstr(b, off, line, len, n);
}

const Dev devdup = {
	.letter = 'd',
	.name = "dup",
	.attach = dup_attach,
	.walk = dup_walk,
	.stat = dup_stat,
	.open = dup_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = dup_read,
	.write = dev_nowrite,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
