/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest: checks each word of a range of its memory against a pattern, says
 * so, waits, and checks against another, once or as long as it is told. It runs in
 * 32-bit protected mode, without page tables of its own, at the page GFN_CODE. The
 * page behind it is struct control of mem-paging.h. It ends by a HLT that nothing
 * can wake it from, which Xen takes for a power-off.
 */
	.set	control, 0x11000
	.set	first, control + 0
	.set	pages, control + 4
	.set	seeds, control + 8
	.set	go, control + 16
	.set	phase, control + 20
	.set	bad, control + 24
	.set	where, control + 28
	.set	what, control + 32
	.set	rounds, control + 36

	.section .rodata, "a"
	.globl	guest_begin, guest_end
	.code32
guest_begin:
	cli
	cld
	movl	$control + 0x1000, %esp
	movl	seeds, %edx
	call	check
	movl	$1, phase
1:	pause
	cmpl	$0, go
	je	1b
5:	movl	seeds + 4, %edx
	call	check
	incl	rounds
	cmpl	$2, go
	je	5b
	movl	$2, phase
2:	hlt
	jmp	2b

/* Each word has to be its address, by exclusive or with the seed in EDX. */
check:
	movl	first, %esi
	movl	pages, %ecx
	shll	$10, %ecx
3:	movl	%esi, %eax
	xorl	%edx, %eax
	movl	(%esi), %ebx
	cmpl	%ebx, %eax
	je	4f
	incl	bad
	movl	%esi, where
	movl	%ebx, what
4:	addl	$4, %esi
	decl	%ecx
	jnz	3b
	ret
guest_end:
	.code64
	.section .note.GNU-stack, "", @progbits
