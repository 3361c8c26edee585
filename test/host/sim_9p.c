/*
 * Simulated: a 9P server that answers late, in another order, wrongly or not at
 * all, and clients that are interrupted meanwhile. The server has one directory of
 * files; file i holds the letter 'a' + i, and the last ones are programs.
 */
#include "9p/9p.h"
#include "sim.h"

enum { NFILES = 8, NALL = NFILES + SIM_NPROGRAMS, FILE_SIZE = 600, PENDING_MAX = 24,
	FIDS_MAX = 200, QROOT = 0, MSIZE = 1024 };

static s32 ends[2];
static bool corrupts, lazy, killed;
static u32 served, hangup_after;

/* ---- the server ---- */

typedef struct Pending { usize size; u8 message[MSIZE]; } Pending;
static Pending pending[PENDING_MAX];
static u32 npending;
static struct { u32 fid; u64 path; bool used; } fids[FIDS_MAX];

static u64 *path_of(u32 fid, bool create)
{
	u32 at = FIDS_MAX;
	for (u32 i = 0; i < FIDS_MAX; i++) {
		if (fids[i].used && fids[i].fid == fid)
			return &fids[i].path;
		if (!fids[i].used)
			at = i;
	}
	if (!create || at == FIDS_MAX)
		return nil;
	fids[at].used = true;
	fids[at].fid = fid;
	return &fids[at].path;
}

static void forget(u32 fid)
{
	for (u32 i = 0; i < FIDS_MAX; i++)
		if (fids[i].fid == fid)
			fids[i].used = false;
}

static Qid qid_of(u64 path)
{
	return (Qid){ .path = path, .type = path == QROOT ? QTDIR : QTFILE };
}

static usize make_dir(u64 path, u8 *buf, usize n)
{
	char name[8];
	snprint(name, sizeof name, path == QROOT ? "/" : "f%lu", path - 1);
	Dir d = { .qid = qid_of(path), .name = name, .uid = "sys", .gid = "sys", .muid = "sys",
		.mode = path == QROOT ? DMDIR | 0777 : 0777,
			.length = path == QROOT ? 0 : FILE_SIZE };
	return dir_encode(&d, buf, n);
}

static void walk(const Fcall *t, Fcall *r, u64 from)
{
	u64 at = from;
	for (u32 i = 0; i < t->nwname; i++) {
		const Bytes *w = &t->wname[i];
		if (w->n == 2 && w->p[0] == '.' && w->p[1] == '.')
			at = QROOT;
		else if (at == QROOT && w->n == 2 && w->p[0] == 'f' && w->p[1] < '0' + NALL)
			at = w->p[1] - '0' + 1u;
		else
			break;
		r->wqid[r->nwqid++] = qid_of(at);
	}
	if (t->nwname > 0 && r->nwqid == 0) {
		r->type = Rerror;
		r->ename = bytes_of("file does not exist");
		return;
	}
	u64 *new_path = r->nwqid == t->nwname ? path_of(t->newfid, true) : nil;
	if (new_path != nil)
		*new_path = at;
}

static void read_file(const Fcall *t, Fcall *r, u64 path, u8 *data)
{
	usize n = 0;
	if (path > NFILES) {
		usize size;
		const u8 *program = sim_program((u32)path - NFILES - 1, &size);
		n = t->offset < size ? MIN((usize)t->count, size - t->offset) : 0;
		memmove(data, program + MIN(t->offset, size), n);
	} else if (path != QROOT) {
		n = t->offset < FILE_SIZE ? MIN((usize)t->count, FILE_SIZE - t->offset) : 0;
		memset(data, 'a' + (int)path - 1, n);
	} else {
		u8 entry[128];
		u64 at = 0;
		for (u64 f = 1; f <= NFILES; f++) {
			usize size = make_dir(f, entry, sizeof entry);
			if (at >= t->offset && n + size <= t->count) {
				memmove(data + n, entry, size);
				n += size;
			}
			at += size;
		}
	}
	r->data = (Bytes){ data, (u32)n };
}

static void answer_fid(const Fcall *t, Fcall *r, u8 *data)
{
	u64 *path = path_of(t->fid, t->type == Tattach);
	if (path == nil) {
		r->type = Rerror;
		r->ename = bytes_of("unknown fid");
		return;
	}
	switch (t->type) {
	case Tattach:
		*path = QROOT;
		r->qid = qid_of(QROOT);
		break;
	case Twalk:
		walk(t, r, *path);
		break;
	case Topen:
		r->qid = qid_of(*path);
		break;
	case Tread:
		read_file(t, r, *path, data);
		break;
	case Twrite:
		r->count = t->data.n;
		break;
	case Tstat:
		r->stat = (Bytes){ data, (u32)make_dir(*path, data, 200) };
		break;
	case Tclunk:
	case Tremove:
		forget(t->fid);
		break;
	default:
		r->type = Rerror;
		r->ename = bytes_of("not served");
	}
}

static void answer(const Pending *p);

/* What is flushed is answered before the flush, or never. */
static void flush_pending(u16 tag)
{
	Fcall f;
	for (u32 i = 0; i < npending; i++)
		if (fcall_decode(pending[i].message, pending[i].size, &f) && f.tag == tag) {
			Pending p = pending[i];
			memmove(&pending[i], &pending[i + 1], (--npending - i) * sizeof pending[0]);
			if (chance(2))
				answer(&p);
			return;
		}
}

static void corrupt(u8 *message, usize size)
{
	if (!corrupts || !chance(6))
		return;
	for (u32 n = 1 + host_random(3); n > 0; n--)
		message[host_random((u32)size)] = (u8)host_random(256);
}

static void answer(const Pending *p)
{
	Fcall t, r;
	u8 data[MSIZE], message[MSIZE];
	sim_check(fcall_decode(p->message, p->size, &t), "the kernel's message is malformed");
	r = (Fcall){ .type = (u8)(t.type + 1), .tag = t.tag };
	if (t.type == Tversion) {
		r.msize = MSIZE;
		r.version = bytes_of("9P2000");
	} else if (t.type == Tflush) {
		flush_pending(t.oldtag);
	} else
		answer_fid(&t, &r, data);
	usize size = fcall_encode(&r, message, sizeof message);
	sim_check(size > 0, "the answer to %s does not fit", fcall_name(t.type));
	if (t.type != Tversion)
		corrupt(message, size);
	usize half = chance(4) ? host_random((u32)size) : size;
	if (half > 0)
		u_write(ends[1], message, half);
	if (half < size)
		u_write(ends[1], message + half, size - half);
}

/* Take what has come off the pipe, message by message. False: the end. */
static bool take(u8 *buf, usize *n)
{
	s64 got = u_read(ends[1], buf + *n, MSIZE);
	if (got <= 0)
		return got < 0 && strcmp(u_error(), "interrupted") == 0;
	*n += (usize)got;
	while (*n >= 4 && *n >= get32le(buf) && npending < PENDING_MAX) {
		usize size = get32le(buf);
		sim_check(size >= HEADER_SIZE && size <= MSIZE, "a message of %lu bytes", size);
		memmove(pending[npending].message, buf, size);
		pending[npending++].size = size;
		*n -= size;
		memmove(buf, buf + size, *n);
	}
	return true;
}

/* Flushes are answered in the order they came. */
static u32 first_if_flush(u32 i)
{
	u32 first = 0;
	if (pending[i].message[4] != Tflush)
		return i;
	while (pending[first].message[4] != Tflush)
		first++;
	return first;
}

static const char *serves(void)
{
	static u8 buf[8 * MSIZE];
	usize n = 0;
	u_notify(sim_ignore);
	u_close(ends[0]);
	while (served < hangup_after) {
		bool more = npending < PENDING_MAX / 2 && u_length(ends[1]) > 0;
		if (npending == 0 || (more && chance(2))) {
			if (!take(buf, &n))
				break;
			continue;
		}
		if (lazy && chance(3))
			u_sleep(host_random(3));
		u32 i = first_if_flush(host_random(npending));
		Pending p = pending[i];
		memmove(&pending[i], &pending[i + 1], (--npending - i) * sizeof pending[0]);
		answer(&p);
		served++;
	}
	return nil;
}

/* ---- clients ---- */

static bool wounded(void)
{
	return corrupts || killed || sim_failing() || served >= hangup_after;
}

static void read_remote(u32 i)
{
	char name[32], buf[200];
	snprint(name, sizeof name, "/mnt/f%u", i);
	s32 fd = u_open(name, ORDWR);
	if (fd < 0)
		return;
	s64 n = u_pread(fd, buf, sizeof buf, (s64)host_random(FILE_SIZE));
	for (s64 k = 0; k < n; k++)
		sim_check(wounded() ||
			buf[k] == (char)('a' + i), "file %u holds %#x", i, (u8)buf[k]);
	if (chance(3))
		u_write(fd, buf, sizeof buf);
	if (chance(3))
		u_length(fd);
	if (chance(5))
		u_remove(name);
	u_close(fd);
}

static void list_remote(void)
{
	u8 buf[HOST_SLOT_SIZE];
	s32 fd = u_open("/mnt", OREAD);
	if (fd < 0)
		return;
	for (u32 n = 0; n < 20 && u_read(fd, buf, sizeof buf) > 0; n++)
		;
	u_close(fd);
}

/* The program of sim_proc.c, its pages fetched as they are touched. */
static const char *runs_remote(void)
{
	char name[32];
	if (chance(2))
		u_notify(sim_ignore);
	snprint(name, sizeof name, "/mnt/f%c", '0' + NFILES + (int)host_random(SIM_NPROGRAMS));
	u_exec(name, "remote");
	return nil;
}

static const char *is_client(void)
{
	if (!chance(4))
		u_notify(sim_ignore);
	for (u32 n = 1 + host_random(8); n > 0; n--) {
		if (chance(3))
			u_alarm(1 + host_random(3));
		if (chance(5))
			list_remote();
		else if (chance(4) && !corrupts)
			sim_spawn(RFFDG, runs_remote);
		else
			read_remote(host_random(NFILES));
	}
	u_alarm(0);
	while (u_await(nil) >= 0)
		;
	return nil;
}

/* In a name space of its own, which goes with it. */
static const char *leads_clients(void)
{
	u32 pids[6], n = 0;
	u_notify(sim_ignore);
	u_close(ends[1]);
	s32 e = u_mount(ends[0], "/mnt", MREPL, "");
	sim_check(e >= 0 || wounded(), "mount fails");
	u_close(ends[0]);
	if (e < 0)
		return nil;
	for (u32 want = 1 + host_random(nelem(pids)); n < want; n++)
		pids[n] = sim_spawn(RFFDG, is_client);
	for (u32 k = host_random(30); k > 0; k--) {
		if (chance(2))
			u_note(pids[host_random(n)], chance(8) ? "kill" : "interrupt");
		if (chance(6))
			u_ctl(pids[host_random(n)], "kill");
		if (chance(4))
			u_sleep(1);
		if (chance(20))
			u_unmount(nil, "/mnt");
	}
	sim_reap();
	return nil;
}

static void serve(void)
{
	sim_check(u_pipe(ends) >= 0, "pipe");
	u32 server = sim_spawn(RFFDG, serves);
	u32 leader = server != 0 ? sim_spawn(RFFDG | RFNAMEG, leads_clients) : 0;
	u_close(ends[0]);
	u_close(ends[1]);
	if (chance(6)) {
		u_sleep(host_random(20));
		killed = true;
		u_ctl(chance(2) ? server : leader, "kill");
	}
	if (wounded())
		sim_reap_or_kill();
	else
		sim_reap();
}

static void flush_reply(void)
{
	hangup_after = ~0u;
	serve();
}

static void lazy_server(void)
{
	lazy = true;
	hangup_after = chance(3) ? 10 + host_random(60) : ~0u;
	serve();
}

static void corrupt_server(void)
{
	corrupts = true;
	lazy = chance(2);
	hangup_after = ~0u;
	serve();
}

const Scenario sim_9p[] = {
	{ "flush-reply", flush_reply },
	{ "lazy-server", lazy_server },
	{ "corrupt-server", corrupt_server },
	{ nil, nil },
};
