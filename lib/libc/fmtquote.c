/*
 * rc's quoting: the q and Q verbs, and the functions that quote and unquote
 * strings.
 */
#include "sys.h"
#include "fmt.h"

int (*doquote)(int);

/* Whether a word that holds c must be quoted to be one word of rc. */
int
needsrcquote(int c)
{
	if(c <= ' ')
		return 1;
	return c < Runeself && strchr("`^#*[]=|\\?${}()'<>&;", c) != nil;
}

/* One rune of UTF at s or, if that is nil, of rs. */
static int
next(char *s, Rune *rs, int i, Rune *r)
{
	if(rs != nil){
		*r = rs[i];
		return 1;
	}
	return chartorune(r, s + i);
}

/* Counts the runes of what will be printed, quotes included; *quote says if they are needed. */
static int
measure(Fmt *f, char *s, Rune *rs, int *quote, int *nin)
{
	int i, n = 0, nq = 0, max = f->flags & FmtPrec ? f->prec : 0x7fffffff;
	Rune r;

	*quote = (f->flags & FmtSharp) != 0;
	for(i = 0; n < max; n++){
		i += next(s, rs, i, &r);
		if(r == 0)
			break;
		if(r == '\'')
			nq++;
		if(needsrcquote((int)r) || (doquote != nil && doquote((int)r)))
			*quote = 1;
	}
	if(n == 0)
		*quote = 1;
	*nin = n;
	return *quote ? n + nq + 2 : n;
}

static int
quoted(Fmt *f, char *s, Rune *rs)
{
	int i, n, quote, width, pad;
	Rune r;

	width = measure(f, s, rs, &quote, &n);
	pad = (f->flags & FmtWidth) && f->width > width ? f->width - width : 0;
	if(!(f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	if(quote && _fmtputr(f, '\'') < 0)
		return -1;
	for(i = 0; n > 0; n--){
		i += next(s, rs, i, &r);
		if(r == '\'' && quote && _fmtputr(f, '\'') < 0)
			return -1;
		if(_fmtputr(f, r) < 0)
			return -1;
	}
	if(quote && _fmtputr(f, '\'') < 0)
		return -1;
	return f->flags & FmtLeft ? _fmtpad(f, pad, ' ') : 0;
}

int
quotestrfmt(Fmt *f)
{
	char *s = va_arg(f->args, char*);

	return s == nil ? fmtstrcpy(f, nil) : quoted(f, s, nil);
}

int
quoterunestrfmt(Fmt *f)
{
	Rune *s = va_arg(f->args, Rune*);

	return s == nil ? fmtstrcpy(f, nil) : quoted(f, nil, s);
}

void
quotefmtinstall(void)
{
	fmtinstall('q', quotestrfmt);
	fmtinstall('Q', quoterunestrfmt);
}

char*
quotestrdup(char *s)
{
	Fmt f;

	if(fmtstrinit(&f) < 0)
		return nil;
	quoted(&f, s, nil);
	return fmtstrflush(&f);
}

Rune*
quoterunestrdup(Rune *s)
{
	Fmt f;

	if(runefmtstrinit(&f) < 0)
		return nil;
	quoted(&f, nil, s);
	return runefmtstrflush(&f);
}

/* A copy with one level of quotes removed. */
char*
unquotestrdup(char *s)
{
	char *t, *w;
	int inq = 0;

	t = strdup(s);
	if(t == nil)
		return nil;
	for(s = w = t; *s != 0; s++){
		if(*s != '\'')
			*w++ = *s;
		else if(inq && s[1] == '\'')
			*w++ = *s++;
		else
			inq = !inq;
	}
	*w = 0;
	return t;
}
