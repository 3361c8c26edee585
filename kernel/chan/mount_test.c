/* The mount table: unions and their order, creation, and taking things away again. */
#include "calls.h"
#include "unit.h"

void mount_test(void);

/* The first byte of /mnt/which; '-' when there is none. */
static char which(void)
{
	char c = '-';
	s32 fd = u_open("/mnt/which", OREAD);
	if (fd >= 0) {
		u_pread(fd, &c, 1, 0);
		u_close(fd);
	}
	return c;
}

/* How many entries /mnt lists. */
static u32 entries(void)
{
	u8 buf[HOST_SLOT_SIZE];
	u32 count = 0;
	s64 n;
	s32 fd = u_open("/mnt", OREAD);
	while ((n = u_read(fd, buf, sizeof buf)) > 0)
		for (usize at = 0, size; at < (usize)n; at += size, count++)
			if (!check((size = dir_check(buf + at, (usize)n - at)) > 0))
				return 0;
	u_close(fd);
	return count;
}

static void test_order(void)
{
	check(which() == '-' && u_bind("/a", "/mnt", MREPL) >= 0 && which() == 'a');
	check(u_bind("/b", "/mnt", MBEFORE) >= 0 && which() == 'b' && entries() == 2);
	check(u_bind("/c", "/mnt", MAFTER) >= 0 && which() == 'b' && entries() == 3);
	check(u_unmount("/b", "/mnt") >= 0 && which() == 'a');
	check(u_unmount("/b", "/mnt") < 0);
	check_text(u_error(), "not in union");
	check(u_unmount("/a", "/mnt") >= 0 && which() == 'c');
	check(u_unmount(nil, "/mnt") >= 0 && which() == '-');
	check(u_unmount(nil, "/mnt") < 0);
	check_text(u_error(), "not mounted");
	check(u_bind("/a", "/mnt", MREPL) >= 0 && u_bind("/b", "/mnt", MREPL) >= 0 &&
		which() == 'b');
	check(u_unmount(nil, "/mnt") >= 0 && which() == '-');
}

static void test_chains(void)
{
	check(u_bind("/a", "/mnt", MREPL) >= 0 && u_bind("/mnt", "/n", MREPL) >= 0);
	check(u_bind("/b", "/mnt", MREPL) >= 0);
	char c;
	s32 fd = u_open("/n/which", OREAD);
	check(u_pread(fd, &c, 1, 0) == 1 && c == 'a');
	u_close(fd);
	check(u_bind("/a", "/a", MREPL) >= 0);
	fd = u_open("/a/which", OREAD);
	check(fd >= 0);
	u_close(fd);
	u_unmount(nil, "/a");
	check(u_unmount(nil, "/mnt") >= 0 && u_unmount(nil, "/n") >= 0);
	check(u_bind("/a/which", "/b/which", MREPL) >= 0);
	fd = u_open("/b/which", OREAD);
	check(u_pread(fd, &c, 1, 0) == 1 && c == 'a');
	u_close(fd);
	check(u_unmount(nil, "/b/which") >= 0);
	check(u_bind("/a", "/b/which", MREPL) < 0 && u_bind("/a/which", "/b", MREPL) < 0);
	check_text(u_error(), "inconsistent mount");
}

static void test_create(void)
{
	check(u_bind("/a", "/mnt", MREPL) >= 0);
	check(u_create("/mnt/x", OWRITE, 0666) < 0);
	check(u_bind("#e", "/mnt", MAFTER) >= 0 && u_create("/mnt/x", OWRITE, 0666) < 0);
	check_text(u_error(), "'/mnt/x' mounted directory forbids creation");
	check(u_unmount("#e", "/mnt") >= 0 && u_bind("#e", "/mnt", MAFTER | MCREATE) >= 0);
	s32 fd = u_create("/mnt/x", OWRITE, 0666);
	check(fd >= 0 && u_write(fd, "v", 1) == 1 && u_close(fd) >= 0);
	fd = u_open("#e/x", OREAD);
	check(fd >= 0 && u_close(fd) >= 0 && which() == 'a');
	check(u_remove("/mnt/x") >= 0 && u_open("#e/x", OREAD) < 0);
	check(u_unmount(nil, "/mnt") >= 0);
	check(u_bind("/a", "/mnt", 3) < 0 && u_bind("/a", "/mnt", 0x100) < 0);
}

static const char *changes_own(void)
{
	return u_bind("/d", "/mnt", MREPL) >= 0 && which() == 'd' ? nil : "no bind";
}

static const char *may_not_mount(void)
{
	s32 fd[2];
	if (u_pipe(fd) < 0 || u_mount(fd[0], "/mnt", MREPL, "") >= 0)
		return "mount works";
	if (strstr(u_error(), "mount/attach disallowed") == nil)
		return u_error();
	return u_open("#s", OREAD) < 0 && u_open("#e", OREAD) >= 0 ? nil : "devices";
}

static void test_groups(void)
{
	char status[ERRMAX];
	check(u_bind("/a", "/mnt", MREPL) >= 0);
	host_rfork(RFPROC | RFFDG | RFNAMEG, changes_own);
	check(u_await(status) > 0 && which() == 'a');
	check_text(status, "");
	host_rfork(RFPROC | RFFDG, changes_own);
	check(u_await(status) > 0 && which() == 'd');
	host_rfork(RFPROC | RFFDG | RFNAMEG | RFNOMNT, may_not_mount);
	check(u_await(status) > 0);
	check_text(status, "");
	check(u_unmount(nil, "/mnt") >= 0);
}

static void test_lines(void)
{
	char line[200], name[40];
	u32 n = 0;
	snprint(name, sizeof name, "#p/%u/ns", up->pid);
	check(u_bind("/a", "/mnt", MAFTER | MCREATE) >= 0);
	s32 fd = u_open(name, OREAD);
	bool found = false;
	for (s64 got; (got = u_read(fd, line, sizeof line - 1)) > 0; n++) {
		line[got] = '\0';
		found = found || strcmp(line, "bind -ac  /a /mnt\n") == 0 ||
			strcmp(line, "bind -ac /a /mnt\n") == 0;
	}
	check(n > 1 && found);
	check_text(line, "cd /\n");
	u_close(fd);
	check(u_unmount(nil, "/mnt") >= 0);
}

/* In the archive the file has a second name. */
static void test_link(void)
{
	char c = 0;
	s32 fd = u_open("/e/link", OREAD);
	check(u_read(fd, &c, 1) == 1 && c == 'b' && u_length(fd) == 1);
	u_close(fd);
}

void mount_test(void)
{
	u64 before = chan_count();
	test_order();
	test_chains();
	test_create();
	test_groups();
	test_lines();
	test_link();
	check(chan_count() == before);
}
