/* Names that need no walk: which are kept, and that a kept name never says what is no longer so. */
#include "calls.h"
#include "chan/names.h"
#include "unit.h"

void known_test(void);

/* The first byte of a file, found twice: walked to, and as the first time left it. '-': none. */
static char first(const char *name)
{
	char c[2] = "--";
	for (u32 i = 0; i < 2; i++) {
		s32 fd = u_open(name, OREAD);
		if (fd < 0)
			continue;
		u_pread(fd, &c[i], 1, 0);
		u_close(fd);
	}
	return c[0] == c[1] ? c[0] : '?';
}

static bool is_known(const char *name)
{
	Known k;
	return known_find(name, false, &k);
}

static void test_which(void)
{
	check(first("/a/which") == 'a' && is_known("/a/which"));
	check(first("/b/./which") == 'b' && !is_known("/b/./which") && !is_known("/b/which"));
	check(first("/a/../c//which") == 'c' && !is_known("/c/which"));
	check(first("d/which") == 'd' && !is_known("/d/which") && !is_known("d/which"));
	s32 fd = u_open("/a", OREAD);
	check(fd >= 0 && u_close(fd) >= 0 && !is_known("/a"));
	check(first("/a/none") == '-' && !is_known("/a/none"));
	check(!is_known("/a/whicH") && !is_known("/a/which/") && !is_known(""));
}

/* What a known name leads to is as what a walk leads to. */
static void test_same(void)
{
	Chan *walked = nil, *known = nil;
	check(u_bind("#c", "/mnt", MREPL) >= 0);
	check(namec("/mnt/../mnt/null", Aaccess, 0, 0, &walked) == nil);
	for (u32 i = 0; i < 2; i++) {
		check(namec("/mnt/null", Aaccess, 0, 0, &known) == nil);
		check(chan_same(walked, known) && ref_count(&known->ref) == 1);
		check_text(known->path->name, "/mnt/null");
		check(known->path->nmount == walked->path->nmount &&
			known->path->mounted_on[1] == walked->path->mounted_on[1]);
		chan_close(known);
	}
	chan_close(walked);
	check(is_known("/mnt/null"));
	u8 a[200], b[200];
	usize na = 0, nb = 0;
	check(file_stat("/mnt/./null", a, sizeof a, &na) == nil &&
		file_stat("/mnt/null", b, sizeof b, &nb) == nil);
	memset(a + 25, 0, 4);	/* it was read at the time of the look */
	memset(b + 25, 0, 4);
	check(na == nb && memcmp(a, b, na) == 0);
	check(file_stat("/mnt/null", b, 10, &nb) == nil && nb == 2 && get16le(b) == na - 2);
	check(file_stat("/mnt/null", b, 1, &nb) != nil);
	check(first("/a/which") == 'a');
	check_text(namec("/a/which", Aopen, OWRITE, 0, &known),
		"'/a/which' permission denied");
	check(u_unmount(nil, "/mnt") >= 0 && !is_known("/mnt/null") && first("/mnt/null") == '-');
}

/* Binds on the file, on its directory and above, and their end. */
static void test_mounts(void)
{
	check(first("/a/which") == 'a' && u_bind("/b", "/a", MREPL) >= 0);
	check(first("/a/which") == 'b' && u_bind("/c", "/a", MBEFORE) >= 0);
	check(first("/a/which") == 'c' && u_unmount("/c", "/a") >= 0);
	check(first("/a/which") == 'b' && u_bind("/d/which", "/b/which", MREPL) >= 0);
	check(first("/a/which") == 'd' && first("/b/which") == 'd');
	check(u_unmount(nil, "/b/which") >= 0 && first("/a/which") == 'b');
	check(u_unmount(nil, "/a") >= 0 && first("/a/which") == 'a');
}

/* A member before, whose files come and go, keeps the names of those behind it from being known. */
static void test_union(void)
{
	check(u_bind("/a", "/mnt", MREPL) >= 0 && first("/mnt/which") == 'a');
	check(is_known("/mnt/which") && u_bind("#e", "/mnt", MAFTER) >= 0);
	check(first("/mnt/which") == 'a' && is_known("/mnt/which"));
	check(u_bind("#e", "/mnt", MBEFORE) >= 0 && first("/mnt/which") == 'a');
	check(!is_known("/mnt/which"));
	s32 fd = u_create("#e/which", OWRITE, 0666);
	check(u_write(fd, "e", 1) == 1 && u_close(fd) >= 0 && first("/mnt/which") == 'e');
	check(u_remove("#e/which") >= 0 && first("/mnt/which") == 'a');
	check(u_unmount(nil, "/mnt") >= 0);
}

/* A file that comes and goes, mounted on a fixed one. */
static void test_changing(void)
{
	s32 fd = u_create("#e/on", OWRITE, 0666);
	check(u_write(fd, "e", 1) == 1 && u_close(fd) >= 0);
	check(first("/a/which") == 'a' && u_bind("#e/on", "/a/which", MREPL) >= 0);
	check(first("/a/which") == 'e' && !is_known("/a/which"));
	check(u_unmount(nil, "/a/which") >= 0 && first("/a/which") == 'a');
	check(u_remove("#e/on") >= 0);
}

static const char *binds_elsewhere(void)
{
	if (is_known("/a/which") || first("/a/which") != 'a')
		return "it begins with what others know";
	return u_bind("/d", "/a", MREPL) >= 0 && first("/a/which") == 'd' ? nil : "no bind";
}

static const char *binds_here(void)
{
	return u_bind("/d", "/a", MREPL) >= 0 && first("/a/which") == 'd' ? nil : "no bind";
}

static void test_groups(void)
{
	char status[ERRMAX];
	check(first("/a/which") == 'a');
	host_rfork(RFPROC | RFFDG | RFNAMEG, binds_elsewhere);
	check(u_await(status) > 0 && is_known("/a/which") && first("/a/which") == 'a');
	check_text(status, "");
	host_rfork(RFPROC | RFFDG, binds_here);
	check(u_await(status) > 0 && first("/a/which") == 'd' && u_unmount(nil, "/a") >= 0);
	check_text(status, "");
}

/* A name found while the mount table changed is not kept: it may say what was before. */
static void test_late(void)
{
	Chan *c = nil;
	u64 stamp = known_stamp(up->pgrp);
	check(namec("/b/which", Aaccess, 0, 0, &c) == nil);
	check(u_bind("/a", "/b", MREPL) >= 0);
	known_add("/b/which", c, stamp);
	check(!is_known("/b/which") && first("/b/which") == 'a' && u_unmount(nil, "/b") >= 0);
	chan_close(c);
}

/* More names than there is room for. */
static void test_many(void)
{
	char name[40];
	for (u32 i = 0; i < 300; i++) {
		snprint(name, sizeof name, "/many%u", i);
		check(root_addfile(name, "m", 1, 0444) == nil && first(name) == 'm');
		check(is_known(name));
	}
	check(first("/many0") == 'm' && first("/a/which") == 'a');
}

void known_test(void)
{
	u64 before = chan_count();
	test_which();
	test_same();
	test_mounts();
	test_union();
	test_changing();
	test_groups();
	test_late();
	test_many();
	check(chan_count() == before);
}
