/*
 * sort: options. Without -c or -m the files are sorted together.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "sort.h"

int	uflag;

static int	cflag, mflag;
static char	*ofile;

static void
usage(void)
{
	fprint(2, "usage: sort [-cmuMbdfginrw] [-t x] [-k start[,end]] [+start [-end]] "
		"[-o file] [-T dir] [file ...]\n");
	exits("usage");
}

static int
isposition(char *s, int c)
{
	return s[0] == c && s[1] >= '0' && s[1] <= '9';
}

/* The value of an option: the rest of the word, or the next one. */
static char*
value(char *rest, int argc, char *argv[], int *i)
{
	if(rest[1] != '\0')
		return rest + 1;
	if(++*i >= argc)
		usage();
	return argv[*i];
}

/* The letters of one argument; *i moves when a value is in the next. */
static void
letters(char *s, int argc, char *argv[], int *i)
{
	for(; *s != '\0'; s++)
		switch(*s){
		case 'c': cflag = 1; break;
		case 'm': mflag = 1; break;
		case 'u': uflag = 1; break;
		case 'k': addkey(value(s, argc, argv, i)); return;
		case 'o': ofile = value(s, argc, argv, i); return;
		case 'T': tmpdir = value(s, argc, argv, i); return;
		case 't': setsep(value(s, argc, argv, i)); return;
		default:
			if(!setglobal(*s))
				usage();
		}
}

/* Returns the index of the first file. */
static int
options(int argc, char *argv[])
{
	int i, old;

	old = 0;
	for(i = 1; i < argc; i++){
		if(old && isposition(argv[i], '-')){
			oldkeyend(argv[i]);
			old = 0;
			continue;
		}
		old = isposition(argv[i], '+');
		if(old){
			addoldkey(argv[i]);
			continue;
		}
		if(argv[i][0] != '-' || argv[i][1] == '\0')
			break;
		if(strcmp(argv[i], "--") == 0)
			return i + 1;
		letters(argv[i] + 1, argc, argv, &i);
	}
	return i;
}

/* -c: exits with a message at the first line that is out of order. */
static void
check(In *in)
{
	Line last;
	vlong n;
	int c;

	memset(&last, 0, sizeof last);
	for(n = 1; nextline(in); n++){
		if(n > 1){
			c = linecmp(&last, &in->line);
			if(c > 0 || (c == 0 && uflag)){
				fprint(2, "sort: %s:%lld: not in order\n", in->name, n);
				exits("order");
			}
		}
		last.s = erealloc(last.s, in->line.n + 1);
		last.n = in->line.n;
		memmove(last.s, in->line.s, last.n);
	}
	exits(nil);
}

void
main(int argc, char *argv[])
{
	In **in;
	int i, n;

	argv0 = "sort";
	i = options(argc, argv);
	endkeys();
	in = emalloc((argc + 1)*sizeof *in);
	n = 0;
	if(i >= argc)
		in[n++] = newin("-", -1);
	for(; i < argc; i++)
		in[n++] = newin(argv[i], -1);
	if(cflag){
		if(n != 1)
			usage();
		check(in[0]);
	}
	if(mflag)
		output(in, n, ofile);
	else
		sortfiles(in, n, ofile);
	exits(nil);
}
