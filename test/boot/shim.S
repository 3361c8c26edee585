/*
 * Header and entry of the shim, a Multiboot 1 program far above the loader,
 * which it starts itself with information of its own making.
 */
	.section .multiboot, "a"
	.balign 4
	.long 0x1badb002, 0x00000003, -(0x1badb002 + 0x00000003)

	.text
	.globl _start, shim_leave
_start:
	cli
	cld
	movl $stack_top, %esp
	pushl %ebx
	call shim_main

/* shim_leave(entry, magic, info) */
shim_leave:
	movl 4(%esp), %ecx
	movl 8(%esp), %eax
	movl 12(%esp), %ebx
	jmp *%ecx

	.bss
	.balign 16
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
