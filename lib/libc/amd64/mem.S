/*
 * memmove, memcpy, memset. The compiler calls these by itself, so they are
 * assembly: a loop in C could be compiled into a call of itself.
 * Blocks of 32 bytes by SSE registers, the rest by overlapping ends; from
 * STRING bytes on the string instructions, which processors do by whole lines.
 */
#define STRING	512

	.text
	.globl	memmove, memcpy
	.type	memmove, @function
	.type	memcpy, @function
memmove:
memcpy:
	movq	%rdi, %rax
	cmpq	$16, %rdx
	jb	small
	cmpq	$32, %rdx
	ja	large
	movups	(%rsi), %xmm0
	movups	-16(%rsi,%rdx), %xmm1
	movups	%xmm0, (%rdi)
	movups	%xmm1, -16(%rdi,%rdx)
	ret
small:
	cmpq	$8, %rdx
	jae	eight
	cmpq	$4, %rdx
	jae	four
	testq	%rdx, %rdx
	jz	done
	/* 1 to 3 bytes: first, middle, last */
	movzbl	(%rsi), %ecx
	movzbl	-1(%rsi,%rdx), %r8d
	movq	%rdx, %r9
	shrq	$1, %r9
	movzbl	(%rsi,%r9), %r10d
	movb	%cl, (%rdi)
	movb	%r10b, (%rdi,%r9)
	movb	%r8b, -1(%rdi,%rdx)
done:	ret
eight:
	movq	(%rsi), %rcx
	movq	-8(%rsi,%rdx), %r8
	movq	%rcx, (%rdi)
	movq	%r8, -8(%rdi,%rdx)
	ret
four:
	movl	(%rsi), %ecx
	movl	-4(%rsi,%rdx), %r8d
	movl	%ecx, (%rdi)
	movl	%r8d, -4(%rdi,%rdx)
	ret
large:
	movq	%rdi, %rcx
	subq	%rsi, %rcx
	cmpq	%rdx, %rcx
	jb	backward
	cmpq	$STRING, %rdx
	jae	string
	/* forward; the last 32 bytes are loaded first, as overlap may spoil them */
	movups	-32(%rsi,%rdx), %xmm2
	movups	-16(%rsi,%rdx), %xmm3
	leaq	-32(%rdi,%rdx), %r8
1:	movups	(%rsi), %xmm0
	movups	16(%rsi), %xmm1
	movups	%xmm0, (%rdi)
	movups	%xmm1, 16(%rdi)
	addq	$32, %rsi
	addq	$32, %rdi
	cmpq	%r8, %rdi
	jb	1b
	movups	%xmm2, (%r8)
	movups	%xmm3, 16(%r8)
	ret
string:
	/* the last 8 bytes are loaded first here too */
	movq	-8(%rsi,%rdx), %r8
	leaq	-8(%rdi,%rdx), %r9
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movq	%r8, (%r9)
	ret
backward:
	movups	(%rsi), %xmm2
	movups	16(%rsi), %xmm3
1:	movups	-16(%rsi,%rdx), %xmm0
	movups	-32(%rsi,%rdx), %xmm1
	movups	%xmm0, -16(%rdi,%rdx)
	movups	%xmm1, -32(%rdi,%rdx)
	subq	$32, %rdx
	cmpq	$32, %rdx
	ja	1b
	movups	%xmm2, (%rdi)
	movups	%xmm3, 16(%rdi)
	ret
	.size	memmove, .-memmove
	.size	memcpy, .-memcpy

	.globl	memset
	.type	memset, @function
memset:
	movq	%rdi, %rax
	movzbl	%sil, %esi
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rsi
	cmpq	$16, %rdx
	jb	2f
	cmpq	$STRING, %rdx
	jae	5f
	movq	%rsi, %xmm0
	punpcklqdq %xmm0, %xmm0
	leaq	-16(%rdi,%rdx), %r8
1:	movups	%xmm0, (%rdi)
	addq	$16, %rdi
	cmpq	%r8, %rdi
	jb	1b
	movups	%xmm0, (%r8)
	ret
2:	cmpq	$8, %rdx
	jb	3f
	movq	%rsi, (%rdi)
	movq	%rsi, -8(%rdi,%rdx)
	ret
3:	testq	%rdx, %rdx
	jz	4f
	movb	%sil, -1(%rdi,%rdx)
	decq	%rdx
	jmp	3b
4:	ret
5:	movq	%rdi, %r9
	movq	%rsi, -8(%rdi,%rdx)
	movq	%rsi, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep stosq
	movq	%r9, %rax
	ret
	.size	memset, .-memset
	.section .note.GNU-stack, "", @progbits
