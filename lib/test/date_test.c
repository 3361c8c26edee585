/*
 * Dates: clocks, broken-down times, zones, and dates written and read by a
 * format. 1700000000 is Tuesday 14 November 2023, 22:13:20 in Greenwich.
 */
#include <u.h>
#include <libc.h>
#include "check.h"

#define T	1700000000LL

static void
clocks(void)
{
	long t[4], t2, now, r;
	uvlong a, b;
	vlong n;

	now = time(&t2);
	n = nsec();
	CHECK(now == t2 && n / 1000000000 - now >= 0 && n / 1000000000 - now < 100);
	CHECK(nsec() >= n);
	r = times(t);
	CHECK(r >= 0 && t[0] >= 0 && t[1] >= 0 && t[2] >= 0 && t[3] >= 0 && times(nil) >= r);
	CHECK(cputime() >= 0 && cputime() < 1000);
	cycles(&a);
	cycles(&b);
	CHECK(b > a);
}

/* Greenwich, where day and week begin and end, leap days. */
static void
calendar(void)
{
	static struct { vlong t; char *s; int yday; } v[] = {
		{ 0, "Thu Jan  1 00:00:00 GMT 1970\n", 0 },
		{ -1, "Wed Dec 31 23:59:59 GMT 1969\n", 364 },
		{ 951782400, "Tue Feb 29 00:00:00 GMT 2000\n", 59 },
		{ 951868800, "Wed Mar  1 00:00:00 GMT 2000\n", 60 },
		{ 4107542400, "Mon Mar  1 00:00:00 GMT 2100\n", 59 },
		{ 1735689599, "Tue Dec 31 23:59:59 GMT 2024\n", 365 },
		{ -62135596800, "Mon Jan  1 00:00:00 GMT 1\n", 0 },
		{ 253402300799, "Fri Dec 31 23:59:59 GMT 9999\n", 364 },
	};
	int i;
	Tm tm;

	for(i = 0; i < (int)nelem(v); i++){
		SAME(asctime(gmtime(v[i].t)), v[i].s);
		CHECK(gmtime(v[i].t)->yday == v[i].yday && tm2sec(gmtime(v[i].t)) == v[i].t);
		CHECK(tmnorm(tmtime(&tm, v[i].t, nil)) == v[i].t);
	}
	CHECK(tmtimens(&tm, T, 123456789, nil) == &tm && tm.nsec == 123456789 && tm.sec == 20
		&& tm.min == 13 && tm.hour == 22 && tm.mday == 14 && tm.mon == 10
		&& tm.year == 2023 && tm.wday == 2 && tm.tzoff == 0 && tm.tz == nil);
	SAME(tm.zone, "GMT");
	CHECK(tmnow(&tm, nil) == &tm && tmnorm(&tm) - time(nil) < 100 && tmnorm(&tm) > T);
}

/* Fields out of range are brought into it, those before first. */
static void
normal(void)
{
	Tm tm;

	tmtime(&tm, T, nil);
	tm.nsec = -1;
	CHECK(tmnorm(&tm) == T - 1 && tm.nsec == 999999999 && tm.sec == 19);
	tmtime(&tm, T, nil);
	tm.sec += 3600*24*20;
	CHECK(tmnorm(&tm) == T + 3600*24*20 && tm.mon == 11 && tm.mday == 4 && tm.wday == 1);
	tmtime(&tm, T, nil);
	tm.mon = -1;
	CHECK(tmnorm(&tm) == 1671056000 && tm.year == 2022 && tm.mon == 11);
	tmtime(&tm, T, nil);
	tm.hour = -1;
	tm.mday = 0;
	CHECK(tm.wday == 2 && tmnorm(&tm) == 1698707600 && tm.mon == 9 && tm.mday == 30
		&& tm.hour == 23 && tm.wday == 1 && tm.yday == 302);
	/* an offset of its own, where there is no zone, is kept */
	tmtime(&tm, T, nil);
	tm.tzoff = 3600;
	strcpy(tm.zone, "QQQ");
	CHECK(tmnorm(&tm) == T - 3600 && tm.hour == 22 && tm.tzoff == 3600);
	SAME(tm.zone, "QQQ");
}

static void
zones(void)
{
	static char dir[] = "/tmp/date_test.XXXXXXXXXXX";
	char name[64], text[] = "EST -18000 EDT -14400\n 1678604400 1699164000\n";
	Tzone *z, *l;
	int fd;
	Tm tm;

	mktemp(dir);
	close(create(dir, OREAD, DMDIR|0777));
	snprint(name, sizeof name, "%s/Eastern", dir);
	fd = create(name, OWRITE, 0666);
	CHECK(write(fd, text, sizeof text - 1) == sizeof text - 1);
	close(fd);
	rfork(RFNAMEG|RFENVG);
	CHECK(bind(dir, "/adm/timezone", MREPL) >= 0);
	z = tzload("Eastern");
	CHECK(z != nil && tzload("Eastern") == z && tzload("Nowhere") == nil
		&& tzload("../x") == nil);
	tmtime(&tm, T, z);
	SAME(asctime(&tm), "Tue Nov 14 17:13:20 EST 2023\n");
	CHECK(tm.tzoff == -18000 && tm.tz == z && tmnorm(&tm) == T && tm2sec(&tm) == T);
	tmtime(&tm, 1690000000, z);
	SAME(asctime(&tm), "Sat Jul 22 00:26:40 EDT 2023\n");
	CHECK(tmnorm(&tm) == 1690000000);
	tmtime(&tm, 1678604399, z);		/* on both sides of a change */
	SAME(tm.zone, "EST");
	tmtime(&tm, 1678604400, z);
	SAME(tm.zone, "EDT");
	/* local is the variable, */
	putenv("timezone", "JST 32400\n");
	SAME(ctime(T), "Wed Nov 15 07:13:20 JST 2023\n");
	l = tzload("local");
	CHECK(l != nil && l != z && localtime(T)->tz == l && localtime(T)->tzoff == 32400);
	CHECK(tmparse(&tm, "YYYY-MM-DD hh:mm", "2023-07-22 00:26", z, nil) == &tm
		&& tmnorm(&tm) == 1690000000 - 40);
	remove(name);
	unmount(nil, "/adm/timezone");
	remove(dir);
}

/* Or the file /adm/timezone/local: what a program finds that has no variable. */
static void
localfile(void)
{
	char name[] = "/tmp/date_local.XXXXXXXXXXX", file[64], text[] = "AAA 7200";
	Waitmsg *w;
	int fd;

	mktemp(name);
	close(create(name, OREAD, DMDIR|0777));
	snprint(file, sizeof file, "%s/local", name);
	fd = create(file, OWRITE, 0666);
	write(fd, text, sizeof text - 1);
	close(fd);
	if(fork() == 0){
		rfork(RFNAMEG|RFCENVG);
		bind(name, "/adm/timezone", MREPL);
		_exits(ctime(T));
	}
	w = wait();
	CHECK(w != nil && strstr(w->msg, "Wed Nov 15 00:13:20 AAA 2023") != nil);
	free(w);
	remove(file);
	remove(name);
}

static void
formats(void)
{
	static char *t[][2] = {
		{ "Y", "2023" }, { "YY", "23" }, { "YYYY", "2023" }, { "M", "11" },
		{ "MM", "11" }, { "MMM", "Nov" }, { "MMMM", "November" }, { "D", "4" },
		{ "DD", "04" }, { "_D", " 4" }, { "Do", "4th" }, { "WW", "Sat" },
		{ "WWWW", "Saturday" }, { "h", "2" }, { "hh", "02" }, { "_h", " 2" },
		{ "H", "2" }, { "HH", "02" }, { "m", "3" }, { "mm", "03" }, { "s", "9" },
		{ "ss", "09" }, { "t", "12" }, { "ttt", "012" }, { "u", "12034" },
		{ "uuuuuu", "012034" }, { "n", "12034567" }, { "nnnnnnnnn", "012034567" },
		{ "Z", "-0530" }, { "ZZ", "-05:30" }, { "ZZZ", "ODD" }, { "a", "am" },
		{ "A", "AM" }, { "[hms YYYY]", "hms YYYY" }, { "YYYY/MM/DD", "2023/11/04" },
		{ "?h~m", "23" }, { "", "" }, { "é:h", "é:2" },
	};
	static char *days[] = { "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd",
		"23rd", "30th", "31st" };
	char buf[128];
	int i;
	Tm tm;

	tmfmtinstall();
	tmtimens(&tm, T, 12034567, nil);
	tm.mday = 4;
	tm.hour = 2;
	tm.min = 3;
	tm.sec = 9;
	tm.tzoff = -5*3600 - 30*60;
	strcpy(tm.zone, "ODD");
	tm.wday = 6;
	for(i = 0; i < (int)nelem(t); i++){
		snprint(buf, sizeof buf, "%τ", tmfmt(&tm, t[i][0]));
		SAME(buf, t[i][1]);
	}
	snprint(buf, sizeof buf, "%τ", tmfmt(&tm, nil));
	SAME(buf, "Sat Nov  4 02:03:09 ODD 2023");
	for(i = 0; i < (int)nelem(days); i++){
		tm.mday = (int)strtol(days[i], nil, 10);
		snprint(buf, sizeof buf, "%τ", tmfmt(&tm, "Do"));
		SAME(buf, days[i]);
	}
	tm.hour = 0;
	snprint(buf, sizeof buf, "%τ", tmfmt(&tm, "H a"));
	SAME(buf, "12 am");
	tm.hour = 12;
	snprint(buf, sizeof buf, "%τ", tmfmt(&tm, "H a"));
	SAME(buf, "12 pm");
}

static void
parsing(void)
{
	static struct { char *fmt, *s; vlong t; } good[] = {
		{ "YYYY-MM-DD hh:mm:ss", "2023-11-14 22:13:20", T },
		{ "YYYY MMM D h:m:s", "2023 Nov 14 22:13:20", T },
		{ "MMMM Do, YYYY[ at ]H:mm:ss a", "November 14th, 2023 at 10:13:20 pm", T },
		{ "YYYY-MM-DD H:mm a", "2023-11-14 12:00 am", T - T % 86400 },
		{ "?YYYY ?MM ?DD ?hh:?mm:?ss ?Z", "23 nov 14 22:13:20 GMT", T },
		{ "?YYYY ?MM ?DD ?hh:?mm:?ss ?Z", "2023 November 14 22:13:20 +0000", T },
		{ "?YYYY ?MM ?DD ?hh:?mm:?ss ?Z", "2023 11 14 23:13:20 +01:00", T },
		{ "YYYY  MM", "2023    11", 1698796800 },
		{ "~YYYY-MM-DD", "2023-01-45", 1676332800 },
		{ "WW, DD MMM YYYY", "Tue, 14 Nov 2023", T - T % 86400 },
	};
	static char *bad[][2] = {
		{ "YYYY-MM-DD", "2023-13-01" }, { "YYYY-MM-DD", "2023-01-32" }, { "hh", "24" },
		{ "mm", "60" }, { "YYYY", "x" }, { "MMM", "Foo" }, { "WW", "Xyz" }, { "Z", "?" },
		{ "hh:mm", "10-20" }, { "YYYY", "2023x" }, { "[at]", "in" }, { "Z", "+99" },
		{ "ZZZ", "NOZONE" }, { "H", "13" }, { "a", "xm" }, { "o", "xx" },
	};
	char *end;
	int i;
	Tm tm;

	for(i = 0; i < (int)nelem(good); i++){
		CHECK(tmparse(&tm, good[i].fmt, good[i].s, nil, nil) == &tm);
		if(tmnorm(&tm) != good[i].t)
			print("%s: %lld\n", good[i].s, tmnorm(&tm));
		CHECK(tmnorm(&tm) == good[i].t);
	}
	for(i = 0; i < (int)nelem(bad); i++)
		CHECK(tmparse(&tm, bad[i][0], bad[i][1], nil, nil) == nil);
	CHECK(tmparse(&tm, "YYYY", "2023 rest", nil, &end) == &tm && strcmp(end, " rest") == 0);
	CHECK(tmparse(&tm, "s.t", "5.250", nil, nil) == &tm && tm.nsec == 250000000);
	CHECK(tmparse(&tm, "s.u", "5.250", nil, nil) == &tm && tm.nsec == 250000);
	CHECK(tmparse(&tm, "s.n", "5.250", nil, nil) == &tm && tm.nsec == 250);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	clocks();
	calendar();
	normal();
	localfile();
	zones();
	formats();
	parsing();
	finish();
}
