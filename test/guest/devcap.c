/*
 * Capabilities (#¤) and named segments (#g): devices.md 10 and 17.
 */
#include "guest.h"

/* HMAC-SHA1, key `secret`, of `hilda' and `hilda@boyd': computed with Python's hmac. */
static uchar plain[20] = {
	0x8a, 0x65, 0x71, 0xb4, 0x7b, 0x0e, 0x76, 0xd5, 0xc4, 0x1d,
	0xfd, 0xfe, 0xb4, 0xcc, 0xb2, 0x42, 0xef, 0x48, 0x0e, 0x89
};
static uchar fromto[20] = {
	0xc9, 0x48, 0xa0, 0xce, 0x16, 0xc5, 0x87, 0xd8, 0x5d, 0x8c,
	0x7b, 0x98, 0xf5, 0xef, 0x61, 0xf5, 0xa9, 0xce, 0x61, 0x09
};

static int storehash(uchar *h, int n)
{
	int fd = open("#¤/caphash", OWRITE);
	int r = write(fd, h, n);

	close(fd);
	return r;
}

static char *become(void *arg)
{
	static char user[ERRMAX];

	if (puts("#¤/capuse", arg) < 0) {
		rerrstr(user, sizeof user);
		return user;
	}
	strecpy(user, user + sizeof user, contents("/dev/user"));
	return user;
}

static char *refused(long r)
{
	static char err[ERRMAX];
	char *tail;

	if (r >= 0)
		return "went through";
	rerrstr(err, sizeof err);
	tail = strrchr(err, '\'');
	return strcmp(tail == nil ? err : tail + 2, "permission denied") == 0 ? "" : err;
}

/* What a user who is not the host owner may do in #σ. */
static char *shares(void *arg)
{
	Dir d;
	char *e;

	USED(arg);
	if (puts("#¤/capuse", "hilda@secret") < 0)
		return "capuse";
	e = refused(create("#σc/eves/hildas", OWRITE, 0666));
	if (*e == '\0')
		e = refused(remove("#σc/eves/file"));
	if (*e == '\0')
		e = refused(remove("#σc/eves"));
	nulldir(&d);
	d.mode = 0700;
	if (*e == '\0')
		e = refused(dirwstat("#σc/eves", &d));
	if (*e != '\0')
		return e;
	if (close(create("#σc/hildas", OREAD, DMDIR | 0755)) < 0)
		return "no share of her own";
	if (close(create("#σc/hildas/file", OWRITE, 0644)) < 0 || remove("#σc/hildas/file") < 0)
		return "no file in it";
	return dirwstat("#σc/hildas", &d) > 0 ? "" : "wstat";
}

static char *noteve(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	puts("/dev/user", "none");
	if (open("#¤/caphash", OWRITE) >= 0)
		return "opened";
	rerrstr(err, sizeof err);
	return err;
}

/* Only the first run since the machine was started can store hashes: the last check ends that. */
static void caps(void)
{
	static char text[1024];
	int i;
	Dir *d;

	d = dirstat("#¤/caphash");
	if (d == nil)
		return;
	free(d);
	d = dirstat("#¤/capuse");
	yes("capuse 0222", d != nil && (d->mode & 0777) == 0222);
	free(d);
	d = dirstat("#¤/caphash");
	yes("caphash 0200", d != nil && (d->mode & 0777) == 0200);
	free(d);
	d = dirstat("#¤");
	yes("root d0500", d != nil && (d->mode & 0777) == 0500 && (d->mode & DMDIR));
	free(d);
	fails("short hash", storehash(plain, 19), "i/o count too small");
	same("unknown", run(0, become, "hilda@wrong"), "invalid capability hilda@wrong");
	is("hash", storehash(plain, 20), 20);
	same("wrong secret", run(0, become, "hilda@other"), "invalid capability hilda@other");
	same("user@secret", run(0, become, "hilda@secret"), "hilda");
	same("only once", run(0, become, "hilda@secret"), "invalid capability hilda@secret");
	close(create("#σc/eves", OREAD, DMDIR | 0777));
	close(create("#σc/eves/file", OWRITE, 0666));
	storehash(plain, 20);
	same("shares and others", run(0, shares, nil), "");
	is("the host owner removes what is not his", remove("#σc/hildas"), 0);
	remove("#σc/eves/file");
	remove("#σc/eves");
	is("hash from@to", storehash(fromto, 20), 20);
	same("other user", run(0, become, "boyd@hilda@s@cret"),
		"invalid capability boyd@hilda@s@cret");
	same("not that user", run(0, become, "hilda@boyd@secret"),
		"capability must match user");
	same("only the host owner", run(0, noteve, nil), "'#¤/caphash' permission denied");
	storehash(plain, 20);
	for (i = 0; i < 256; i++) {
		plain[0] = i;
		storehash(plain, 20);
	}
	plain[0] = 0x8a;
	same("256 are kept", run(0, become, "hilda@secret"), "hilda");
	for (i = 0; i < 257; i++) {
		plain[0] = i == 0 ? 0x8a : 0;
		storehash(plain, 20);
	}
	plain[0] = 0x8a;
	same("no more", run(0, become, "hilda@secret"), "invalid capability hilda@secret");
	memset(text, 'x', sizeof text);
	fails("1024 bytes", write(open("#¤/capuse", OWRITE), text, 1024),
		"read or write too large");
	failsas("caphash is not read", open("#¤/caphash", OREAD), "permission denied");
	storehash(plain, 20);
	is("remove caphash", remove("#¤/caphash"), 0);
	failsas("no more hashes", open("#¤/caphash", OWRITE), "file does not exist");
	same("what was stored is good", run(0, become, "hilda@secret"), "hilda");
}

static char *addseg(char *name, char *ctl)
{
	static char err[ERRMAX];
	char file[64];
	int fd;

	snprint(file, sizeof file, "#g/%s", name);
	fd = create(file, OREAD, DMDIR | 0777);
	if (fd < 0)
		goto bad;
	close(fd);
	if (ctl == nil)
		return "";
	snprint(file, sizeof file, "#g/%s/ctl", name);
	if (puts(file, ctl) >= 0)
		return "";
bad:
	rerrstr(err, sizeof err);
	return err;
}

static char *peer(void *arg)
{
	vlong *v;

	USED(arg);
	segdetach((void *)0x40000000);	/* what rfork gave */
	v = segattach(0, "test", nil, 0);
	if (v != (void *)0x40000000)
		return "not attached";
	v[0]++;
	return v[1] == 77 ? nil : "no 77";
}

static char *stranger(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	puts("/dev/user", "none");
	if (segattach(0, "test", nil, 0) != (void *)-1)
		return "attached";
	rerrstr(err, sizeof err);
	return err;
}

static void segments(void)
{
	static char buf[16];
	vlong *v, x;
	int fd;
	Dir *d;

	same("mkdir", addseg("test", nil), "");
	failsas("again", create("#g/test", OREAD | OEXCL, DMDIR | 0777), "file already exists");
	same("collision", addseg("shared", nil),
		"'#g/shared' name collision with physical segment");
	failsas("file", create("#g/file", OWRITE, 0666), "permission denied");
	fails("not yet", read(open("#g/test/ctl", OREAD), buf, 1), "segment not yet allocated");
	is("attach too early", (vlong)(uintptr)segattach(0, "test", nil, 0), -1);
	is("zero", puts("#g/test/ctl", "va 0x40000000 0"), -1);
	is("va", puts("#g/test/ctl", "va 0x40000010 0x1ff0"), 0);
	same("ctl", contents("#g/test/ctl"), "va 0x40000000 0x2000\n");
	fails("va twice", puts("#g/test/ctl", "va 0x50000000 4096"),
		"already has a virtual address");
	d = dirstat("#g/test/data");
	yes("data", d != nil && d->length == 0x2000 && (d->mode & 0777) == 0660);
	free(d);
	v = segattach(0, "test", (void *)0x70000000, 4096);
	yes("segattach", v == (void *)0x40000000);
	is("zero at first", v[0], 0);
	v[1] = 77;
	fd = open("#g/test/data", ORDWR);
	is("read data", pread(fd, &x, 8, 8), 8);
	is("what is there", x, 77);
	x = 5;
	is("write data", pwrite(fd, &x, 8, 0x1ffc), 4);
	is("data into itself", pread(fd, &v[16], 8, 8), 8);
	is("it came", v[16], 77);
	is("beyond the end", pread(fd, &x, 8, 0x2000), 0);
	same("another process", run(0, peer, nil), "");
	is("saw it", v[0], 1);
	same("permission", run(0, stranger, nil), "permission denied");
	is("overlap", (vlong)(uintptr)segattach(0, "test", nil, 0), -1);
	is("remove", remove("#g/test"), 0);
	is("open data is gone", pread(fd, &x, 8, 0), -1);
	is("memory stays", v[1], 77);
	is("detach", segdetach(v), 0);
	close(fd);
	same("sticky", addseg("st", "va 0x50000000 8192 sticky"), "");
	same("sticky ctl", contents("#g/st/ctl"), "va 0x50000000 0x2000 sticky\n");
	same("fixed", addseg("fx", "va 0x60000000 20480 fixed"), "");
	begins("fixed ctl", contents("#g/fx/ctl"), "va 0x60000000 0x5000 fixed 0x");
	v = segattach(0, "fx", nil, 0);
	v[2559] = 3;
	fails("segfree of fixed", segfree(v, 4096), "bad arg in system call");
	is("detach fixed", segdetach(v), 0);
	is("remove fixed", remove("#g/fx"), 0);
	is("remove sticky", remove("#g/st"), 0);
	yes("audit", strstr(contents("#c/audit"), " 0 violations") != nil);
}

static void many(void)
{
	char name[32], *e = "";
	int i;

	for (i = 0; i < 100 && *e == '\0'; i++) {
		snprint(name, sizeof name, "n%d", i);
		e = addseg(name, nil);
	}
	same("a hundred", e, "");
	same("one more", addseg("more", nil), "'#g/more' too many global segments");
	for (i = 0; i < 100; i++) {
		snprint(name, sizeof name, "#g/n%d", i);
		remove(name);
	}
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devcap", 60);
	segments();
	many();
	caps();
	done();
}
