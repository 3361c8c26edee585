/*
 * setjmp, longjmp, and the two entries that notes use: _notetramp, where
 * the kernel starts a note handler, and _notejmpland, where notejmp has it
 * resume the program. A jmp_buf holds RSP, pc, RBX, RBP, R12-R15 and, for
 * notejmp, the value to return.
 */
	.text
	.globl	setjmp
	.type	setjmp, @function
setjmp:
	leaq	8(%rsp), %rax
	movq	%rax, (%rdi)
	movq	(%rsp), %rax
	movq	%rax, 8(%rdi)
	movq	%rbx, 16(%rdi)
	movq	%rbp, 24(%rdi)
	movq	%r12, 32(%rdi)
	movq	%r13, 40(%rdi)
	movq	%r14, 48(%rdi)
	movq	%r15, 56(%rdi)
	xorl	%eax, %eax
	ret
	.size	setjmp, .-setjmp

	.globl	longjmp
	.type	longjmp, @function
longjmp:
	movl	%esi, %eax
	testl	%eax, %eax
	jnz	1f
	incl	%eax
1:	movq	(%rdi), %rsp
	movq	16(%rdi), %rbx
	movq	24(%rdi), %rbp
	movq	32(%rdi), %r12
	movq	40(%rdi), %r13
	movq	48(%rdi), %r14
	movq	56(%rdi), %r15
	jmpq	*8(%rdi)
	.size	longjmp, .-longjmp

	/* RAX is the jmp_buf: the register that every kernel restores. */
	.globl	_notejmpland
	.type	_notejmpland, @function
_notejmpland:
	cld
	movq	%rax, %rdi
	movl	64(%rdi), %esi
	jmp	longjmp
	.size	_notejmpland, .-_notejmpland

	/* 8(RSP) is the Ureg, 16(RSP) the text; the frame below is ours. */
	.globl	_notetramp
	.type	_notetramp, @function
_notetramp:
	cld
	movq	8(%rsp), %rdi
	movq	16(%rsp), %rsi
	andq	$-16, %rsp
	call	_notehandler
	ud2
	.size	_notetramp, .-_notetramp
	.section .note.GNU-stack, "", @progbits
