/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's entry: a header that Xen loads as an arm64 Image, one stack a
 * vCPU. The whole guest (code, data, stacks, translation table) is in its first
 * 2 MiB of memory, which are one block of the p2m.
 */
	.section ".head", "ax"
	.globl	_start
_start:
	b	first_vcpu		/* code0 */
	.long	0			/* code1 */
	.quad	0			/* text_offset */
	.quad	0x200000		/* image_size */
	.quad	0xa			/* flags: little endian, 4 KiB, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

first_vcpu:
	adr	x9, stack0_end
	mov	sp, x9
	bl	main
1:	wfi
	b	1b

	/* PSCI brings the second vCPU here */
	.globl	second_vcpu
second_vcpu:
	adr	x9, stack1_end
	mov	sp, x9
	bl	second
2:	wfi
	b	2b

	/* an exception is a bug of the guest or of Xen: tell, and end */
	.balign	0x800
	.globl	vectors
vectors:
	.rept	16
	.balign	0x80
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	unexpected
	.endr

	.section ".stacks", "aw", %nobits
	.balign	16
	.skip	16384
stack0_end:
	.skip	16384
stack1_end:
