/*
 * Strings of bytes ended by a NUL.
 */
#include "sys.h"

long
strlen(char *s)
{
	char *p = s;

	while(*p != 0)
		p++;
	return p - s;
}

char*
strcpy(char *to, char *from)
{
	memmove(to, from, strlen(from)+1);
	return to;
}

char*
strcat(char *to, char *from)
{
	strcpy(to + strlen(to), from);
	return to;
}

/* Copies what fits before end, terminates, and returns the NUL's place. */
char*
strecpy(char *to, char *end, char *from)
{
	if(to >= end)
		return to;
	while(to < end-1 && *from != 0)
		*to++ = *from++;
	*to = 0;
	return to;
}

char*
strncpy(char *to, char *from, long n)
{
	long i;

	for(i = 0; i < n && from[i] != 0; i++)
		to[i] = from[i];
	for(; i < n; i++)
		to[i] = 0;
	return to;
}

char*
strncat(char *to, char *from, long n)
{
	char *t = to + strlen(to);

	while(n-- > 0 && *from != 0)
		*t++ = *from++;
	*t = 0;
	return to;
}

int
strcmp(char *a, char *b)
{
	for(; *a == *b; a++, b++)
		if(*a == 0)
			return 0;
	return (uchar)*a < (uchar)*b ? -1 : 1;
}

int
strncmp(char *a, char *b, long n)
{
	for(; n > 0; n--, a++, b++){
		if(*a != *b)
			return (uchar)*a < (uchar)*b ? -1 : 1;
		if(*a == 0)
			break;
	}
	return 0;
}

char*
strchr(char *s, int c)
{
	for(; *s != (char)c; s++)
		if(*s == 0)
			return nil;
	return s;
}

char*
strrchr(char *s, int c)
{
	char *r = nil;

	for(;; s++){
		if(*s == (char)c)
			r = s;
		if(*s == 0)
			return r;
	}
}

long
strspn(char *s, char *set)
{
	long n = 0;

	while(s[n] != 0 && strchr(set, s[n]) != nil)
		n++;
	return n;
}

long
strcspn(char *s, char *set)
{
	long n = 0;

	while(s[n] != 0 && strchr(set, s[n]) == nil)
		n++;
	return n;
}

char*
strpbrk(char *s, char *set)
{
	s += strcspn(s, set);
	return *s != 0 ? s : nil;
}

char*
strtok(char *s, char *set)
{
	static char *rest;

	if(s == nil)
		s = rest;
	if(s == nil)
		return nil;
	s += strspn(s, set);
	if(*s == 0){
		rest = nil;
		return nil;
	}
	rest = s + strcspn(s, set);
	if(*rest != 0)
		*rest++ = 0;
	else
		rest = nil;
	return s;
}

char*
strstr(char *s, char *t)
{
	long n = strlen(t);

	if(n == 0)
		return s;
	while((s = strchr(s, *t)) != nil){
		if(strncmp(s, t, n) == 0)
			return s;
		s++;
	}
	return nil;
}

char*
strdup(char *s)
{
	ulong n = (ulong)strlen(s) + 1;
	char *t;

	t = malloc(n);
	if(t == nil)
		return nil;
	setmalloctag(t, getcallerpc(&s));
	return memmove(t, s, n);
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int
cistrncmp(char *a, char *b, int n)
{
	int x, y;

	for(; n > 0; n--, a++, b++){
		x = lower((uchar)*a);
		y = lower((uchar)*b);
		if(x != y)
			return x < y ? -1 : 1;
		if(x == 0)
			break;
	}
	return 0;
}

int
cistrcmp(char *a, char *b)
{
	return cistrncmp(a, b, 0x7fffffff);
}

char*
cistrstr(char *s, char *t)
{
	int n = strlen(t);

	for(;; s++){
		if(cistrncmp(s, t, n) == 0)
			return s;
		if(*s == 0)
			return nil;
	}
}
