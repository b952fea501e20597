// SPDX-License-Identifier: GPL-2.0
/* The stubs behind mark(): a NOP that carries its meaning, and a return. */
#include "mark.h"

asm(".pushsection .text\n"
	".balign 8\n"
	".globl mark_stubs\n"
	".type mark_stubs, @object\n"
	"mark_stubs:\n"
	".set mark_nr, 0\n"
	".rept 4096\n"
	"	.byte 0x0f, 0x1f, 0x80\n"
	"	.long 0x50540000 + mark_nr\n"
	"	ret\n"
	"	.set mark_nr, mark_nr + 1\n"
	".endr\n"
	".size mark_stubs, . - mark_stubs\n"
	".popsection\n");

_Static_assert(MARK_MAGIC == 0x5054 && MARK_KINDS == 16,
	       "mark_stubs is written for these values");
