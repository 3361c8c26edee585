/*
 * Internet addresses and interfaces.
 */
#include <u.h>
#include <libc.h>
#include <ip.h>
#include "check.h"

static char buf[128];

static void
addresses(void)
{
	static struct { char *s; int kind; char *out; } t[] = {
		{ "192.0.2.7", 4, "192.0.2.7" }, { "0.0.0.0", 4, "0.0.0.0" },
		{ "255.255.255.255", 4, "255.255.255.255" }, { "::ffff:192.0.2.7", 4, "192.0.2.7" },
		{ "::FFFF:C000:207", 4, "192.0.2.7" }, { "::", 6, "::" }, { "::1", 6, "::1" },
		{ "1::", 6, "1::" }, { "2001:db8:0:0:1:0:0:1", 6, "2001:db8::1:0:0:1" },
		{ "2001:0DB8::8:800:200C:417A", 6, "2001:db8::8:800:200c:417a" },
		{ "1:2:3:4:5:6:7:8", 6, "1:2:3:4:5:6:7:8" },
		{ "1:0:3:4:5:6:7:8", 6, "1:0:3:4:5:6:7:8" }, { "::13.1.68.3", 6, "::d01:4403" },
		{ "1:2:3:4:5:6:1.2.3.4", 6, "1:2:3:4:5:6:102:304" },
		{ "fe80::", 6, "fe80::" }, { "0:0:1::", 6, "0:0:1::" },
		{ "", -1, "::" }, { "1.2.3", -1, "::" }, { "1.2.3.4.5", -1, "::" },
		{ "1.2.3.256", -1, "::" }, { "1.2.3.4 ", -1, "::" }, { "1.2..4", -1, "::" },
		{ "::1::", -1, "::" }, { "1:2:3", -1, "::" }, { "1:2:3:4:5:6:7:8:9", -1, "::" },
		{ "12345::", -1, "::" }, { "g::", -1, "::" }, { ":1:2:3:4:5:6:7", -1, "::" },
		{ "1:2:3:4:5:6:7:", -1, "::" }, { "1:2:3:4:5:6:7:1.2.3.4", -1, "::" },
		{ "1:2:3:4::5:6:7:8", -1, "::" }, { "host", -1, "::" }, { "0001.2.3.4", -1, "::" },
	};
	uchar ip[IPaddrlen], v4[IPv4addrlen], *none = nil;
	int i;

	fmtinstall('I', eipfmt);
	fmtinstall('M', eipfmt);
	fmtinstall('V', eipfmt);
	fmtinstall('E', eipfmt);
	for(i = 0; i < (int)nelem(t); i++){
		memset(ip, 0xee, sizeof ip);
		CHECK(parseip(ip, t[i].s) == t[i].kind);
		snprint(buf, sizeof buf, "%I", ip);
		SAME(buf, t[i].out);
		CHECK(!isv4(ip) == !(t[i].kind == 4));
	}
	parseip(ip, "192.0.2.7");
	CHECK(v6tov4(v4, ip) == 0 && v4[0] == 192 && v4[3] == 7);
	snprint(buf, sizeof buf, "%V %15I|%-12I|%I", v4, ip, ip, none);
	SAME(buf, "192.0.2.7       192.0.2.7|192.0.2.7   |<nil>");
	memset(ip, 0, sizeof ip);
	v4tov6(ip, v4);
	CHECK(isv4(ip) && equivip4(ip + IPv4off, v4) && ipcmp(ip, v4prefix) > 0);
	parseip(ip, "2001:db8::1");
	CHECK(v6tov4(v4, ip) == -1 && v4[0] == 0 && v6tov4(v4, IPnoaddr) == 0);
	CHECK(!equivip(ip, IPnoaddr) && equivip6(ip, ip) && isv4(IPv4bcast));
}

static void
masks(void)
{
	static char *t[][2] = {
		{ "/120", "/120" }, { "/0", "/0" }, { "/128", "/128" }, { "/65", "/65" },
		{ "255.255.255.0", "/120" }, { "255.255.255.255", "/128" }, { "0.0.0.0", "/96" },
		{ "ffff:ffff::", "/32" }, { "ff00:ff00::", "ff00:ff00::" },
		{ "255.0.255.0", "ffff:ffff:ffff:ffff:ffff:ffff:ff00:ff00" },
	};
	static char *bad[] = { "/", "/129", "/x", "/-1", "/1x", "mask", "" };
	uchar m[IPaddrlen], a[IPaddrlen], b[IPaddrlen];
	int i;

	for(i = 0; i < (int)nelem(t); i++){
		CHECK(parseipmask(m, t[i][0]) >= 0);
		snprint(buf, sizeof buf, "%M", m);
		SAME(buf, t[i][1]);
	}
	for(i = 0; i < (int)nelem(bad); i++)
		CHECK(parseipmask(m, bad[i]) == -1);
	parseip(a, "192.0.2.77");
	CHECK(parseipmask(m, "255.255.255.192") == 4);
	maskip(a, m, b);
	snprint(buf, sizeof buf, "%I", b);
	SAME(buf, "192.0.2.64");
	ipmove(a, b);
	CHECK(equivip(a, b));
}

static void
others(void)
{
	uchar e[6], n[8];

	CHECK(parseether(e, "0011aAbBcCfe") == 0);
	snprint(buf, sizeof buf, "%E", e);
	SAME(buf, "0011aabbccfe");
	CHECK(parseether(e, "01:02:03:04:05:06") == 0 && e[0] == 1 && e[5] == 6);
	CHECK(parseether(e, "0102030405") == -1 && parseether(e, "01020304050x") == -1
		&& parseether(e, "01020304050607") == -1 && e[5] == 6);
	hnputs(n, 0x1234);
	CHECK(n[0] == 0x12 && n[1] == 0x34 && nhgets(n) == 0x1234);
	hnputl(n, 0x89abcdef);
	CHECK(n[0] == 0x89 && n[3] == 0xef && nhgetl(n) == 0x89abcdef);
	hnputv(n, 0x8123456789abcdefULL);
	CHECK(n[0] == 0x81 && n[7] == 0xef && nhgetv(n) == 0x8123456789abcdefULL);
}

static void
put(char *dir, char *name, char *text)
{
	int fd;

	snprint(buf, sizeof buf, "%s%s", dir, name);
	fd = text != nil ? create(buf, OWRITE, 0666) : create(buf, OREAD, DMDIR|0777);
	if(fd < 0 || (text != nil && write(fd, text, strlen(text)) < 0))
		sysfatal("%s: %r", buf);
	close(fd);
}

static void
interfaces(void)
{
	static char *names[] = { "", "/ipifc", "/ipifc/0", "/ipifc/2" };
	char dir[] = "/tmp/ip_test.XXXXXXXXXXX", file[64];
	uchar ip[IPaddrlen];
	Ipifc *ifc;
	int i;

	mktemp(dir);
	for(i = 0; i < (int)nelem(names); i++)
		put(dir, names[i], nil);
	put(dir, "/ipifc/0/status",
		"device /dev/null maxtu 16384 sendra 0 pktin 1 pktout 2 errin 3 errout 4\n"
		"\t127.0.0.1 /104 127.0.0.0 4294967295 4294967295\n");
	CHECK(myipaddr(ip, dir) == -1 && equivip(ip, IPnoaddr));
	put(dir, "/ipifc/2/status",
		"device /net/ether0 maxtu 1514 pktin 10 pktout 20 errin 0 errout 0\n"
		"\t192.0.2.5                                /120       192.0.2.0 100 50\n"
		"\tnonsense\n"
		"\t2001:db8::5 /64 2001:db8:: 7 6\n");
	ifc = readipifc(dir, nil, -1);
	CHECK(ifc != nil && ifc->index == 0 && ifc->mtu == 16384 && ifc->pktin == 1
		&& ifc->pktout == 2 && ifc->errin == 3 && ifc->errout == 4);
	SAME(ifc->dev, "/dev/null");
	CHECK(ifc->next != nil && ifc->next->index == 2 && ifc->next->next == nil);
	ifc = readipifc(dir, ifc, 2);
	CHECK(ifc != nil && ifc->index == 2 && ifc->next == nil && ifc->lifc->next->next == nil);
	snprint(buf, sizeof buf, "%I %M %I %lud %lud", ifc->lifc->ip, ifc->lifc->mask,
		ifc->lifc->net, ifc->lifc->validlt, ifc->lifc->preflt);
	SAME(buf, "192.0.2.5 /120 192.0.2.0 100 50");
	snprint(buf, sizeof buf, "%I %M", ifc->lifc->next->ip, ifc->lifc->next->mask);
	SAME(buf, "2001:db8::5 /64");
	freeipifc(ifc);
	CHECK(readipifc(dir, nil, 1) == nil && readipifc("/nosuch", nil, -1) == nil);
	CHECK(myipaddr(ip, dir) == 0);
	snprint(buf, sizeof buf, "%I", ip);
	SAME(buf, "192.0.2.5");
	for(i = 3; i >= 0; i--){
		snprint(file, sizeof file, "%s%s/status", dir, names[i]);
		remove(file);
		snprint(file, sizeof file, "%s%s", dir, names[i]);
		CHECK(remove(file) == 0);
	}
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	addresses();
	masks();
	others();
	interfaces();
	finish();
}
