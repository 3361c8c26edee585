/*
 * The verb τ: dates by a format of letters, repeated for a wider form.
 */
#include "sys.h"
#include "tmnames.h"

char *_wday[7] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};
char *_month[12] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};

Tmfmt
tmfmt(Tm *tm, char *fmt)
{
	Tmfmt t = { fmt, tm };

	return t;
}

static int
ordinal(Fmt *f, int n)
{
	char *s = "th";

	if(n % 100 < 10 || n % 100 > 20)
		s = n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
	return fmtprint(f, "%s", s);
}

/* +hhmm, +hh:mm or the name. */
static int
zone(Fmt *f, Tm *tm, int w)
{
	int off = tm->tzoff < 0 ? -tm->tzoff : tm->tzoff;

	if(w >= 3)
		return fmtprint(f, "%s", tm->zone);
	return fmtprint(f, w == 1 ? "%c%.2d%.2d" : "%c%.2d:%.2d", tm->tzoff < 0 ? '-' : '+',
		off / 3600, off / 60 % 60);
}

static int
name(Fmt *f, char *s, int whole)
{
	return fmtprint(f, "%.*s", whole ? 100 : 3, s);
}

static int
number(Fmt *f, int v, int w, int pad)
{
	if(w < 2)
		return fmtprint(f, "%d", v);
	return fmtprint(f, pad ? "%*d" : "%.*d", w, v);
}

/* One run of w equal letters c. */
static int
field(Fmt *f, Tm *tm, int c, int w, int pad)
{
	switch(c){
	case 'Y':
		return w == 2 ? number(f, tm->year % 100, 2, pad) : number(f, tm->year, w, pad);
	case 'M':
		return w < 3 ? number(f, tm->mon + 1, w, pad)
			: name(f, _month[(uint)tm->mon % 12], w > 3);
	case 'D':
		return number(f, tm->mday, w, pad);
	case 'W':
		return w == 1 ? number(f, tm->wday + 1, 1, pad)
			: name(f, _wday[(uint)tm->wday % 7], w > 3);
	case 'h':
		return number(f, tm->hour, w, pad);
	case 'H':
		return number(f, tm->hour % 12 == 0 ? 12 : tm->hour % 12, w, pad);
	case 'm':
		return number(f, tm->min, w, pad);
	case 's':
		return number(f, tm->sec, w, pad);
	case 't':
		return number(f, tm->nsec / 1000000, w, pad);
	case 'u':
		return number(f, tm->nsec / 1000, w, pad);
	case 'n':
		return number(f, tm->nsec, w, pad);
	case 'Z':
		return zone(f, tm, w);
	case 'a':
		return fmtprint(f, "%s", tm->hour < 12 ? "am" : "pm");
	case 'A':
		return fmtprint(f, "%s", tm->hour < 12 ? "AM" : "PM");
	case 'o':
		return ordinal(f, tm->mday);
	}
	while(w-- > 0)
		if(fmtrune(f, c) < 0)
			return -1;
	return 0;
}

static int
tmfmtfmt(Fmt *f)
{
	Tmfmt t = va_arg(f->args, Tmfmt);
	char *s = t.fmt != nil ? t.fmt : "WW MMM _D hh:mm:ss ZZZ YYYY";
	int w, pad = 0;
	Rune r, q;

	if(t.tm == nil)
		return fmtstrcpy(f, nil);
	while(*s != 0){
		s += chartorune(&r, s);
		if(r == '['){
			for(; *s != 0 && *s != ']'; s += w){
				w = chartorune(&q, s);
				if(fmtrune(f, (int)q) < 0)
					return -1;
			}
			s += *s == ']';
			continue;
		}
		if(r == '?' || r == '~')
			continue;		/* for parsing only */
		if(r == '_'){
			pad++;
			continue;
		}
		for(w = 1; chartorune(&q, s) > 0 && q == r; w++)
			s += runelen(r);
		if(field(f, t.tm, (int)r, w + pad, pad) < 0)
			return -1;
		pad = 0;
	}
	return 0;
}

void
tmfmtinstall(void)
{
	fmtinstall(0x3c4, tmfmtfmt);
}
