/*
 * tee: copy the standard input to the standard output and to files. An
 * output that fails is reported and left out; the others go on.
 */
#include <u.h>
#include <libc.h>

typedef struct Out Out;

struct Out {
	char	*name;
	int	fd;		/* -1 when it has failed */
};

static int	aflag, iflag;
static int	failed;

static void
usage(void)
{
	fprint(2, "usage: tee [-ai] [file ...]\n");
	exits("usage");
}

static int
catch(void *ureg, char *note)
{
	USED(ureg);
	return strcmp(note, "interrupt") == 0;
}

static int
openout(char *name)
{
	int fd;

	fd = aflag ? open(name, OWRITE) : -1;
	if(fd >= 0)
		seek(fd, 0, 2);
	else
		fd = create(name, OWRITE, 0666);
	if(fd < 0){
		fprint(2, "tee: %s: %r\n", name);
		failed = 1;
	}
	return fd;
}

static void
writeall(Out *o, int n, char *buf, long len)
{
	int i;

	for(i = 0; i < n; i++){
		if(o[i].fd < 0 || write(o[i].fd, buf, len) == len)
			continue;
		fprint(2, "tee: %s: %r\n", o[i].name);
		failed = 1;
		o[i].fd = -1;
	}
}

static void
copy(Out *o, int n)
{
	static char buf[32*1024];
	long len;

	for(;;){
		len = read(0, buf, sizeof buf);
		if(len < 0 && iflag){
			rerrstr(buf, sizeof buf);
			if(strcmp(buf, "interrupted") == 0)
				continue;
		}
		if(len <= 0)
			break;
		writeall(o, n, buf, len);
	}
	if(len < 0)
		sysfatal("read: %r");
}

void
main(int argc, char *argv[])
{
	Out *o;
	int i;

	argv0 = "tee";
	ARGBEGIN{
	case 'a': aflag = 1; break;
	case 'i': iflag = 1; break;
	default: usage();
	}ARGEND
	if(iflag)
		atnotify(catch, 1);
	o = malloc((argc + 1)*sizeof *o);
	if(o == nil)
		sysfatal("out of memory");
	o[0].name = "stdout";
	o[0].fd = 1;
	for(i = 0; i < argc; i++){
		o[i+1].name = argv[i];
		o[i+1].fd = openout(argv[i]);
	}
	copy(o, argc + 1);
	exits(failed ? "errors" : nil);
}
