/*
 * The end, explained. A panic prints its reason in a sentence, what this
 * processor was doing and a backtrace, then stops the machine. It takes no
 * lock, allocates nothing, and a second panic inside it goes straight to the
 * stop.
 */
#include "arch/arch.h"
#include "base/base.h"

bool panicking;

static void NORETURN stop(const Ureg *u)
{
	arch_backtrace(u);
	print("panic: the machine is stopped; the lines above say why\n");
	arch_halt();
}

static void panic_text(const char *fmt, va_list args)
{
	char why[400];
	vsnprint(why, sizeof why, fmt, args);
	print("\npanic: %s\n", why);
}

void panic(const char *fmt, ...)
{
	splhi();
	if (__atomic_exchange_n(&panicking, true, __ATOMIC_SEQ_CST)) {
		va_list again;
		va_start(again, fmt);
		panic_text(fmt, again);
		va_end(again);
		print("panic: while already panicking\n");
		arch_halt();
	}
	va_list args;
	va_start(args, fmt);
	panic_text(fmt, args);
	va_end(args);
	stop(nil);
}

void assert_failed(const char *expr, const char *file, int line, const char *func)
{
	panic("assertion failed: %s, in %s at %s:%d", expr, func, file, line);
}
