/*
 * Substitution: & and \0 are the match, \1 to \9 its parts; another
 * character after a backslash is itself.
 */
#include <u.h>
#include <libc.h>
#include <regexp.h>

/* What the text at s stands for: a sub-match number and the bytes used, or -1. */
static int
reference(Rune r, Rune next, int *used)
{
	*used = 1;
	if(r == '&')
		return 0;
	if(r != '\\')
		return -1;
	if(next != 0)
		*used = 2;
	return next >= '0' && next <= '9' ? (int)next - '0' : -1;
}

void
regsub(char *src, char *dst, int dlen, Resub *m, int nm)
{
	char *e = dst + dlen - 1, *p;
	int i, used;

	if(dlen <= 0)
		return;
	for(; *src != 0; src += used){
		i = reference((uchar)src[0], (uchar)src[1], &used);
		if(i < 0){
			if(dst < e)
				*dst++ = src[used-1];
			continue;
		}
		if(m == nil || i >= nm || m[i].sp == nil)
			continue;
		for(p = m[i].sp; p < m[i].ep && dst < e; )
			*dst++ = *p++;
	}
	*dst = 0;
}

void
rregsub(Rune *src, Rune *dst, int dlen, Resub *m, int nm)
{
	Rune *e = dst + dlen - 1, *p;
	int i, used;

	if(dlen <= 0)
		return;
	for(; *src != 0; src += used){
		i = reference(src[0], src[1], &used);
		if(i < 0){
			if(dst < e)
				*dst++ = src[used-1];
			continue;
		}
		if(m == nil || i >= nm || m[i].rsp == nil)
			continue;
		for(p = m[i].rsp; p < m[i].rep && dst < e; )
			*dst++ = *p++;
	}
	*dst = 0;
}
