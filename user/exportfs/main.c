/*
 * exportfs [-dR] [-m msize] [-P patternfile] [-r root] [-S srvfile]: answer 9P
 * requests on descriptors 0 and 1 with the files of this name space.
 */
#include "exportfs.h"

int debug, readonly;
uint messize = MSIZE;
char *root = "/";

static uint maxmsize = MSIZE;

void*
emalloc(ulong n)
{
	void *p = mallocz(n, 1);

	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, ulong n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

char*
estrdup(char *s)
{
	s = strdup(s);
	if(s == nil)
		sysfatal("out of memory");
	return s;
}

static void
usage(void)
{
	fprint(2, "usage: exportfs [-dR] [-m msize] [-P patternfile] [-r root] [-S srvfile]\n");
	exits("usage");
}

/* Begins a session, and ends the one before. */
static void
version(Job *j)
{
	Fcall f = { .type = Rversion, .tag = j->in.tag, .version = VERSION9P };

	jobsabort();
	fidsclear();
	if(j->in.msize < MINMSIZE){
		f.type = Rerror;
		f.ename = "message size too small";
	}else{
		if(strncmp(j->in.version, "9P2000", 6) != 0
		|| (j->in.version[6] != 0 && j->in.version[6] != '.'))
			f.version = "unknown";
		messize = j->in.msize < maxmsize ? j->in.msize : maxmsize;
	}
	f.msize = messize;
	answer(&f);
	jobfree(j);
}

static void
malformed(uchar *buf, int n)
{
	Fcall f = { .type = Rerror, .tag = n >= 7 ? (ushort)GBIT16(buf+5) : NOTAG };

	f.ename = "malformed message";
	answer(&f);
}

/* One message; 0 at the end. */
static int
request(void)
{
	static uchar buf[MAXMSIZE];
	Job *j;
	int n;

	n = read9pmsg(0, buf, maxmsize);
	if(n <= 0)
		return 0;
	j = emalloc(sizeof *j);
	j->buf = emalloc((ulong)n);
	memmove(j->buf, buf, (ulong)n);
	if(convM2S(j->buf, (uint)n, &j->in) != (uint)n){
		malformed(buf, n);
		jobfree(j);
		return 1;
	}
	if(debug)
		fprint(2, "<- %F\n", &j->in);
	switch(j->in.type){
	case Tversion:
		version(j);
		break;
	case Tflush:
		jobflush(j->in.tag, j->in.oldtag);
		jobfree(j);
		break;
	default:
		jobstart(j);
	}
	return 1;
}

/* The tree of a 9P server takes the place of the root, for us alone. */
static void
mountservice(char *file)
{
	int fd;

	if(rfork(RFNAMEG) < 0)
		sysfatal("rfork: %r");
	fd = open(file, ORDWR);
	if(fd < 0)
		sysfatal("%s: %r", file);
	if(mount(fd, -1, "/mnt/exportfs", MREPL|MCREATE, "") < 0)
		sysfatal("mount %s: %r", file);
	root = "/mnt/exportfs";
}

/* An absolute, clean name; sysfatal if there is no such file. */
static char*
rootname(char *name)
{
	char dir[4096], *s;
	Dir *d;

	if(name[0] == '/' || name[0] == '#')
		s = estrdup(name);
	else{
		if(getwd(dir, sizeof dir) == nil)
			sysfatal("can't find the current directory: %r");
		s = join(dir, name);
	}
	cleanname(s);
	d = dirstat(s);
	if(d == nil)
		sysfatal("%s: %r", s);
	free(d);
	return s;
}

static void
messagesize(char *s)
{
	maxmsize = (uint)strtoul(s, nil, 0);
	if(maxmsize < MINMSIZE || maxmsize > MAXMSIZE)
		sysfatal("message size must be %d to %d", MINMSIZE, MAXMSIZE);
	messize = maxmsize;
}

void
main(int argc, char *argv[])
{
	ARGBEGIN{
	case 'd':
		debug = 1;
		break;
	case 'm':
		messagesize(EARGF(usage()));
		break;
	case 'P':
		readpatterns(EARGF(usage()));
		break;
	case 'r':
		root = EARGF(usage());
		break;
	case 'R':
		readonly = 1;
		break;
	case 'S':
		mountservice(EARGF(usage()));
		break;
	default:
		usage();
	}ARGEND
	if(argc > 0)
		usage();
	root = rootname(root);
	fmtinstall('F', fcallfmt);
	if(rfork(RFNOTEG|RFREND) < 0)
		sysfatal("rfork: %r");
	while(request())
		;
	jobsabort();
	postnote(PNGROUP, getpid(), "exportfs: connection closed");
	exits(nil);
}
