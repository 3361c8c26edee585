/*
 * ed: options, errors and notes, and the loop over commands.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

int	oflag;
int	verbose = 1;
int	prompting;
int	errors;
char	*filename;
int	interrupted;
Biobuf	out;

static jmp_buf	again;
static int	hungup;

void*
emalloc(usize n)
{
	void *p;

	p = malloc(n);
	if(p == nil)
		error("out of memory");
	return p;
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		error("out of memory");
	return p;
}

char*
estrdup(char *s)
{
	s = strdup(s);
	if(s == nil)
		error("out of memory");
	return s;
}

/* Print ? and a message, and abandon the command. */
NORETURN void
error(char *fmt, ...)
{
	va_list arg;

	va_start(arg, fmt);
	Bputc(&out, '?');
	Bvprint(&out, fmt, arg);
	Bputc(&out, '\n');
	va_end(arg);
	errors++;
	setglobal(nil);
	longjmp(again, 1);
}

static int
catch(void *ureg, char *note)
{
	USED(ureg);
	if(strcmp(note, "interrupt") == 0){
		interrupted = 1;
		return 1;
	}
	if(strcmp(note, "hangup") == 0){
		hungup = interrupted = 1;
		return 1;
	}
	return strcmp(note, "sys: write on closed pipe") == 0;
}

/* Act on a note that came since the last look. */
void
checkintr(void)
{
	if(!interrupted)
		return;
	interrupted = 0;
	if(hungup){
		hungup = 0;
		lostline();
	}
	error("interrupt");
}

static void
usage(void)
{
	fprint(2, "usage: ed [-] [-o] [file]\n");
	exits("usage");
}

static void
loop(void)
{
	for(;;){
		if(prompting)
			Bputc(&out, '*');
		cp = readcmd();
		if(cp == nil)
			quit(0);
		command();
	}
}

static void
start(char *name)
{
	filename = estrdup(name);
	readinto(name, 0);
	discardundo();
	modified = 0;
}

void
main(int argc, char *argv[])
{
	argv0 = "ed";
	ARGBEGIN{
	case 'o': oflag = 1; break;
	default: usage();
	}ARGEND
	if(argc > 0 && strcmp(argv[0], "-") == 0){
		verbose = 0;
		argc--;
		argv++;
	}
	if(argc > 1)
		usage();
	Binit(&out, oflag ? 2 : 1, OWRITE);
	atnotify(catch, 1);
	/* An error in what follows comes back here, and the loop goes on. */
	if(setjmp(again) == 0 && argc > 0)
		start(argv[0]);
	loop();
	exits(nil);
}
