/*
 * 9P connections through files of others: exportfs upon exportfs. Each level takes some of the
 * kernel's stack for as long as a call lasts, so that there are not many; what is allowed works,
 * also where a page of the program comes that way while it writes there.
 */
#include "guest.h"

enum { LEVELS = 3, TABLE = 4 * 4096 };

static char *table[TABLE / sizeof(char *)] = { "not touched before it is written", };

/* A server of the name space on a pipe, posted under that name. */
static void serve(char *name)
{
	char text[16];
	int p[2], fd = create(name, OWRITE | ORCLOSE, 0600);

	pipe(p);
	if (rfork(RFPROC | RFFDG | RFNAMEG | RFNOTEG | RFNOWAIT) == 0) {
		dup(p[1], 0);
		dup(p[1], 1);
		close(p[0]);
		close(p[1]);
		close(fd);
		execl("/bin/exportfs", "exportfs", nil);
		_exits("no exportfs");
	}
	close(p[1]);
	snprint(text, sizeof text, "%d", p[0]);
	write(fd, text, strlen(text));
	close(p[0]);
}

static char *inner(void *arg)
{
	char name[64];

	USED(arg);
	snprint(name, sizeof name, "/mnt%s", argv0);
	execl(name, "nested", "inner", nil);
	return "exec";
}

/* The program as the deepest server has it: its table comes a page at a time while it is sent. */
static void writer(void)
{
	int fd = create("/mnt/tmp/nested", ORDWR | ORCLOSE, 0600);

	if (write(fd, (char *)table + sizeof table - 8192, 8192) != 8192)
		_exits("write");
	_exits(pwrite(fd, table, 4096, 0) == 4096 ? "" : "write of the first page");
}

void main(int argc, char **argv)
{
	char name[64], label[64];
	int k, fd = -1;

	argv0 = argv[0];
	if (argc > 1)
		writer();
	begin("nested", 60);
	for (k = 0; k <= LEVELS; k++) {
		snprint(name, sizeof name, "#s/nested%d", k);
		serve(name);
		snprint(name, sizeof name, "%s/nested%d", k == 0 ? "#s" : "/mnt/srv", k);
		fd = open(name, ORDWR);
		snprint(label, sizeof label, "service %d", k);
		yes(label, fd >= 0);
		snprint(label, sizeof label, "mount %d", k);
		if (k < LEVELS)
			yes(label, mount(fd, -1, "/mnt", MREPL | MCREATE, "") >= 0);
	}
	fails("one too many", mount(fd, -1, "/n", MREPL, ""),
		"too many 9P connections through each other");
	strcpy(name, "9P2000");
	fails("nor a version", fversion(fd, 8192, name, sizeof name),
		"too many 9P connections through each other");
	close(fd);
	same("a program of the deepest", run(0, inner, nil), "");
	unmount(nil, "/mnt");
	done();
}
