/*
 * Bytes as base 64, 32 and 16. The x forms take the alphabet as a function:
 * value to character for encoding, character to value or -1 for decoding.
 */
#include "sys.h"

int
enc64chr(int v)
{
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[v & 63];
}

int
dec64chr(int c)
{
	if(c >= 'A' && c <= 'Z')
		return c - 'A';
	if(c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if(c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
enc32chr(int v)
{
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[v & 31];
}

int
dec32chr(int c)
{
	if(c >= 'A' && c <= 'Z')
		return c - 'A';
	if(c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

int
enc16chr(int v)
{
	return "0123456789ABCDEF"[v & 15];
}

int
dec16chr(int c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* bits a character; padded with = to a multiple of group characters (0: not). */
static int
encode(char *out, int lim, uchar *in, int n, int (*chr)(int), int bits, int group)
{
	uint acc = 0;
	int have = 0, o = 0;

	for(;;){
		if(have < bits && n > 0){
			acc = acc<<8 | *in++;
			n--;
			have += 8;
			continue;
		}
		if(have == 0)
			break;
		if(o >= lim-1)
			return -1;
		if(have < bits){
			acc <<= bits - have;
			have = bits;
		}
		have -= bits;
		out[o++] = (char)chr((int)(acc >> have & ((1u << bits) - 1)));
	}
	for(; group != 0 && o % group != 0; o++){
		if(o >= lim-1)
			return -1;
		out[o] = '=';
	}
	if(o >= lim)
		return -1;
	out[o] = 0;
	return o;
}

/* Characters outside the alphabet are skipped, as = and newlines must be. */
static int
decode(uchar *out, int lim, char *in, int n, int (*chr)(int), int bits)
{
	uint acc = 0;
	int have = 0, o = 0, v;

	for(; n > 0; n--){
		v = chr((uchar)*in++);
		if(v < 0)
			continue;
		acc = acc<<bits | (uint)v;
		have += bits;
		if(have >= 8){
			have -= 8;
			if(o >= lim)
				return -1;
			out[o++] = (uchar)(acc >> have);
		}
	}
	return o;
}

int
enc64x(char *out, int lim, uchar *in, int n, int (*chr)(int))
{
	return encode(out, lim, in, n, chr, 6, 4);
}

int
enc64(char *out, int lim, uchar *in, int n)
{
	return enc64x(out, lim, in, n, enc64chr);
}

int
dec64x(uchar *out, int lim, char *in, int n, int (*chr)(int))
{
	return decode(out, lim, in, n, chr, 6);
}

int
dec64(uchar *out, int lim, char *in, int n)
{
	return dec64x(out, lim, in, n, dec64chr);
}

int
enc32x(char *out, int lim, uchar *in, int n, int (*chr)(int))
{
	return encode(out, lim, in, n, chr, 5, 8);
}

int
enc32(char *out, int lim, uchar *in, int n)
{
	return enc32x(out, lim, in, n, enc32chr);
}

int
dec32x(uchar *out, int lim, char *in, int n, int (*chr)(int))
{
	return decode(out, lim, in, n, chr, 5);
}

int
dec32(uchar *out, int lim, char *in, int n)
{
	return dec32x(out, lim, in, n, dec32chr);
}

int
enc16(char *out, int lim, uchar *in, int n)
{
	return encode(out, lim, in, n, enc16chr, 4, 0);
}

int
dec16(uchar *out, int lim, char *in, int n)
{
	return decode(out, lim, in, n, dec16chr, 4);
}

/* The verbs H, < and [: the precision is the count of bytes, l asks for lower case. */
int
encodefmt(Fmt *f)
{
	uchar *in = va_arg(f->args, uchar*);
	int n = f->flags & FmtPrec ? f->prec : 1, len, r;
	char *out, *p;

	if(in == nil)
		return fmtstrcpy(f, nil);
	len = 2*n + 16;
	out = malloc((ulong)len);
	if(out == nil)
		return -1;
	switch(f->r){
	case '<':
		r = enc32(out, len, in, n);
		break;
	case '[':
		r = enc64(out, len, in, n);
		break;
	default:
		r = enc16(out, len, in, n);
		break;
	}
	if(f->flags & FmtLong)
		for(p = out; r >= 0 && *p != 0; p++)
			if(*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
	f->flags &= ~(ulong)FmtPrec;
	r = r < 0 ? -1 : fmtstrcpy(f, out);
	free(out);
	return r;
}
