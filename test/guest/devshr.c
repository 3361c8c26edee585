/*
 * Shares (#σ): devices.md 8. The servers are ramfs on pipes.
 */
#include "guest.h"

/* Mounts fd under that name; the error, or nothing. */
static char *join(char *file, int fd, char *aname)
{
	static char err[ERRMAX];
	char text[64];
	int c;

	c = create(file, OWRITE, 0666);
	snprint(text, sizeof text, aname == nil ? "%d" : "%d\n%s", fd, aname);
	if (c < 0 || write(c, text, strlen(text)) < 0)
		rerrstr(err, sizeof err);
	else
		err[0] = '\0';
	close(c);
	return err;
}

static int make(char *file, char *text)
{
	int fd = create(file, OWRITE, 0666);
	int r = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return r;
}

static char *emptyspace(void *arg)
{
	USED(arg);
	return strcmp(contents("#σ/box/hello"), "world") == 0 ? nil : "not seen";
}

static char *asnone(void *arg)
{
	static char err[ERRMAX];

	puts("/dev/user", "none");
	if (create(arg, OWRITE, 0666) >= 0)
		return "created";
	rerrstr(err, sizeof err);
	return err;
}

static char *masked(void *arg)
{
	static char err[ERRMAX];

	if (puts("/dev/drivers", "chdev &~ M") < 0 || create(arg, OWRITE, 0666) >= 0)
		return "created";
	rerrstr(err, sizeof err);
	return err;
}

static void control(void)
{
	int fd;
	Dir *d, n;

	d = dirstat("#σc");
	yes("#σc d0777", d != nil && (d->mode & 0777) == 0777 && (d->mode & DMDIR));
	free(d);
	d = dirstat("#σ");
	yes("#σ d0555", d != nil && (d->mode & 0777) == 0555);
	free(d);
	failsas("spec", open("#σx", OREAD), "bad attach specifier");
	fd = create("#σc/box", OREAD, DMDIR | 0775);
	yes("new share", fd >= 0);
	close(fd);
	d = dirstat("#σc/box");
	yes("as made", d != nil && (d->mode & 0777) == 0775);
	free(d);
	d = dirstat("#σ/box");
	yes("without w", d != nil && (d->mode & 0777) == 0555);
	free(d);
	failsas("no file there", create("#σc/file", OWRITE, 0666), "permission denied");
	failsas("no share in a share", create("#σc/box/dir", OREAD, DMDIR | 0777),
		"permission denied");
	failsas("user view", create("#σ/box/x", OWRITE, 0666), "permission denied");
	failsas("user view's root", create("#σ/y", OREAD, DMDIR | 0777), "permission denied");
	nulldir(&n);
	n.name = "chest";
	yes("rename", dirwstat("#σc/box", &n) > 0);
	n.name = "box";
	dirwstat("#σc/chest", &n);
	same("none", run(0, asnone, "#σc/box/none"), "'#σc/box/none' permission denied");
	same("device masked", run(RFNAMEG, masked, "#σc/box/masked"),
		"'#σc/box/masked' mount/attach disallowed");
}

static void contentsof(void)
{
	int pid, a = ramfs(RFNOWAIT, &pid), fd, i, n;
	Dir *d;

	same("join", join("#σc/box/a", a, nil), "");
	is("create goes to the server", make("#σ/box/hello", "world"), 5);
	same("read", contents("#σ/box/hello"), "world");
	same("by its name", contents("/shr/box/hello"), "world");
	same("another name space", run(RFCNAMEG, emptyspace, nil), "");
	is("mkdir below", close(create("/shr/box/d", OREAD, DMDIR | 0777)), 0);
	is("file below", make("/shr/box/d/f", "deep"), 4);
	is("chdir", chdir("/shr/box/d"), 0);
	same("relative", contents("f"), "deep");
	same("up", contents("../hello"), "world");
	is("chdir up", chdir("../.."), 0);
	same("from the root of shares", contents("box/d/f"), "deep");
	chdir("/");
	fd = open("#σc/box/a", OREAD);
	is("control file's mode", fd, -1);
	fd = open("#σc/box/a", ORDWR);
	yes("control file is the transport", fd >= 0);
	fails("which is taken", read(fd, &i, 1), "inappropriate use of fd");
	close(fd);
	same("join a second", join("#σc/box/b", ramfs(RFNOWAIT, &pid), ""), "");
	fd = open("/shr/box", OREAD);
	for (i = 0; (n = dirread(fd, &d)) > 0; i += n)
		free(d);
	close(fd);
	is("union", i, 2);
	failsas("not empty", remove("#σc/box"), "directory not empty");
	is("leave", remove("#σc/box/a"), 0);
	failsas("it is gone", open("/shr/box/hello", OREAD), "file does not exist");
	is("the second is first now", make("/shr/box/two", "2"), 1);
	is("leave the second", remove("#σc/box/b"), 0);
	is("remove the share", remove("#σc/box"), 0);
	failsas("gone", open("/shr/box", OREAD), "file does not exist");
	close(a);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devshr", 60);
	bind("#σ", "/shr", MREPL);
	control();
	contentsof();
	done();
}
