/*
 * ownership.md: pages handed over through #X: the files, moving, sharing, lending; every error of
 * the table that a program can meet; /proc/n/own. Processes that end are in exends.c.
 */
#include "exchange.h"

static char name[64];

/* ---- the files ---- */

static void files(void)
{
	char buf[128];
	int fd = clone(), n, other;
	Dir d;
	long r;

	yes("opening clone", fd >= 0);
	n = exnumber(fd);
	yes("gives a number", n > 0);
	snprint(name, sizeof name, "/dev/exchange/%d/ctl", n);
	is("the mode of ctl", modeof(name), 0600);
	other = exopen(n);
	yes("ctl can be opened again", other >= 0);
	nulldir(&d);
	d.mode = 0640;
	yes("its owner changes the mode", dirwstat(name, &d) > 0);
	is("it has changed", modeof(name), 0640);
	nulldir(&d);
	d.name = "lever";
	fails("not the name", dirwstat(name, &d), "permission denied");
	failsas("it is not removed", remove(name), "permission denied");
	failsas("none is made", create("#X/mine", OREAD, 0666), "permission denied");
	snprint(name, sizeof name, "/dev/exchange/%d/status", n);
	is("the mode of status", modeof(name), 0444);
	failsas("status is not written", open(name, OWRITE), "permission denied");
	same("an offer yet to be made", contents(name), smprint("%11d %-9s %-5s %11d %11d %11d\n",
		n, "NEW", "-", 0, 0, 0));
	failsas("no such offer", open("/dev/exchange/4000000/ctl", ORDWR), "file does not exist");
	failsas("attach specifier", open("#Xyz/clone", ORDWR), "bad attach specifier");
	close(other);
	other = clone();
	yes("another has another number", exnumber(other) > n);
	close(other);
	close(fd);
	failsas("closed, it is gone", open(name, OREAD), "file does not exist");
	fd = open("/dev/exchange", OREAD);
	r = read(fd, buf, sizeof buf);
	yes("the directory can be read", r > 0);
	close(fd);
}

static char *as_none(void *arg)
{
	int n = (int)(uintptr)arg;

	if (puts("/dev/user", "none") < 0)
		return "cannot become none";
	return exopen(n) >= 0 ? "opened" : "";
}

static void permissions(void)
{
	char *p = fresh();
	int fd = exoffer("move", p, LEN), n = exnumber(fd);
	Dir d;

	same("ctl is not for others", run(RFFDG, as_none, (void *)(uintptr)n), "");
	snprint(name, sizeof name, "/dev/exchange/%d/ctl", n);
	nulldir(&d);
	d.mode = 0666;
	yes("unless its owner lets them", dirwstat(name, &d) > 0);
	same("then it is", run(RFFDG, as_none, (void *)(uintptr)n), "opened");
	close(fd);
	segdetach(p);
}

/* ---- messages that are refused ---- */

static void refused(void)
{
	char *p = fresh(), *q;
	int fd = clone();

	fails("accept before an offer", tell(fd, "accept"), "nothing is offered");
	fails("cancel", tell(fd, "cancel"), "nothing is offered");
	fails("return", tell(fd, "return"), "nothing is offered");
	fails("revoke", tell(fd, "revoke"), "nothing is offered");
	fails("no verb", tell(fd, "covet"), "unknown control message \"covet\"");
	fails("too few words", tell(fd, "offer move %#p", p),
		smprint("wrong #args in control message \"offer move %#p\"", p));
	fails("too many", tell(fd, "accept 1 2"), "wrong #args in control message \"accept 1 2\"");
	fails("no such kind", tell(fd, "offer give %#p %d", p, LEN), "bad arg in system call");
	fails("no number", tell(fd, "offer move here %d", LEN), "bad arg in system call");
	fails("address not aligned", tell(fd, "offer move %#p %d", p + 1, PAGE),
		"not a whole number of pages");
	fails("length not aligned", tell(fd, "offer move %#p %d", p, PAGE + 1),
		"not a whole number of pages");
	fails("no length", tell(fd, "offer move %#p 0", p), "bad arg in system call");
	fails("more than 1 GiB", tell(fd, "offer move %#p %d", p, MEG * 1024 + PAGE),
		"more than 1 GiB");
	fails("nothing there", tell(fd, "offer move 0x30000000 %d", PAGE),
		"bad arg in system call");
	q = segattach(0, "memory", (void *)0x20000000, PAGE);
	fails("beyond the end", tell(fd, "offer move %#p %d", q, 2 * PAGE),
		"bad arg in system call");
	segdetach(q);
	fails("beyond all", tell(fd, "offer move 0xfffffffffffff000 8192"),
		"bad arg in system call");
	fails("the kernel", tell(fd, "offer move 0xffffffff80000000 4096"),
		"bad arg in system call");
	fails("text", tell(fd, "offer share %#p %d", UTZERO, PAGE), "not owner of page");
	q = segattach(SG_RONLY, "memory", nil, PAGE);
	fails("what is read-only", tell(fd, "offer share %#p %d", q, PAGE), "not owner of page");
	segdetach(q);
	is("then an offer", tell(fd, "offer move %#p %d", p, LEN), 0);
	fails("two offers at once", tell(fd, "offer move %#p %d", p, LEN),
		"device or object already in use");
	fails("return of what is not taken", exreturn(fd), "not lent to you");
	fails("revoke of what is not taken", exrevoke(fd), "nothing is lent");
	fails("accept not aligned", tell(fd, "accept %#p", p + 1), "not a whole number of pages");
	fails("accept over a segment", tell(fd, "accept %#p", p), "segments overlap");
	fails("accept over the stack", tell(fd, "accept %#p", (char *)USTKTOP - PAGE),
		"segments overlap");
	fails("accept beyond", tell(fd, "accept 0x800000000000"), "bad arg in system call");
	fails("accept below", tell(fd, "accept 0"), "bad arg in system call");
	fails("accept at 4096", tell(fd, "accept 4096"), "virtual memory allocation failed");
	same("all that changes nothing", state(fd), "OFFERED");
	yes("nor the pages", intact(p));
	is("cancel", excancel(fd), 0);
	same("cancelled", state(fd), "CANCELLED");
	fails("cancel again", excancel(fd), "nothing is offered");
	fails("accept what is cancelled", tell(fd, "accept"), "nothing is offered");
	is("but the file takes another offer", exreoffer(fd, "move", p, PAGE), 0);
	same("which is offered", state(fd), "OFFERED");
	close(fd);
	segdetach(p);
}

/* ---- move ---- */

static char *keep_intact(int fd, char *p)
{
	USED(fd);
	if (!intact(p))
		return "not what was offered";
	p[5] = 77;
	return p[5] == 77 ? "" : "not writable";
}

static char *other_offers(int fd, char *p)
{
	int mine = exoffer("move", p, LEN);

	USED(fd);
	if (mine < 0)
		return "no offer";
	board->number = exnumber(mine);
	up(&board->ready);
	down(&board->end);
	return "";
}

static void moving(void)
{
	char *p, *q, buf[64];
	int fd, pid, n;
	Exstatus s;
	uvlong len;

	pid = taker(keep_intact);
	p = fresh();
	fd = exoffer("move", p, LEN);
	yes("offered, it can be written", !faults(p, WRITE));
	go(fd);
	same("move to a child", statusof(pid), "");
	yes("what was moved reads as zeros", zero(p));
	n = exnumber(fd);
	is("status", exstatus(n, &s), 0);
	same("is ACCEPTED", s.state, "ACCEPTED");
	same("move", s.kind, "move");
	is("offerer", s.offerer, getpid());
	is("taker", s.taker, pid);
	is("length", s.length, LEN);
	snprint(name, sizeof name, "/dev/exchange/%d/status", n);
	same("in columns", contents(name), smprint("%11d %-9s %-5s %11d %11d %11d\n", n,
		"ACCEPTED", "move", getpid(), pid, LEN));
	fails("it cannot be accepted again", tell(fd, "accept"), "nothing is offered");
	fails("nor revoked", exrevoke(fd), "not owner of page");
	fails("nor returned", exreturn(fd), "not lent to you");
	fails("nor cancelled", excancel(fd), "nothing is offered");
	segdetach(p);

	p = fresh();
	is("the same file again", exreoffer(fd, "move", p, LEN), 0);
	q = exaccept(fd, (void *)0x20000000, &len);
	is("accept at an address", A(q), 0x20000000);
	is("of that length", len, LEN);
	yes("with the contents", intact(q));
	n = pread(fd, buf, sizeof buf - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	same("the answer", buf, smprint("0x20000000 %d move\n", LEN));
	segdetach(p);
	is("a part of it", exreoffer(fd, "move", q + 2 * PAGE, 3 * PAGE), 0);
	p = exaccept(fd, nil, &len);
	is("its length", len, 3 * PAGE);
	yes("begins with the third page", p[0] == 3 && p[3 * PAGE - 1] == 5);
	yes("which is gone from the middle", q[2 * PAGE - 1] == 2 && q[2 * PAGE] == 0 &&
		q[5 * PAGE - 1] == 0 && q[5 * PAGE] == 6);
	is("brk of moved memory", _syscall(SEGBRK, A(q), A(q) + LEN + PAGE, 0, 0, 0), 0);
	segdetach(p);
	segdetach(q);
	close(fd);

	pid = taker(other_offers);
	p = fresh();
	fd = exoffer("move", p, LEN);
	go(fd);
	down(&board->ready);
	n = exopen(board->number);
	q = exaccept(n, nil, nil);
	yes("there and back", q != (void *)-1 && intact(q));
	up(&board->end);
	same("the child ends", statusof(pid), "");
	yes("the pages stay", intact(q));
	segdetach(p);
	segdetach(q);
	close(n);
	close(fd);
}

/* Frozen by a fork, untouched, of several segments: what is offered need not be simply owned. */
static void odd_pages(void)
{
	static char data[4 * PAGE] = { 9 };
	char *d = (char *)((A(data) + PAGE - 1) & ~(PAGE - 1ULL)), *p, *q;
	int fd, pid;

	p = fresh();
	pid = taker(hold);
	fd = exoffer("move", p, LEN);
	go(fd);
	down(&board->ready);
	up(&board->end);
	same("pages that a fork froze", statusof(pid), "");
	yes("are moved as copies", zero(p));
	segdetach(p);
	close(fd);

	p = segattach(0, "memory", nil, LEN);
	p[3 * PAGE] = 4;
	fd = exoffer("move", p, LEN);
	q = exaccept(fd, nil, nil);
	yes("pages never touched are zeros", q[0] == 0 && q[LEN - 1] == 0 && q[3 * PAGE] == 4);
	segdetach(p);
	segdetach(q);
	close(fd);
	p = segattach(0, "memory", nil, LEN);
	fd = exoffer("lend", p, LEN);
	q = exaccept(fd, nil, nil);
	yes("also those lent", q[0] == 0 && q[LEN - 1] == 0);
	q[0] = 8;
	is("return", exreturn(fd), 0);
	is("which are the very pages", p[0], 8);
	segdetach(p);
	close(fd);

	d[0] = 1;
	fd = exoffer("share", d, 2 * PAGE);
	yes("initialised data", fd >= 0);
	q = exaccept(fd, nil, nil);
	yes("has its contents", q != (void *)-1 && q[0] == 1 && q[PAGE] == 0);
	is("return", exreturn(fd), 0);
	close(fd);

	p = segattach(0, "memory", (void *)0x20000000, 2 * PAGE);
	q = segattach(0, "shared", (void *)(0x20000000 + 2 * PAGE), 2 * PAGE);
	p[PAGE] = 1;
	q[0] = 2;
	fd = exoffer("move", p, 4 * PAGE);
	yes("a range of two segments", fd >= 0);
	d = exaccept(fd, nil, nil);
	yes("is one range", d != (void *)-1 && d[0] == 0 && d[PAGE] == 1 && d[2 * PAGE] == 2);
	yes("and gone from both", p[PAGE] == 0 && q[0] == 0);
	segdetach(d);
	close(fd);
	fd = exoffer("share", p, 4 * PAGE);
	d = exaccept(fd, nil, nil);
	yes("shared likewise", d != (void *)-1);
	segdetach(q);
	is("when one of them goes", faults(d, READ), 1);
	same("the loan has ended", state(fd), "REVOKED");
	segdetach(d);
	segdetach(p);
	close(fd);
}

static char *moves_all(void *arg)
{
	char *p = arg;
	int fd = exoffer("move", p, LEN);

	p = exaccept(fd, nil, nil);
	return p != (void *)-1 && intact(p) ? "" : "not moved";
}

static void shared_memory(void)
{
	char *p = segattach(0, "shared", nil, LEN);
	int i;

	for (i = 0; i < LEN; i++)
		p[i] = (char)(i / PAGE + 1);
	same("a child moves shared pages away", run(RFFDG, moves_all, p), "");
	yes("for all who share", zero(p));
	segdetach(p);
}

/* ---- share ---- */

/* Takes, looks, lets the other look, and waits to be told to end. */
static char *reader(int fd, char *p)
{
	if (!intact(p))
		return "not what was offered";
	if (!faults(p, WRITE) || strncmp(lastnote, "sys: trap: fault write", 22) != 0)
		return "it can be written";
	up(&board->ready);
	down(&board->end);
	if (!intact(p))
		return "it has changed";
	return exreturn(fd) < 0 ? "no return" : faults(p, READ) ? "" : "still there";
}

static char *touches(int fd, char *p)
{
	char want[64];

	up(&board->ready);
	down(&board->end);
	snprint(want, sizeof want, "sys: trap: revoked page addr=0x%llux ", A(p) + 5);
	if (!faults(p + 5, READ) || strncmp(lastnote, want, strlen(want)) != 0)
		return "no note of a revoked page";
	if (!faults(p + 5, WRITE) || strncmp(lastnote, want, strlen(want)) != 0)
		return "no note for writing";
	fd = create("/tmp/exchange", ORDWR | ORCLOSE, 0600);
	if (write(fd, p, 1) != -1)
		return "the kernel looked there";
	rerrstr(want, sizeof want);
	if (strcmp(want, "revoked page") != 0)
		return "not the error of a revoked page";
	return segdetach(p) < 0 ? "no detaching" : "";
}

static void sharing(void)
{
	char *p = fresh(), *q;
	int fd, other, first, n;

	taker(reader);
	fd = exoffer("share", p, LEN);
	n = exnumber(fd);
	go(fd);
	down(&board->ready);
	yes("who shares reads", !faults(p, READ) && intact(p));
	is("and does not write", faults(p, WRITE), 1);
	begins("by the usual note", lastnote, "sys: trap: fault write");
	same("accepted", stateof_number(n), "ACCEPTED");
	fails("return by who shares", exreturn(fd), "not lent to you");
	fails("moving what is lent", exoffer("move", p, LEN), "page is lent");
	fails("lending what is lent", exoffer("lend", p + PAGE, PAGE), "page is lent");
	fails("segfree of what is lent", segfree(p, PAGE), "page is lent");
	fails("shrinking it away", _syscall(SEGBRK, A(p), A(p) + PAGE, 0, 0, 0), "page is lent");
	taker(reader);
	other = exoffer("share", p, LEN);
	go(other);
	down(&board->ready);
	up(&board->end);
	up(&board->end);
	is("both readers end well", ends(2), 2);
	same("returned", stateof_number(n), "RETURNED");
	is("then it can be written", faults(p, WRITE), 0);
	fails("revoke of what is returned", exrevoke(fd), "nothing is lent");
	close(fd);
	close(other);

	first = taker(touches);
	fd = exoffer("share", p, LEN);
	n = exnumber(fd);
	go(fd);
	down(&board->ready);
	other = exoffer("share", p, LEN);
	q = exaccept(other, nil, nil);
	is("revoke", exrevoke(fd), 0);
	same("revoked", stateof_number(n), "REVOKED");
	yes("the other reader has it still", intact(q));
	is("so it cannot be written", faults(p, WRITE), 1);
	up(&board->end);
	same("touching it after that", statusof(first), "");
	is("return", exreturn(other), 0);
	fails("return again", exreturn(other), "not lent to you");
	is("now it can be written", faults(p, WRITE), 0);
	close(other);
	close(fd);
	segdetach(p);
}

/* ---- lend ---- */

static char *writer(int fd, char *p)
{
	if (!intact(p))
		return "not what was offered";
	p[0] = 66;
	fails("offer of what is borrowed", exoffer("share", p, PAGE), "not owner of page");
	fails("move of it", exoffer("move", p, PAGE), "not owner of page");
	fails("segfree of it", segfree(p, PAGE), "not owner of page");
	fails("segbrk of it", _syscall(SEGBRK, A(p), A(p) + PAGE, 0, 0, 0), "not owner of page");
	fails("revoke by who borrows", exrevoke(fd), "not owner of page");
	up(&board->ready);
	down(&board->end);
	return exreturn(fd) < 0 ? "no return" : faults(p, READ) ? "" : "still there";
}

static void lending(void)
{
	char *p = fresh(), *q;
	int fd, pid, n;

	pid = taker(writer);
	fd = exoffer("lend", p, LEN);
	n = exnumber(fd);
	go(fd);
	down(&board->ready);
	is("who lends does not read", faults(p, READ), 1);
	begins("by the usual note", lastnote, "sys: trap: fault read");
	is("nor write", faults(p + PAGE, WRITE), 1);
	fails("nor shares it", exoffer("share", p, PAGE), "page is lent for writing");
	fails("nor lends it again", exoffer("lend", p, PAGE), "page is lent");
	fails("nor moves it", exoffer("move", p, PAGE), "page is lent");
	fails("nor frees it", segfree(p + PAGE, PAGE), "page is lent");
	same("accepted", stateof_number(n), "ACCEPTED");
	up(&board->end);
	same("the borrower", statusof(pid), "");
	same("returned it", stateof_number(n), "RETURNED");
	is("changed", p[0], 66);
	p[0] = 1;
	yes("the rest is intact", intact(p));
	close(fd);

	pid = taker(touches);
	fd = exoffer("lend", p, LEN);
	go(fd);
	down(&board->ready);
	is("revoke", exrevoke(fd), 0);
	yes("it is back", intact(p) && !faults(p, WRITE));
	up(&board->end);
	same("touching it after that", statusof(pid), "");
	close(fd);

	fd = exoffer("lend", p, LEN);
	n = exoffer("lend", p + PAGE, PAGE);
	q = exaccept(fd, nil, nil);
	fails("another offer of the same page", tell(n, "accept"), "page is lent");
	same("stays open", state(n), "OFFERED");
	is("detaching is returning", segdetach(q), 0);
	yes("all of it", intact(p));
	q = exaccept(n, nil, nil);
	yes("then the other can be accepted", q != (void *)-1 && q[0] == 2);
	fails("cancel after that", excancel(n), "nothing is offered");
	is("it ends with its owner's segment", segdetach(p), 0);
	is("gone", faults(q, READ), 1);
	begins("revoked", lastnote, "sys: trap: revoked page addr=");
	segdetach(q);
	close(n);
	close(fd);
}

/* ---- what changes between offer and acceptance ---- */

static void changes(void)
{
	char *p = fresh(), *q;
	int fd = exoffer("move", p, LEN);

	p[0] = 9;
	segfree(p + PAGE, PAGE);
	q = exaccept(fd, nil, nil);
	yes("the pages are as they are then", q[0] == 9 && q[PAGE] == 0 && q[2 * PAGE] == 3);
	segdetach(q);
	segdetach(p);
	close(fd);
	p = fresh();
	fd = exoffer("share", p, LEN);
	_syscall(SEGBRK, A(p), A(p) + PAGE, 0, 0, 0);
	fails("a range that shrank", tell(fd, "accept"), "bad arg in system call");
	_syscall(SEGBRK, A(p), A(p) + LEN, 0, 0, 0);
	q = exaccept(fd, nil, nil);
	yes("and grew", q != (void *)-1 && q[0] == 1 && q[LEN - 1] == 0);
	is("return", exreturn(fd), 0);
	close(fd);
	fd = exoffer("share", p, LEN);
	segdetach(p);
	same("a segment that went", state(fd), "CANCELLED");
	close(fd);
}

/* ---- room ---- */

static void room(void)
{
	char *p = fresh(), *seg[8], *q;
	int fd = exoffer("move", p, LEN), i;

	for (i = 0; i < 8; i++)
		if ((seg[i] = segattach(0, "memory", nil, PAGE)) == (void *)-1)
			break;
	fails("a taker without a slot", tell(fd, "accept"), "virtual memory allocation failed");
	same("may try again", state(fd), "OFFERED");
	yes("nothing has moved", intact(p));
	segdetach(seg[0]);
	q = exaccept(fd, nil, nil);
	yes("with one", q != (void *)-1 && intact(q));
	while (--i > 0)
		segdetach(seg[i]);
	segdetach(p);
	segdetach(q);
	close(fd);
}

/* Pages free now, by /dev/swap. */
static long freepages(void)
{
	char *s = contents("/dev/swap"), *u = strstr(s, " user\n"), *slash;

	if (u == nil)
		return -1;
	while (u > s && u[-1] != '\n')
		u--;
	slash = strchr(u, '/');
	return atol(slash + 1) - atol(u);
}

static void huge(void)
{
	uvlong len = 1ULL << 30;
	char *p = segattach(0, "memory", nil, (ulong)len), *q;
	int fd, i;
	long free = freepages();

	for (i = 0; i < 16; i++)
		p[i * (len / 16)] = (char)(i + 1);
	fd = exoffer("move", p, len);
	yes("1 GiB", fd >= 0);
	q = exaccept(fd, nil, nil);
	for (i = 0; q != (void *)-1 && i < 16; i++)
		if (q[i * (len / 16)] != (char)(i + 1) || q[i * (len / 16) + PAGE] != 0)
			break;
	is("moves, few of its pages touched", i, 16);
	segdetach(q);
	close(fd);
	fails("more to lend than there is memory", exoffer("lend", p, len), "no free memory");
	yes("which takes none", free - freepages() < 2000);
	segdetach(p);
}

/* ---- by descriptor ---- */

static char *from_srv(void *arg)
{
	int fd = open("/srv/exchangetest", ORDWR);
	char buf[64], *p;
	long n;

	USED(arg);
	if (fd < 0 || tell(fd, "accept") < 0)
		return "not accepted";
	n = read(fd, buf, sizeof buf - 1);
	if (n <= 0)
		return "no answer";
	buf[n] = '\0';
	p = (char *)(uintptr)strtoull(buf, nil, 0);
	if (strcmp(buf, smprint("%#p %d lend\n", p, LEN)) != 0)
		return "not the answer";
	if (!intact(p))
		return "not the pages";
	p[1] = 7;
	return "";
}

static void posted(void)
{
	char *p = fresh(), buf[16];
	int fd = exoffer("lend", p, LEN), srv = create("/srv/exchangetest", OWRITE, 0600), n;

	n = exnumber(fd);
	read(fd, buf, sizeof buf);	/* the offset is shared with the taker */
	fprint(srv, "%d", fd);
	close(srv);
	close(fd);
	same("a descriptor in /srv keeps an offer", stateof_number(n), "OFFERED");
	same("whose taker has the pages", run(RFCFDG, from_srv, nil), "");
	is("written", p[1], 7);
	remove("/srv/exchangetest");
	is("the offer is gone with the last descriptor", exopen(n), -1);
	segdetach(p);
}

/* ---- /proc/n/own ---- */

/* Does own have a line for p with these words? */
static int shows(char *p, uvlong len, char *words)
{
	char line[128];

	snprint(line, sizeof line, "0x%llux 0x%llux %s\n", A(p), A(p) + len, words);
	return strstr(contents(procfile(getpid(), "own")), line) != nil;
}

static void listing(void)
{
	char *p = fresh(), *q, *r;
	int fd, other;

	yes("own: owned", shows(p, LEN, "own rw 0"));
	fd = exoffer("share", p, 2 * PAGE);
	q = exaccept(fd, nil, nil);
	yes("own: lent to one", shows(p, 2 * PAGE, "lent r 1"));
	yes("own: the rest", shows(p + 2 * PAGE, LEN - 2 * PAGE, "own rw 0"));
	yes("own: borrowed", shows(q, 2 * PAGE, "borrowed r 1"));
	other = exoffer("lend", p + 4 * PAGE, PAGE);
	r = exaccept(other, nil, nil);
	yes("own: lent for writing", shows(p + 4 * PAGE, PAGE, "lent - 1"));
	yes("own: borrowed for it", shows(r, PAGE, "borrowed rw 1"));
	exrevoke(fd);
	yes("own: revoked", shows(q, 2 * PAGE, "revoked - 0"));
	yes("own: text is shared",
		strstr(contents(procfile(getpid(), "own")), " frozen r ") != nil);
	exreturn(other);
	segdetach(q);
	segdetach(p);
	close(fd);
	close(other);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("exchange", 120);
	board = segattach(0, "shared", nil, PAGE);
	files();
	permissions();
	refused();
	moving();
	odd_pages();
	shared_memory();
	sharing();
	lending();
	changes();
	room();
	huge();
	posted();
	listing();
	segdetach(board);
	done();
}
