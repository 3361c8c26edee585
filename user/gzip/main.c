/*
 * gzip [-cdtTvD1-9] [file ...], gunzip [-ctTvD] [file ...]: compress, expand.
 * What is made lies in the current directory: the last element of the name
 * with .gz added or taken away, where .tar.gz is .tgz. gunzip is this program
 * under its other name.
 */
#include "gzip.h"

int debug;
ulong *crctab;

static int expand, tostdout, list, settime, verbose;
static int level = 6;
static char *status;

static void
usage(void)
{
	if(expand)
		fprint(2, "usage: gunzip [-ctTvD] [file ...]\n");
	else
		fprint(2, "usage: gzip [-cdvD] [-1 ... -9] [file ...]\n");
	exits("usage");
}

static void
complain(char *what)
{
	fprint(2, "%s: %s: %r\n", expand ? "gunzip" : "gzip", what);
	status = "errors";
}

static char*
lastelem(char *s)
{
	char *p = strrchr(s, '/');

	return p != nil ? p+1 : s;
}

/* Cuts the suffix off if s ends with it and has more than it. */
static int
cut(char *s, char *suffix)
{
	long n = strlen(s), m = strlen(suffix);

	if(n <= m || strcmp(s + n - m, suffix) != 0)
		return 0;
	s[n - m] = 0;
	return 1;
}

/* The name of the result, malloc'd; nil if there is none. */
static char*
outname(char *in)
{
	char *s, *base;

	base = smprint("%s", lastelem(in));
	if(base == nil)
		sysfatal("out of memory");
	if(!expand)
		s = smprint(cut(base, ".tar") ? "%s.tgz" : "%s.gz", base);
	else if(cut(base, ".tgz"))
		s = smprint("%s.tar", base);
	else if(cut(base, ".gz"))
		s = smprint("%s", base);
	else{
		werrstr("name does not end in .gz or .tgz");
		s = nil;
	}
	free(base);
	return s;
}

static void
settimes(int fd, Member *m)
{
	Dir d;

	if(!settime || m->mtime == 0)
		return;
	nulldir(&d);
	d.mtime = m->mtime;
	if(dirfwstat(fd, &d) < 0)
		fprint(2, "gunzip: can't set the time of %s: %r\n", m->name);
}

static void
describe(int fd, char *name, Member *m)
{
	Dir *d;

	memset(m, 0, sizeof *m);
	if(expand || name == nil)
		return;
	if(strlen(lastelem(name)) < (long)sizeof m->name)
		strcpy(m->name, lastelem(name));
	d = dirfstat(fd);
	if(d != nil)
		m->mtime = d->mtime;
	free(d);
}

/* Compressed to in proportion to plain, for -v. */
static void
report(char *name, Member *m, char *result)
{
	Dir *d;

	if(!verbose)
		return;
	if(result == nil || expand || (d = dirstat(result)) == nil){
		fprint(2, "%s: %llud bytes\n", name, m->size);
		return;
	}
	fprint(2, "%s: %llud to %lld bytes, %.1f%%\n", name, m->size, d->length,
		m->size > 0 ? 100.0 * (double)d->length / (double)m->size : 100.0);
	free(d);
}

static int
convert(int in, int out, char *name, Member *m)
{
	describe(in, name, m);
	if(expand)
		return unzip(in, out, name != nil ? name : "<stdin>", m, list);
	return zip(in, out, m, level);
}

/* A result that is not whole is not left behind. */
static void
file(char *name, int in)
{
	char *result = nil;
	Member m;
	int out = 1;

	if(!tostdout && !list){
		result = outname(name);
		if(result == nil){
			complain(name);
			return;
		}
		out = create(result, OWRITE, 0666);
		if(out < 0){
			complain(result);
			free(result);
			return;
		}
	}
	if(convert(in, out, name, &m) < 0){
		complain(name);
		if(result != nil)
			remove(result);
	}else{
		if(result != nil)
			settimes(out, &m);
		report(name, &m, result);
	}
	if(result != nil)
		close(out);
	free(result);
}

static void
options(int *argcp, char ***argvp)
{
	int argc = *argcp;
	char **argv = *argvp;

	ARGBEGIN{
	case 'c':
		tostdout = 1;
		break;
	case 'd':
		expand = 1;
		break;
	case 't':
		list = 1;
		break;
	case 'T':
		settime = 1;
		break;
	case 'v':
		verbose = 1;
		break;
	case 'D':
		debug = 1;
		break;
	case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		level = (int)ARGC() - '0';
		break;
	default:
		usage();
	}ARGEND
	*argcp = argc;
	*argvp = argv;
}

void
main(int argc, char *argv[])
{
	Member m;
	Dir *d;
	int fd;

	expand = strcmp(lastelem(argv[0]), "gunzip") == 0;
	options(&argc, &argv);
	if((list || settime) && !expand)
		usage();
	crctab = mkcrctab(0xEDB88320);
	if(crctab == nil)
		sysfatal("out of memory");
	if(argc == 0 && convert(0, 1, nil, &m) < 0)
		complain("<stdin>");
	for(; argc > 0; argc--, argv++){
		fd = open(argv[0], OREAD);
		d = fd < 0 ? nil : dirfstat(fd);
		if(d != nil && (d->mode & DMDIR))
			werrstr("is a directory");
		if(d == nil || (d->mode & DMDIR))
			complain(argv[0]);
		else
			file(argv[0], fd);
		free(d);
		if(fd >= 0)
			close(fd);
	}
	exits(status);
}
