/*
 * Inputs: files and texts that commands are read from, one byte at a time with
 * a little look-ahead. Prompts are given here, when a new line is first needed.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	ReadSize = 4096,
};

Input *input;

/* input_file makes an input of an open file, which belongs to it from now on. */
void
input_file(Input *in, char *file, int fd)
{
	memset(in, 0, sizeof *in);
	in->file = estrdup(file);
	in->line = 1;
	in->newline = 1;
	own(&in->from, fd);
}

/* input_text makes an input of a copy of s, whose first line is the given one. */
void
input_text(Input *in, char *file, int line, char *s)
{
	memset(in, 0, sizeof *in);
	in->from.fd = -1;
	in->file = estrdup(file);
	in->line = line;
	in->buf = estrdup(s);
	in->size = strlen(s);
	in->p = in->buf;
	in->end = in->buf + in->size;
}

void
input_close(Input *in)
{
	disown(&in->from);
	free(in->file);
	free(in->buf);
}

int
input_done(Input *in)
{
	char *p;

	if (in->from.fd >= 0)
		return in->eof && in->p == in->end;
	for (p = in->p; p < in->end; p++)
		if (*p != ' ' && *p != '\t' && *p != '\n')
			return 0;
	return 1;
}

/* prompt asks for a line: $prompt(1) for a command, $prompt(2) to continue one. */
static void
prompt(Input *in)
{
	char *s;

	s = var_element("prompt", in->prompts > 0);
	if (s != nil)
		write(2, s, strlen(s));
	in->prompts++;
}

/* squeeze drops the NULs among the n bytes at p, which no command can contain. */
static long
squeeze(char *p, long n)
{
	long i, j;

	for (i = j = 0; i < n; i++)
		if (p[i] != 0)
			p[j++] = p[i];
	return j;
}

/* room makes space for another read behind what is left in the buffer. */
static void
room(Input *in)
{
	usize left;

	left = in->end - in->p;
	if (left > 0)
		memmove(in->buf, in->p, left);
	if (in->size < left + ReadSize) {
		in->size = left + ReadSize;
		in->buf = erealloc(in->buf, in->size);
	}
	in->p = in->buf;
	in->end = in->buf + left;
}

/* fill reads more; 0 at the end or when a note stopped the read. */
static int
fill(Input *in)
{
	long n;

	if (in->from.fd < 0 || in->eof || in->interrupted)
		return 0;
	room(in);
	do {
		if (in->interactive && in->newline)
			prompt(in);
		in->newline = 0;
		n = read(in->from.fd, in->end, ReadSize);
		if (n < 0 && notes) {
			in->interrupted = 1;
			return 0;
		}
		if (n <= 0) {
			in->eof = 1;
			return 0;
		}
		if ((flag['v'] && !in->quiet) || flag['V'])
			write(2, in->end, n);
		n = squeeze(in->end, n);
	} while (n == 0);
	in->end += n;
	return 1;
}

/* input_ahead returns the byte k places ahead without consuming it, or -1. */
int
input_ahead(Input *in, int k)
{
	while (in->end - in->p <= k)
		if (!fill(in))
			return -1;
	if (in->interactive && in->newline) {
		prompt(in);
		in->newline = 0;
	}
	return (uchar)in->p[k];
}

/* input_skip consumes the byte that input_ahead(in, 0) showed. */
void
input_skip(Input *in)
{
	if (*in->p++ == '\n') {
		in->line++;
		in->newline = 1;
	}
}

/* input_begin forgets what held for the command before. */
void
input_begin(Input *in)
{
	in->prompts = 0;
	if (in->interrupted)
		in->newline = 1;
	in->interrupted = 0;
	if (in->interactive)
		in->eof = 0;
}
