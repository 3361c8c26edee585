/* The process table: who is found, in which order, and what pids are given out. */
#include "calls.h"
#include "proc/private.h"
#include "unit.h"

void table_test(void);

enum { SLEEPERS = 9, GAP = 1000, PID_LAST = 0x7fffffff };

static const char *sleeps(void)
{
	u_notify(nil);
	u_sleep(100000);
	return "woke";
}

static u32 sleeper(u32 flags)
{
	return (u32)host_rfork(RFPROC | RFFDG | flags, sleeps);
}

static void end(u32 pid)
{
	check(u_ctl(pid, "kill") == 4);
	check((u32)u_await(nil) == pid);
	u_sleep(1);	/* until it has left the table */
}

/* Is it found from that pid on, and what comes before it is not? */
static bool is_from(u32 from, u32 pid)
{
	Proc *p = proc_from(from);
	bool good = p != nil ? p->pid == pid : pid == 0;
	if (p != nil)
		proc_put(p);
	return good;
}

static void put_all(Proc **some, u32 n)
{
	while (n > 0)
		proc_put(some[--n]);
}

/* pid[0] .. pid[n-1] are the youngest there are. */
static void check_order(const u32 *pid, u32 n)
{
	Proc *some[PROC_SOME];
	for (u32 i = 0; i < n; i++) {
		check(is_from(pid[i], pid[i]));
		check(is_from(pid[i] + 1, i + 1 < n ? pid[i + 1] : 0));
	}
	check(proc_some(pid[0], some, PROC_SOME) == n);
	for (u32 i = 0; i < n; i++)
		check(some[i]->pid == pid[i]);
	put_all(some, n);
	check(proc_some(pid[0] + 1, some, 2) == 2);
	check(some[0]->pid == pid[1] && some[1]->pid == pid[2]);
	put_all(some, 2);
	check(proc_some(pid[n - 1] + 1, some, 2) == 0);
}

/* Step after step with pids that lie side by side, and with gaps larger than the table. */
static void test_order(u64 gap)
{
	u32 pid[SLEEPERS], n = 0;
	for (u32 i = 0; i < SLEEPERS; i++, pids_given += gap)
		pid[i] = sleeper(0);
	check_order(pid, SLEEPERS);
	for (u32 i = 0; i < SLEEPERS; i++)
		if (i % 3 == 1)
			end(pid[i]);
		else
			pid[n++] = pid[i];
	check_order(pid, n);
	while (n > 0)
		end(pid[--n]);
	check(proc_get(pid[0]) == nil);
}

static bool count(Proc *p, void *arg)
{
	u32 *left = arg;
	return --*left > 0;
}

static void test_each(void)
{
	u32 pid[3] = { sleeper(0), sleeper(0), sleeper(0) }, left = 1000, some = 2;
	proc_each(count, &left);
	check(1000 - left == proc_count());
	proc_each(count, &some);
	check(some == 0);
	for (u32 i = 0; i < nelem(pid); i++)
		end(pid[i]);
}

/* ---- pids that come again ---- */

static u32 of_orphan;

/* The child stays in our group, and we end before it. */
static const char *leaves_orphan(void)
{
	of_orphan = sleeper(0);
	return "";
}

static u32 next_of(u32 before)
{
	pids_given = (u64)PID_LAST + before - 1;	/* `before` is the next to be tried */
	u32 pid = sleeper(0);
	end(pid);
	return pid;
}

static void test_again(void)
{
	u64 given = pids_given;
	pids_given = PID_LAST - 1;
	u32 last = sleeper(0), first = sleeper(0);
	check(last == PID_LAST && first < given && first > up->pid);
	check(next_of(first) > first);		/* somebody's */
	u32 leader = (u32)host_rfork(RFPROC | RFFDG | RFNOTEG, leaves_orphan);
	check((u32)u_await(nil) == leader);
	u_sleep(1);
	check(proc_get(leader) == nil);
	check(next_of(leader) > of_orphan);	/* a parent's and a group's */
	check(u_ctl(of_orphan, "kill") == 4);
	u_sleep(1);
	check(next_of(leader) == leader);	/* nobody's now */
	end(first);
	end(last);
	pids_given = given;
}

void table_test(void)
{
	test_order(0);
	test_order(GAP);
	test_each();
	test_again();
}
