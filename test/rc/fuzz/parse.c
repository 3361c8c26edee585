/*
 * A libFuzzer target for rc's parser and printer: whatever parses must print as
 * the body of a function that parses to the same text again. The run script
 * builds it with the sanitizers from the real sources and the stand-ins below.
 */
#include <u.h>
#include <libc.h>
#include <stdint.h>
#include "user/rc/rc.h"

enum {
	StackMax = 200000,
};

char flag[128];
volatile int notes;
Place place;

static char *stack_base;

int LLVMFuzzerTestOneInput(const uint8_t*, size_t);

void
own(Owned *o, int fd)
{
	o->fd = fd;
}

void
disown(Owned *o)
{
	o->fd = -1;
}

void
message(char *fmt, ...)
{
}

int
stack_low(void)
{
	char here;

	return stack_base - &here > StackMax;
}

void
words_init(Words *w)
{
	memset(w, 0, sizeof *w);
	w->tail = &w->first;
}

void
words_add(Words *w, char *s, uchar *magic)
{
	abort();
}

char *
words_join(Words *w)
{
	return "";
}

/* printed parses s and prints what it got, all of it or the one function; nil if it cannot. */
static char *
printed(char *s, int function)
{
	Input in;
	Code *code;
	Buf b = { nil, 0, 0 };
	Node all = { .kind = NBlock };
	int result;

	input_text(&in, "fuzz", 1, s);
	in.whole = 1;
	result = parse(&in, &code);
	input_close(&in);
	if (result != ParseOk)
		return nil;
	all.a = code->root;
	if (function)
		assert(code->root->a->kind == NFn && code->root->a->next == nil);
	print_fn(&b, function ? code->root->a->b : &all);
	code_release(code);
	return b.s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s, *first, *again;
	Buf b = { nil, 0, 0 };

	stack_base = (char *)&s;
	s = emalloc(n + 1);
	memcpy(s, data, n);
	s[n] = 0;
	first = printed(s, 0);
	free(s);
	if (first == nil)
		return 0;
	buf_puts(&b, "fn f ");
	buf_puts(&b, first);
	again = printed(b.s, 1);
	if (again == nil || strcmp(first, again) != 0) {
		fprintf(stderr, "printed:\n%sagain:\n%s\n", first, again == nil ? "-" : again);
		abort();
	}
	free(first);
	free(again);
	buf_free(&b);
	return 0;
}
