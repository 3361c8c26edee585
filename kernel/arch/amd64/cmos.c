/*
 * The battery-backed clock and memory of a PC, behind ports 0x70 and 0x71.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "sync/sync.h"

enum {
	CMOS_INDEX = 0x70, CMOS_DATA = 0x71,
	SECOND = 0, MINUTE = 2, HOUR = 4, DAY = 7, MONTH = 8, YEAR = 9, STATUS_A = 0x0a,
	STATUS_B = 0x0b,
	A_UPDATING = 0x80, B_24H = 2, B_BINARY = 4, B_SET = 0x80, HOUR_PM = 0x80,
	NVRAM_FIRST = 0x0e, CMOS_SIZE = 128,
	UPDATE_TURNS_MAX = 100000, READ_TRIES = 16,
};
enum { DAY_SECONDS = 86400, YEAR_MIN = 1970, YEAR_MAX = 9999 };

static LOCK_CLASS(cmos_class, "arch.cmos");
static Lock cmos_lk = LOCK_INIT(&cmos_class);

typedef struct Civil Civil;
struct Civil { u32 second, minute, hour, day, month, year; };

static u8 cmos_get(u32 at) REQUIRES(cmos_lk)
{
	arch_out8(CMOS_INDEX, (u8)at);
	return arch_in8(CMOS_DATA);
}

static void cmos_put(u32 at, u32 v) REQUIRES(cmos_lk)
{
	arch_out8(CMOS_INDEX, (u8)at);
	arch_out8(CMOS_DATA, (u8)v);
}

/* ---- the calendar ---- */

/* Days from 1970-01-01 to a date, counting years from March so that the leap day comes last. */
static s64 days_of(u32 year, u32 month, u32 day)
{
	s64 y = (s64)year - (month <= 2);
	s64 m = month <= 2 ? month + 9 : month - 3;
	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static s64 seconds_of(const Civil *c)
{
	return days_of(c->year, c->month, c->day) * DAY_SECONDS + c->hour * 3600 + c->minute * 60 +
		c->second;
}

static void civil_of(s64 seconds, Civil *c)
{
	s64 days = seconds / DAY_SECONDS, rest = seconds % DAY_SECONDS;
	*c = (Civil){ .year = YEAR_MIN, .month = 1, .day = 1 };
	c->year += (u32)(days / 366);
	while (days_of(c->year + 1, 1, 1) <= days)
		c->year++;
	while (c->month < 12 && days_of(c->year, c->month + 1, 1) <= days)
		c->month++;
	c->day = (u32)(days - days_of(c->year, c->month, 1)) + 1;
	c->hour = (u32)(rest / 3600);
	c->minute = (u32)(rest / 60 % 60);
	c->second = (u32)(rest % 60);
}

static bool civil_ok(const Civil *c)
{
	return c->second < 60 && c->minute < 60 && c->hour < 24 && c->day >= 1 && c->day <= 31 &&
		c->month >= 1 && c->month <= 12 && c->year >= YEAR_MIN && c->year <= YEAR_MAX;
}

/* ---- the clock ---- */

static u32 from_bcd(u32 v) { return (v >> 4) * 10 + (v & 15); }
static u32 to_bcd(u32 v) { return v / 10 << 4 | v % 10; }

static void wait_update(void) REQUIRES(cmos_lk)
{
	for (u32 turns = 0; turns < UPDATE_TURNS_MAX && (cmos_get(STATUS_A) & A_UPDATING) != 0;
		turns++)
		arch_relax();
}

/* The registers as they are: second, minute, hour, day, month, year, century. */
enum { NFIELD = 7 };
static void read_fields(u8 f[NFIELD]) REQUIRES(cmos_lk)
{
	static const u8 at[NFIELD - 1] = { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR };
	wait_update();
	for (u32 i = 0; i < NFIELD - 1; i++)
		f[i] = cmos_get(at[i]);
	f[NFIELD - 1] = acpi.century != 0 ? cmos_get(acpi.century) : 0;
}

/* Read until two readings agree, because an update may have come between. */
static u8 read_stable(u8 f[NFIELD]) REQUIRES(cmos_lk)
{
	u8 again[NFIELD];
	read_fields(f);
	for (u32 i = 0; i < READ_TRIES; i++) {
		read_fields(again);
		if (memcmp(f, again, NFIELD) == 0)
			break;
		memmove(f, again, NFIELD);
	}
	return cmos_get(STATUS_B);
}

static void decode(const u8 f[NFIELD], u8 mode, Civil *c)
{
	u32 v[NFIELD];
	bool pm = (mode & B_24H) == 0 && (f[2] & HOUR_PM) != 0;
	for (u32 i = 0; i < NFIELD; i++) {
		u32 raw = i == 2 && (mode & B_24H) == 0 ? f[i] & ~(u32)HOUR_PM : f[i];
		v[i] = (mode & B_BINARY) != 0 ? raw : from_bcd(raw);
	}
	if ((mode & B_24H) == 0)
		v[2] = v[2] % 12 + (pm ? 12 : 0);
	u32 century = v[6] >= 19 && v[6] <= 99 ? v[6] : v[5] < 70 ? 20 : 19;
	*c = (Civil){ v[0], v[1], v[2], v[3], v[4], century * 100 + v[5] };
}

s64 arch_wallclock(void)
{
	u8 f[NFIELD];
	ilock(&cmos_lk);
	u8 mode = read_stable(f);
	iunlock(&cmos_lk);
	Civil c;
	decode(f, mode, &c);
	if (civil_ok(&c))
		return seconds_of(&c);
	return boot.boot_seconds != 0 ? boot.boot_seconds + (s64)(arch_nsec() / 1000000000) : 0;
}

static void write_fields(const Civil *c, u8 mode) REQUIRES(cmos_lk)
{
	u32 pm = 0, hour = c->hour;
	if ((mode & B_24H) == 0) {
		pm = hour >= 12 ? HOUR_PM : 0;
		hour = hour % 12 == 0 ? 12 : hour % 12;
	}
	const u32 v[NFIELD] = { c->second, c->minute, hour, c->day, c->month, c->year % 100,
		c->year / 100 };
	const u8 at[NFIELD] = { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, acpi.century };
	for (u32 i = 0; i < NFIELD; i++) {
		u32 raw = (mode & B_BINARY) != 0 ? v[i] : to_bcd(v[i]);
		if (at[i] != 0 || i == 0)
			cmos_put(at[i], i == 2 ? raw | pm : raw);
	}
}

Err arch_wallclock_set(s64 seconds)
{
	if (seconds < 0 || seconds > 4102444800 * 4)
		return Ebadarg;
	Civil c;
	civil_of(seconds, &c);
	if (!civil_ok(&c))
		return Ebadarg;
	ilock(&cmos_lk);
	u8 mode = cmos_get(STATUS_B);
	cmos_put(STATUS_B, mode | B_SET);
	write_fields(&c, mode);
	cmos_put(STATUS_B, mode & ~(u32)B_SET);
	iunlock(&cmos_lk);
	return nil;
}

/* ---- the memory ---- */

u32 arch_nvram_size(void)
{
	return CMOS_SIZE - NVRAM_FIRST;
}

u8 arch_nvram_read(u32 at)
{
	assert(at < arch_nvram_size());
	ilock(&cmos_lk);
	u8 v = cmos_get(NVRAM_FIRST + at);
	iunlock(&cmos_lk);
	return v;
}

void arch_nvram_write(u32 at, u8 v)
{
	assert(at < arch_nvram_size());
	ilock(&cmos_lk);
	cmos_put(NVRAM_FIRST + at, v);
	iunlock(&cmos_lk);
}
