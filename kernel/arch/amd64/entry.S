/*
 * Every way into the kernel and out of it: the loader's jump, the 256 trap
 * vectors, SYSCALL, and the two returns to user mode.
 *
 * What holds on each side, since no compiler checks it:
 * - In user mode GS base is 0 (nothing can set it: FSGSBASE is off) and
 *   KERNEL_GS_BASE holds this processor's Cpu; SWAPGS exchanges them. In the
 *   kernel GS is the Cpu. NMI, machine check, double fault and debug traps may
 *   come between entry and SWAPGS, so they look at the MSR instead of at CS.
 * - The direction flag is clear in C. SYSCALL clears it by SFMASK, traps by CLD.
 * - Interrupts are off from entry until C turns them on, and from the end of
 *   C until the return.
 * - A frame from user mode lies at the very top of the process's kernel stack
 *   (Cpu.frame). Only frames are ever stored there, so that a field a system
 *   call does not fill holds an older register of the same process; CS and SS
 *   are the same in all of them.
 */
#include "arch/amd64/asm.h"
#include "arch/amd64/user.inc"

	.text

/* ---- the loader's jump ---- */

	.section .text.entry, "ax"
	.globl _start
	.type _start, @function
_start:
	cld
	cli
	leaq boot_stack + BOOT_STACK_GUARD + BOOT_STACK_SIZE(%rip), %rsp
	xorl %ebp, %ebp
	pushq $0
	popfq
	pushq $0		/* a return address for backtraces to end at; aligns the call */
	pushq $0
	call start
	ud2

	.text

/* ---- traps ---- */

/*
 * 256 entries of 16 bytes. Those for which the processor pushes no error code
 * push a zero, so that every frame is a Ureg.
 */
	.balign 16
	.globl trap_vectors
trap_vectors:
	.set .Lv, 0
	.rept 256
	.balign 16
	.set .Lcode, .Lv == 8 || (.Lv >= 10 && .Lv <= 14) || .Lv == 17
	.set .Lcode, .Lcode || .Lv == 21 || .Lv == 29 || .Lv == 30
	.if !.Lcode
	pushq $0
	.endif
	pushq $.Lv
	.if (.Lv == 1) || (.Lv == 2) || (.Lv == 8) || (.Lv == 18)
	jmp trap_paranoid
	.else
	jmp trap_common
	.endif
	.set .Lv, .Lv + 1
	.endr
	.balign 16

.macro PUSH_REGISTERS
	pushq $0
	pushq %r15
	pushq %r14
	pushq %r13
	pushq %r12
	pushq %r11
	pushq %r10
	pushq %r9
	pushq %r8
	pushq %rbp
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rbx
	pushq %rax
	movw %ds, U_DS(%rsp)
	movw %es, U_ES(%rsp)
	movw %fs, U_FS(%rsp)
	movw %gs, U_GS(%rsp)
.endm

/* Leaves RSP at the frame's pc. */
.macro POP_REGISTERS
	popq %rax
	popq %rbx
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rbp
	popq %r8
	popq %r9
	popq %r10
	popq %r11
	popq %r12
	popq %r13
	popq %r14
	popq %r15
	addq $24, %rsp
.endm

trap_common:
	PUSH_REGISTERS
	cld
	testb $3, U_CS(%rsp)
	jz from_kernel
	swapgs
from_user:
	movq %rsp, %rdi
	xorl %ebp, %ebp
	subq $8, %rsp
	call trap_user
	addq $8, %rsp
	/* fall through */

/* RSP at a user frame, interrupts off, GS the kernel's: load everything. */
return_all:
	POP_REGISTERS
	swapgs
	.globl return_iret
return_iret:
	iretq

from_kernel:
	/* The only place in the kernel with the user's GS that can fault is the return above. */
	leaq return_iret(%rip), %rax
	cmpq %rax, U_PC(%rsp)
	jne 1f
	swapgs
1:	movq %rsp, %rdi
	subq $8, %rsp
	call trap_kernel
	.globl kernel_trap_returns
kernel_trap_returns:
	addq $8, %rsp
	POP_REGISTERS
	iretq

/*
 * The vectors with stacks of their own. From user mode a debug trap moves to
 * the process's kernel stack and goes on like any other, because it may end in
 * a note and sleep; the others never sleep.
 */
trap_paranoid:
	PUSH_REGISTERS
	cld
	testb $3, U_CS(%rsp)
	jz 1f
	swapgs
	cmpl $1, U_TYPE(%rsp)
	jne 2f
	movq %rsp, %rsi
	movq %gs:CPU_FRAME, %rdi
	movq %rdi, %rsp
	movl $(U_SIZE / 8), %ecx
	rep movsq
	jmp from_user
2:	movq %rsp, %rdi
	xorl %ebp, %ebp
	subq $8, %rsp
	call trap_kernel
	addq $8, %rsp
	jmp return_all

	/*
	 * From the kernel, or from between an entry and its SWAPGS: a kernel GS has the top bit
	 * set.
	 */
1:	movl $MSR_GS_BASE, %ecx
	rdmsr
	xorl %ebx, %ebx
	testl %edx, %edx
	js 3f
	swapgs
	incl %ebx
3:	movq %rsp, %rdi
	subq $8, %rsp
	call trap_kernel
	.globl paranoid_trap_returns
paranoid_trap_returns:
	addq $8, %rsp
	testl %ebx, %ebx
	jz 4f
	swapgs
4:	POP_REGISTERS
	iretq

/* ---- system calls ---- */

/*
 * RCX is the user's pc, R11 its flags; the number is in RBP, the arguments are
 * on the user's stack. What is stored here is a Call (arch.h), the frame at its
 * end: of the frame what the program can rely on, which C preserves for it too,
 * so that it need not be loaded again. The five arguments are pushed from where
 * they lie; the word before them must be there as well.
 */
	.balign 16
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	swapgs
	movq %rsp, %r8
	movq %gs:CPU_FRAME, %rsp
	movq %gs:CPU_PROC, %rsi
	movq %r8, U_SP(%rsp)
	movq %rcx, U_PC(%rsp)
	movq %r11, U_FLAGS(%rsp)
	movq $TYPE_SYSCALL, U_TYPE(%rsp)
	movq $0, U_ERROR(%rsp)
	movq %rbx, U_BX(%rsp)
	movq %rbp, U_BP(%rsp)
	movq %r12, U_R12(%rsp)
	movq %r13, U_R13(%rsp)
	movq %r14, U_R14(%rsp)
	movq %r15, U_R15(%rsp)
	movl %ebp, PROC_SYSCALL(%rsi)
	rdtsc
	shlq $32, %rdx
	orq %rax, %rdx
	movq %rdx, PROC_KERNEL_SINCE(%rsi)
	xorl %ebp, %ebp
	sti
	movabsq $(USER_TOP - 48), %rax
	cmpq %rax, %r8
	ja no_arguments
	USER_OPEN
10:	cmpb $0, (%r8)
15:	pushq 40(%r8)
14:	pushq 32(%r8)
13:	pushq 24(%r8)
12:	pushq 16(%r8)
11:	pushq 8(%r8)
	USER_CLOSE
	pushq $0		/* the result */
	subq $8, %rsp		/* aligns the call */
	leaq 8(%rsp), %rdi
	call syscall

/* RAX is the result, interrupts are off, RSP is 8 below the Call. */
syscall_return:
	movq 8+CALL_UREG+U_FLAGS(%rsp), %r11
	testl $(FLAG_RF | FLAG_TF | FLAG_NT), %r11d
	jnz unusual_flags
	movq 8+CALL_UREG+U_PC(%rsp), %rcx
	movq 8+CALL_UREG+U_BP(%rsp), %rbp
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	movq 8+CALL_UREG+U_SP(%rsp), %rsp
	swapgs
	sysretq

	/* They cannot be had so: RAX is the Err, or none for an address that cannot hold them. */
no_arguments:
	xorl %eax, %eax
	jmp 1f
20:	USER_CLOSE
1:	movq %gs:CPU_FRAME, %rsp
	subq $(CALL_UREG + 8), %rsp
	leaq 8(%rsp), %rdi
	movq %rax, %rsi
	call syscall_fetch
	jmp syscall_return
	MAY_FAULT 10b, 20b
	MAY_FAULT 15b, 20b
	MAY_FAULT 14b, 20b
	MAY_FAULT 13b, 20b
	MAY_FAULT 12b, 20b
	MAY_FAULT 11b, 20b

/*
 * SYSRET cannot set TF or RF, and needs a canonical pc, which that of a SYSCALL
 * is. RF says that someone else (noted, exec, a debugger) supplied all registers;
 * without it they are what they would have been above.
 */
unusual_flags:
	addq $(8 + CALL_UREG), %rsp
	movq %rax, U_AX(%rsp)
	testl $FLAG_RF, %r11d
	jnz return_all
	movq U_PC(%rsp), %rcx
	movq %rcx, U_CX(%rsp)
	movq $0, U_DX(%rsp)
	movq $0, U_SI(%rsp)
	movq $0, U_DI(%rsp)
	movq $0, U_R8(%rsp)
	movq $0, U_R9(%rsp)
	movq $0, U_R10(%rsp)
	movq %r11, U_R11(%rsp)
	jmp return_all

/*
 * void touser(const Ureg *u): move the frame to the top of the kernel stack,
 * from its end downwards because it may overlap, and leave.
 */
	.globl touser
	.type touser, @function
touser:
	cli
	movq %gs:CPU_FRAME, %rax
	leaq (U_SIZE - 8)(%rdi), %rsi
	leaq (U_SIZE - 8)(%rax), %rdi
	movl $(U_SIZE / 8), %ecx
	std
	rep movsq
	cld
	movq %rax, %rsp
	jmp return_all

/* ---- switching between kernel contexts ---- */

/* The end of a label_switch (arch.h) to a context that has other selectors. */
	.globl load_selectors
	.type load_selectors, @function
load_selectors:
	movw 0(%rsp), %ds
	movw 2(%rsp), %es
	movw 4(%rsp), %fs
	swapgs			/* loading GS sets its base: let it be the user's */
	movw 6(%rsp), %gs
	swapgs
	addq $8, %rsp
	popq %rbp
	ret

/* Where a context made by label_init begins: its function and argument lie here. */
	.globl label_start
	.type label_start, @function
label_start:
	popq %rax
	popq %rdi
	xorl %ebp, %ebp
	call *%rax
	ud2

	.section .note.GNU-stack, "", @progbits
