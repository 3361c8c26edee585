/*
 * The mount driver against a server that does what the test says: a process on
 * the other end of a pipe. It serves one directory with one file, f, of 1000 bytes
 * 'd'; `odd` may answer any message otherwise.
 */
#include "9p/9p.h"
#include "calls.h"
#include "unit.h"

void rpc_test(void);

enum { FILE_SIZE = 1000, BUFFER = 9000, QROOT = 1, QFILE = 2 };
enum Answer { AS_USUAL, THIS, NOTHING, RAW, LEAVE };

static s32 ends[2];
static enum Answer (*odd)(const Fcall *t, Fcall *r);
static u8 raw[600];			/* RAW: these bytes instead of the answer */
static usize nraw;
static char messages[500];		/* what was asked, a letter a message */
static u32 msize = 8192;
static u64 path_of_fid[100];
static u16 kept_tag;

static u32 ignores(const char *note)
{
	return NCONT;
}

static Qid qid_of(u64 path)
{
	return (Qid){ .path = path, .type = path == QROOT ? QTDIR : 0 };
}

static void walk(const Fcall *t, Fcall *r)
{
	u64 at = path_of_fid[t->fid % 100];
	for (u32 i = 0; i < t->nwname; i++) {
		if (at != QROOT || t->wname[i].n != 1 || t->wname[i].p[0] != 'f')
			break;
		at = QFILE;
		r->wqid[r->nwqid++] = qid_of(at);
	}
	if (t->nwname > 0 && r->nwqid == 0) {
		r->type = Rerror;
		r->ename = bytes_of("no such thing here");
	} else if (r->nwqid == t->nwname)
		path_of_fid[t->newfid % 100] = at;
}

static void usual(const Fcall *t, Fcall *r)
{
	static u8 data[BUFFER];
	Dir d = { .qid = qid_of(QFILE), .name = "f", .uid = "u", .gid = "g", .muid = "m",
		.length = FILE_SIZE };
	switch (t->type) {
	case Tversion:
		r->msize = MIN(msize, t->msize);
		r->version = bytes_of("9P2000");
		break;
	case Tattach:
		path_of_fid[t->fid % 100] = QROOT;
		r->qid = qid_of(QROOT);
		break;
	case Twalk:
		walk(t, r);
		break;
	case Topen:
	case Tcreate:
		r->qid = qid_of(path_of_fid[t->fid % 100]);
		break;
	case Tread:
		memset(data, 'd', sizeof data);
		r->data.p = data;
		if (t->offset < FILE_SIZE)
			r->data.n = (u32)MIN((u64)t->count, FILE_SIZE - t->offset);
		break;
	case Twrite:
		r->count = t->data.n;
		break;
	case Tstat:
		r->stat = (Bytes){ data, (u32)dir_encode(&d, data, sizeof data) };
		break;
	}
}

static void send(const u8 *message, usize n)
{
	for (usize at = 0; at < n;) {
		usize step = MIN(n - at, (usize)HOST_SLOT_SIZE);
		u_write(ends[1], message + at, step);
		at += step;
	}
}

/* False: go. */
static bool serve_one(const Fcall *t)
{
	static u8 message[BUFFER];
	Fcall r = { .type = (u8)(t->type + 1), .tag = t->tag };
	strecpy(messages + strlen(messages), messages + sizeof messages, fcall_name(t->type) + 1);
	enum Answer a = odd != nil ? odd(t, &r) : AS_USUAL;
	if (a == LEAVE || a == NOTHING)
		return a != LEAVE;
	if (a == RAW) {
		send(raw, nraw);
		return true;
	}
	if (a == AS_USUAL)
		usual(t, &r);
	send(message, fcall_encode(&r, message, sizeof message));
	return true;
}

static const char *serves(void)
{
	static u8 buf[BUFFER];
	usize n = 0;
	Fcall t;
	u_notify(ignores);
	u_close(ends[0]);
	for (;;) {
		while (n >= 4 && n >= get32le(buf)) {
			usize size = get32le(buf);
			if (!fcall_decode(buf, size, &t))
				return "a malformed message";
			if (!serve_one(&t))
				return nil;
			n -= size;
			memmove(buf, buf + size, n);
		}
		s64 got = u_read(ends[1], buf + n, HOST_SLOT_SIZE);
		if (got <= 0)
			return nil;
		n += (usize)got;
	}
}

/* Before mounting: what is written to the transport goes through this. */
static Err (*odd_write)(Chan *c, const Iobuf *b, u64 off, usize *n);
static const Dev *straight;

static void bend_transport(void)
{
	static Dev bent;
	Chan *c;
	if (odd_write == nil || !check(fd_chan(ends[0], -1, false, &c) == nil))
		return;
	straight = c->dev;
	bent = *straight;
	bent.write = odd_write;
	c->dev = &bent;
	chan_close(c);
}

static s32 mount(enum Answer (*f)(const Fcall *t, Fcall *r))
{
	odd = f;
	messages[0] = '\0';
	check(u_pipe(ends) >= 0 && host_rfork(RFPROC | RFFDG, serves) != 0);
	u_close(ends[1]);
	bend_transport();
	return u_mount(ends[0], "/mnt", MREPL, "");
}

/* Everything goes, and the server with it. */
static void unmount(void)
{
	char status[ERRMAX];
	u_unmount(nil, "/mnt");
	u_close(ends[0]);
	check(u_await(status) > 0);
	check_text(status, "");
}

/* What opening and reading f gives: the count or an error. */
static const char *reads(void)
{
	static char text[60];
	char buf[HOST_SLOT_SIZE];
	s32 fd = u_open("/mnt/f", ORDWR);
	if (fd < 0)
		return u_error();
	s64 n = u_pread(fd, buf, sizeof buf, 0);
	if (n < 0)
		strecpy(text, text + sizeof text, u_error());
	else
		snprint(text, sizeof text, "%d%c", (int)n, n > 0 ? buf[n - 1] : ' ');
	u_close(fd);
	return text;
}

/* ---- what goes well ---- */

static void test_usual(void)
{
	u8 buf[100] = { 'x' };
	check(mount(nil) >= 0);
	check_text(reads(), "1000d");
	check_text(messages, "versionattachwalkopenreadclunk");
	s32 fd = u_open("/mnt/f", ORDWR);
	check(fd >= 0 && u_length(fd) == FILE_SIZE && u_write(fd, buf, 100) == 100);
	u_close(fd);
	check(u_open("/mnt/g", OREAD) < 0);
	check_text(u_error(), "'/mnt/g' no such thing here");
	check(u_open("/mnt/f/x", OREAD) < 0);
	unmount();
}

static u32 biggest;

static enum Answer measures(const Fcall *t, Fcall *r)
{
	if (t->type == Tread)
		biggest = MAX(biggest, t->count);
	return AS_USUAL;
}

static const char *agrees_on(const char *version)
{
	u64 at = host_user_string(version, 0);
	return (s32)host_syscall(FVERSION, (u64)ends[0], 8192, at, 20, 0) < 0 ? u_error() : "";
}

static enum Answer takes_any_version(const Fcall *t, Fcall *r)
{
	if (t->type != Tversion)
		return AS_USUAL;
	r->msize = t->msize;
	r->version = t->version;
	return THIS;
}

/* What a connection speaks was settled by its first user. */
static void test_versions(void)
{
	odd = takes_any_version;
	check(u_pipe(ends) >= 0 && host_rfork(RFPROC | RFFDG, serves) != 0);
	u_close(ends[1]);
	check_text(agrees_on("9P2000.x"), "");
	check_text(agrees_on("9P2000.xy"), "");
	check_text(agrees_on("9P2000"), "incompatible 9P versions 9P2000.x 9P2000");
	check_text(agrees_on("9P1999"), "bad 9P version specification");
	check(u_mount(ends[0], "/mnt", MREPL, "") < 0);
	check_text(u_error(), "incompatible 9P versions 9P2000.x 9P2000");
	u_close(ends[0]);
	check(u_await(nil) > 0);
}

/* Reads larger than a message become several. */
static void test_small_messages(void)
{
	msize = 300;
	biggest = 0;
	check(mount(measures) >= 0);
	check_text(reads(), "1000d");
	check(biggest > 0 && biggest <= 300 - 11);
	check(strstr(messages, "readreadreadread") != nil);
	unmount();
	msize = 8192;
}

/* ---- wrong answers ---- */

static u8 wrong_for;
static u32 how;

static enum Answer wrong(const Fcall *t, Fcall *r)
{
	static u8 data[8000];
	if (t->type != wrong_for)
		return AS_USUAL;
	switch (how) {
	case 0:		/* of another type */
		r->type = Rwstat;
		return THIS;
	case 1:		/* more data than was asked for */
		r->data = (Bytes){ data, t->count + 1 };
		return THIS;
	case 2:		/* an error */
		r->type = Rerror;
		r->ename = bytes_of("my own error");
		return THIS;
	case 3:		/* cut short */
		nraw = 9;
		memset(raw, 0, sizeof raw);
		put32le(raw, 9);
		raw[4] = r->type;
		put16le(raw + 5, t->tag);
		return RAW;
	case 4:		/* a size no message has */
		nraw = 8;
		memset(raw, 0, sizeof raw);
		return RAW;
	case 5:		/* one too large */
		nraw = 8;
		put32le(raw, 1 << 24);
		return RAW;
	default:
		return LEAVE;
	}
}

static const char *with_wrong(u8 type, u32 kind)
{
	static char text[ERRMAX];
	wrong_for = type;
	how = kind;
	const char *got = mount(wrong) < 0 ? u_error() : reads();
	strecpy(text, text + sizeof text, got);
	unmount();
	return text;
}

static void test_wrong(void)
{
	check_text(with_wrong(Tread, 0), "mount rpc error");
	check(strncmp(with_wrong(Tread, 1), "1024", 4) == 0);	/* what is too much is dropped */
	check_text(with_wrong(Tread, 2), "my own error");
	check_text(with_wrong(Tread, 3), "mount rpc error");
	check_text(with_wrong(Tread, 4), "mount rpc error");
	check_text(with_wrong(Tread, 5), "mount rpc error");
	check_text(with_wrong(Tread, 6), "i/o on hungup channel");
	check_text(with_wrong(Topen, 2), "'/mnt/f' my own error");
	check_text(with_wrong(Tclunk, 2), "1000d");
	check_text(with_wrong(Tclunk, 4), "1000d");
	check_text(with_wrong(Tattach, 2), "my own error");
	check(with_wrong(Tversion, 2)[0] != '1');
	check(with_wrong(Tversion, 4)[0] != '1');
	check(with_wrong(Tversion, 6)[0] != '1');
}

static enum Answer litters(const Fcall *t, Fcall *r)
{
	if (t->type != Tread)
		return AS_USUAL;
	u8 stray[16];
	Fcall f = { .type = Rclunk, .tag = 60000 };
	send(stray, fcall_encode(&f, stray, sizeof stray));
	return AS_USUAL;
}

static enum Answer appends_zeros(const Fcall *t, Fcall *r)
{
	if (t->type != Tread)
		return AS_USUAL;
	usual(t, r);
	r->data.n = 5;
	nraw = fcall_encode(r, raw, sizeof raw);
	memset(raw + nraw, 0, 8);
	nraw += 8;
	return RAW;
}

/* Answers nobody asked for are passed over; bytes that are no message end the connection. */
static void test_between(void)
{
	check(mount(litters) >= 0);
	check_text(reads(), "1000d");
	unmount();
	check(mount(appends_zeros) >= 0);
	check_text(reads(), "5d");
	check_text(reads(), "'/mnt/f' mount rpc error");
	unmount();
}

/* ---- interruptions ---- */

static u32 nflushes, answer_flush_after;

static enum Answer silent_reads(const Fcall *t, Fcall *r)
{
	if (t->type == Tread && nflushes == 0) {
		kept_tag = t->tag;
		return NOTHING;
	}
	if (t->type != Tflush)
		return AS_USUAL;
	check(t->oldtag == kept_tag);
	return ++nflushes >= answer_flush_after ? AS_USUAL : NOTHING;
}

static const char *reads_until_alarm(void)
{
	u_notify(ignores);
	u_alarm(5);
	return reads();
}

static const char *reads_until_three_alarms(void)
{
	static char text[60];
	char buf[10];
	u_notify(ignores);
	s32 fd = u_open("/mnt/f", OREAD);
	for (u32 i = 0; i < 3; i++)
		proc_interrupt(up);
	u_alarm(5);
	s64 n = u_pread(fd, buf, sizeof buf, 0);
	snprint(text, sizeof text, "%d %s", (int)n, u_error());
	return text;
}

static const char *status_of(HostMain *f)
{
	static char status[ERRMAX];
	u32 pid = (u32)host_rfork(RFPROC | RFFDG, f);
	for (u32 i = 0; i < 4; i++) {
		u_sleep(10);
		Proc *p = proc_get(pid);
		if (p == nil)
			break;
		postnote(p, "again", NUser);
		proc_put(p);
	}
	check((u32)u_await(status) == pid);
	const char *text = strstr(status, ": ");
	return text != nil ? text + 2 : status;
}

static void test_flush(void)
{
	nflushes = 0;
	answer_flush_after = 1;
	check(mount(silent_reads) >= 0);
	check_text(status_of(reads_until_alarm), "interrupted");
	check(nflushes == 1);
	check_text(reads(), "1000d");	/* the tag is free again */
	unmount();
	nflushes = 0;
	answer_flush_after = 99;	/* a server that never answers cannot hold anybody */
	check(mount(silent_reads) >= 0);
	check(strstr(status_of(reads_until_three_alarms), "-1 interrupted") != nil);
	check(nflushes == 2);
	check_text(reads(), "1000d");
	unmount();
}

static enum Answer late_reads(const Fcall *t, Fcall *r)
{
	static Fcall first;
	if (t->type == Tread && nflushes == 0) {
		first = *t;
		return NOTHING;
	}
	if (t->type != Tflush)
		return AS_USUAL;
	nflushes++;		/* the answer crosses the flush: it counts */
	static u8 message[BUFFER];
	Fcall late = { .type = Rread, .tag = first.tag };
	usual(&first, &late);
	send(message, fcall_encode(&late, message, sizeof message));
	return AS_USUAL;
}

static void test_late(void)
{
	nflushes = 0;
	check(mount(late_reads) >= 0);
	check_text(status_of(reads_until_alarm), "1000d");
	check_text(reads(), "1000d");
	unmount();
}

static enum Answer silent_stats(const Fcall *t, Fcall *r)
{
	if (t->type == Tstat && nflushes == 0)
		return NOTHING;
	nflushes += t->type == Tflush;
	return AS_USUAL;
}

static u32 entries_of(s32 fd)
{
	u8 buf[HOST_SLOT_SIZE];
	u32 count = 0;
	for (s64 n; (n = u_read(fd, buf, sizeof buf)) > 0; )
		for (s64 at = 0; at < n; at += get16le(buf + at) + 2)
			count++;
	return count;
}

static const char *lists_until_alarm(void)
{
	static char text[60];
	u8 buf[HOST_SLOT_SIZE];
	s32 fd = u_open("/", OREAD);
	u_notify(ignores);
	check(u_read(fd, buf, 100) > 0);	/* /boot; the next read goes past /mnt */
	u_alarm(5);
	s64 n = u_read(fd, buf, sizeof buf);
	snprint(text, sizeof text, "%d %s, then %u", (int)n, u_error(), entries_of(fd));
	return text;
}

/* A note while the directory above asks the server: the entries before /mnt are not lost. */
static void test_listing(void)
{
	char wanted[60];
	nflushes = 1;
	check(mount(silent_stats) >= 0);
	s32 fd = u_open("/", OREAD);
	snprint(wanted, sizeof wanted, "-1 interrupted, then %u", entries_of(fd) - 1);
	u_close(fd);
	nflushes = 0;
	check_text(status_of(lists_until_alarm), wanted);
	unmount();
}

/* Several wait at once, and all hear of the end. */
static enum Answer silent(const Fcall *t, Fcall *r)
{
	static u32 n;
	if (t->type != Tread)
		return AS_USUAL;
	return ++n == 3 ? LEAVE : NOTHING;
}

static void test_hangup(void)
{
	check(mount(silent) >= 0);
	for (u32 i = 0; i < 3; i++)
		host_rfork(RFPROC | RFFDG, reads);
	u32 hungup = 0;
	for (u32 i = 0; i < 4; i++) {
		char status[ERRMAX];
		check(u_await(status) > 0);
		hungup += strstr(status, "i/o on hungup channel") != nil;
	}
	check(hungup == 3);
	u_unmount(nil, "/mnt");
	u_close(ends[0]);
}

/* ---- messages that are cut, or that wait for the next ---- */

enum { NEVER = 1000 };
static usize cut_at;			/* of the next message so many bytes go; NEVER: all */
static Err cut_by;

static Err cuts(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (cut_at == NEVER)
		return straight->write(c, b, off, n);
	Iobuf part = iobuf_kernel(b->kaddr, MIN(cut_at, b->size));
	cut_at = NEVER;
	Err e = part.size > 0 ? straight->write(c, &part, off, n) : nil;
	return e != nil ? e : cut_by;
}

/* A transport of which a note takes the writer away: the server hears every message whole. */
static void test_cut_by_note(void)
{
	nflushes = 0;
	answer_flush_after = 1;
	odd_write = cuts;
	cut_by = Eintr;
	cut_at = NEVER;
	check(mount(silent_reads) >= 0);
	s32 fd = u_open("/mnt/f", OREAD);
	for (usize at = 0; at <= 23; at++) {	/* a Tread has 23 bytes */
		char buf[10];
		nflushes = 0;
		messages[0] = '\0';
		cut_at = at;
		check(u_pread(fd, buf, sizeof buf, 0) == -1);
		check_text(u_error(), "interrupted");
		check_text(messages, "readflush");
		check(u_pread(fd, buf, sizeof buf, 0) == 10 && buf[9] == 'd');
	}
	u_close(fd);
	odd_write = nil;
	unmount();
}

static usize sip;			/* so many bytes are taken at once */

static Err sips(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Iobuf part = iobuf_kernel(b->kaddr, MIN(sip, b->size));
	*n = 0;
	return sip == 0 ? nil : straight->write(c, &part, off, n);
}

/* A transport that takes a part, as files of servers may, gets the rest as well. */
static void test_small_sips(void)
{
	odd_write = sips;
	for (sip = 1; sip <= 32; sip++) {
		check(mount(nil) >= 0);
		check_text(reads(), "1000d");
		check_text(messages, "versionattachwalkopenreadclunk");
		unmount();
	}
	sip = 32;
	check(mount(nil) >= 0);
	sip = 0;
	check_text(reads(), "'/mnt/f' the transport of 9P messages takes no more");
	sip = 32;
	odd_write = nil;
	unmount();
}

/* One that fails before anything has gone fails one call; after that it is of no use. */
static void test_cut_by_error(void)
{
	odd_write = cuts;
	cut_by = Enomem;
	cut_at = NEVER;
	check(mount(nil) >= 0);
	s32 fd = u_open("/mnt/f", OREAD);
	char buf[10];
	cut_at = 0;
	check(u_pread(fd, buf, sizeof buf, 0) == -1);
	check_text(u_error(), Enomem);
	check(u_pread(fd, buf, sizeof buf, 0) == 10);
	cut_at = 5;
	check(u_pread(fd, buf, sizeof buf, 0) == -1);
	check(u_pread(fd, buf, sizeof buf, 0) == -1);
	check_text(u_error(), Enomem);
	u_close(fd);
	odd_write = nil;
	unmount();
}

/* The rest of one message is there; the next cannot go, and is not sent later either. */
static Err cut_twice(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	static u32 turn;
	if (cut_at == NEVER)
		return straight->write(c, b, off, n);
	if (turn++ == 0) {
		Err e = cuts(c, b, off, n);
		cut_at = 0;
		return e;
	}
	*n = 0;
	cut_at = NEVER;
	return Enomem;
}

static void test_cut_twice(void)
{
	char buf[10];
	odd_write = cut_twice;
	cut_by = Eintr;
	cut_at = NEVER;
	nflushes = 0;
	answer_flush_after = 1;
	check(mount(silent_reads) >= 0);
	s32 fd = u_open("/mnt/f", OREAD);
	messages[0] = '\0';
	cut_at = 9;
	check(u_pread(fd, buf, sizeof buf, 0) == -1);	/* the Tflush does not go: all is over */
	check_text(u_error(), Enomem);
	check(u_pread(fd, buf, sizeof buf, 0) == -1);
	check_text(messages, "");
	u_close(fd);
	odd_write = nil;
	unmount();
}

static bool stalling;
static Rendez stalled;

static bool flows(void *arg)
{
	return !stalling;
}

/* The message goes, and the writer is held until the transport flows again. */
static Err stalls(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Err e = straight->write(c, b, off, n);
	sleep_uninterruptible(&stalled, flows, nil);
	return e;
}

static const char *closes_when_told(void)
{
	u_notify(ignores);
	s32 fd = u_open("/mnt/f", OREAD);
	u_sleep(20);
	u_close(fd);
	return nil;
}

/*
 * A note takes away who waits to send a clunk, behind the reader that is returned: its message
 * stalls.
 */
static u32 leave_clunk(void)
{
	char status[ERRMAX];
	u32 closer = (u32)host_rfork(RFPROC | RFFDG, closes_when_told);
	u_sleep(10);
	messages[0] = '\0';
	stalling = true;
	u32 reader = (u32)host_rfork(RFPROC | RFFDG, reads);
	u_sleep(20);
	u_note(closer, "go on");
	check((u32)u_await(status) == closer);
	return reader;
}

/* What could not be sent goes before the next message. */
static void test_sent_late(void)
{
	char status[ERRMAX];
	odd_write = stalls;
	check(mount(nil) >= 0);
	u32 reader = leave_clunk();
	check_text(messages, "walk");
	stalling = false;
	wakeup(&stalled);
	check((u32)u_await(status) == reader);
	check(strstr(status, "1000d") != nil);
	check_text(messages, "walkclunkopenreadclunk");
	odd_write = nil;
	unmount();
}

/* The same where no message follows: it goes all the same, and its answer is read. */
static void test_swept(void)
{
	char status[ERRMAX];
	odd_write = stalls;
	check(mount(nil) >= 0);
	u32 fids = mnt_counts().fids;
	u32 reader = leave_clunk();
	u_note(reader, "leave");
	u_sleep(10);
	stalling = false;
	wakeup(&stalled);
	check((u32)u_await(status) == reader);
	odd_write = nil;
	u_sleep(3000);
	check(strstr(messages, "clunk") != nil);
	check(mnt_counts().fids == fids && mnt_counts().tags == 0);
	unmount();
}

static void test_not_9p(void)
{
	s32 fd = u_open("/a/which", OREAD);
	check(u_mount(fd, "/mnt", MREPL, "") < 0);
	u_close(fd);
	check(u_mount(99, "/mnt", MREPL, "") < 0);
	check_text(u_error(), "fd out of range or not open");
}

void rpc_test(void)
{
	u64 before = chan_count();
	test_usual();
	test_versions();
	test_small_messages();
	test_wrong();
	test_between();
	test_flush();
	test_late();
	test_listing();
	test_hangup();
	test_cut_by_note();
	test_small_sips();
	test_cut_by_error();
	test_cut_twice();
	test_sent_late();
	test_swept();
	test_not_9p();
	check(chan_count() == before);
}
