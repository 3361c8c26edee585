/*
 * The engine of the print family: parses a format, finds the verb's
 * function and calls it. A verb that reads its argument with va_arg and
 * emits with fmtrune, fmtstrcpy or fmtprint needs to know no more.
 */
#include "sys.h"
#include "fmt.h"

enum {
	MAXFMT = 128,		/* verbs and flags, the built-in ones included */
};

typedef struct Verb Verb;
struct Verb {
	int	c;
	int	(*fn)(Fmt*);
};

/* Entries are only added, and c is stored last, so readers need no lock. */
static Verb verbs[MAXFMT] = {
	{ 's', _fmtstrfmt }, { 'd', _fmtintfmt }, { 'c', _fmtcharfmt }, { 'x', _fmtintfmt },
	{ 'r', errfmt }, { '%', _fmtpercent }, { 'S', _fmtstrfmt }, { 'C', _fmtcharfmt },
	{ 'X', _fmtintfmt }, { 'o', _fmtintfmt }, { 'b', _fmtintfmt }, { 'p', _fmtintfmt },
	{ 'n', _fmtcount }, { 'e', _fmtfloat }, { 'E', _fmtfloat }, { 'f', _fmtfloat },
	{ 'F', _fmtfloat }, { 'g', _fmtfloat }, { 'G', _fmtfloat },
	{ '-', _fmtflag }, { '+', _fmtflag }, { ' ', _fmtflag }, { '#', _fmtflag },
	{ '0', _fmtflag }, { ',', _fmtflag }, { 'u', _fmtflag }, { 'h', _fmtflag },
	{ 'l', _fmtflag }, { 'z', _fmtflag },
};
static Lock verblock;

/* Makes fn handle verb c from now on; -1 when the table is full. */
int
fmtinstall(int c, int (*fn)(Fmt*))
{
	int i, r = -1;

	if(c <= 0 || c > Runemax)
		return -1;
	lock(&verblock);
	for(i = 0; i < MAXFMT; i++){
		if(verbs[i].c == c || verbs[i].c == 0){
			verbs[i].fn = fn;
			__atomic_store_n(&verbs[i].c, c, __ATOMIC_RELEASE);
			r = 0;
			break;
		}
	}
	unlock(&verblock);
	return r;
}

static int
(*lookup(int c))(Fmt*)
{
	int i;

	for(i = 0; i < MAXFMT && verbs[i].c != 0; i++)
		if(verbs[i].c == c)
			return verbs[i].fn;
	return _fmtbad;
}

static void
setwidth(Fmt *f, int n)
{
	if(f->flags & FmtPrec){
		f->prec = n < 0 ? 0 : n;
		if(n < 0)
			f->flags &= ~FmtPrec;
		return;
	}
	f->flags |= FmtWidth;
	f->width = n;
	if(n < 0){
		f->flags |= FmtLeft;
		f->width = -n;
	}
}

static char*
number(char *s, int *n)
{
	int v = 0;

	for(; *s >= '0' && *s <= '9'; s++)
		if(v < 100000000)
			v = v*10 + *s - '0';
	*n = v;
	return s;
}

/* Does the verb that begins after a percent sign; returns what follows, or nil on error. */
static char*
dispatch(Fmt *f, char *s)
{
	Rune r;
	int n;

	f->flags = 0;
	f->width = f->prec = 0;
	for(;;){
		if(*s == 0)
			return s;
		if(*s >= '1' && *s <= '9'){
			s = number(s, &n);
			setwidth(f, n);
			continue;
		}
		if(*s == '0' && (f->flags & FmtPrec)){
			s = number(s, &n);
			setwidth(f, n);
			continue;
		}
		if(*s == '*'){
			setwidth(f, va_arg(f->args, int));
			s++;
			continue;
		}
		if(*s == '.'){
			f->flags |= FmtPrec;
			f->prec = 0;
			s++;
			continue;
		}
		s += chartorune(&r, s);
		f->r = (int)r;
		n = lookup(f->r)(f);
		if(n < 0)
			return nil;
		if(!(n & FmtFlag))
			return s;
		f->flags |= (ulong)n & ~(ulong)FmtFlag;	/* a flag says which bits it sets */
	}
}

/* Formats into f from its arguments; returns the count of characters so far, or -1. */
int
dofmt(Fmt *f, char *fmt)
{
	int n0 = f->nfmt;
	char *s;

	for(;;){
		for(s = fmt; *s != 0 && *s != '%'; s++)
			;
		if(s > fmt && _fmtputs(f, fmt, s - fmt) < 0)
			return -1;
		if(*s == 0)
			return f->nfmt - n0;
		fmt = dispatch(f, s+1);
		if(fmt == nil)
			return -1;
	}
}

/* Formats as part of a verb; the verb's own flags are kept for its caller. */
int
fmtvprint(Fmt *f, char *fmt, va_list args)
{
	Fmt save = *f;
	int n;

	va_copy(f->args, args);
	n = dofmt(f, fmt);
	va_end(f->args);
	memmove(&f->args, &save.args, sizeof f->args);
	f->flags = save.flags;
	f->width = save.width;
	f->prec = save.prec;
	f->r = save.r;
	return n < 0 ? -1 : 0;
}

int
fmtprint(Fmt *f, char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = fmtvprint(f, fmt, args);
	va_end(args);
	return n;
}
