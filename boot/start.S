/*
 * The Multiboot headers and the first instructions. Both kinds of loader
 * arrive in 32-bit protected mode, flat segments, no paging, with a magic
 * number in EAX that says which kind it was and the information in EBX.
 */
	.section .multiboot, "a"

	/* Multiboot 1: modules on page borders, memory map wanted. */
	.balign 4
	.long 0x1badb002, 0x00000003, -(0x1badb002 + 0x00000003)

	/* Multiboot 2. */
	.balign 8
mb2:
	.long 0xe85250d6, 0, mb2end - mb2, -(0xe85250d6 + (mb2end - mb2))
	/* Modules on page borders. */
	.short 6, 0
	.long 8
	/* A framebuffer of any size and 32 bits, when it can be had. */
	.short 5, 1
	.long 20
	.long 0, 0, 32
	.balign 8
	/* Information wanted: modules, memory map; framebuffer and both RSDPs if there. */
	.short 1, 0
	.long 16
	.long 3, 6
	.short 1, 1
	.long 20
	.long 8, 14, 15
	.balign 8
	/* End. */
	.short 0, 0
	.long 8
mb2end:

	.text
	.globl _start
_start:
	cli
	cld
	movl $stack_top, %esp
	pushl $0
	popfl
	pushl %ebx
	pushl %eax
	call boot_main
1:	cli
	hlt
	jmp 1b

	.bss
	.balign 16
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
