/*
 * process.md 5 and 6: exec of a.out, ELF and scripts, the state at entry, what is refused.
 */
#include "execs.h"

static char *self = "/t/exec";

/* ---- files ---- */

static void execfails(char *name, char *file, char **argv, char *want)
{
	char *s = execute(file, argv, nil, 0);
	long n = s == nil ? 0 : strlen(s), m = strlen(want);

	if (n >= m && strncmp(s, "exec: ", 6) == 0 && strcmp(s + n - m, want) == 0)
		ok(name);
	else
		notok(name, "got `%s', expected `exec: ...%s'", s, want);
}

/* What the probe leaves on the stack below its entry: in the order of the pushes, last first. */
typedef struct Entry Entry;
struct Entry {
	uvlong ss, cs, r15, r14, r13, r12, r11, r10, r9, r8, bp, di, si, dx, cx, bx, ax, flags;
	uvlong argc, rest[2000];
};

/* exits(nil) */
#define EXITS "\x31\xed\x55\x55\x55\xbd\x08\x00\x00\x00\x0f\x05"

static void checkentry(Entry *e, uvlong entry, int argc, char **argv)
{
	uvlong tos = USTKTOP - 72, bytes = 0, ssize;
	uvlong other[] = { e->bx, e->cx, e->dx, e->si, e->di, e->bp, e->r8, e->r9, e->r10, e->r11,
		e->r12, e->r13 };
	char *stack;
	int i, good;
	uint j;

	USED(entry);
	for (i = 0; i < argc; i++)
		bytes += strlen(argv[i]) + 1;
	ssize = 8 * (argc + 1) + ((bytes + 72 + 7) & ~7ULL);
	is("RAX is the Tos", e->ax, tos);
	is("R14", e->r14, 0);
	is("R15", e->r15, 0);
	is("CS", e->cs, 0x2b);
	is("SS", e->ss, 0x23);
	is("flags", e->flags, 0x202);
	for (j = 0; j < nelem(other) && other[j] == 0; j++)
		;
	is("the other registers are zero", j, nelem(other));
	is("argc", e->argc, argc);
	/* RSP is where argc lies; what is written ends at USTKTOP. */
	stack = (char *)&e->argc;
	is("null after argv", e->rest[argc], 0);
	for (good = i = 0; i < argc; i++) {
		uvlong off = e->rest[i] - (USTKTOP - ssize - 8);

		good += off < sizeof *e && strcmp(stack + off, argv[i]) == 0;
	}
	is("argv", good, argc);
	is("argv[0] comes first, all ends at Tos", e->rest[0], tos - bytes);
	for (j = 0; j < 40 && stack[ssize + 8 - 72 + j] == 0; j++)
		;
	is("prof is zero", j, 40);
	is("cyclefreq", *(uvlong *)(stack + ssize + 8 - 32), _tos->cyclefreq);
}

static int probing(char *name, char *file, char **argv, Entry *e)
{
	Exec x = { file, argv, -1 };
	int p[2], pid, argc, i;
	long n, total = 0;

	for (argc = 0; argv[argc] != nil; argc++)
		;
	memset(e, 0, sizeof *e);
	pipe(p);
	x.out = p[1];
	pid = start(RFFDG, execs, &x);
	close(p[1]);
	n = read(p[0], e, sizeof *e);
	if (n <= 0) {
		notok(name, "got status `%s', expected a running program", statusof(pid));
		close(p[0]);
		return -1;
	}
	USED(total);
	uvlong bytes = 0;
	for (i = 0; i < argc; i++)
		bytes += strlen(argv[i]) + 1;
	is("the stack is as large as it should be", n,
		18 * 8 + 8 + 8 * (argc + 1) + ((bytes + 72 + 7) & ~7ULL));
	checkentry(e, 0, argc, argv);
	is("Tos.pid", *(uint *)((char *)e + n - 8), pid);
	reaches(pid, "Sleep");
	strecpy(segments, segments + sizeof segments, contents(procfile(pid, "segment")));
	close(p[0]);
	return pid;
}

static int peek(int pid, uvlong va)
{
	int fd = open(procfile(pid, "mem"), OREAD);
	uchar c = 0;
	long n = pread(fd, &c, 1, (vlong)va);

	close(fd);
	return n == 1 ? c : -1;
}

static void binaries(void)
{
	static uchar file[65536];
	static Entry e;
	char *argv[] = { "zero", "one", "", "three with blanks", nil };
	int pid;
	long n;
	uvlong t = 0x400000;

	n = aout(file, 5000, 3000, 10000, 0x200028);
	writefile("/tmp/aout", 0755, file, n);
	pid = probing("a.out", "/tmp/aout", argv, &e);
	if (pid > 0) {
		segmentis("Text", UTZERO, t);
		segmentis("Data", t, t + 4096);
		segmentis("Bss", t + 4096, t + 4 * 4096);
		segmentis("Stack", USTKTOP - USTKSIZE, USTKTOP);
		is("the header is mapped", peek(pid, UTZERO + 2), 0x8a);
		is("text", peek(pid, UTZERO + 40), (uchar)probe[0]);
		is("data begins", peek(pid, t), 1);
		is("data ends", peek(pid, t + 2999), (uchar)3000);
		is("bss begins in the last data page", peek(pid, t + 3000), 0);
		is("bss", peek(pid, t + 13000), 0);
		is("text past its end", peek(pid, UTZERO + 0x10000), 0);
		puts(procfile(pid, "ctl"), "kill");
		statusof(pid);
	}
	n = aout(file, 5000, 0, 0, 0x200028);
	writefile("/tmp/aout", 0755, file, n);
	pid = probing("a.out without data", "/tmp/aout", argv, &e);
	if (pid > 0) {
		puts(procfile(pid, "ctl"), "kill");
		statusof(pid);
	}
}

static void badfiles(void)
{
	static uchar file[65536];
	int i;

	aout(file, 5000, 3000, 10000, 0x200027);
	writefile("/tmp/aout", 0755, file, 8040);
	execfails("entry before the text", "/tmp/aout", nil, "exec header invalid");
	aout(file, 5000, 3000, 10000, 0x200028 + 5000);
	writefile("/tmp/aout", 0755, file, 8040);
	execfails("entry past the text", "/tmp/aout", nil, "exec header invalid");
	aout(file, 5000, 3000, 10000, 0x200028);
	put4(file + 4, 0xfffffff0);
	memmove(file + 40, EXITS, sizeof EXITS - 1);
	writefile("/tmp/aout", 0755, file, 8040);
	yes("text larger than the file", execute("/tmp/aout", nil, nil, 0) != nil);
	aout(file, 5000, 3000, 10000, 0x200028);
	put4(file, 0x8a98);
	writefile("/tmp/aout", 0755, file, 8040);
	execfails("another magic", "/tmp/aout", nil, "exec header invalid");
	for (i = 0; i < 40; i += 13) {
		aout(file, 5000, 3000, 10000, 0x200028);
		writefile("/tmp/aout", 0755, file, i);
		execfails("a short header", "/tmp/aout", nil, "exec header invalid");
	}
	writefile("/tmp/text", 0755, "hello\n", 6);
	execfails("a text", "/tmp/text", nil, "exec header invalid");
	remove("/tmp/text");
	writefile("/tmp/text", 0644, "#!/bin/echo\n", 12);
	execfails("no permission", "/tmp/text", nil, "permission denied");
	execfails("a directory", "/tmp", nil, "cannot exec directory");
	execfails("a missing file", "/tmp/none", nil, "'/tmp/none' file does not exist");
	execfails("no argv[0]", "/bin/echo", (char *[]){ nil }, "bad arg in system call");
	remove("/tmp/aout");
	remove("/tmp/text");
}

/* Many arguments, and too many. */
static void arguments(void)
{
	char **many, *big;
	int i;
	long n;

	n = 20000;
	many = mallocz((n + 2) * sizeof *many, 1);
	many[0] = "helper", many[1] = "count";
	for (i = 2; i < n; i++)
		many[i] = "an argument";
	char out[256];
	execute(self, many, out, sizeof out);
	char want[64];
	snprint(want, sizeof want, "%ld %ud", n - 2, (n - 2) * 11);
	same("20000 arguments", out, want);
	big = malloc(1 << 20);
	memset(big, 'b', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	for (i = 2; i < 17; i++)
		many[i] = big;
	many[17] = nil;
	execute(self, many, out, sizeof out);
	snprint(want, sizeof want, "15 %d", 15 * ((1 << 20) - 1));
	same("15 MiB of arguments", out, want);
	many[17] = big;
	many[18] = nil;
	execfails("16 MiB of arguments", self, many, "virtual memory allocation failed");
	free(big);
	free(many);
}

static void scripts(void)
{
	char out[512], line[400];
	char *argv[] = { "zero", "a b", "c", nil };
	Exec e = { "/tmp/script", argv, -1 };
	int i, pid;

	writefile("/tmp/script", 0755, "#!/t/exec show 'it''s one' two\nrest\n", 37);
	execute("/tmp/script", argv, out, sizeof out);
	same("arguments of a script", out, "<script><show><it's one><two></tmp/script><a b><c>");
	execute("/tmp/./script", argv, out, sizeof out);
	same("its name as given", out, "<script><show><it's one><two></tmp/./script><a b><c>");
	writefile("/tmp/script", 0755, "#! /t/exec\tshow\n", 17);
	execute("/tmp/script", argv, out, sizeof out);
	same("blanks before the interpreter", out, "<script><show></tmp/script><a b><c>");
	writefile("/tmp/script", 0755, "#!/t/exec show", 15);
	execfails("a line without an end", "/tmp/script", argv, "exec header invalid");
	memset(line, ' ', sizeof line);
	memmove(line, "#!/t/exec show", 15);
	line[299] = '\n';
	writefile("/tmp/script", 0755, line, 300);
	execfails("a line of 300 bytes", "/tmp/script", argv, "exec header invalid");
	memset(line, ' ', sizeof line);
	memmove(line, "#!/t/exec show", 14);
	line[255] = '\n';
	writefile("/tmp/script", 0755, line, 256);
	execute("/tmp/script", argv, out, sizeof out);
	same("a line of 256 bytes", out, "<script><show></tmp/script><a b><c>");
	line[255] = ' ';
	line[256] = '\n';
	writefile("/tmp/script", 0755, line, 257);
	execfails("a line of 257 bytes", "/tmp/script", argv, "exec header invalid");
	strcpy(line, "#!/t/exec count");
	for (i = 2; i < 32; i++)
		strcat(line, " x");
	strcat(line, "\n");
	writefile("/tmp/script", 0755, line, strlen(line));
	execute("/tmp/script", argv, out, sizeof out);
	same("32 words", out, "33 45");
	for (i = 0; i < 60; i++)
		strcat(strcpy(line + strlen(line) - 1, " x"), "\n");
	writefile("/tmp/script", 0755, line, strlen(line));
	same("more are refused or cut", execute("/tmp/script", argv, nil, 0),
		"exec: exec header invalid");
	writefile("/tmp/script", 0755, "#!/t/exec sleep\n", 16);
	pid = start(RFFDG, execs, &e);
	reaches(pid, "Sleep");
	begins("the process has the script's name", contents(procfile(pid, "status")),
		"script                     ");
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	writefile("/tmp/script", 0755, "#!\n", 3);
	execfails("no interpreter", "/tmp/script", argv, "exec header invalid");
	writefile("/tmp/script", 0755, "#!/tmp/nothing\n", 15);
	execfails(
		"a missing interpreter", "/tmp/script", argv, "'/tmp/nothing' file does not exist");
	writefile("/tmp/script", 0755, "#!/t/exec show\n", 16);
	writefile("/tmp/script2", 0755, "#!/tmp/script x\n", 16);
	execfails("a script as the interpreter", "/tmp/script2", argv, "exec header invalid");
	remove("/tmp/script");
	remove("/tmp/script2");
}

/* ---- exec: ELF ---- */

/* One loadable piece, or two, of a small file whose code is the probe. */
static long elf(uchar *file, uvlong entry)
{
	struct {
		uchar ident[16];
		ushort type, machine;
		uint version;
		uvlong entry, phoff, shoff;
		uint flags;
		ushort ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	} h = { { 0x7f, 'E', 'L', 'F', 2, 1, 1 }, 2, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0 };
	struct {
		uint type, flags;
		uvlong offset, vaddr, paddr, filesz, memsz, align;
	} ph[2] = { { 1, 5, 0, 0x200000, 0x200000, 0x1000, 0x1000, 0x1000 },
		{ 1, 6, 0x1000, 0x201000, 0x201000, 0x800, 0x3000, 0x1000 } };

	h.entry = entry;
	memset(file, 0, 0x1800);
	memmove(file, &h, sizeof h);
	memmove(file + 64, ph, sizeof ph);
	memmove(file + 0x200, probe, probeend - probe);
	memset(file + 0x1000, 'D', 0x800);
	return 0x1800;
}

static void elves(void)
{
	static uchar file[0x2000];
	static Entry e;
	char *argv[] = { "elf", "argument", nil };
	int pid, i, good;
	long n;

	n = elf(file, 0x200200);
	writefile("/tmp/elf", 0755, file, n);
	pid = probing("ELF", "/tmp/elf", argv, &e);
	if (pid > 0) {
		is("data", peek(pid, 0x201000), 'D');
		is("its end", peek(pid, 0x2017ff), 'D');
		is("bss", peek(pid, 0x201800), 0);
		is("last byte of bss", peek(pid, 0x203fff), 0);
		is("nothing after it", peek(pid, 0x204000), -1);
		puts(procfile(pid, "ctl"), "kill");
		statusof(pid);
	}
	/* Each damaged byte of the header: the program runs or fails, the machine goes on. */
	for (good = i = 0; i < 64 + 112; i++) {
		char *s;

		n = elf(file, 0x200200);
		memmove(file + 0x200, EXITS, sizeof EXITS - 1);
		file[i] ^= 0x81;
		writefile("/tmp/elf", 0755, file, n);
		s = execute("/tmp/elf", argv, nil, 0);
		good += s != nil;
	}
	is("damaged ELF headers", good, 64 + 112);
	for (good = i = 0; i < 40; i++) {
		n = aout(file, 500, 300, 100, 0x200028);
		memmove(file + 40, EXITS, sizeof EXITS - 1);
		file[i] ^= 0x81;
		writefile("/tmp/elf", 0755, file, n);
		good += execute("/tmp/elf", argv, nil, 0) != nil;
	}
	is("damaged a.out headers", good, 40);
	elf(file, 0x200200);
	memmove(file + 0x200, EXITS, sizeof EXITS - 1);
	writefile("/tmp/elf", 0755, file, 0x400);
	same("a program that is not all there", execute("/tmp/elf", argv, nil, 0),
		"i/o error in demand load");
	for (good = i = 0; i < 0x1800; i += 512) {
		writefile("/tmp/elf", 0755, file, i);
		good += execute("/tmp/elf", argv, nil, 0) != nil;
	}
	is("ELF files cut short", good, 12);
	remove("/tmp/elf");
}

/* ---- the helper ---- */

static void helper(int argc, char **argv)
{
	ulong bytes = 0;
	int i;

	if (strcmp(argv[1], "count") == 0) {
		for (i = 2; i < argc; i++)
			bytes += strlen(argv[i]);
		print("%d %lud", argc - 2, bytes);
	}
	if (strcmp(argv[1], "show") == 0)
		for (i = 0; i < argc; i++)
			print("<%s>", argv[i]);
	if (strcmp(argv[1], "sleep") == 0)
		sleep(100000);
	exits(nil);
}

void main(int argc, char **argv)
{
	if (argc > 1)
		helper(argc, argv);
	begin("exec", 90);
	binaries();
	badfiles();
	arguments();
	scripts();
	elves();
	done();
}
