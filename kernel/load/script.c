/*
 * Scripts: a first line `#! interpreter word ...`, quoted as rc does, ending
 * within the first SCRIPT_LINE_MAX bytes of the file.
 */
#include "load/load.h"

bool script_is(const u8 *buf, usize n)
{
	return n >= 2 && buf[0] == '#' && buf[1] == '!';
}

Err script_parse(char *buf, usize n, char *words[SCRIPT_WORDS_MAX], u32 *nwords)
{
	char *w[SCRIPT_WORDS_MAX + 1];
	n = MIN(n, (usize)SCRIPT_LINE_MAX);
	char *newline = memchr(buf, '\n', n);
	if (newline == nil || memchr(buf, '\0', (usize)(newline - buf)) != nil)
		return Ebadexec;
	*newline = '\0';
	usize count = tokenize(buf + 2, w, nelem(w));
	if (count == 0 || count > SCRIPT_WORDS_MAX)
		return Ebadexec;
	memmove(words, w, count * sizeof w[0]);
	*nwords = (u32)count;
	return nil;
}

Err load_parse(const u8 *buf, usize n, LoadPlan *plan)
{
	return elf_is(buf, n) ? elf_parse(buf, n, plan) : aout_parse(buf, n, plan);
}
