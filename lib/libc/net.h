/*
 * What the files about the network share.
 */

/* A place to call or announce, taken from [netdir/]proto!host!service. */
typedef struct Netaddr Netaddr;
struct Netaddr {
	char	netdir[NETPATHLEN];	/* "" if the address has none */
	char	proto[NETPATHLEN];
	char	*rest;			/* host!service, inside the address */
};

int	_netaddr(Netaddr*, char*);
int	_netctl(char *file, int n, char *dir);
int	_netparent(char*);
int	_netcall(Netaddr*, char *netdir, int (*)(char *clone, char *addr, void*), void*);
