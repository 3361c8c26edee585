/*
 * The first instruction of a program. The kernel enters with RAX at the
 * Tos, the argument count at 0(RSP) and the arguments from 8(RSP); RSP is
 * aligned to 8 only.
 */
	.section .text.start, "ax", @progbits
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rax, %rdi
	movq	(%rsp), %rsi
	leaq	8(%rsp), %rdx
	andq	$-16, %rsp
	call	_libcstart
	ud2
	.size	_start, .-_start
	.section .note.GNU-stack, "", @progbits
