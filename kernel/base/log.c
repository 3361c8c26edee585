/*
 * The kernel's log: a ring that print fills, and the console behind it. A
 * writer claims its bytes with one atomic addition, so that any context may
 * print. Processors take turns, so that lines stay whole and a reader finds no
 * holes; who waits too long for its turn, or printed when this print interrupted
 * it, prints all the same. With spin locks held the wait is short: whose turn it
 * is may be in an interrupt that wants one of them.
 */
#include "arch/arch.h"
#include "base/base.h"

enum { TURNS_MAX = 10000000, TURNS_LOCKED_MAX = 100000 };

static char ring[LOG_SIZE];
static u64 written;	/* [a] bytes ever claimed */

void (*log_console)(const char *text, usize n);

static u32 printer;	/* [a] the index + 1 of the processor whose turn it is */

static bool take_turn(void)
{
	u32 me = cpu()->index + 1, max = cpu()->nlocks == 0 ? TURNS_MAX : TURNS_LOCKED_MAX;
	for (u32 turns = 0, nobody = 0; turns < max && !panicking; turns++, nobody = 0) {
		if (__atomic_compare_exchange_n(&printer, &nobody, me, false, __ATOMIC_ACQUIRE,
			__ATOMIC_RELAXED))
			return true;
		if (nobody == me)
			return false;
		arch_relax();
	}
	return false;
}

static void pass_turn(bool had_it)
{
	if (had_it)
		__atomic_store_n(&printer, 0, __ATOMIC_RELEASE);
}

static char at(u64 i)
{
	return __atomic_load_n(&ring[i % LOG_SIZE], __ATOMIC_RELAXED);
}

/* To the ring. */
static void store(const char *text, usize n)
{
	u64 from = __atomic_fetch_add(&written, n, __ATOMIC_RELAXED);
	for (usize i = n > LOG_SIZE ? n - LOG_SIZE : 0; i < n; i++)
		__atomic_store_n(&ring[(from + i) % LOG_SIZE], text[i], __ATOMIC_RELAXED);
}

void log_write(const char *text, usize n)
{
	bool turn = take_turn();
	store(text, n);
	void (*console)(const char *, usize) = __atomic_load_n(&log_console, __ATOMIC_ACQUIRE);
	if (console != nil)
		console(text, n);
	pass_turn(turn);
}

void log_keep(const char *text, usize n)
{
	bool turn = take_turn();
	store(text, n);
	pass_turn(turn);
}

usize log_read(char *buf, usize n, usize offset)
{
	bool turn = take_turn();	/* what was claimed is there */
	u64 end = __atomic_load_n(&written, __ATOMIC_RELAXED);
	u64 start = end > LOG_SIZE ? end - LOG_SIZE : 0;
	n = offset < end - start ? MIN(n, end - start - offset) : 0;
	for (usize i = 0; i < n; i++)
		buf[i] = at(start + offset + i);
	pass_turn(turn);
	return n;
}

static u64 marked;		/* where the log stood when the panic began */

void log_mark(void)
{
	marked = __atomic_load_n(&written, __ATOMIC_RELAXED);
}

/* Half the ring may have been overwritten by what was printed since. */
void log_tail(u32 nlines)
{
	u64 from = marked, first = marked > LOG_SIZE / 2 ? marked - LOG_SIZE / 2 : 0;
	for (u32 n = 0; from > first; from--)
		if (at(from - 1) == '\n' && at(from) != '\n' && n++ == nlines)
			break;
	while (from < marked) {
		char line[200];
		usize n = 0;
		for (; from < marked && at(from) != '\n'; from++)
			if (n < sizeof line - 1 && at(from) != '\r')
				line[n++] = at(from);
		line[n] = '\0';
		from++;
		if (n > 0)
			print("  | %s\n", line);
	}
}

void print(const char *fmt, ...)
{
	char buf[512];
	va_list args;
	va_start(args, fmt);
	usize n = vsnprint(buf, sizeof buf, fmt, args);
	va_end(args);
	log_write(buf, n);
}
