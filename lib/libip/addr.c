/*
 * Internet addresses: from text, and compared and cut.
 */
#include <u.h>
#include <libc.h>
#include <ip.h>

uchar IPnoaddr[IPaddrlen];
uchar IPv4bcast[IPaddrlen] = {
	[10] = 0xff, [11] = 0xff, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff,
};
uchar v4prefix[IPaddrlen] = { [10] = 0xff, [11] = 0xff };

int
isv4(uchar *ip)
{
	return memcmp(ip, v4prefix, IPv4off) == 0;
}

void
v4tov6(uchar *v6, uchar *v4)
{
	uchar t[IPv4addrlen];

	memmove(t, v4, sizeof t);	/* it may lie in v6 */
	memmove(v6, v4prefix, IPv4off);
	memmove(v6 + IPv4off, t, sizeof t);
}

/* -1, and four zeros, if v6 is no address of IPv4. */
int
v6tov4(uchar *v4, uchar *v6)
{
	if(isv4(v6) || memcmp(v6, IPnoaddr, IPaddrlen) == 0){
		memmove(v4, v6 + IPv4off, IPv4addrlen);
		return 0;
	}
	memset(v4, 0, IPv4addrlen);
	return -1;
}

void
maskip(uchar *from, uchar *mask, uchar *to)
{
	int i;

	for(i = 0; i < IPaddrlen; i++)
		to[i] = from[i] & mask[i];
}

/* ---- from text ---- */

/* Four numbers up to 255 with points between; returns what follows, nil if there are none. */
static char*
dotted(uchar *v4, char *s)
{
	char *e;
	int i;

	for(i = 0; i < IPv4addrlen; i++){
		if(*s < '0' || *s > '9' || strtoul(s, &e, 10) > 255 || e - s > 3)
			return nil;
		v4[i] = (uchar)strtoul(s, nil, 10);
		s = e;
		if(i < IPv4addrlen-1 && *s++ != '.')
			return nil;
	}
	return s;
}

static int
hexdigit(int c)
{
	return dec16chr(c);
}

/* Up to eight groups of hexadecimal digits; :: stands for those of zeros that are left out. */
static char*
groups(uchar *ip, char *s)
{
	int n = 0, gap = -1, k;
	char *e;
	uint v;

	if(s[0] == ':' && s[1] != ':')
		return nil;
	while(n < IPaddrlen){
		if(s[0] == ':' && s[1] == ':'){
			if(gap >= 0)
				return nil;
			gap = n;
			s += 2;
			if(hexdigit(*s) < 0)
				break;
		}
		if(n <= IPv4off && (e = dotted(ip + n, s)) != nil && *e != ':'){
			n += IPv4addrlen;
			s = e;
			break;
		}
		for(v = 0, k = 0; k < 4 && hexdigit(s[k]) >= 0; k++)
			v = v<<4 | (uint)hexdigit(s[k]);
		if(k == 0)
			return nil;
		ip[n++] = (uchar)(v >> 8);
		ip[n++] = (uchar)v;
		s += k;
		if(s[0] != ':')
			break;
		if(s[1] != ':')
			s++;
	}
	if(gap < 0)
		return n == IPaddrlen ? s : nil;
	if(n == IPaddrlen)
		return nil;
	memmove(ip + gap + IPaddrlen - n, ip + gap, (ulong)(n - gap));
	memset(ip + gap, 0, (ulong)(IPaddrlen - n));
	return s;
}

/* 4 or 6, the kind of address; -1, and ip of zeros, if it is none. */
int
parseip(uchar *ip, char *s)
{
	uchar v4[IPv4addrlen], v6[IPaddrlen];
	char *e;

	if((e = dotted(v4, s)) != nil && *e == 0){
		v4tov6(ip, v4);
		return 4;
	}
	if((e = groups(v6, s)) != nil && *e == 0){
		ipmove(ip, v6);
		return isv4(ip) ? 4 : 6;
	}
	memset(ip, 0, IPaddrlen);
	werrstr("bad ip address %s", s);
	return -1;
}

/* An address that is a mask, of IPv4 perhaps, or /n: of the 128 bits the first n. As parseip. */
int
parseipmask(uchar *mask, char *s)
{
	char *e;
	long n, i;
	int kind;

	if(*s != '/'){
		kind = parseip(mask, s);
		if(kind == 4)
			memset(mask, 0xff, IPv4off);
		return kind;
	}
	n = strtol(s + 1, &e, 10);
	memset(mask, 0, IPaddrlen);
	if(e == s + 1 || *e != 0 || s[1] < '0' || s[1] > '9' || n > 8*IPaddrlen){
		werrstr("bad ip mask %s", s);
		return -1;
	}
	for(i = 0; i < n; i++)
		mask[i/8] |= (uchar)(0x80 >> i%8);
	return n >= 8*IPv4off ? 4 : 6;
}

/* Six bytes in hexadecimal, with or without colons; 0 or -1. */
int
parseether(uchar *ether, char *s)
{
	uchar e[6];
	int i;

	for(i = 0; i < 6; i++){
		if(hexdigit(s[0]) < 0 || hexdigit(s[1]) < 0)
			return -1;
		e[i] = (uchar)(hexdigit(s[0])<<4 | hexdigit(s[1]));
		s += 2;
		if(i < 5 && *s == ':')
			s++;
	}
	if(*s != 0)
		return -1;
	memmove(ether, e, 6);
	return 0;
}

/* ---- numbers as networks have them, the high byte first ---- */

static void
put(uchar *p, uvlong v, int n)
{
	while(n-- > 0){
		p[n] = (uchar)v;
		v >>= 8;
	}
}

static uvlong
get(uchar *p, int n)
{
	uvlong v = 0;

	while(n-- > 0)
		v = v<<8 | *p++;
	return v;
}

void
hnputs(void *p, ushort v)
{
	put(p, v, 2);
}

void
hnputl(void *p, uint v)
{
	put(p, v, 4);
}

void
hnputv(void *p, uvlong v)
{
	put(p, v, 8);
}

ushort
nhgets(void *p)
{
	return (ushort)get(p, 2);
}

uint
nhgetl(void *p)
{
	return (uint)get(p, 4);
}

uvlong
nhgetv(void *p)
{
	return get(p, 8);
}
