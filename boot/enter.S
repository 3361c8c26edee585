/*
 * The way out: from 32-bit mode without paging to the kernel in long mode.
 *
 * This page is mapped executable twice: at its own address in the start
 * tables, and at its HHDM alias in both. Execution goes to the alias first,
 * so that the final tables, which have no identity map, can be loaded.
 */
	.equ HHDM, 0xffff800000000000
	.equ CODE64, 0x28
	.equ DATA64, 0x30

	.section .enter, "ax"
	.globl enter_page, enter_kernel
	.code32
enter_page:

	/* Null, code16, data16, code32, data32, code64, data64. */
	.balign 16
gdt:
	.quad 0
	.quad 0x00009b000000ffff
	.quad 0x000093000000ffff
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
gdt_end:

	.balign 8
	.short 0, 0, 0
gdtr32:
	.short gdt_end - gdt - 1
	.long gdt
	.short 0
	.balign 8
	.short 0, 0, 0
gdtr64:
	.short gdt_end - gdt - 1
	/* 0x100000 <= gdt < 4 GiB, so the HHDM address is a plain addition. */
	.long gdt
	.long HHDM >> 32

	.balign 16
enter_kernel:
	movl 4(%esp), %ebx
	lgdt gdtr32

	/* PAT: WB WT UC- UC WP WC UC- UC. */
	movl $0x277, %ecx
	movl $0x00070406, %eax
	movl $0x00070105, %edx
	wrmsr

	movl $0x20, %eax		/* PAE, nothing else */
	movl %eax, %cr4
	movl (%ebx), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER */
	rdmsr
	andl $~0x1, %eax		/* no system calls yet */
	orl $0x900, %eax		/* LME, NXE */
	wrmsr
	movl $0x80010031, %eax		/* PG WP NE ET PE */
	movl %eax, %cr0
	ljmp $CODE64, $1f

	.code64
1:	movabsq $HHDM, %rax
	movl %ebx, %ebx
	addq %rax, %rbx
	leaq 2f(%rip), %rcx
	addq %rax, %rcx
	jmp *%rcx

2:	movl 4(%rbx), %eax
	movq %rax, %cr3
	lgdt gdtr64(%rip)
	movl $DATA64, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	xorl %eax, %eax
	lldt %ax

	movq 16(%rbx), %rsp
	pushq $0			/* the kernel's return address */
	pushq 8(%rbx)			/* where ret goes */
	pushq $2
	popfq
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	ret

	.section .note.GNU-stack, "", @progbits
