/*
 * The clocks of #c: time, bintime, cputime.
 */
#include "dev/cons.h"

static const char Ebadtimectl[] = "bad time control";
static const u64 ns_per_second = 1000000000;

Err time_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[80];
	u64 now = (u64)time_nsec();
	usize len = snprint(text, sizeof(text), "%11lu %21lu %21lu %21lu ",
		now / ns_per_second, now, arch_cycles(), time_rate());

	assert(len == 78);
	return readstr(b, off, text, len, n);
}

/* Decimal seconds, at most 12 bytes. */
Err time_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[16];
	const char *end;

	if (!iseve())
		return Eperm;
	if (b->size > 12)
		return Ebadtimectl;
	TRY(writestr(b, text, sizeof(text)));
	const char *digits = text;

	while (*digits == ' ')
		digits++;
	u64 seconds = strtou64(digits, &end, 10);

	while (*end == ' ')
		end++;
	if (*end != '\0' || seconds == 0 || seconds > 9000000000UL)
		return Ebadtimectl;
	time_set((s64)(seconds * ns_per_second));
	*n = b->size;
	return nil;
}

Err bintime_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[24];
	usize count = MIN(b->size, sizeof(bytes)) & ~7UL;

	if (count == 0)
		return Etoosmall;
	put64be(bytes, (u64)time_nsec());
	put64be(bytes + 8, arch_cycles());
	put64be(bytes + 16, time_rate());
	TRY(iobuf_put(b, 0, bytes, count));
	*n = count;
	return nil;
}

/*
 * `n` sets the clock; `d` has it gain nanoseconds over a number of seconds; `f`
 * says how many ticks a second has.
 */
static ERR time_control(const u8 *bytes, usize size)
{
	s64 value = size >= 9 ? (s64)get64be(bytes + 1) : 0;

	if (bytes[0] == 'd' && size == 13)
		return time_slew(value, get32be(bytes + 9));
	if (size != 9 || value <= 0)
		return Ebadarg;
	if (bytes[0] == 'f')
		return time_set_rate((u64)value);
	if (bytes[0] != 'n')
		return Ebadarg;
	time_set(value);
	return nil;
}

Err bintime_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[13];

	if (!iseve())
		return Eperm;
	if (b->size == 0 || b->size > sizeof(bytes))
		return Ebadtimectl;
	TRY(iobuf_get(b, 0, bytes, b->size));
	if (time_control(bytes, b->size) != nil)
		return Ebadtimectl;
	*n = b->size;
	return nil;
}

Err cputime_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[80], *p = text;
	u64 ms[6];
	proc_times(up, ms);
	for (u32 i = 0; i < nelem(ms); i++)
		p = seprint(p, text + sizeof(text), "%11lu ", ms[i]);
	return readstr(b, off, text, (usize)(p - text), n);
}
