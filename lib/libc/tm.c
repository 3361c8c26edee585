/*
 * Dates. The calendar is the Gregorian one throughout, by days counted from
 * 1 March of year 0 so that leap days come last. Zones are Plan 9 tables:
 * `STD offset DST offset t1 t2 ...`, daylight time between t1 and t2 and so on.
 */
#include "sys.h"
#include "tmnames.h"

enum {
	NZONE = 16,
	DAY = 86400,
};

struct Tzone {
	char	name[32];	/* how it was asked for */
	char	std[16];
	char	dst[16];
	long	stdoff;
	long	dstoff;
	long	*trans;
	long	ntrans;
};

static Tzone zones[NZONE];
static int nzone;
static Lock zonelock;

static vlong
divfloor(vlong a, vlong b)
{
	vlong q = a / b;

	return q * b > a ? q - 1 : q;
}

/* Days since 1 January 1970 of a date; the month may be anything. */
static vlong
daysof(vlong year, vlong mon, vlong mday)
{
	vlong y, m, era, doy;

	year += divfloor(mon, 12);
	m = mon - divfloor(mon, 12)*12;
	y = m < 2 ? year - 1 : year;
	m = (m + 10) % 12;			/* March is 0 */
	era = divfloor(y, 400);
	y -= era * 400;
	doy = (153*m + 2) / 5;
	return era*146097 + y*365 + y/4 - y/100 + doy + mday - 1 - 719468;
}

static int
leap(vlong y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static void
dateof(vlong days, Tm *tm)
{
	static int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	vlong z = days + 719468, era = divfloor(z, 146097), doe = z - era*146097, yoe, doy, m;

	yoe = (doe - doe/1460 + doe/36524 - doe/146096) / 365;
	doy = doe - (365*yoe + yoe/4 - yoe/100);
	m = (5*doy + 2) / 153;
	tm->mday = (int)(doy - (153*m + 2)/5 + 1);
	tm->mon = (int)((m + 2) % 12);
	tm->year = (int)(yoe + era*400 + (tm->mon < 2));
	tm->yday = before[tm->mon] + tm->mday - 1 + (tm->mon > 1 && leap(tm->year));
	tm->wday = (int)(((days + 4) % 7 + 7) % 7);
}

/* Parses a table in place; returns 0 or -1. */
static int
parsezone(Tzone *z, char *s)
{
	char **f;
	long n, i, max = strlen(s)/2 + 2;

	f = malloc((ulong)max * sizeof f[0]);
	if(f == nil)
		return -1;
	n = tokenize(s, f, (int)max);
	if(n < 2 || (n > 2 && n < 4)){
		free(f);
		werrstr("bad timezone");
		return -1;
	}
	strecpy(z->std, z->std + sizeof z->std, f[0]);
	z->stdoff = strtol(f[1], nil, 10);
	z->ntrans = 0;
	if(n >= 4){
		strecpy(z->dst, z->dst + sizeof z->dst, f[2]);
		z->dstoff = strtol(f[3], nil, 10);
		z->trans = malloc((ulong)n * sizeof z->trans[0]);
		for(i = 4; z->trans != nil && i+1 < n; i += 2){
			z->trans[z->ntrans++] = strtol(f[i], nil, 10);
			z->trans[z->ntrans++] = strtol(f[i+1], nil, 10);
		}
	}
	free(f);
	return 0;
}

static char*
readwhole(char *file)
{
	char *s = nil, *t;
	long n = 0, m;
	int fd;

	fd = open(file, OREAD);
	if(fd < 0)
		return nil;
	for(;;){
		t = realloc(s, (ulong)n + 4096 + 1);
		if(t == nil)
			break;
		s = t;
		m = read(fd, s + n, 4096);
		if(m <= 0)
			break;
		n += m;
	}
	close(fd);
	if(s != nil)
		s[n] = 0;
	return s;
}

static char*
zonetext(char *name)
{
	char file[64], *s;

	if(strcmp(name, "local") == 0){
		s = getenv("timezone");
		return s != nil ? s : readwhole("/adm/timezone/local");
	}
	if(strchr(name, '/') != nil)
		return nil;
	snprint(file, sizeof file, "/adm/timezone/%s", name);
	return readwhole(file);
}

/* The zone `local` or of a file in /adm/timezone; kept for good. nil on failure. */
Tzone*
tzload(char *name)
{
	Tzone *z = nil;
	char *s;
	int i;

	lock(&zonelock);
	for(i = 0; i < nzone && z == nil; i++)
		if(strcmp(zones[i].name, name) == 0)
			z = &zones[i];
	if(z == nil && nzone < NZONE && strlen(name) < (long)sizeof zones[0].name){
		s = zonetext(name);
		if(s == nil)
			werrstr("no timezone %s", name);
		else if(parsezone(&zones[nzone], s) == 0){
			z = &zones[nzone++];
			strcpy(z->name, name);
		}
		free(s);
	}
	unlock(&zonelock);
	return z;
}

/* Whether the n bytes at s are a name of the zone, GMT or UTC; its offset goes to *off. */
int
_zonename(Tzone *z, char *s, int n, int *off)
{
	struct { char *name; long off; } known[] = {
		{ "GMT", 0 }, { "UTC", 0 }, { "Z", 0 },
		{ z != nil ? z->std : "", z != nil ? z->stdoff : 0 },
		{ z != nil ? z->dst : "", z != nil ? z->dstoff : 0 },
	};
	int i;

	for(i = 0; i < (int)nelem(known); i++)
		if(n > 0 && strlen(known[i].name) == n && strncmp(s, known[i].name, n) == 0){
			*off = (int)known[i].off;
			return 1;
		}
	return 0;
}

/* Breaks up seconds and nanoseconds since 1970; a nil zone is GMT. */
Tm*
tmtimens(Tm *tm, vlong sec, int ns, Tzone *z)
{
	char *name = "GMT";
	long off = 0, i;
	vlong days;

	if(z != nil){
		name = z->std;
		off = z->stdoff;
		for(i = 0; i < z->ntrans; i += 2)
			if(sec >= z->trans[i] && sec < z->trans[i+1]){
				name = z->dst;
				off = z->dstoff;
			}
	}
	memset(tm, 0, sizeof *tm);
	strecpy(tm->zone, tm->zone + sizeof tm->zone, name);
	tm->tzoff = (int)off;
	tm->tz = z;
	tm->nsec = ns;
	sec += off;
	days = divfloor(sec, DAY);
	sec -= days*DAY;
	tm->sec = (int)(sec % 60);
	tm->min = (int)(sec / 60 % 60);
	tm->hour = (int)(sec / 3600);
	dateof(days, tm);
	return tm;
}

Tm*
tmtime(Tm *tm, vlong sec, Tzone *z)
{
	return tmtimens(tm, sec, 0, z);
}

Tm*
tmnow(Tm *tm, Tzone *z)
{
	vlong t = nsec();

	return tmtimens(tm, t / 1000000000, (int)(t % 1000000000), z);
}

/* The seconds at which a clock off seconds east of Greenwich shows what tm says. */
static vlong
secondsof(Tm *tm, int off)
{
	vlong days = daysof(tm->year, tm->mon, tm->mday);

	return ((days*24 + tm->hour)*60 + tm->min)*60 + tm->sec - off;
}

/* Brings fields that are out of range into it; returns seconds since 1970. */
vlong
tmnorm(Tm *tm)
{
	vlong sec = secondsof(tm, tm->tzoff), carry = divfloor(tm->nsec, 1000000000);
	int ns = (int)(tm->nsec - carry*1000000000), off = tm->tzoff;
	char zone[sizeof tm->zone];
	Tzone *z = tm->tz;

	sec += carry;
	if(z != nil){
		tmtimens(tm, sec, ns, z);
		return sec;
	}
	memmove(zone, tm->zone, sizeof zone);
	tmtimens(tm, sec + off, ns, nil);
	memmove(tm->zone, zone, sizeof zone);
	tm->tzoff = off;
	return sec;
}

/*
 * The zone's name decides if it is known: one of the Tm's zone or, without that, of the
 * local one. Otherwise the Tm's offset does.
 */
long
tm2sec(Tm *tm)
{
	int off = tm->tzoff, n = strlen(tm->zone);

	if(!_zonename(tm->tz, tm->zone, n, &off) && tm->tz == nil)
		_zonename(tzload("local"), tm->zone, n, &off);
	return (long)secondsof(tm, off);
}

Tm*
gmtime(long t)
{
	static Tm tm;

	return tmtime(&tm, t, nil);
}

Tm*
localtime(long t)
{
	static Tm tm;

	return tmtime(&tm, t, tzload("local"));
}

/* Thu Jan  1 00:00:00 GMT 1970 */
char*
asctime(Tm *tm)
{
	static char buf[64];
	static char days[] = "SunMonTueWedThuFriSat";
	static char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	snprint(buf, sizeof buf, "%.3s %.3s %2d %.2d:%.2d:%.2d %s %d\n",
		days + 3*(uint)tm->wday % 21, months + 3*(uint)tm->mon % 36, tm->mday,
		tm->hour, tm->min, tm->sec, tm->zone, tm->year);
	return buf;
}

char*
ctime(long t)
{
	return asctime(localtime(t));
}
