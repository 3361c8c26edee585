/*
 * The interfaces of a machine, from the files /net/ipifc/N/status.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <ip.h>

enum {
	MAXIFC = 128,
	MAXFIELD = 64,
};

/* The first line: words and their values in turn. */
static void
firstline(Ipifc *ifc, char **f, int n)
{
	int i;

	for(i = 0; i+1 < n; i += 2){
		ulong v = strtoul(f[i+1], nil, 10);
		if(strcmp(f[i], "device") == 0)
			strecpy(ifc->dev, ifc->dev + sizeof ifc->dev, f[i+1]);
		else if(strcmp(f[i], "maxtu") == 0)
			ifc->mtu = (int)v;
		else if(strcmp(f[i], "pktin") == 0)
			ifc->pktin = v;
		else if(strcmp(f[i], "pktout") == 0)
			ifc->pktout = v;
		else if(strcmp(f[i], "errin") == 0)
			ifc->errin = v;
		else if(strcmp(f[i], "errout") == 0)
			ifc->errout = v;
	}
}

/* A further line: address, mask, the other side, seconds valid and preferred. */
static Iplifc*
addressline(char **f)
{
	Iplifc *l = mallocz(sizeof *l, 1);
	uchar remote[IPaddrlen];

	if(l == nil)
		return nil;
	if(parseip(l->ip, f[0]) < 0 || parseipmask(l->mask, f[1]) < 0){
		free(l);
		return nil;
	}
	if(parseip(remote, f[2]) < 0)
		maskip(l->ip, l->mask, remote);
	ipmove(l->net, remote);
	l->validlt = strtoul(f[3], nil, 10);
	l->preflt = strtoul(f[4], nil, 10);
	return l;
}

/* The interface of that number; nil if there is none. */
static Ipifc*
readone(char *net, int index)
{
	char name[128], *line, *f[MAXFIELD];
	Iplifc **tail;
	Ipifc *ifc;
	Biobuf *b;
	int n;

	snprint(name, sizeof name, "%s/ipifc/%d/status", net, index);
	b = Bopen(name, OREAD);
	if(b == nil)
		return nil;
	ifc = mallocz(sizeof *ifc, 1);
	if(ifc != nil){
		ifc->index = index;
		tail = &ifc->lifc;
		while((line = Brdstr(b, '\n', 1)) != nil){
			n = tokenize(line, f, MAXFIELD);
			if(n > 0 && strcmp(f[0], "device") == 0)
				firstline(ifc, f, n);
			else if(n >= 5 && (*tail = addressline(f)) != nil)
				tail = &(*tail)->next;
			free(line);
		}
	}
	Bterm(b);
	return ifc;
}

void
freeipifc(Ipifc *ifc)
{
	Iplifc *l;
	Ipifc *next;

	for(; ifc != nil; ifc = next){
		next = ifc->next;
		while((l = ifc->lifc) != nil){
			ifc->lifc = l->next;
			free(l);
		}
		free(ifc);
	}
}

/*
 * The interfaces of the network at net (nil: /net), or the one of that number unless it is -1;
 * what an earlier call returned is freed.
 */
Ipifc*
readipifc(char *net, Ipifc *old, int index)
{
	Ipifc *first = nil, **tail = &first;
	int i;

	freeipifc(old);
	if(net == nil)
		net = "/net";
	if(index >= 0)
		return readone(net, index);
	for(i = 0; i < MAXIFC; i++){
		*tail = readone(net, i);
		if(*tail != nil)
			tail = &(*tail)->next;
	}
	return first;
}

/* An address of this machine, one that others can reach if there is one; -1 if there is none. */
int
myipaddr(uchar *ip, char *net)
{
	static uchar loop6[IPaddrlen] = { [15] = 1 };
	Ipifc *all = readipifc(net, nil, -1), *ifc;
	Iplifc *l;
	int r = -1;

	ipmove(ip, IPnoaddr);
	for(ifc = all; ifc != nil && r < 0; ifc = ifc->next)
		for(l = ifc->lifc; l != nil && r < 0; l = l->next){
			if(equivip(l->ip, IPnoaddr) || equivip(l->ip, v4prefix)
			|| equivip(l->ip, loop6) || (isv4(l->ip) && l->ip[IPv4off] == 127))
				continue;
			ipmove(ip, l->ip);
			r = 0;
		}
	freeipifc(all);
	if(r < 0)
		werrstr("no ip address");
	return r;
}
