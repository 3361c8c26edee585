/*
 * ownership.md: what becomes of offers and loans when a process forks, executes another program
 * or ends, and when it is killed at any moment.
 */
#include "exchange.h"

static char *kinds[] = { "move", "share", "lend" };

/* ---- fork, exec, exit ---- */

static char *child_reads(void *arg)
{
	return faults(arg, READ) ? "" : "the child has it";
}

static char *child_writes(void *arg)
{
	char *p = arg;

	if (!intact(p))
		return "not the parent's";
	p[0] = 50;
	return "";
}

static char *child_zeros(void *arg)
{
	char *p = arg;

	return !faults(p, WRITE) && zero(p) ? "" : "not zeros";
}

static void forking(void)
{
	char *p = fresh(), *q;
	int fd = exoffer("share", p, LEN);

	q = exaccept(fd, nil, nil);
	same("a child has nothing of what is borrowed", run(RFFDG, child_reads, q), "");
	same("nor one that shares memory", run(RFFDG | RFMEM, child_reads, q), "");
	same("a child has a copy of what is shared out", run(RFFDG, child_writes, p), "");
	yes("which is its own", intact(p) && intact(q));
	is("return", exreturn(fd), 0);
	close(fd);
	fd = exoffer("lend", p, LEN);
	q = exaccept(fd, nil, nil);
	same("what is lent is untouched memory in a child", run(RFFDG, child_zeros, p), "");
	same("nothing is borrowed by it", run(RFFDG, child_reads, q), "");
	yes("the borrower's is intact", intact(q));
	is("return", exreturn(fd), 0);
	yes("the owner's too", intact(p));
	close(fd);
	segdetach(p);
}

/* Executes a program that stays. */
static char *executes(int fd, char *p)
{
	USED(fd);
	USED(p);
	up(&board->ready);
	execl("/bin/sleep", "sleep", "100", nil);
	return "no exec";
}

static char *becomes(int n, char *want)
{
	int i;

	for (i = 0; i < 500 && strcmp(stateof_number(n), want) != 0; i++)
		sleep(10);
	return stateof_number(n);
}

static char *owner_executes(void *arg)
{
	static char bss[4 * PAGE];
	char *p = (char *)((A(bss) + PAGE - 1) & ~(PAGE - 1ULL));
	int fd = exoffer(arg, p, 2 * PAGE);

	p[0] = 5;
	go(fd);
	becomes(exnumber(fd), "ACCEPTED");
	return executes(fd, p);
}

static void executing(void)
{
	char *p = fresh();
	int fd, pid, n, i, owner;

	for (i = 1; i < 3; i++) {
		pid = taker(executes);
		fd = exoffer(kinds[i], p, LEN);
		n = exnumber(fd);
		go(fd);
		down(&board->ready);
		same("exec of a borrower returns", becomes(n, "RETURNED"), "RETURNED");
		yes("all of it", intact(p) && !faults(p, WRITE));
		postnote(PNPROC, pid, "kill");
		statusof(pid);
		close(fd);

		pid = taker(hold);
		owner = start(RFFDG, owner_executes, kinds[i]);
		down(&board->ready);
		n = board->number;
		same("exec of an owner revokes", becomes(n, "REVOKED"), "REVOKED");
		postnote(PNPROC, owner, "kill");
		postnote(PNPROC, pid, "kill");
		statusof(owner);
		statusof(pid);
		board->ready = board->end = 0;
	}
	segdetach(p);
}

static char *offers(void *arg)
{
	char *p = fresh();
	int fd = exoffer(arg, p, LEN);

	go(fd);
	up(&board->ready);
	for (;;)
		sleep(1000);
	return "";
}

static void exiting(void)
{
	char *p, *q, want[64];
	int fd, pid, i;

	for (i = 0; i < 3; i++) {
		pid = start(RFFDG, offers, kinds[i]);
		down(&board->ready);
		down(&board->go);
		fd = exopen(board->number);
		if (i == 1) {
			postnote(PNPROC, pid, "kill");
			statusof(pid);
			same("exit of who offers cancels", state(fd), "CANCELLED");
			close(fd);
			continue;
		}
		q = exaccept(fd, nil, nil);
		yes("accepted", intact(q));
		postnote(PNPROC, pid, "kill");
		statusof(pid);
		snprint(want, sizeof want, "sys: trap: revoked page addr=0x%llux ", A(q));
		if (i == 0)
			yes("what was moved outlives its offerer", intact(q));
		else if (is("what was lent does not", faults(q, READ), 1))
			begins("as the note says", lastnote, want);
		segdetach(q);
		close(fd);
	}
	p = fresh();
	for (i = 0; i < 3; i++) {
		pid = taker(hold);
		fd = exoffer(kinds[i], p, LEN);
		go(fd);
		down(&board->ready);
		postnote(PNPROC, pid, "kill");
		statusof(pid);
		if (i == 0) {
			yes("a taker's end", zero(p));
			segdetach(p);
			p = fresh();
		} else
			yes("a borrower's end returns all", intact(p) && !faults(p, WRITE));
		close(fd);
	}
	fd = exoffer("move", p, LEN);
	i = exnumber(fd);
	close(fd);
	is("closing the last descriptor", exopen(i), -1);
	yes("cancels", intact(p));
	segdetach(p);
}

/* ---- a kill at any moment ---- */

enum { ROUNDS = 40 };

/* Offers over and over, takes back what it can. */
static void offering(int kind)
{
	char *p = fresh();
	int fd = clone();

	for (;;) {
		if (exreoffer(fd, kinds[kind], p, LEN) < 0) {
			excancel(fd);
			exrevoke(fd);
			continue;
		}
		board->number = exnumber(fd);
		sleep(0);
		if (kind == 0) {
			p[0] = 1;
			p[5 * PAGE] = 1;
		}
	}
}

static void taking(void)
{
	char *p;
	int fd, i;

	for (i = 0;; i++) {
		if ((fd = exopen(board->number)) < 0) {
			sleep(0);
			continue;
		}
		p = exaccept(fd, nil, nil);
		if (p != (void *)-1) {
			if (i % 3 == 0 && rfork(RFPROC | RFNOWAIT | RFFDG) == 0)
				_exits(nil);
			if (i % 2 == 0)
				exreturn(fd);
			segdetach(p);
		}
		close(fd);
	}
}

/* What is revoked under it kills a taker too; that is fine. */
static void races(void)
{
	int round, i, pid[3], ends = 0;
	char *audit;

	for (round = 0; round < ROUNDS; round++) {
		board->number = 0;
		for (i = 0; i < 3; i++)
			if ((pid[i] = rfork(RFPROC | RFFDG)) == 0) {
				if (i == 0)
					offering(round % 3);
				taking();
			}
		sleep(round % 7 + 1);
		for (i = 0; i < 3; i++)
			postnote(PNPROC, pid[(i + round) % 3], "kill");
		for (i = 0; i < 3; i++)
			ends += waitpid() > 0;
	}
	is("all ended", ends, 3 * ROUNDS);
	audit = contents("/dev/audit");
	yes("the audit is clean", strstr(audit, " 0 violations") != nil);
	if (strstr(audit, " 0 violations") == nil)
		print("# %s", audit);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("exends", 120);
	board = segattach(0, "shared", nil, PAGE);
	forking();
	executing();
	exiting();
	races();
	segdetach(board);
	done();
}
