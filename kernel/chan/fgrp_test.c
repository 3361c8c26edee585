/* Tables of descriptors. */
#include "calls.h"
#include "unit.h"

void fgrp_test(void);

static Chan *channel(void)
{
	Chan *c = nil;
	check(namec("/a/which", Aopen, OREAD, 0, &c) == nil);
	return c;
}

static void test_lowest(void)
{
	s32 a, b = -1, c, d;
	Chan *found;
	u64 before = chan_count();
	check(fd_new(channel(), false, &a) == nil && fd_new(channel(), false, &b) == nil);
	check(fd_new(channel(), true, &c) == nil && b == a + 1 && c == a + 2);
	check(fd_close(b) == nil && fd_close(b) == Ebadfd && fd_close(-1) == Ebadfd);
	check(fd_new(channel(), false, &d) == nil && d == b);
	check(fd_chan(a, OREAD, false, &found) == nil && ref_count(&found->ref) == 2);
	chan_close(found);
	check(fd_chan(a, OWRITE, false, &found) == Ebadusefd);
	check(fd_chan(c + 1, -1, false, &found) == Ebadfd &&
		fd_chan(99999, -1, false, &found) == Ebadfd);
	fd_close_exec(up->fgrp);
	check(fd_chan(c, -1, false, &found) == Ebadfd && fd_chan(b, -1, false, &found) == nil);
	chan_close(found);
	check(fd_close(a) == nil && fd_close(b) == nil && chan_count() == before);
}

static void test_dup(void)
{
	s32 a, b;
	u64 before = chan_count();
	check(fd_new(channel(), false, &a) == nil);
	check(fd_dup(a, -1, &b) == nil && b == a + 1 && chan_count() == before + 1);
	check(fd_dup(a, a + 15, &b) == nil && b == a + 15 && up->fgrp->maxfd == b);
	check(fd_dup(a, a + 15, &b) == nil && fd_dup(a, a, &b) == nil && b == a);
	check(fd_dup(77, -1, &b) == Ebadfd && fd_dup(a, 300, &b) == Ebadfd &&
		fd_dup(a, 1 << 30, &b) == Ebadfd);
	check(fd_close(a + 15) == nil && fd_close(a) == nil && fd_close(a + 1) == nil);
	check(chan_count() == before && up->fgrp->maxfd == a - 1);
}

/* As /proc/n/ctl does it. */
static NO_TSA void close_from_outside(s32 fd)
{
	Chan *c = up->fgrp->fd[fd];
	up->fgrp->fd[fd] = nil;
	fd_let_go(up, c);
}

/* What is in use stays until it is given back, whoever closes the descriptor meanwhile. */
static void test_borrow(void)
{
	s32 a, b;
	Err err = nil;
	u64 before = chan_count();
	check(fd_new(channel(), false, &a) == nil && fd_dup(a, -1, &b) == nil);
	Chan *c = fd_borrow(a, OREAD, &err);
	check(c != nil && ref_count(&c->ref) == 2);
	check(fd_borrow(b, OREAD, &err) == c && ref_count(&c->ref) == 3);	/* within */
	fd_return(c);
	fd_return(c);
	check(ref_count(&c->ref) == 2 && up->borrowed == nil);
	check(fd_borrow(a, OWRITE, &err) == nil && err == Ebadusefd && up->borrowed == nil);
	check(fd_borrow(-1, OREAD, &err) == nil && err == Ebadfd);
	check(fd_borrow(a, OREAD, &err) == c);
	close_from_outside(b);
	check(ref_count(&c->ref) == 2);
	close_from_outside(a);
	check(ref_count(&c->ref) == 1 && chan_count() == before + 1);
	fd_return(c);
	check(chan_count() == before && up->borrowed == nil);
	check(fd_borrow(a, OREAD, &err) == nil && err == Ebadfd);
}

static void test_full(void)
{
	u32 n = 0;
	s32 fd, last = -1;
	Err e = nil;
	Chan *c = channel();
	while (n <= FD_MAX) {
		chan_incref(c);
		e = fd_new(c, false, &fd);
		if (e != nil)
			break;
		last = fd;
		n++;
	}
	chan_close(c);
	check(e == Enofd && n > 4000 && last < FD_MAX);
	struct Fgrp *copy;
	check(fgrp_copy(up->fgrp, &copy) == nil && copy->maxfd == last);
	check(ref_count(&c->ref) == (s32)(2 * n) + 1);
	fgrp_put(copy);
	while (n-- > 0)
		check(fd_close(last--) == nil);
	check(ref_count(&c->ref) == 1);
	chan_close(c);
}

static const char *shares(void)
{
	s32 fd = u_open("/b/which", OREAD);
	char text[16];
	snprint(text, sizeof text, "%d", fd);
	return fd > 0 ? nil : "no descriptor";
}

static void test_groups(void)
{
	s32 fd = u_open("/a/which", OREAD);
	u_close(fd);
	host_rfork(RFPROC | RFFDG, shares);
	check(u_await(nil) > 0 && u_close(fd) < 0);
	host_rfork(RFPROC, shares);
	check(u_await(nil) > 0 && u_close(fd) >= 0);
}

void fgrp_test(void)
{
	test_lowest();
	test_dup();
	test_borrow();
	test_full();
	test_groups();
}
