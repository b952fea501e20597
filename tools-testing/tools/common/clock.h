/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of a measured section, and what its figures are made of. */
#ifndef PT_CLOCK_H
#define PT_CLOCK_H

#include <stdint.h>
#include <x86intrin.h>

enum unit { UNIT_AUTO, UNIT_INSN, UNIT_CYCLES };

static inline uint64_t clock_now(void)
{
	uint64_t t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}

/* does the clock count instructions (QEMU -icount) or cycles? */
enum unit detect_unit(void);
const char *unit_name(enum unit unit);

/*
 * Begin just after a timer tick, and with nothing left to do for the kernel
 * from what was before. Where instructions count, time asleep costs none; where
 * cycles count, sleeping would cool the CPU down, and this does nothing.
 */
void settle(enum unit unit);

/* all on one CPU: a clock, and what a section does on others, stays the same */
void pin_to_cpu(void);

/* sorts the values; n is not 0 */
double median(double *value, unsigned int n);

#endif /* PT_CLOCK_H */
