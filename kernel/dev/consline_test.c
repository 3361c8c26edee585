/* The console's line discipline, typed at. */
#include "calls.h"
#include "dev/devices.h"
#include "unit.h"

void consline_test(void);

static char echoed[1000];
static s32 cons;

static void take_echo(const char *text, usize n)
{
	usize have = strlen(echoed);
	if (have + n < sizeof echoed) {
		memmove(echoed + have, text, n);
		echoed[have + n] = '\0';
	}
}

static usize type(const char *text)
{
	usize n = host_type(text, strlen(text));
	for (u32 i = 0; i < 4; i++)
		yield();
	return n;
}

/* What a read of that size gives; "-" for an error. */
static const char *reads(usize size)
{
	static char text[1100];
	s64 n = u_read(cons, text, size);
	if (n < 0)
		return "-";
	text[n] = '\0';
	return text;
}

static void test_lines(void)
{
	echoed[0] = '\0';
	type("hello");
	check(consline_length() == 0);
	type("\rworld\n");
	check_text(echoed, "hello\nworld\n");
	check(consline_length() == 12);
	check_text(reads(100), "hello\n");
	check_text(reads(3), "wor");
	check_text(reads(100), "ld\n");
}

static void test_editing(void)
{
	echoed[0] = '\0';
	type("ab\bc\n");
	check_text(echoed, "ab\b \bc\n");
	check_text(reads(100), "ac\n");
	type("\b\b x\xc3\xa9\b\by\n");
	check_text(reads(100), " y\n");
	type("some words here \x17more\n");
	check_text(reads(100), "some words more\n");
	type("gone\x15kept\n");
	check_text(reads(100), "kept\n");
	type("\x17\x15 a\n");
	check_text(reads(100), " a\n");
}

static void test_end(void)
{
	type("part\x04");
	check_text(reads(100), "part");
	type("\x04");
	check_text(reads(100), "");
	type("a\n\x04" "b\n");
	check_text(reads(100), "a\n");
	check_text(reads(100), "");
	check_text(reads(100), "b\n");
	type("exact\x04");
	check_text(reads(5), "exact");
}

static void test_long_lines(void)
{
	char line[301];
	memset(line, 'x', sizeof line - 1);
	line[300] = '\0';
	type(line);
	check(consline_length() == 256);
	check(strlen(reads(1000)) == 256);
	type("\n");
	check(strlen(reads(1000)) == 45);
}

/* Nobody reads: the line is held up, and not a byte is lost. */
static void test_backlog(void)
{
	usize typed = 0, n, read = 0;
	bool good = true;
	while ((n = type("0123456789\n")) == 11)
		typed += n;
	typed += n;
	check(typed > 16384 + 11 && typed < 40000);
	check(type("x") == 0);
	while (read + 11 <= typed) {
		good = good && strcmp(reads(1000), "0123456789\n") == 0;
		read += 11;
		if (read % 1100 == 0)
			yield();
	}
	check(good && consline_length() == 0);
	check(type("\x15" "again\n") == 7);
	check_text(reads(1000), "again\n");
}

static void test_raw(void)
{
	s32 ctl = u_open("/dev/consctl", OWRITE);
	type("half");
	check(ctl >= 0 && u_write(ctl, "rawon", 5) == 5);
	check_text(reads(100), "half");
	echoed[0] = '\0';
	type("a\bb\x04\x03");
	check_text(reads(100), "a\bb\x04\x03");
	check_text(echoed, "");
	type("\n\n");
	check_text(reads(100), "\n\n");
	u_close(ctl);
	type("cooked\b\b\n");
	check_text(reads(100), "cook\n");
}

static u32 interrupts;

static u32 count_interrupts(const char *note)
{
	interrupts += strcmp(note, "interrupt") == 0;
	return NCONT;
}

static const char *reads_alone(void)
{
	u_notify(count_interrupts);
	return reads(100)[0] == '-' ? u_error() : "no error";
}

static void test_interrupt(void)
{
	char status[ERRMAX];
	u_notify(count_interrupts);
	host_rfork(RFPROC | RFNOTEG, reads_alone);
	u_sleep(1);
	type("lost\x7f");
	check(u_await(status) > 0 && interrupts == 1);
	check(strstr(status, "interrupted") != nil);
	type("kept\n");
	check_text(reads(100), "kept\n");
	type("\x03");		/* now it is for us, who read last */
	u_sleep(1);
	check(interrupts == 2);
	while (type("0123456789\n") == 11)
		;
	type("\x03");		/* the key does not wait behind what nobody reads */
	u_sleep(1);
	check(interrupts == 3);
	while (consline_length() > 0)
		reads(1000);
	type("new\n");
	check_text(reads(100), "new\n");
}

/* ^T^Tp tells who waits for what, and is no input; anything else with ^T is. */
static void test_debug_key(void)
{
	echoed[0] = '\0';
	type("\x14\x14p");
	check(strstr(echoed, " consline Wakeme - ") != nil);
	check(strstr(echoed, " s until is_woken") != nil || strstr(echoed, " s until 0x") != nil);
	type("x\n");
	check_text(reads(100), "x\n");
	type("\x14p\x14\x14q\n");
	check_text(reads(100), "\x14p\x14\x14q\n");
}

void consline_test(void)
{
	void (*console)(const char *, usize) = log_console;
	log_console = take_echo;
	cons = u_open("/dev/cons", OREAD);
	check(cons >= 0);
	test_lines();
	test_editing();
	test_end();
	test_long_lines();
	test_backlog();
	test_raw();
	test_interrupt();
	test_debug_key();
	log_console = console;
}
