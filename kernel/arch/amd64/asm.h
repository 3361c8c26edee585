/*
 * Numbers that assembly and C share: selectors, frame and Cpu offsets (checked
 * against the structures in start.c), flag bits.
 */
#ifndef AMD64_ASM_H
#define AMD64_ASM_H

/* Selectors. SYSRET wants user data just below user code. */
#define SEL_KCODE	0x08
#define SEL_KDATA	0x10
#define SEL_UDATA	0x23
#define SEL_UCODE	0x2b
#define SEL_TSS		0x30

/* Cpu, through GS. */
#define CPU_SELF	0
#define CPU_PROC	8
#define CPU_FRAME	16

/* Proc. */
#define PROC_KERNEL_SINCE 24
#define PROC_SYSCALL	48

/* Ureg. */
#define U_AX		0
#define U_BX		8
#define U_CX		16
#define U_DX		24
#define U_SI		32
#define U_DI		40
#define U_BP		48
#define U_R8		56
#define U_R9		64
#define U_R10		72
#define U_R11		80
#define U_R12		88
#define U_R13		96
#define U_R14		104
#define U_R15		112
#define U_DS		120
#define U_ES		122
#define U_FS		124
#define U_GS		126
#define U_TYPE		128
#define U_ERROR		136
#define U_PC		144
#define U_CS		152
#define U_FLAGS		160
#define U_SP		168
#define U_SS		176
#define U_SIZE		184

/* Call. */
#define CALL_ARG	8
#define CALL_UREG	48

/* The type of a system call's frame; other types are trap vectors. */
#define TYPE_SYSCALL	64

#define FLAG_TF		0x100
#define FLAG_IF		0x200
#define FLAG_DF		0x400
#define FLAG_NT		0x4000
#define FLAG_RF		0x10000
#define FLAG_AC		0x40000

/* The stack that start and kmain run on, below it a page that mmuinit unmaps. */
#define BOOT_STACK_GUARD	4096
#define BOOT_STACK_SIZE		16384

/* USTKTOP */
#define USER_TOP	0x7ffffffff000

#define MSR_GS_BASE	0xc0000101

#endif
