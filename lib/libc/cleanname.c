/*
 * The lexical meaning of a path name.
 */
#include "sys.h"

/* The length of a device prefix such as #s or #p/, which .. does not pass. */
static long
prefix(char *s)
{
	Rune r;
	long n;

	if(s[0] == '/')
		return 1;
	if(s[0] != '#' || s[1] == 0)
		return 0;
	n = 1 + chartorune(&r, s+1);
	while(s[n] != 0 && s[n] != '/')
		n++;
	return n;
}

/*
 * Removes doubled slashes and dots, and undoes .. in place. The result is
 * never longer; an empty name becomes ".".
 */
char*
cleanname(char *name)
{
	char *base = name + prefix(name), *p = base, *q = base, *elem;
	int rooted = base != name, n;

	while(*p != 0){
		while(*p == '/')
			p++;
		for(n = 0; p[n] != 0 && p[n] != '/'; n++)
			;
		if(n == 0)
			break;
		elem = p;
		p += n;
		if(n == 1 && elem[0] == '.')
			continue;
		if(n == 2 && elem[0] == '.' && elem[1] == '.'){
			char *last = q;
			while(last > base && last[-1] != '/')
				last--;
			if(q > base && !(q - last == 2 && last[0] == '.' && last[1] == '.')){
				q = last > base ? last - 1 : base;
				continue;
			}
			if(rooted)
				continue;
		}
		if(q > base || (rooted && name[0] == '#'))
			*q++ = '/';
		memmove(q, elem, (ulong)n);
		q += n;
	}
	if(q == name)
		*q++ = '.';	/* an empty name needs room for two bytes */
	*q = 0;
	return name;
}
