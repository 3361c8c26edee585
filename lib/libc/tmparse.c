/*
 * Dates from text, by the format that tmfmt prints with. `?' before a
 * letter takes the field in any of its widths, `~' anywhere lets numbers
 * out of range stand, and a blank of the format takes any run of blanks.
 */
#include "sys.h"
#include "tmnames.h"

typedef struct Parse Parse;
struct Parse {
	Tm	*tm;
	Tzone	*zone;
	char	*s;		/* what is left of the text */
	int	any;		/* the next field may have any width */
	int	lax;
	int	pm;		/* -1 unless am or pm was given */
	int	haszone;
};

static void
blanks(Parse *p)
{
	while(*p->s == ' ' || *p->s == '\t' || *p->s == '\n')
		p->s++;
}

/* A number of at most max digits, in range unless lax; 0 on failure. */
static int
number(Parse *p, int *v, int max, int lo, int hi)
{
	int n = 0, x = 0;

	for(; n < max && p->s[n] >= '0' && p->s[n] <= '9'; n++)
		x = x*10 + p->s[n] - '0';
	if(n == 0 || (!p->lax && (x < lo || x > hi)))
		return 0;
	p->s += n;
	*v = x;
	return 1;
}

/* One of n names, whole or by its first three letters; its number or -1. */
static int
name(Parse *p, char **names, int n)
{
	int i, len;

	for(i = 0; i < n; i++){
		len = strlen(names[i]);
		if(cistrncmp(p->s, names[i], len) != 0)
			len = 3;
		if(cistrncmp(p->s, names[i], len) == 0){
			p->s += len;
			return i;
		}
	}
	return -1;
}

static int
year(Parse *p, int w)
{
	char *start = p->s;

	if(!number(p, &p->tm->year, w == 2 && !p->any ? 2 : w > 4 ? 9 : 4, 0, 999999999))
		return 0;
	if(p->s - start == 2 && (w == 2 || p->any))
		p->tm->year += p->tm->year < 70 ? 2000 : 1900;
	return 1;
}

static int
month(Parse *p, int w)
{
	if(w > 2 || (p->any && (*p->s < '0' || *p->s > '9'))){
		p->tm->mon = name(p, _month, 12);
		return p->tm->mon >= 0;
	}
	if(!number(p, &p->tm->mon, 2, 1, 12))
		return 0;
	p->tm->mon--;
	return 1;
}

/* +hhmm, +hh:mm, or a name. */
static int
zone(Parse *p)
{
	int h, m, n, sign = *p->s == '-' ? -1 : 1;

	p->haszone = 1;
	if(*p->s != '+' && *p->s != '-'){
		for(n = 0; (p->s[n] | 0x20) >= 'a' && (p->s[n] | 0x20) <= 'z'; n++)
			;
		if(!_zonename(p->zone, p->s, n, &p->tm->tzoff))
			return 0;
		strecpy(p->tm->zone, p->tm->zone + (n < 15 ? n+1 : 16), p->s);
		p->s += n;
		return 1;
	}
	p->s++;
	if(!number(p, &h, 2, 0, 24))
		return 0;
	if(*p->s == ':')
		p->s++;
	if(!number(p, &m, 2, 0, 59))
		return 0;
	p->tm->tzoff = sign * (h*3600 + m*60);
	snprint(p->tm->zone, sizeof p->tm->zone, "%c%.2d%.2d", sign < 0 ? '-' : '+', h, m);
	return 1;
}

static int
halfday(Parse *p)
{
	int c = p->s[0] | 0x20;

	if((c != 'a' && c != 'p') || (p->s[1] | 0x20) != 'm')
		return 0;
	p->pm = c == 'p';
	p->s += 2;
	return 1;
}

static int
ordinal(Parse *p)
{
	static char *ends[] = { "st", "nd", "rd", "th" };
	int i;

	for(i = 0; i < (int)nelem(ends); i++)
		if(cistrncmp(p->s, ends[i], 2) == 0){
			p->s += 2;
			return 1;
		}
	return 0;
}

/* A fraction of a second in units of which there are unit nanoseconds. */
static int
fraction(Parse *p, int unit)
{
	int v;

	if(!number(p, &v, 9, 0, 999999999 / unit))
		return 0;
	p->tm->nsec = v * unit;
	return 1;
}

/* One run of w equal letters c; 0 if the text does not go with it. */
static int
field(Parse *p, int c, int w)
{
	Tm *tm = p->tm;

	switch(c){
	case 'Y':
		return year(p, w);
	case 'M':
		return month(p, w);
	case 'D':
		return number(p, &tm->mday, 2, 1, 31);
	case 'W':
		if(w == 1 && !p->any)
			return number(p, &tm->wday, 1, 1, 7);
		return name(p, _wday, 7) >= 0;
	case 'h':
		return number(p, &tm->hour, 2, 0, 23);
	case 'H':
		return number(p, &tm->hour, 2, 1, 12);
	case 'm':
		return number(p, &tm->min, 2, 0, 59);
	case 's':
		return number(p, &tm->sec, 2, 0, 60);
	case 't':
		return fraction(p, 1000000);
	case 'u':
		return fraction(p, 1000);
	case 'n':
		return fraction(p, 1);
	case 'Z':
		return zone(p);
	case 'a':
	case 'A':
		return halfday(p);
	case 'o':
		return ordinal(p);
	}
	for(; w > 0; w--, p->s++)
		if(*p->s != c)
			return 0;
	return 1;
}

/* Takes what one piece of the format asks for; returns the rest of it, or nil. */
static char*
piece(Parse *p, char *fmt)
{
	int c = *fmt++, w;

	switch(c){
	case ' ':
	case '_':
		blanks(p);
		return fmt;
	case '?':
		p->any = 1;
		return fmt;
	case '~':
		p->lax = 1;
		return fmt;
	case '[':
		for(; *fmt != 0 && *fmt != ']'; fmt++)
			if(*p->s++ != *fmt)
				return nil;
		return *fmt == ']' ? fmt+1 : fmt;
	}
	for(w = 1; *fmt == c; w++)
		fmt++;
	if(!field(p, c, w))
		return nil;
	p->any = 0;
	return fmt;
}

/*
 * Parses s into tm; times without a zone are in tz. Returns tm, or nil with
 * an error. *end is what follows; without end the text must end there too.
 */
Tm*
tmparse(Tm *tm, char *fmt, char *s, Tzone *tz, char **end)
{
	Parse p = { .tm = tm, .zone = tz, .s = s, .pm = -1 };
	vlong sec;
	Tm guess;

	if(fmt == nil)
		fmt = "WW MMM _D hh:mm:ss ZZZ YYYY";
	memset(tm, 0, sizeof *tm);
	tm->year = 1970;
	tm->mday = 1;
	while(*fmt != 0)
		if((fmt = piece(&p, fmt)) == nil){
			werrstr("invalid date %s", s);
			return nil;
		}
	if(end != nil)
		*end = p.s;
	else if(*p.s != 0){
		werrstr("invalid date %s", s);
		return nil;
	}
	if(p.pm >= 0)
		tm->hour = tm->hour % 12 + 12*p.pm;
	if(p.haszone){
		tmnorm(tm);
		return tm;
	}
	sec = tmnorm(tm);		/* as if in Greenwich; then with the offset of that time */
	tmtime(&guess, sec, tz);
	tmtime(&guess, sec - guess.tzoff, tz);
	return tmtimens(tm, sec - guess.tzoff, tm->nsec, tz);
}
