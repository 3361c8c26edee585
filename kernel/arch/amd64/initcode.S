/*
 * The first user program, copied to UTZERO and run there by the first process.
 * It builds the first name space, opens the console as descriptors 0, 1 and 2
 * and executes init. It is position independent. If something fails it exits
 * with a text that says what, and the kernel panics with it.
 *
 * At entry 0(%rsp) holds the address of the name of a program to run instead
 * of init, or 0. Below that the program keeps a frame of its own: the slots of
 * system call arguments stand at 8(%rsp) and up.
 */

#define SYS_BIND	2
#define SYS_EXEC	7
#define SYS_EXITS	8
#define SYS_OPEN	14
#define SYS_ERRSTR	41

#define MREPL	0
#define MAFTER	2
#define MCREATE	4

#define OREAD	0
#define OWRITE	1

/* The frame. */
#define SLOT(n)	(8 + 8 * (n))(%rsp)
#define ARGV	64		/* argv[0], nil */
#define TEXT	96		/* 128 bytes for the exit text */
#define FRAME	256
#define TEXT_SIZE 128

	.section .initcode, "a"
	.globl initcode_start
initcode_start:
	subq	$FRAME, %rsp

.macro BIND name, old, flag
	leaq	\name(%rip), %rax
	movq	%rax, SLOT(0)
	leaq	\old(%rip), %rax
	movq	%rax, SLOT(1)
	movl	$\flag, SLOT(2)
	movl	$SYS_BIND, %ebp
	syscall
	leaq	what_bind(%rip), %rsi
	cmpl	$-1, %eax
	je	fail
.endm
	BIND	dev_cons, name_dev, MAFTER
	BIND	dev_dup, name_fd, MREPL
	BIND	dev_conf, name_env, MAFTER
	BIND	dev_env, name_env, MAFTER | MCREATE
	BIND	dev_proc, name_proc, MREPL
	BIND	dev_srv, name_srv, MREPL | MCREATE

.macro OPEN mode
	leaq	name_cons(%rip), %rax
	movq	%rax, SLOT(0)
	movl	$\mode, SLOT(1)
	movl	$SYS_OPEN, %ebp
	syscall
	leaq	what_open(%rip), %rsi
	cmpl	$-1, %eax
	je	fail
.endm
	OPEN	OREAD
	OPEN	OWRITE
	OPEN	OWRITE

	/* exec returns only when it failed */
	movq	FRAME(%rsp), %rax
	testq	%rax, %rax
	jnz	1f
	leaq	name_bootinit(%rip), %rax
	call	exec
	leaq	name_init(%rip), %rax
1:	call	exec
	leaq	what_exec(%rip), %rsi

/* %rsi: what failed. Exit with it and the error string behind it. */
fail:
	leaq	TEXT(%rsp), %rdi
	movl	$TEXT_SIZE, %ecx
2:	movb	(%rsi), %al
	movb	%al, (%rdi)
	testb	%al, %al
	jz	3f
	incq	%rsi
	incq	%rdi
	decl	%ecx
	jmp	2b
3:	movq	%rdi, SLOT(0)
	movl	%ecx, SLOT(1)
	movl	$SYS_ERRSTR, %ebp
	syscall
	leaq	TEXT(%rsp), %rax
	movq	%rax, SLOT(0)
	movl	$SYS_EXITS, %ebp
	syscall
	ud2

/* %rax: the name of the file, which is also argv[0]. The return address stands below the frame. */
exec:
	movq	%rax, 8+ARGV(%rsp)
	movq	$0, 16+ARGV(%rsp)
	movq	%rax, 8+SLOT(0)
	leaq	8+ARGV(%rsp), %rax
	movq	%rax, 8+SLOT(1)
	popq	%rbx
	movq	%rbx, 48(%rsp)		/* no register survives the call; slots end at 48 */
	movl	$SYS_EXEC, %ebp
	syscall
	movq	48(%rsp), %rbx
	jmp	*%rbx

dev_cons:	.asciz "#c"
dev_dup:	.asciz "#d"
dev_conf:	.asciz "#ec"
dev_env:	.asciz "#e"
dev_proc:	.asciz "#p"
dev_srv:	.asciz "#s"
name_dev:	.asciz "/dev"
name_fd:	.asciz "/fd"
name_env:	.asciz "/env"
name_proc:	.asciz "/proc"
name_srv:	.asciz "/srv"
name_cons:	.asciz "/dev/cons"
name_bootinit:	.asciz "/boot/init"
name_init:	.asciz "/bin/init"
what_bind:	.asciz "the first name space cannot be built: "
what_open:	.asciz "the console cannot be opened: "
what_exec:	.asciz "init cannot be started: "
	.globl initcode_end
initcode_end:

	.section .note.GNU-stack, "", @progbits
