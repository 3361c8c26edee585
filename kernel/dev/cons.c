/*
 * #c: the console and the machine as a whole. One level of files; this file
 * holds the table, the device and the small files.
 */
#include "dev/cons.h"

enum { HOSTDOMAIN_MAX = 48, SYSNAME_MAX = 256, CHUNK = 512 };

static LOCK_CLASS(names_class, "cons.names");
static Lock names_lock = LOCK_INIT(&names_class);
static char hostdomain[HOSTDOMAIN_MAX] GUARDED_BY(names_lock);
static char sysname[SYSNAME_MAX] GUARDED_BY(names_lock);
static u32 kprint_users GUARDED_BY(names_lock), consctl_users GUARDED_BY(names_lock);

/* ---- console ---- */

static Err cons_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return consline_read(b, n);
}

static Err cons_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[CHUNK];

	for (*n = 0; *n < b->size; ) {
		usize count = MIN(b->size - *n, sizeof(text));

		TRY(iobuf_get(b, *n, text, count));
		log_write(text, count);
		*n += count;
	}
	return nil;
}

static bool begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

static Err consctl_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[CHUNK];

	TRY(writestr(b, text, sizeof(text)));
	if (begins(text, "rawon"))
		consline_raw(true);
	else if (begins(text, "rawoff"))
		consline_raw(false);
	else
		return Ebadarg;
	*n = b->size;
	return nil;
}

/* ---- little files ---- */

static Err null_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return nil;
}

static Err null_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = b->size;
	return nil;
}

static Err zero_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = b->size;
	return iobuf_zero(b, 0, b->size);
}

static Err random_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[CHUNK];

	for (*n = 0; *n < b->size; ) {
		usize count = MIN(b->size - *n, sizeof(bytes));

		random_fill(bytes, count);
		TRY(iobuf_put(b, *n, bytes, count));
		*n += count;
	}
	return nil;
}

static Err mordor_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return "one does not simply read from mordor";
}

static Err mordor_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return "one does not simply write into mordor";
}

static Err osversion_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return readstr(b, off, "2000", 4, n);
}

static ERR read_number(const Iobuf *b, u64 off, u64 value, usize *n)
{
	char text[24];
	usize len = snprint(text, sizeof(text), "%11lu ", value);

	return readstr(b, off, text, len, n);
}

static Err pid_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return read_number(b, off, up->pid, n);
}

static Err ppid_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return read_number(b, off, up->ppid, n);
}

static Err config_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[1024], *p = text, *end = text + sizeof(text);

	p = seprint(p, end, "# lux9, amd64\ndev\n");
	for (u32 i = 0; devtab[i] != nil; i++)
		p = seprint(p, end, "\t%s\n", devtab[i]->name);
	return readstr(b, off, text, (usize)(p - text), n);
}

/* ---- drivers ---- */

static Err drivers_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[1024], *p = text, *end = text + sizeof(text);

	for (u32 i = 0; devtab[i] != nil; i++) {
		char letter[8] = { 0 };

		if (!pgrp_devallowed(up->pgrp, devtab[i]))
			continue;
		rune_encode(letter, devtab[i]->letter);
		p = seprint(p, end, "#%s %s\n", letter, devtab[i]->name);
	}
	return readstr(b, off, text, (usize)(p - text), n);
}

/* `chdev op [devs]`: & keeps only devs, &~ drops devs, ~ drops all. */
static Err drivers_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[CHUNK], *word[4];

	TRY(writestr(b, text, sizeof(text)));
	usize nword = tokenize(text, word, nelem(word));

	if (nword < 2 || nword > 3 || strcmp(word[0], "chdev") != 0)
		return Ebadarg;
	if (nword == 3 && strcmp(word[1], "&") == 0)
		pgrp_maskdevs(up->pgrp, word[2], true);
	else if (nword == 3 && strcmp(word[1], "&~") == 0)
		pgrp_maskdevs(up->pgrp, word[2], false);
	else if (nword == 2 && strcmp(word[1], "~") == 0)
		pgrp_maskdevs(up->pgrp, "", true);
	else
		return Ebadarg;
	*n = b->size;
	return nil;
}

/* ---- names ---- */

static ERR name_read(const char *name, usize size, const Iobuf *b, u64 off, usize *n)
{
	char copy[SYSNAME_MAX];

	assert(size <= sizeof(copy));
	lock(&names_lock);
	memcpy(copy, name, size);
	unlock(&names_lock);
	return readstr(b, off, copy, strlen(copy), n);
}

static Err sysname_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return name_read(sysname, sizeof(sysname), b, off, n);
}

static Err sysname_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[SYSNAME_MAX];

	if (off != 0 || b->size == 0 || b->size >= sizeof(text))
		return Ebadarg;
	TRY(writestr(b, text, sizeof(text)));
	lock(&names_lock);
	memcpy(sysname, text, sizeof(sysname));
	unlock(&names_lock);
	*n = b->size;
	return nil;
}

static Err hostdomain_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return name_read(hostdomain, sizeof(hostdomain), b, off, n);
}

static Err hostdomain_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[HOSTDOMAIN_MAX];

	if (!iseve())
		return Eperm;
	if (b->size == 0 || b->size >= sizeof(text))
		return Ebadarg;
	TRY(writestr(b, text, sizeof(text)));
	if (text[0] == '\0')
		return Ebadarg;
	lock(&names_lock);
	memcpy(hostdomain, text, sizeof(hostdomain));
	unlock(&names_lock);
	*n = b->size;
	return nil;
}

static Err hostowner_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return name_read(eve, sizeof(eve), b, off, n);
}

typedef struct Rename { const char *from, *to; } Rename;

static bool rename_proc(Proc *p, void *arg)
{
	const Rename *r = arg;

	if (strcmp(p->user, r->from) == 0)
		proc_setuser(p, r->to);
	return true;
}

/* The owner's processes and services follow the name. */
static Err hostowner_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char name[sizeof(eve)] = { 0 }, old[sizeof(eve)];

	if (!iseve())
		return Eperm;
	if (b->size == 0 || b->size >= sizeof(name))
		return Ebadarg;
	TRY(iobuf_get(b, 0, name, b->size));
	lock(&names_lock);
	memcpy(old, eve, sizeof(eve));
	memset(eve, 0, sizeof(eve));
	strecpy(eve, eve + sizeof(eve), name);
	unlock(&names_lock);
	Rename r = { old, name };

	proc_each(rename_proc, &r);
	srv_renameuser(old, name);
	shr_renameuser(old, name);
	proc_setuser(up, name);
	eve_changed();
	*n = b->size;
	return nil;
}

static Err user_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return readstr(b, off, up->user, strlen(up->user), n);
}

static Err user_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[4];

	if (b->size != 4)
		return Eperm;
	TRY(iobuf_get(b, 0, text, 4));
	if (memcmp(text, "none", 4) != 0)
		return Eperm;
	proc_setuser(up, "none");
	*n = 4;
	return nil;
}

/* ---- the device ---- */

enum {
	QDIR, QAUDIT, QBINTIME, QCHANS, QCONFIG, QCONS, QCONSCTL, QCOUNTS, QCPUTIME, QDRIVERS,
	QFAILALLOC, QHANG, QHOSTDOMAIN, QHOSTOWNER, QKMESG, QKPRINT, QKPROF, QLOCKS, QMORDOR,
	QNULL, QOSVERSION, QPID, QPPID, QRANDOM, QREBOOT, QSYSNAME, QSYSSTAT, QTIME, QTRACE,
	QUSER, QZERO, NFILES
};

typedef struct ConsFile {
	const char *name;
	u32 perm;
	u64 length;
	ConsRead *read;
	ConsWrite *write;
} ConsFile;

/* By qid.path, which ascends with the name; entry 0 is the directory. */
static const ConsFile files[NFILES] = {
	[QAUDIT] = { "audit", 0444, 0, audit_read, nil },
	[QBINTIME] = { "bintime", 0664, 24, bintime_read, bintime_write },
	[QCHANS] = { "chans", 0440, 0, chans_read, nil },
	[QCONFIG] = { "config", 0444, 0, config_read, nil },
	[QCONS] = { "cons", 0660, 0, cons_read, cons_write },
	[QCONSCTL] = { "consctl", 0220, 0, nil, consctl_write },
	[QCOUNTS] = { "counts", 0444, 0, counts_read, nil },
	[QCPUTIME] = { "cputime", 0444, 72, cputime_read, nil },
	[QDRIVERS] = { "drivers", 0666, 0, drivers_read, drivers_write },
	[QFAILALLOC] = { "failalloc", 0660, 0, failalloc_read, failalloc_write },
	[QHANG] = { "hang", 0444, 0, hang_read, nil },
	[QHOSTDOMAIN] = { "hostdomain", 0664, 0, hostdomain_read, hostdomain_write },
	[QHOSTOWNER] = { "hostowner", 0664, 0, hostowner_read, hostowner_write },
	[QKMESG] = { "kmesg", 0440, 0, kmesg_read, nil },
	[QKPRINT] = { "kprint", DMEXCL | 0440, 0, kprint_read, nil },
	[QKPROF] = { "kprof", 0660, 0, kprof_read, kprof_write },
	[QLOCKS] = { "locks", 0444, 0, locks_read, nil },
	[QMORDOR] = { "mordor", 0666, 0, mordor_read, mordor_write },
	[QNULL] = { "null", 0666, 0, null_read, null_write },
	[QOSVERSION] = { "osversion", 0444, 0, osversion_read, nil },
	[QPID] = { "pid", 0444, 12, pid_read, nil },
	[QPPID] = { "ppid", 0444, 12, ppid_read, nil },
	[QRANDOM] = { "random", 0444, 0, random_read, nil },
	[QREBOOT] = { "reboot", 0220, 0, nil, reboot_write },
	[QSYSNAME] = { "sysname", 0664, 0, sysname_read, sysname_write },
	[QSYSSTAT] = { "sysstat", 0664, 0, sysstat_read, sysstat_write },
	[QTIME] = { "time", 0664, 78, time_read, time_write },
	[QTRACE] = { "trace", 0660, 0, trace_read, trace_write },
	[QUSER] = { "user", 0666, 0, user_read, user_write },
	[QZERO] = { "zero", 0444, 0, zero_read, nil },
};

static Qid file_qid(u32 i)
{
	return (Qid){ .path = i, .type = i == QDIR ? QTDIR : (u8)(files[i].perm >> 24) };
}

/* The file of that name; 0 when there is none. */
static u32 file_named(const char *name)
{
	u32 low = 1, end = NFILES;

	while (low < end) {
		u32 middle = (low + end) / 2;
		int order = strcmp(name, files[middle].name);

		if (order == 0)
			return middle;
		if (order < 0)
			end = middle;
		else
			low = middle + 1;
	}
	return 0;
}

static void cons_reset(void)
{
	for (u32 i = 2; i < NFILES; i++)
		assert(strcmp(files[i - 1].name, files[i].name) < 0);
}

/* Entry i of the directory is file i + 1. */
static int cons_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	if (i == DEVDOTDOT) {
		d->qid = file_qid(QDIR);
		return 1;
	}
	if (name != nil)
		i = i == 0 ? (s64)file_named(name) - 1 : -1;
	if (i < 0 || i + 1 >= NFILES)
		return -1;
	const ConsFile *f = &files[i + 1];

	devdir(c, file_qid((u32)i + 1), f->name, f->length, eve, f->perm & 0777, d);
	return 1;
}

static Err cons_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err cons_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, cons_gen, w);
}

static Err cons_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	u32 i = (u32)c->qid.path;
	Dir d;

	if (i == QDIR)
		return devstat(c, buf, size, nil, 0, cons_gen, n);
	devdir(c, c->qid, files[i].name, files[i].length, eve, files[i].perm & 0777, &d);
	if (i == QCONS)
		d.length = consline_length();
	return devstatput(&d, buf, size, n);
}

/* What opening one of the special files does; the permission has been checked. */
static ERR special_open(u32 i)
{
	Err err = nil;

	switch (i) {
	case QCONS:
		consline_opened();
		break;
	case QCONSCTL:
		lock(&names_lock);
		consctl_users++;
		unlock(&names_lock);
		break;
	case QKPRINT:
		lock(&names_lock);
		if (kprint_users > 0)
			err = Einuse;
		else
			kprint_users++;
		unlock(&names_lock);
		if (err == nil)
			kprint_open();
		break;
	}
	return err;
}

static Err cons_open(Chan *c, u32 mode, Chan **out)
{
	u32 i = (u32)c->qid.path, omode;

	TRY(devopenmode(mode, &omode));
	if (i == QDIR) {
		if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
			return Eperm;
	} else {
		TRY(devpermcheck(eve, files[i].perm, mode & (3 | OTRUNC)));
		TRY(special_open(i));
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

static void cons_close(Chan *c)
{
	bool last;

	if (!(c->flag & COPEN))
		return;
	switch (c->qid.path) {
	case QAUDIT:
		audit_close(c);
		break;
	case QCHANS:
	case QFAILALLOC:
	case QHANG:
	case QKPROF:
	case QLOCKS:
		snapshot_close(c);
		break;
	case QCONSCTL:
		lock(&names_lock);
		last = --consctl_users == 0;
		unlock(&names_lock);
		if (last)
			consline_raw(false);
		break;
	case QKPRINT:
		kprint_close();
		lock(&names_lock);
		kprint_users = 0;
		unlock(&names_lock);
		break;
	}
}

static Err dev_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, cons_gen, n);
	assert(c->qid.path < NFILES);
	const ConsFile *f = &files[c->qid.path];

	return f->read == nil ? Eperm : f->read(c, b, off, n);
}

static Err dev_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	assert(c->qid.path < NFILES);
	const ConsFile *f = &files[c->qid.path];

	*n = 0;
	return f->write == nil ? Eperm : f->write(c, b, off, n);
}

const Dev devcons = {
	.letter = 'c',
	.name = "cons",
	.fixed = true,
	.reset = cons_reset,
	.init = consline_init,
	.attach = cons_attach,
	.walk = cons_walk,
	.stat = cons_stat,
	.open = cons_open,
	.create = dev_nocreate,
	.close = cons_close,
	.read = dev_read,
	.write = dev_write,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
