/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks around a measured section, seen by a TCG plugin and by nothing else.
 *
 * A mark is a seven-byte NOP, 0f 1f 80 disp32 ("nopl disp32(%rax)"). It reads
 * no memory and costs one instruction anywhere. The displacement carries
 *
 *	31      16 15    8 7     0
 *	+---------+-------+-------+
 *	|  0x5054 | kind  | value |
 *	+---------+-------+-------+
 *
 * so that a plugin recognises it from the bytes when it translates the
 * instruction. See tools-testing/qemu-plugin/ptcount.c for the other side.
 * On arm64 it is a write to the zero register.
 */
#ifndef PT_MARK_H
#define PT_MARK_H

#include <stdint.h>

#define MARK_MAGIC	0x5054u

/* kinds: a section is BEGIN .. END, four DATA bytes (pages), ROW */
#define MARK_BEGIN	0u	/* value: path id, counting starts */
#define MARK_END	1u	/* value: path id, counting stops */
#define MARK_DATA	2u	/* value: next byte of the pages, low byte first */
#define MARK_ROW	3u	/* value: path id, the section was good: report it */
#define MARK_WARMUP	4u	/* or'ed to ROW: a warm-up, not for statistics */
#define MARK_TRACED	8u	/* or'ed to ROW: Xen's tracing was on */
#define MARK_KINDS	16u

#define MARK_IMM(kind, value) \
	((MARK_MAGIC << 16) | ((kind) << 8) | ((value) & 0xffu))

#ifdef __x86_64__

/* a mark whose kind and value are constants at the place of use */
#define mark_const(kind, value)						\
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0"		\
		     : : "i" (MARK_IMM(kind, value)) : "memory")

/* one eight-byte stub (mark, ret) for each kind and value, see mark.c */
extern const char mark_stubs[];

typedef void (*mark_fn)(void);

/* a mark whose value is known at run time only: a call and a return more */
static inline void mark(unsigned int kind, unsigned int value)
{
	mark_fn stub = (mark_fn)(mark_stubs + 8 * (kind << 8 | (value & 0xffu)));

	asm volatile("" : : : "memory");
	stub();
	asm volatile("" : : : "memory");
}

/* tell a plugin that the last section was good, and how large it was */
static inline void mark_row(unsigned int kind, unsigned int id, uint32_t pages)
{
	unsigned int i;

	for (i = 0; i < 32; i += 8)
		mark(MARK_DATA, (pages >> i) & 0xff);
	mark(kind, id);
}

#elif defined(__aarch64__)

/* "movz xzr, #imm16": kind and value, no magic is needed */
#define mark_const(kind, value)						\
	asm volatile("movz xzr, %0"					\
		     : : "i" ((kind) << 8 | (value)) : "memory")

#endif
#endif /* PT_MARK_H */
