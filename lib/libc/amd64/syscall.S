/*
 * uvlong _syscall(int number, a0, a1, a2, a3, a4): the one way into the
 * kernel. The number goes in RBP and the arguments lie on the stack from
 * 8(RSP); the kernel keeps what the SysV ABI wants kept. _syscallN are for calls
 * of N arguments, and store no more: the other slots hold what is there.
 */
	.text
.macro CALL name, n
	.globl	\name
	.type	\name, @function
\name:
	pushq	%rbp
	.if \n
	subq	$48, %rsp
	movq	%rsi, 8(%rsp)
	.endif
	.if \n > 1
	movq	%rdx, 16(%rsp)
	.endif
	.if \n > 2
	movq	%rcx, 24(%rsp)
	.endif
	.if \n > 3
	movq	%r8, 32(%rsp)
	.endif
	.if \n > 4
	movq	%r9, 40(%rsp)
	.endif
	movl	%edi, %ebp
	syscall
	.if \n
	addq	$48, %rsp
	.endif
	popq	%rbp
	ret
	.size	\name, .-\name
.endm

	CALL _syscall, 5
	CALL _syscall0, 0
	CALL _syscall1, 1
	CALL _syscall2, 2
	CALL _syscall3, 3
	CALL _syscall4, 4
	.section .note.GNU-stack, "", @progbits
