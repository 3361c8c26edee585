/* Entry of the test kernel: keeps what the loader left before C changes it. */
	.section .text.entry, "ax"
	.globl _start
_start:
	movq %rsp, entry_rsp(%rip)
	movq %rax, entry_regs(%rip)
	leaq entry_regs(%rip), %rax
	movq %rbx, 8(%rax)
	movq %rcx, 16(%rax)
	movq %rdx, 24(%rax)
	movq %rsi, 32(%rax)
	movq %rdi, 40(%rax)
	movq %rbp, 48(%rax)
	movq %r8, 56(%rax)
	movq %r9, 64(%rax)
	movq %r10, 72(%rax)
	movq %r11, 80(%rax)
	movq %r12, 88(%rax)
	movq %r13, 96(%rax)
	movq %r14, 104(%rax)
	movq %r15, 112(%rax)
	pushfq
	popq entry_flags(%rip)
	sgdt entry_gdtr(%rip)
	subq $8, %rsp
	call stub_main
1:	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
