/*
 * The verbs I, M, V and E: addresses, masks, four bytes of IPv4, Ethernet.
 */
#include <u.h>
#include <libc.h>
#include <ip.h>

enum {
	TEXTMAX = 64,
};

static char*
v4text(char *p, char *e, uchar *v4)
{
	return seprint(p, e, "%d.%d.%d.%d", v4[0], v4[1], v4[2], v4[3]);
}

/* The first longest run of two or more groups of zeros; its length, 0 if there is none. */
static int
zeros(uchar *ip, int *at)
{
	int i, n = 0, best = 0;

	for(i = 0; i < 8; i++){
		n = ip[2*i] == 0 && ip[2*i+1] == 0 ? n + 1 : 0;
		if(n > best){
			best = n;
			*at = i - n + 1;
		}
	}
	return best > 1 ? best : 0;
}

static void
iptext(char *p, char *e, uchar *ip)
{
	int i, at = 8, n;

	if(isv4(ip)){
		v4text(p, e, ip + IPv4off);
		return;
	}
	n = zeros(ip, &at);
	for(i = 0; i < 8; i++){
		if(n > 0 && i == at){
			p = seprint(p, e, "::");
			i += n - 1;
			continue;
		}
		if(i > 0 && !(n > 0 && i == at + n))
			p = seprint(p, e, ":");
		p = seprint(p, e, "%ux", nhgets(ip + 2*i));
	}
}

/* A mask is the count of its ones if they are the first bits. */
static void
masktext(char *p, char *e, uchar *mask)
{
	int n = 0, i;

	while(n < 8*IPaddrlen && (mask[n/8] & 0x80 >> n%8))
		n++;
	for(i = n; i < 8*IPaddrlen; i++)
		if(mask[i/8] & 0x80 >> i%8){
			iptext(p, e, mask);
			return;
		}
	seprint(p, e, "/%d", n);
}

int
eipfmt(Fmt *f)
{
	char buf[TEXTMAX], *e = buf + sizeof buf;
	uchar *p = va_arg(f->args, uchar*);

	if(p == nil)
		return fmtstrcpy(f, nil);
	switch(f->r){
	case 'E':
		seprint(buf, e, "%.2ux%.2ux%.2ux%.2ux%.2ux%.2ux", p[0], p[1], p[2], p[3], p[4],
			p[5]);
		break;
	case 'V':
		v4text(buf, e, p);
		break;
	case 'M':
		masktext(buf, e, p);
		break;
	default:
		iptext(buf, e, p);
		break;
	}
	return fmtstrcpy(f, buf);
}
