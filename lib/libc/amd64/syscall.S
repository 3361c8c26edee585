/*
 * uvlong _syscall(int number, a0, a1, a2, a3, a4): the one way into the
 * kernel. The number goes in RBP and the arguments lie on the stack from
 * 8(RSP). The kernel keeps only RSP, R14 and R15, so the other registers
 * that the SysV ABI preserves are saved here.
 */
	.text
	.globl	_syscall
	.type	_syscall, @function
_syscall:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	subq	$48, %rsp
	movq	%rsi, 8(%rsp)
	movq	%rdx, 16(%rsp)
	movq	%rcx, 24(%rsp)
	movq	%r8, 32(%rsp)
	movq	%r9, 40(%rsp)
	movl	%edi, %ebp
	syscall
	addq	$48, %rsp
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	_syscall, .-_syscall
	.section .note.GNU-stack, "", @progbits
