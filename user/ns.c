/*
 * ns [-r] [pid]: print the name space of a process, its own by default, as the
 * commands that would make it. Network connections show as their addresses unless
 * -r is given.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

enum {
	NWORD = 6,		/* words of a line: command flags new old spec, and one to spare */
};

static Biobuf bout;
static int raw;

static void
usage(void)
{
	fprint(2, "usage: ns [-r] [pid]\n");
	exits("usage");
}

/* address returns proto!addr, allocated, for /net/proto/n/data, else nil. */
static char *
address(char *name)
{
	char *file, *f[4], buf[256];
	int fd, nf;
	long n;

	if (strncmp(name, "/net/", 5) != 0)
		return nil;
	file = strdup(name + 5);
	if (file == nil)
		sysfatal("no memory: %r");
	nf = getfields(file, f, nelem(f), 0, "/");
	if (nf != 3 || strcmp(f[2], "data") != 0) {
		free(file);
		return nil;
	}
	snprint(buf, sizeof buf, "/net/%s/%s/remote", f[0], f[1]);
	fd = open(buf, OREAD);
	n = fd < 0 ? -1 : read(fd, buf, sizeof buf - 1);
	close(fd);
	name = nil;
	if (n > 0) {
		buf[n] = '\0';
		buf[strcspn(buf, " \t\n")] = '\0';
		name = smprint("%s!%s", f[0], buf);
	}
	free(file);
	return name;
}

/* show prints a line of the ns file with single blanks between its words. */
static void
show(char *line)
{
	char *word[NWORD], *a;
	int i, n;

	n = tokenize(line, word, nelem(word));
	for (i = 0; i < n; i++) {
		a = raw || strcmp(word[0], "mount") != 0 ? nil : address(word[i]);
		Bprint(&bout, i == 0 ? "%q" : " %q", a == nil ? word[i] : a);
		free(a);
	}
	if (n > 0)
		Bprint(&bout, "\n");
}

void
main(int argc, char *argv[])
{
	Biobuf *in;
	char *name, *line;

	ARGBEGIN{
	case 'r':
		raw = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc > 1)
		usage();
	quotefmtinstall();
	if (argc == 1)
		name = smprint("/proc/%s/ns", argv[0]);
	else
		name = smprint("/proc/%d/ns", getpid());
	in = name == nil ? nil : Bopen(name, OREAD);
	if (in == nil)
		sysfatal("can't open %s: %r", name);
	Binit(&bout, 1, OWRITE);
	while ((line = Brdstr(in, '\n', 1)) != nil) {
		show(line);
		free(line);
	}
	if (Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
