/*
 * Integers from text. Out-of-range values give the nearest limit.
 */
#include "sys.h"

static int
digitval(int c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if(c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* Skips blanks and sign, and settles the base; returns where digits should begin. */
static char*
start(char *s, int *neg, int *base)
{
	while(*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	*neg = *s == '-';
	if(*s == '-' || *s == '+')
		s++;
	if((*base == 0 || *base == 16) && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')
	&& digitval(s[2]) < 16){
		*base = 16;
		return s + 2;
	}
	if(*base == 0)
		*base = s[0] == '0' ? 8 : 10;
	return s;
}

/* The magnitude; *over is set if it is above limit, and all digits are consumed anyway. */
static uvlong
magnitude(char **sp, int base, uvlong limit, int *over)
{
	char *s = *sp;
	uvlong v = 0;
	int d;

	*over = 0;
	for(; (d = digitval(*s)) < base; s++){
		if(*over)
			continue;
		if(v > (limit - (uvlong)d) / (uvlong)base)
			*over = 1;
		else
			v = v * (uvlong)base + (uvlong)d;
	}
	*sp = s;
	return *over ? limit : v;
}

static uvlong
convert(char *s, char **end, int base, int issigned)
{
	char *p, *first;
	int neg, over;
	uvlong v, limit = ~(uvlong)0;

	if(base < 0 || base == 1 || base > 36){
		if(end != nil)
			*end = s;
		return 0;
	}
	p = first = start(s, &neg, &base);
	if(issigned)
		limit = ((uvlong)1 << 63) - (neg ? 0 : 1);
	v = magnitude(&p, base, limit, &over);
	if(end != nil)
		*end = p == first ? s : p;
	if(neg && !(over && !issigned))
		v = 0 - v;
	return v;
}

vlong
strtoll(char *s, char **end, int base)
{
	return (vlong)convert(s, end, base, 1);
}

uvlong
strtoull(char *s, char **end, int base)
{
	return convert(s, end, base, 0);
}

long
strtol(char *s, char **end, int base)
{
	return (long)convert(s, end, base, 1);
}

ulong
strtoul(char *s, char **end, int base)
{
	return (ulong)convert(s, end, base, 0);
}

/* The ato functions take 0x and leading 0 as C does. */
vlong
atoll(char *s)
{
	return strtoll(s, nil, 0);
}

long
atol(char *s)
{
	return strtol(s, nil, 0);
}

int
atoi(char *s)
{
	return (int)strtol(s, nil, 0);
}

double
atof(char *s)
{
	return strtod(s, nil);
}
