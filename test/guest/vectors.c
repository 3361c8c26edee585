/*
 * process.md 7: vector state wider than SSE, which calls, switches, rfork and notes preserve, and
 * what XCR0 enables. A processor without AVX has nothing to check.
 */
#include "guest.h"

uchar ymmin[512] __attribute__((aligned(32))), ymmout[512] __attribute__((aligned(32)));
vlong ymmcall(int number, uvlong arg);

/* A system call of one argument with all YMM registers loaded; they are stored after it. */
__asm__(".text\n"
	".globl ymmcall\n"
	"ymmcall:\n"
	"	pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
	"	subq $72, %rsp\n"
	"	movq %rsi, 8(%rsp)\n"
	"	movl %edi, %ebp\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	vmovdqa 32*\\n + ymmin(%rip), %ymm\\n\n"
	"	.endr\n"
	"	syscall\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	vmovdqa %ymm\\n, 32*\\n + ymmout(%rip)\n"
	"	.endr\n"
	"	vzeroupper\n"
	"	addq $72, %rsp\n"
	"	popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp\n"
	"	ret\n");

/* What XGETBV says; 0 without XSAVE. */
static uint enabled(void)
{
	uint ax = 1, bx, cx = 0, dx;

	__asm__ volatile("cpuid" : "+a"(ax), "=b"(bx), "+c"(cx), "=d"(dx));
	if ((cx & 1 << 27) == 0)
		return 0;
	__asm__ volatile("xgetbv" : "=a"(ax), "=d"(dx) : "c"(0));
	return ax;
}

static void fill(uint seed)
{
	uint i;

	for (i = 0; i < sizeof ymmin; i++)
		ymmin[i] = (uchar)(i * 7 + seed);
	memset(ymmout, 0, sizeof ymmout);
}

static char *scribbles(void *arg)
{
	fill((uint)(uintptr)arg);
	for (;;)
		ymmcall(SLEEP, 0);
	return nil;
}

static int interrupted;

static void clears(void *u, char *note)
{
	USED(u);
	USED(note);
	interrupted++;
	__asm__ volatile("vzeroall" : : : "memory");
	noted(NCONT);
}

static void vectors(void)
{
	int pid = start(0, scribbles, (void *)99), child;

	fill(1);
	is("a call that sleeps", ymmcall(SLEEP, 50), 0);
	is("keeps all registers", memcmp(ymmin, ymmout, sizeof ymmin), 0);
	child = (int)ymmcall(RFORK, RFPROC);
	if (child == 0) {
		sleep(20);
		_exits(memcmp(ymmin, ymmout, sizeof ymmin) == 0 ? nil : "other registers");
	}
	is("rfork keeps them", memcmp(ymmin, ymmout, sizeof ymmin), 0);
	same("and copies them", statusof(child), "");
	notify(clears);
	alarm(50);
	memset(ymmout, 0, sizeof ymmout);
	is("a call that is interrupted", ymmcall(SLEEP, 20000), -1);
	is("by a handler that clears them", interrupted, 1);
	is("goes on with them", memcmp(ymmin, ymmout, sizeof ymmin), 0);
	notify(nil);
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
}

void main(int argc, char **argv)
{
	uint xcr0;

	begin("vectors", 90);
	xcr0 = enabled();
	is("what is enabled is saved: x87, SSE, AVX and AVX-512", xcr0 & ~0xe7U, 0);
	yes("x87 and SSE always", xcr0 == 0 || (xcr0 & 3) == 3);
	yes("AVX-512 whole or not at all", (xcr0 & 0xe0) == 0 || (xcr0 & 0xe4) == 0xe4);
	if (xcr0 & 4)
		vectors();
	done();
}
