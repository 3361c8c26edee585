/*
 * Where the other processors begin (smp.c): in real mode, at the start of a page below 1 MiB to
 * which this code was copied. It goes straight to 64-bit mode, by page tables that map that page
 * at its physical address and the kernel where it is, and from there to ap_entry.
 */
	.section .rodata.trampoline, "a"
	.globl ap_trampoline, ap_trampoline_end, ap_gdtr, ap_root, ap_far, ap_code64, ap_gdt
	.balign 16
	.code16
ap_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl ap_gdtr - ap_trampoline
	movl ap_root - ap_trampoline, %eax
	movl %eax, %cr3
	movl $0x20, %eax		/* PAE */
	movl %eax, %cr4
	movl $0xc0000080, %ecx		/* EFER */
	rdmsr
	orl $0x900, %eax		/* LME, NXE */
	wrmsr
	movl $0x80010031, %eax		/* PG WP NE ET PE; caches on */
	movl %eax, %cr0
	ljmpl *(ap_far - ap_trampoline)

	.code64
ap_code64:
	movabsq $ap_entry, %rax
	jmp *%rax

	/* The descriptors have their accessed bits: nothing is ever written to this page. */
	.balign 8
ap_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 64-bit code */
ap_gdtr:
	.word . - ap_gdt - 1
	.long 0				/* these three are smp.c's to fill in */
ap_root:
	.long 0
ap_far:
	.long 0
	.word 8
ap_trampoline_end:

	.text
	.globl ap_entry
	.type ap_entry, @function
/* Take the order to start, which says where the stack is; without one, wait for ever. */
ap_entry:
	xorl %edi, %edi
	xchgq %rdi, ap_order(%rip)
	testq %rdi, %rdi
	jz 1f
	movq (%rdi), %rsp
	xorl %ebp, %ebp
	pushq $0
	popfq
	pushq $0
	pushq $0
	call ap_start
1:	cli
	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
