/*
 * awk: options, the variables' names, and errors.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

enum {
	Nnames = 251,
	Maxstack = 6*1024*1024,	/* of nested expressions and calls */
};

Cell	**globals;
int	nglobal;
int	useenviron;

static Var	*names[Nnames];
static Var	**vars;		/* by index */
static char	*stackbase;

static char *specialname[Nspecial] = {
	"NF", "NR", "FNR", "FS", "OFS", "ORS", "RS", "SUBSEP", "CONVFMT", "OFMT", "RSTART",
	"RLENGTH", "FILENAME", "ENVIRON", "ARGC", "ARGV",
};

static void
usage(void)
{
	fprint(2, "usage: awk [-F fs] [-v var=value] [-f file | 'program'] [file ...]\n");
	exits("usage");
}

void*
egrow(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		fatal("out of memory");
	return p;
}

void*
ealloc(usize n)
{
	return memset(egrow(nil, n), 0, n);
}

char*
estrdup(char *s)
{
	char *t;

	t = strdup(s);
	if(t == nil)
		fatal("out of memory");
	return t;
}

void
fatal(char *fmt, ...)
{
	char *s;
	va_list args;

	va_start(args, fmt);
	s = vsmprint(fmt, args);
	va_end(args);
	flushall();
	fprint(2, "awk: %s\n", s != nil ? s : "out of memory");
	exits(s);
}

/* Ends a program that nests too deeply while it can still say so. */
void
checkstack(void)
{
	char here;
	intptr n;

	n = (intptr)stackbase - (intptr)&here;
	if(n > Maxstack)
		fatal("nested too deeply");
}

/* The index of a global variable, which is made if there is none. */
int
variable(char *name)
{
	Var *v;
	uint h;
	char *s;

	h = 0;
	for(s = name; *s != 0; s++)
		h = h*31 + (uchar)*s;
	h %= Nnames;
	for(v = names[h]; v != nil; v = v->next)
		if(strcmp(v->name, name) == 0)
			return v->index;
	v = ealloc(sizeof *v);
	v->name = estrdup(name);
	v->index = nglobal;
	v->next = names[h];
	names[h] = v;
	globals = egrow(globals, (usize)(nglobal + 1)*sizeof *globals);
	globals[nglobal] = ealloc(sizeof **globals);
	vars = egrow(vars, (usize)(nglobal + 1)*sizeof *vars);
	vars[nglobal] = v;
	return nglobal++;
}

char*
varname(int index)
{
	return vars[index]->name;
}

/* Replaces the escapes of a string constant; to may be s. Returns the length. */
usize
unescape(char *to, char *s, usize n)
{
	static char from[] = "abfnrtv\"\\/", what[] = "\a\b\f\n\r\t\v\"\\/";
	char *e = s + n, *start = to, *f;
	int i, c;

	while(s < e){
		if(*s != '\\' || s + 1 == e){
			*to++ = *s++;
			continue;
		}
		s++;
		f = *s != 0 ? strchr(from, *s) : nil;
		if(f != nil){
			*to++ = what[f - from];
			s++;
		}else if(*s == '\n')
			s++;
		else if(*s >= '0' && *s <= '7'){
			for(i = c = 0; i < 3 && s < e && *s >= '0' && *s <= '7'; i++)
				c = c*8 + *s++ - '0';
			*to++ = (char)c;
		}else
			*to++ = '\\';
	}
	return (usize)(to - start);
}

static int
isname(char *s, char *e)
{
	char *p;

	for(p = s; p < e; p++)
		if(*p != '_' && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		!(p > s && *p >= '0' && *p <= '9') && (uchar)*p < Runeself)
			return 0;
	return e > s;
}

/* Performs an argument of the form name=value; 0 if it has another. */
int
assignoperand(char *arg)
{
	char *eq, *name;
	Val v;
	Str *s;

	eq = strchr(arg, '=');
	if(eq == nil || !isname(arg, eq))
		return 0;
	name = estrdup(arg);
	name[eq - arg] = 0;
	s = allocstr((usize)strlen(eq + 1));
	s->n = unescape(s->s, eq + 1, s->n);
	s->s[s->n] = 0;
	v = vstr(s);
	v.kind = Vmaybe;
	setvar(variable(name), v);
	free(name);
	return 1;
}

/* A file of the program. */
static void
sourcefile(char *name)
{
	char *s;
	usize n, cap;
	long r;
	int fd;

	fd = strcmp(name, "-") == 0 ? 0 : open(name, OREAD);
	if(fd < 0)
		fatal("can't open %s: %r", name);
	s = nil;
	n = cap = 0;
	do{
		if(cap - n < 4096)
			s = egrow(s, cap = 2*cap + 8192);
		r = read(fd, s + n, (long)(cap - n - 1));
		if(r < 0)
			fatal("can't read %s: %r", name);
		n += (usize)r;
	}while(r > 0);
	if(fd != 0)
		close(fd);
	s[n] = 0;
	addsource(name, s, n);
}

static void
setargs(int argc, char *argv[])
{
	char key[16];
	Array *a;
	int i;

	a = globals[VARGV]->a = newarray();
	arrayset(a, "0", vstr(newstr("awk", 3)));
	for(i = 0; i < argc; i++){
		snprint(key, sizeof key, "%d", i + 1);
		arrayset(a, key, vmaybe(argv[i], (usize)strlen(argv[i])));
	}
	setvar(VARGC, vnum(argc + 1));
}

static void
setenviron(void)
{
	Array *a;
	Dir *d;
	char *s;
	long i, n;
	int fd;

	a = globals[VENVIRON]->a = newarray();
	fd = useenviron ? open("/env", OREAD) : -1;
	if(fd < 0)
		return;
	n = dirreadall(fd, &d);
	close(fd);
	for(i = 0; i < n; i++){
		if(strncmp(d[i].name, "fn#", 3) == 0 || (s = getenv(d[i].name)) == nil)
			continue;
		arrayset(a, d[i].name, vmaybe(s, (usize)strlen(s)));
		free(s);
	}
	if(n > 0)
		free(d);
}

static void
makespecials(void)
{
	int i;

	for(i = 0; i < Nspecial; i++)
		variable(specialname[i]);
	setvar(VFS, vstr(newstr(" ", 1)));
	setvar(VOFS, vstr(newstr(" ", 1)));
	setvar(VORS, vstr(newstr("\n", 1)));
	setvar(VRS, vstr(newstr("\n", 1)));
	setvar(VSUBSEP, vstr(newstr("\034", 1)));
	setvar(VCONVFMT, vstr(newstr("%.6g", 4)));
	setvar(VOFMT, vstr(newstr("%.6g", 4)));
	setvar(VNR, vnum(0));
	setvar(VFNR, vnum(0));
	setvar(VNF, vnum(0));
	setvar(VRSTART, vnum(0));
	setvar(VRLENGTH, vnum(-1));
}

void
main(int argc, char *argv[])
{
	char *s, here;
	int sources;

	argv0 = "awk";
	stackbase = &here;
	setfcr(0);
	ioinit();
	makespecials();
	sources = 0;
	ARGBEGIN{
	case 'F':
		s = EARGF(usage());
		s = smprint("FS=%s", strcmp(s, "t") == 0 ? "\t" : s);
		if(s == nil)
			fatal("out of memory");
		assignoperand(s);
		break;
	case 'f':
		s = EARGF(usage());
		sourcefile(s);
		sources++;
		break;
	case 'v':
		s = EARGF(usage());
		if(!assignoperand(s))
			usage();
		break;
	default:
		usage();
	}ARGEND
	if(sources == 0){
		if(argc == 0)
			usage();
		addsource("program", argv[0], (usize)strlen(argv[0]));
		argc--;
		argv++;
	}
	parse();
	setargs(argc, argv);
	setenviron();
	runrules();
}
