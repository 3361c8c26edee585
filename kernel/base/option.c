/*
 * Words of the kernel's command line: `name` or `name=value`, separated by blanks; quotes are as
 * rc's.
 */
#include "arch/arch.h"
#include "base/base.h"

enum { WORD_MAX = BOOT_CMDLINE_MAX, NUMBER_MAX = 1000000 };

/* The word at s without its quotes, cut to size; returns what follows it. */
static const char *take_word(const char *s, char *word, usize size)
{
	bool quoted = false;
	usize n = 0;
	for (; *s != '\0' && (quoted || (*s != ' ' && *s != '\t')); s++) {
		if (*s == '\'' && !(quoted && s[1] == '\'')) {
			quoted = !quoted;
			continue;
		}
		if (*s == '\'')
			s++;
		if (n + 1 < size)
			word[n++] = *s;
	}
	word[n] = '\0';
	return s;
}

bool boot_option(const char *name, char *buf, usize size)
{
	char word[WORD_MAX];
	usize n = strlen(name);
	for (const char *s = boot.cmdline; *s != '\0';) {
		while (*s == ' ' || *s == '\t')
			s++;
		s = take_word(s, word, sizeof word);
		if (strncmp(word, name, n) != 0 || (word[n] != '\0' && word[n] != '='))
			continue;
		strecpy(buf, buf + size, word[n] == '=' ? word + n + 1 : "");
		return true;
	}
	return false;
}

u32 boot_option_number(const char *name, u32 otherwise)
{
	char text[16];
	if (!boot_option(name, text, sizeof text))
		return otherwise;
	return (u32)MIN(strtou64(text, nil, 10), (u64)NUMBER_MAX);
}
