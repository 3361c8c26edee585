/*
 * The last step to another kernel (kexec.c). The code is copied to a page that the present and the
 * next tables map at its physical address. %rdi: a Leave, in the direct map of both.
 */
#define LEAVE_CR3	0
#define LEAVE_ENTRY	8
#define LEAVE_STACK	16
#define LEAVE_GDTR	24
#define CODE64		0x28
#define DATA64		0x30

	.section .rodata.leave, "a"
	.globl leave_code, leave_code_end
	.balign 16
leave_code:
	xorl %eax, %eax
	movq %rax, %dr7
	movl $0x20, %eax		/* PAE, nothing else: global entries go as well */
	movq %rax, %cr4
	movq LEAVE_CR3(%rdi), %rax
	movq %rax, %cr3
	movq LEAVE_STACK(%rdi), %rsp
	lgdt LEAVE_GDTR(%rdi)
	pushq $CODE64
	leaq 1f(%rip), %rax
	pushq %rax
	lretq
1:	movl $DATA64, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	xorl %eax, %eax
	lldt %ax

	/* PAT: WB WT UC- UC WP WC UC- UC. */
	movl $0x277, %ecx
	movl $0x00070406, %eax
	movl $0x00070105, %edx
	wrmsr
	movl $0xc0000080, %ecx		/* EFER */
	rdmsr
	andl $~0x1, %eax		/* no system calls yet */
	orl $0x900, %eax		/* LME, NXE */
	wrmsr
	movl $0x80010031, %eax		/* PG WP NE ET PE */
	movq %rax, %cr0

	movq LEAVE_STACK(%rdi), %rsp
	pushq $0			/* the kernel's return address */
	pushq LEAVE_ENTRY(%rdi)		/* where ret goes */
	pushq $2
	popfq
	xorl %eax, %eax
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
leave_code_end:

	.section .note.GNU-stack, "", @progbits
