/*
 * Handing pages to another process, by the files of exchange(3); see exoffer(2): an offer is a
 * descriptor of its ctl file.
 */
#include "sys.h"

enum {
	TEXTMAX	= 128,
	NUMBERS	= TEXTMAX - 48,	/* behind here there is room for two numbers */
};

/* Appends n in hexadecimal: a hand-over should cost no more for its text than for its pages. */
static char*
number(char *p, uvlong n)
{
	int shift = 60;

	*p++ = ' ';
	*p++ = '0';
	*p++ = 'x';
	while(shift > 0 && n >> shift == 0)
		shift -= 4;
	for(; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[n >> shift & 0xf];
	return p;
}

/* Writes the message that ends at end, which has no room for the zero. */
static int
command(int fd, char *text, char *end)
{
	long n = end - text;

	return write(fd, text, n) == n ? 0 : -1;
}

static int
word(int fd, char *verb)
{
	return command(fd, verb, verb + strlen(verb));
}

/* Reads the ctl file from its start, whoever else uses the descriptor. */
static int
text(int fd, char *buf, int size)
{
	long n = pread(fd, buf, size-1, 0);

	if(n <= 0)
		return -1;
	buf[n] = '\0';
	return 0;
}

int
exreoffer(int fd, char *kind, void *va, uvlong len)
{
	char buf[TEXTMAX], *p;

	p = strecpy(buf, buf + NUMBERS, "offer ");
	p = strecpy(p, buf + NUMBERS, kind);
	p = number(p, (uintptr)va);
	return command(fd, buf, number(p, len));
}

int
exoffer(char *kind, void *va, uvlong len)
{
	int fd = open("/dev/exchange/clone", ORDWR|OCEXEC);

	if(fd >= 0 && exreoffer(fd, kind, va, len) < 0){
		close(fd);
		return -1;
	}
	return fd;
}

int
exnumber(int fd)
{
	char buf[TEXTMAX];

	return text(fd, buf, sizeof buf) < 0 ? -1 : atoi(buf);
}

int
exopen(int n)
{
	char name[64];

	snprint(name, sizeof name, "/dev/exchange/%d/ctl", n);
	return open(name, ORDWR|OCEXEC);
}

void*
exaccept(int fd, void *va, uvlong *len)
{
	char buf[TEXTMAX], *p, *end;
	uvlong base, size;

	p = strecpy(buf, buf + NUMBERS, "accept");
	if(va != nil)
		p = number(p, (uintptr)va);
	if(command(fd, buf, p) < 0 || text(fd, buf, sizeof buf) < 0)
		return (void*)-1;
	base = strtoull(buf, &p, 0);
	size = strtoull(p, &end, 0);
	if(end == p){
		werrstr("strange answer from exchange");
		return (void*)-1;
	}
	if(len != nil)
		*len = size;
	return (void*)(uintptr)base;
}

int
excancel(int fd)
{
	return word(fd, "cancel");
}

int
exreturn(int fd)
{
	return word(fd, "return");
}

int
exrevoke(int fd)
{
	return word(fd, "revoke");
}

int
exstatus(int n, Exstatus *s)
{
	char name[64], buf[TEXTMAX], *f[7];
	int fd, r;

	snprint(name, sizeof name, "/dev/exchange/%d/status", n);
	if((fd = open(name, OREAD)) < 0)
		return -1;
	r = text(fd, buf, sizeof buf);
	close(fd);
	if(r < 0)
		return -1;
	if(tokenize(buf, f, nelem(f)) != 6){
		werrstr("strange status from exchange");
		return -1;
	}
	s->number = atoi(f[0]);
	strecpy(s->state, s->state + sizeof s->state, f[1]);
	strecpy(s->kind, s->kind + sizeof s->kind, f[2]);
	s->offerer = atoi(f[3]);
	s->taker = atoi(f[4]);
	s->length = strtoull(f[5], nil, 10);
	return 0;
}
