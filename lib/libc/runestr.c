/*
 * Strings of Runes ended by a zero Rune.
 */
#include "sys.h"

long
runestrlen(Rune *s)
{
	long n = 0;

	while(s[n] != 0)
		n++;
	return n;
}

Rune*
runestrcpy(Rune *to, Rune *from)
{
	memmove(to, from, ((ulong)runestrlen(from)+1) * sizeof(Rune));
	return to;
}

Rune*
runestrcat(Rune *to, Rune *from)
{
	runestrcpy(to + runestrlen(to), from);
	return to;
}

Rune*
runestrecpy(Rune *to, Rune *end, Rune *from)
{
	if(to >= end)
		return to;
	while(to < end-1 && *from != 0)
		*to++ = *from++;
	*to = 0;
	return to;
}

Rune*
runestrncpy(Rune *to, Rune *from, long n)
{
	long i;

	for(i = 0; i < n && from[i] != 0; i++)
		to[i] = from[i];
	for(; i < n; i++)
		to[i] = 0;
	return to;
}

Rune*
runestrncat(Rune *to, Rune *from, long n)
{
	Rune *t = to + runestrlen(to);

	while(n-- > 0 && *from != 0)
		*t++ = *from++;
	*t = 0;
	return to;
}

int
runestrncmp(Rune *a, Rune *b, long n)
{
	for(; n > 0; n--, a++, b++){
		if(*a != *b)
			return *a < *b ? -1 : 1;
		if(*a == 0)
			break;
	}
	return 0;
}

int
runestrcmp(Rune *a, Rune *b)
{
	return runestrncmp(a, b, 0x7fffffffffffffffL);
}

Rune*
runestrchr(Rune *s, Rune c)
{
	for(; *s != c; s++)
		if(*s == 0)
			return nil;
	return s;
}

Rune*
runestrrchr(Rune *s, Rune c)
{
	Rune *last = nil;

	for(;; s++){
		if(*s == c)
			last = s;
		if(*s == 0)
			return last;
	}
}

Rune*
runestrstr(Rune *s, Rune *t)
{
	long n = runestrlen(t);

	if(n == 0)
		return s;
	while((s = runestrchr(s, *t)) != nil){
		if(runestrncmp(s, t, n) == 0)
			return s;
		s++;
	}
	return nil;
}

Rune*
runestrdup(Rune *s)
{
	ulong n = ((ulong)runestrlen(s)+1) * sizeof(Rune);
	Rune *t;

	t = malloc(n);
	if(t == nil)
		return nil;
	setmalloctag(t, getcallerpc(&s));
	return memmove(t, s, n);
}
