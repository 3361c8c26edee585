/*
 * What the tests of exec share: making executables, and running them.
 */
#ifndef EXECS_H
#define EXECS_H

#include "guest.h"

static inline int writefile(char *name, int perm, void *data, long n)
{
	int fd = create(name, OWRITE, perm);
	int r = write(fd, data, n);

	close(fd);
	return r == n ? 0 : -1;
}

/* Executes in a child; its status, or the error of exec after `exec: '. */
typedef struct Exec Exec;
struct Exec {
	char *file;
	char **argv;
	int out;
};

static inline char *execs(void *arg)
{
	static char err[ERRMAX + 8];
	Exec *e = arg;

	if (e->out >= 0) {
		dup(e->out, 1);
		close(e->out);
	}
	exec(e->file, e->argv);
	strcpy(err, "exec: ");
	rerrstr(err + 6, ERRMAX);
	return err;
}

static inline char *execute(char *file, char **argv, char *out, int nout)
{
	Exec e = { file, argv, -1 };
	int p[2], pid, n, total = 0;
	static char *plain[] = { "zero", nil };

	pipe(p);
	e.out = p[1];
	if (argv == nil)
		e.argv = plain;
	pid = start(RFFDG, execs, &e);
	close(p[1]);
	while (out != nil && (n = read(p[0], out + total, nout - 1 - total)) > 0)
		total += n;
	close(p[0]);
	if (out != nil)
		out[total] = '\0';
	return statusof(pid);
}

extern char probe[], probeend[];
/* Writes its registers and its stack on descriptor 1; then sleeps, for its parent to look at it. */
__asm__(".text\n"
	".globl probe, probeend\n"
	"probe:\n"
	"	pushfq; pushq %rax; pushq %rbx; pushq %rcx; pushq %rdx; pushq %rsi\n"
	"	pushq %rdi; pushq %rbp; pushq %r8; pushq %r9; pushq %r10; pushq %r11\n"
	"	pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
	"	xorl %eax, %eax; movw %cs, %ax; pushq %rax; movw %ss, %ax; pushq %rax\n"
	"	movq %rsp, %rbx\n"
	"	movabsq $0x7ffffffff000, %rcx; subq %rsp, %rcx\n"
	"	subq $64, %rsp\n"
	"	movq $1, 8(%rsp); movq %rbx, 16(%rsp); movq %rcx, 24(%rsp); movq $-1, 32(%rsp)\n"
	"	movl $51, %ebp\n"
	"	syscall\n"
	"	movl $100000, 8(%rsp)\n"
	"	movl $17, %ebp\n"
	"	syscall\n"
	"	movq $0, 8(%rsp)\n"
	"	movl $8, %ebp\n"
	"	syscall\n"
	"	ud2\n"
	"probeend:\n");

static inline void put4(uchar *p, uint v)
{
	p[0] = v >> 24, p[1] = v >> 16, p[2] = v >> 8, p[3] = v;
}

static inline long aout(uchar *file, uint text, uint data, uint bss, uvlong entry)
{
	uint i;

	memset(file, 0, 40 + text + data);
	put4(file, 0x8a97);
	put4(file + 4, text);
	put4(file + 8, data);
	put4(file + 12, bss);
	put4(file + 32, entry >> 32);
	put4(file + 36, entry);
	if (text >= (ulong)(probeend - probe))
		memmove(file + 40, probe, probeend - probe);
	for (i = 0; i < data; i++)
		file[40 + text + i] = (uchar)(i + 1);
	return 40 + text + data;
}

static char segments[2048];

static inline void segmentis(char *type, uvlong base, uvlong top)
{
	char *lines[16], *f[6], copy[2048], name[64];
	int i, n, k;

	snprint(name, sizeof name, "segment %s", type);
	strecpy(copy, copy + sizeof copy, segments);
	n = getfields(copy, lines, nelem(lines), 1, "\n");
	for (i = 0; i < n; i++)
		if (strncmp(lines[i], type, strlen(type)) == 0) {
			k = tokenize(lines[i], f, nelem(f));
			k -= 3; /* flags may be there or not */
			if (strtoull(f[k], nil, 16) == base && strtoull(f[k + 1], nil, 16) == top)
				ok(name);
			else
				notok(name, "got %s to %s, expected %llux to %llux", f[k], f[k + 1],
					base, top);
			return;
		}
	notok(name, "got none, expected %llux to %llux", base, top);
}

#endif
