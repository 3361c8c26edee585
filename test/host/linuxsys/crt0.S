/*
 * The first instruction of a program built for Linux: RSP points at the
 * argument count, the arguments and the environment.
 */
	.section .text.start, "ax", @progbits
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	_linuxstart
	ud2
	.size	_start, .-_start

	/* Where a Linux signal handler returns to. */
	.text
	.globl	_sigreturn
	.type	_sigreturn, @function
_sigreturn:
	movl	$15, %eax
	syscall
	ud2
	.size	_sigreturn, .-_sigreturn

	/* _resume(Ureg*): continues where the Ureg says, all registers as it says. */
	.globl	_resume
	.type	_resume, @function
_resume:
	movq	%rdi, %rax
	movq	168(%rax), %rsp
	subq	$128, %rsp		/* below the red zone of what was interrupted */
	pushq	144(%rax)		/* pc */
	pushq	160(%rax)		/* flags */
	pushq	(%rax)			/* ax */
	movq	8(%rax), %rbx
	movq	16(%rax), %rcx
	movq	24(%rax), %rdx
	movq	32(%rax), %rsi
	movq	40(%rax), %rdi
	movq	48(%rax), %rbp
	movq	56(%rax), %r8
	movq	64(%rax), %r9
	movq	72(%rax), %r10
	movq	80(%rax), %r11
	movq	88(%rax), %r12
	movq	96(%rax), %r13
	movq	104(%rax), %r14
	movq	112(%rax), %r15
	popq	%rax
	popfq
	ret	$128
	.size	_resume, .-_resume
	.section .note.GNU-stack, "", @progbits
