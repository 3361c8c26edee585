/*
 * The only instructions of the kernel that touch user memory (usercopy.c), and others that may
 * fail.
 *
 * Each instruction that may fault has an entry in .extable; when the fault
 * cannot be resolved, trap.c puts the Err into RAX and goes on at the fixup.
 */
#include "arch/amd64/asm.h"
#include "arch/amd64/user.inc"

	.text

.macro FUNCTION name
	.balign 16
	.globl \name
	.type \name, @function
\name:
.endm

/* Below this many bytes a loop beats the string instructions. */
#define LOOP_MAX 128

/* Err user_copy(void *to, const void *from, usize n) */
FUNCTION user_copy
	USER_OPEN
	movq %rdx, %rcx
	shrq $3, %rcx
	jz 30f
	cmpq $LOOP_MAX, %rdx
	ja 20f
	leaq (%rsi,%rcx,8), %rsi
	leaq (%rdi,%rcx,8), %rdi
	negq %rcx
10:	movq (%rsi,%rcx,8), %rax
11:	movq %rax, (%rdi,%rcx,8)
	incq %rcx
	jnz 10b
	jmp 30f
20:	rep movsq
30:	testl $7, %edx
	jz 40f
	testl $4, %edx
	jz 33f
31:	movl (%rsi), %eax
32:	movl %eax, (%rdi)
	addq $4, %rsi
	addq $4, %rdi
33:	testl $2, %edx
	jz 36f
34:	movw (%rsi), %ax
35:	movw %ax, (%rdi)
	addq $2, %rsi
	addq $2, %rdi
36:	testl $1, %edx
	jz 40f
37:	movb (%rsi), %al
38:	movb %al, (%rdi)
40:	xorl %eax, %eax
50:	USER_CLOSE
	ret
	MAY_FAULT 10b, 50b
	MAY_FAULT 11b, 50b
	MAY_FAULT 20b, 50b
	MAY_FAULT 31b, 50b
	MAY_FAULT 32b, 50b
	MAY_FAULT 34b, 50b
	MAY_FAULT 35b, 50b
	MAY_FAULT 37b, 50b
	MAY_FAULT 38b, 50b

/* Err user_parts(void *to, const UserPart *parts, u32 n) */
FUNCTION user_parts
	USER_OPEN
	movq %rsi, %r8
10:	movq (%r8), %rsi
	movq 8(%r8), %rcx
	testq %rsi, %rsi
	jz 30f
20:	rep movsq
21:	addq $16, %r8
	decl %edx
	jnz 10b
	xorl %eax, %eax
50:	USER_CLOSE
	ret
30:	leaq (%rdi,%rcx,8), %rdi
	jmp 21b
	MAY_FAULT 20b, 50b

/* Err user_zero(void *to, usize n) */
FUNCTION user_zero
	USER_OPEN
	movq %rsi, %rcx
	shrq $3, %rcx
	xorl %eax, %eax
10:	rep stosq
	movl %esi, %ecx
	andl $7, %ecx
11:	rep stosb
50:	USER_CLOSE
	ret
	MAY_FAULT 10b, 50b
	MAY_FAULT 11b, 50b

/*
 * Err user_string(char *to, const char *from, usize size, usize *length): copy up to
 * and with a NUL, and maybe some of what follows; *length is the count before it, or size when
 * there was none. Eight bytes a step where they lie in one page and have room.
 */
FUNCTION user_string
	USER_OPEN
	movabsq $0x0101010101010101, %r10
	movabsq $0x8080808080808080, %r11
	xorl %r8d, %r8d
10:	leaq 8(%r8), %rax
	cmpq %rdx, %rax
	ja 20f
	leal (%rsi,%r8), %eax
	andl $4095, %eax
	cmpl $4088, %eax
	ja 20f
11:	movq (%rsi,%r8), %r9
	movq %r9, (%rdi,%r8)
	movq %r9, %rax		/* the lowest bit left marks the first byte that is zero */
	subq %r10, %rax
	notq %r9
	andq %r9, %rax
	andq %r11, %rax
	jnz 30f
	addq $8, %r8
	jmp 10b
20:	cmpq %rdx, %r8
	jae 40f
21:	movb (%rsi,%r8), %al
	movb %al, (%rdi,%r8)
	testb %al, %al
	jz 40f
	incq %r8
	jmp 10b
30:	bsfq %rax, %rax
	shrl $3, %eax
	addq %rax, %r8
40:	movq %r8, (%rcx)
	xorl %eax, %eax
50:	USER_CLOSE
	ret
	MAY_FAULT 11b, 50b
	MAY_FAULT 21b, 50b

/*
 * bool user_probe(void *p, bool write): would the access succeed? Nothing changes, and a fault is
 * not resolved (mmu.c).
 */
FUNCTION user_probe
	USER_OPEN
	testl %esi, %esi
	jnz 11f
10:	movb (%rdi), %al
	jmp 30f
11:	lock orb $0, (%rdi)
30:	movl $1, %eax
	jmp 51f
50:	xorl %eax, %eax
51:	USER_CLOSE
	ret
	.globl user_probe_end
user_probe_end:
	MAY_FAULT 10b, 50b
	MAY_FAULT 11b, 50b

/*
 * Err msr_read_checked(u32 msr, u64 *v), Err msr_write_checked(u32 msr, u64 v): the
 * exception of a register that is not there is an error too.
 */
FUNCTION msr_read_checked
	movl %edi, %ecx
10:	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	movq %rax, (%rsi)
	xorl %eax, %eax
20:	ret
	MAY_FAULT 10b, 20b
FUNCTION msr_write_checked
	movl %edi, %ecx
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
30:	wrmsr
	xorl %eax, %eax
40:	ret
	MAY_FAULT 30b, 40b

	.section .note.GNU-stack, "", @progbits
