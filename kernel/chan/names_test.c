/* Names: what they mean, and what is said of those that mean nothing. */
#include "calls.h"
#include "unit.h"

void names_test(void);

/* The name by which a channel found under name is known, or the error. */
static const char *path(const char *name)
{
	static char text[200];
	Chan *c = nil;
	Err e = namec(name, Aaccess, 0, 0, &c);
	strecpy(text, text + sizeof text, e != nil ? e : c->path->name);
	if (e == nil)
		chan_close(c);
	return text;
}

static void test_paths(void)
{
	check_text(path("/"), "/");
	check_text(path("/a/which"), "/a/which");
	check_text(path("//a///which"), "/a/which");
	check_text(path("/a/./which/."), "'/a/./which' not a directory");
	check_text(path("/a/../b/which"), "/b/which");
	check_text(path("/../../a"), "/a");
	check_text(path("/a/.."), "/");
	check_text(path("a/which"), "/a/which");
	check_text(path("."), "/");
	check_text(path("#c"), "#c");
	check_text(path("#c/null"), "#c/null");
	check_text(path("#c/.."), "#c");
	check_text(path("/dev/null"), "/dev/null");
}

static void test_errors(void)
{
	static char many[70000];
	check_text(path("/none"), "'/none' file does not exist");
	check_text(path("/a/none/x"), "'/a/none' file does not exist");
	check_text(path("/a/which/x"), "'/a/which' not a directory");
	check_text(path("#Z"), "unknown device in # filename");
	check_text(path(""), "empty file name");
	check_text(path("/a/wh\x01ich"), "bad character in file name: /a/wh\x01ich");
	check(strstr(path("#M"), "mount/attach disallowed") != nil);
	memset(many, 'x', sizeof many - 1);
	many[0] = '/';
	check(strstr(path(many), "file does not exist") != nil ||
		strstr(path(many), "name too long") != nil);
	for (u32 i = 0; i < sizeof many - 1; i += 2)
		memmove(many + i, "/.", 2);
	many[60000] = '\0';
	check_text(path(many), "/");
	check(name_check("plain", false) == nil && name_check("with/slash", false) != nil);
	check(name_check("with/slash", true) == nil && name_check("\x7f", false) != nil);
}

static void test_access(void)
{
	Chan *c = nil;
	check(namec("/a", Aopen, OWRITE, 0, &c) != nil && namec("/a", Aopen, OREAD, 0, &c) == nil);
	check((c->flag & COPEN) && c->qid.type == QTDIR);
	chan_close(c);
	check(namec("/a/which", Atodir, 0, 0, &c) != nil);
	check(namec("/a/new", Acreate, OWRITE, 0666, &c) != nil);
	check(namec("/a/which", Aremove, 0, 0, &c) != nil || (chan_close(c), true));
	check(namec("#e/fresh", Acreate, OWRITE, 0666, &c) == nil);
	chan_close(c);
	check(namec("#e/fresh", Acreate, OWRITE | OEXCL, 0666, &c) != nil);
	check(namec("#e/fresh", Acreate, OWRITE, 0666, &c) == nil);
	chan_close(c);
}

static void test_dot(void)
{
	check(file_chdir("/a") == nil);
	check_text(path("which"), "/a/which");
	check_text(path(".."), "/");
	check_text(path("../b/which"), "/b/which");
	check(file_chdir("which") != nil && file_chdir("none") != nil);
	check_text(path("."), "/a");
	check(file_chdir("..") == nil);
	check_text(path("."), "/");
}

void names_test(void)
{
	u64 before = chan_count();
	test_paths();
	test_errors();
	test_access();
	test_dot();
	check(chan_count() == before);
}
