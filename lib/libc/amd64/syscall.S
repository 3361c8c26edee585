/*
 * uvlong _syscall(int number, a0, a1, a2, a3, a4): the one way into the
 * kernel. The number goes in RBP and the arguments lie on the stack from
 * 8(RSP); the kernel keeps what the SysV ABI wants kept. _syscallN(a0, ..., number)
 * are for calls of N arguments, and store no more: the other slots hold what is there.
 */
	.text
.macro CALL name, number, a0, a1, a2, a3, a4
	.globl	\name
	.type	\name, @function
\name:
	pushq	%rbp
	subq	$48, %rsp
	.set .Lslot, 8
	.irp argument, \a0, \a1, \a2, \a3, \a4
	.ifnb \argument
	movq	\argument, .Lslot(%rsp)
	.set .Lslot, .Lslot + 8
	.endif
	.endr
	movl	\number, %ebp
	syscall
	addq	$48, %rsp
	popq	%rbp
	ret
	.size	\name, .-\name
.endm

	CALL _syscall, %edi, %rsi, %rdx, %rcx, %r8, %r9
	CALL _syscall1, %esi, %rdi
	CALL _syscall2, %edx, %rdi, %rsi
	CALL _syscall3, %ecx, %rdi, %rsi, %rdx
	CALL _syscall4, %r8d, %rdi, %rsi, %rdx, %rcx

	.globl	_syscall0
	.type	_syscall0, @function
_syscall0:
	pushq	%rbp
	movl	%edi, %ebp
	syscall
	popq	%rbp
	ret
	.size	_syscall0, .-_syscall0
	.section .note.GNU-stack, "", @progbits
