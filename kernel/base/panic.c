/*
 * The end, explained. A panic prints its reason in a sentence, registers and a
 * backtrace, then what the rooms above know of the moment, piece by piece
 * (panic_pieces), and stops the machine, or starts a CPU server again. It takes no lock and
 * allocates nothing. A fault or a panic inside a piece is told in one line and the report
 * goes on with the next piece, so that it always comes to its end.
 */
#include "arch/arch.h"
#include "base/base.h"

enum { NESTED_MAX = 40 };

bool panicking;
PanicPiece *const *panic_pieces;

/* The processor that panics alone uses these. */
static u32 owner;	/* [a] its index + 1 */
static u32 part;	/* of the report, the next one: the backtrace, then the pieces */
static bool over;
static u32 nested;

/* The part that is told counts as told before it is, since it may fail. */
static bool tell_part(void)
{
	u32 n = part++;
	if (n == 0)
		arch_backtrace(nil);
	else if (panic_pieces == nil || panic_pieces[n - 1] == nil)
		return false;
	else
		panic_pieces[n - 1]();
	return true;
}

static void NORETURN tell(void)
{
	char service[8];
	while (!over)
		over = !tell_part();
	if (boot_option("service", service, sizeof service) && strcmp(service, "cpu") == 0) {
		print("panic: a CPU server starts again; the lines above say why\n");
		arch_reboot();
	}
	print("panic: the machine is stopped; the lines above say why\n");
	arch_halt();
}

/* A panic inside the report: the part that failed is left out. */
static void NORETURN go_on(const char *why)
{
	if (nested++ == NESTED_MAX)
		arch_halt();
	print("panic: while already panicking: %s\n", why);
	tell();
}

void panic(const char *fmt, ...)
{
	char why[400];
	va_list args;
	splhi();
	u32 me = cpu()->index + 1, nobody = 0;
	bool first = __atomic_compare_exchange_n(&owner, &nobody, me, false, __ATOMIC_SEQ_CST,
		__ATOMIC_SEQ_CST);
	__atomic_store_n(&panicking, true, __ATOMIC_SEQ_CST);
	if (first)
		log_mark();
	va_start(args, fmt);
	vsnprint(why, sizeof why, fmt, args);
	va_end(args);
	if (!first && nobody == me)
		go_on(why);
	print("\npanic: %s%s\n", why, first ? "" : " (on another processor too)");
	if (!first)
		arch_halt();
	arch_stop_others();
	tell();
}

void assert_failed(const char *expr, const char *file, int line, const char *func)
{
	panic("assertion failed: %s, in %s at %s:%d", expr, func, file, line);
}
