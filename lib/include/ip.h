/*
 * Internet addresses, of 16 bytes: those of IPv4 lie under the prefix
 * ::ffff:0:0/96. And numbers in the order of networks.
 */
#ifndef IP_H
#define IP_H

enum {
	IPaddrlen = 16,
	IPv4addrlen = 4,
	IPv4off = 12,		/* where the four bytes begin */
};

/* An address of an interface. */
typedef struct Iplifc Iplifc;
struct Iplifc {
	Iplifc	*next;
	uchar	ip[IPaddrlen];
	uchar	mask[IPaddrlen];
	uchar	net[IPaddrlen];	/* ip and mask */
	ulong	preflt;		/* seconds for which it is preferred, and valid */
	ulong	validlt;
};

/* An interface, as /net/ipifc/N/status tells it. */
typedef struct Ipifc Ipifc;
struct Ipifc {
	Ipifc	*next;
	Iplifc	*lifc;
	int	index;		/* N */
	char	dev[64];
	int	mtu;
	ulong	pktin, pktout, errin, errout;
};

extern uchar IPnoaddr[IPaddrlen];	/* :: */
extern uchar IPv4bcast[IPaddrlen];	/* 255.255.255.255 */
extern uchar v4prefix[IPaddrlen];	/* ::ffff:0:0 */

#define ipcmp(x, y)	memcmp((x), (y), IPaddrlen)
#define ipmove(x, y)	memmove((x), (y), IPaddrlen)
#define equivip4(x, y)	(memcmp((x), (y), IPv4addrlen) == 0)
#define equivip6(x, y)	(memcmp((x), (y), IPaddrlen) == 0)
#define equivip(x, y)	equivip6(x, y)

int	parseip(uchar*, char*);
int	parseipmask(uchar*, char*);
int	parseether(uchar*, char*);
int	isv4(uchar*);
void	v4tov6(uchar*, uchar*);
int	v6tov4(uchar*, uchar*);
void	maskip(uchar*, uchar*, uchar*);
int	eipfmt(Fmt*);

void	hnputs(void*, ushort);
void	hnputl(void*, uint);
void	hnputv(void*, uvlong);
ushort	nhgets(void*);
uint	nhgetl(void*);
uvlong	nhgetv(void*);

Ipifc	*readipifc(char*, Ipifc*, int);
void	freeipifc(Ipifc*);
int	myipaddr(uchar*, char*);

#endif
