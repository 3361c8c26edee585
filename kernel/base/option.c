/* Words of the kernel's command line: `name` or `name=value`, separated by blanks. */
#include "arch/arch.h"
#include "base/base.h"

bool boot_option(const char *name, char *buf, usize size)
{
	usize n = strlen(name);
	const char *s = boot.cmdline;
	while (*s != '\0') {
		while (*s == ' ' || *s == '\t')
			s++;
		const char *word = s;
		while (*s != '\0' && *s != ' ' && *s != '\t')
			s++;
		usize length = (usize)(s - word);
		if (length < n || strncmp(word, name, n) != 0 || (length > n && word[n] != '='))
			continue;
		usize skip = length > n ? n + 1 : n;
		usize value = MIN(length - skip, size - 1);
		memmove(buf, word + skip, value);
		buf[value] = '\0';
		return true;
	}
	return false;
}
