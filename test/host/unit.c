/* Checks that count, and tests in processes of their own. */
#include <stdio.h>
#include "jobs.h"
#include "unit.h"

enum { SECONDS_MAX = 60 };

static u32 passed, failed, sum_passed, sum_failed;
static const char *expected;
static u64 state = 88172645463325252UL;

bool check_that(bool good, const char *file, int line, const char *what)
{
	passed += good;
	failed += !good;
	if (!good)
		printf("not ok %s:%d: %s\n", file, line, what);
	return good;
}

bool check_same_text(const char *got, const char *wanted, const char *file, int line,
	const char *what)
{
	bool good = got != nil && strcmp(got, wanted) == 0;
	check_that(good, file, line, what);
	if (!good)
		printf("    got `%s', wanted `%s'\n", got != nil ? got : "(nil)", wanted);
	return good;
}

/* What is expected may come in several pieces. */
static void look_for_text(const char *text, usize n)
{
	static char all[1200];
	usize old = strlen(all), room = sizeof all - 1;
	n = MIN(n, room);
	if (old + n > room) {
		memmove(all, all + (old + n - room), room - n);
		old = room - n;
	}
	memmove(all + old, text, n);
	all[old + n] = '\0';
	if (strstr(all, expected) != nil)
		job_end(0);
}

static char heard[16384];
static void (*console)(const char *text, usize n);

static void hear(const char *text, usize n)
{
	usize old = strlen(heard);
	n = MIN(n, sizeof heard - 1);
	if (old + n >= sizeof heard)
		old = 0;
	memmove(heard + old, text, n);
	heard[old + n] = '\0';
}

void unit_listen(void)
{
	heard[0] = '\0';
	console = log_console;
	log_console = hear;
}

const char *unit_heard(void)
{
	return heard;
}

void unit_listen_no_more(void)
{
	log_console = console;
}

void check_panics(void (*f)(void), const char *text)
{
	int status;
	if (job_start(SECONDS_MAX) == 0) {
		expected = text;
		log_console = look_for_text;
		f();
		job_end(1);
	}
	job_wait(&status);
	if (!check_that(status == 0, text, 0, "panics so"))
		printf("    status %d\n", status);
}

u32 unit_random(u32 n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 16) % n;
}

void unit_run(const Unit *u)
{
	int status;
	u32 counts[2];
	job_pipe();
	if (job_start(SECONDS_MAX) == 0) {
		u->run();
		counts[0] = passed;
		counts[1] = failed;
		job_tell(counts, sizeof counts);
		job_end(0);
	}
	job_wait(&status);
	if (!job_hear(counts, sizeof counts) || status != 0) {
		printf("not ok %s: ends with status %d\n", u->name, status);
		counts[0] = 0;
		counts[1] = 1;
	}
	sum_passed += counts[0];
	sum_failed += counts[1];
}

int unit_end(void)
{
	printf("%u passed, %u failed\n", sum_passed, sum_failed);
	return sum_failed != 0;
}
