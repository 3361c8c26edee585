/*
 * UTF-8: runes in and out of bytes, and the string functions that count or
 * find runes.
 */
#include "sys.h"

/* Bytes of an encoded rune by its first byte; 0 for a byte that cannot begin one. */
static int
length(uchar c)
{
	if(c < 0x80)
		return 1;
	if(c < 0xC2)
		return 0;
	if(c < 0xE0)
		return 2;
	if(c < 0xF0)
		return 3;
	return c < 0xF5 ? 4 : 0;
}

/* Decodes one rune and returns the bytes used; a bad byte is Runeerror and one byte. */
int
chartorune(Rune *r, char *s)
{
	static uint min[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uchar *p = (uchar*)s;
	int i, n = length(*p);
	uint v;

	if(n == 1){
		*r = *p;
		return 1;
	}
	v = n == 0 ? 0 : *p & (0x7fu >> n);
	for(i = 1; i < n; i++){
		if((p[i] & 0xC0) != 0x80)
			break;
		v = v<<6 | (p[i] & 0x3f);
	}
	if(n == 0 || i < n || v < min[n] || v > Runemax || (v >= 0xD800 && v < 0xE000)){
		*r = Runeerror;
		return 1;
	}
	*r = v;
	return n;
}

int
runetochar(char *s, Rune *rp)
{
	Rune r = *rp;

	if(r > Runemax || (r >= 0xD800 && r < 0xE000))
		r = Runeerror;
	if(r < 0x80){
		s[0] = (char)r;
		return 1;
	}
	if(r < 0x800){
		s[0] = (char)(0xC0 | r>>6);
		s[1] = (char)(0x80 | (r & 0x3f));
		return 2;
	}
	if(r < 0x10000){
		s[0] = (char)(0xE0 | r>>12);
		s[1] = (char)(0x80 | (r>>6 & 0x3f));
		s[2] = (char)(0x80 | (r & 0x3f));
		return 3;
	}
	s[0] = (char)(0xF0 | r>>18);
	s[1] = (char)(0x80 | (r>>12 & 0x3f));
	s[2] = (char)(0x80 | (r>>6 & 0x3f));
	s[3] = (char)(0x80 | (r & 0x3f));
	return 4;
}

int
runelen(Rune r)
{
	char s[UTFmax];

	return runetochar(s, &r);
}

int
runenlen(Rune *r, int n)
{
	int len = 0;

	while(n-- > 0)
		len += runelen(*r++);
	return len;
}

/* Whether the n bytes at s hold a whole rune, or bytes that never will be one. */
int
fullrune(char *s, int n)
{
	int i, len;

	if(n <= 0)
		return 0;
	len = length((uchar)*s);
	if(n >= len)
		return 1;
	for(i = 1; i < n; i++)
		if(((uchar)s[i] & 0xC0) != 0x80)
			return 1;
	return 0;
}

int
utflen(char *s)
{
	int n = 0;
	Rune r;

	for(; *s != 0; n++)
		s += chartorune(&r, s);
	return n;
}

int
utfnlen(char *s, long m)
{
	char *e = s + m;
	int n = 0;
	Rune r;

	for(; s < e && *s != 0; n++){
		if(!fullrune(s, e - s))
			break;
		s += chartorune(&r, s);
	}
	return n;
}

char*
utfrune(char *s, Rune c)
{
	Rune r;
	int n;

	for(;; s += n){
		n = chartorune(&r, s);
		if(r == c)
			return s;
		if(r == 0)
			return nil;
	}
}

char*
utfrrune(char *s, Rune c)
{
	char *last = nil;

	while((s = utfrune(s, c)) != nil){
		last = s;
		if(*s == 0)
			break;
		s++;
		while(((uchar)*s & 0xC0) == 0x80)
			s++;
	}
	return last;
}

char*
utfutf(char *s, char *t)
{
	return strstr(s, t);	/* UTF-8 synchronises itself */
}

/* strecpy that never leaves part of a rune. */
char*
utfecpy(char *to, char *end, char *from)
{
	Rune r;
	int n;

	if(to >= end)
		return to;
	while(*from != 0){
		n = chartorune(&r, from);
		if(to + n >= end)
			break;
		while(n-- > 0)
			*to++ = *from++;
	}
	*to = 0;
	return to;
}
