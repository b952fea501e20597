// SPDX-License-Identifier: GPL-2.0
/* The clock of a measured section, and what its figures are made of. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"

/*
 * Ten instructions a turn in both loops, but a multiplication waits for the
 * one before it and a NOP for nothing: a clock that counts instructions gives
 * the same for both, no clock that counts cycles does.
 */
static uint64_t time_multiplications(unsigned long turns)
{
	uint64_t start = clock_now(), x = 3;

	asm volatile("1:\n\t"
		     ".rept 8\n\timul %0, %0\n\t.endr\n\t"
		     "dec %1\n\tjnz 1b"
		     : "+r" (x), "+r" (turns) : : "cc");
	return clock_now() - start;
}

static uint64_t time_nops(unsigned long turns)
{
	uint64_t start = clock_now();

	asm volatile("1:\n\t"
		     ".rept 8\n\tnop\n\t.endr\n\t"
		     "dec %0\n\tjnz 1b"
		     : "+r" (turns) : : "cc");
	return clock_now() - start;
}

enum unit detect_unit(void)
{
	const unsigned long turns = 20000, insns = 10 * turns;
	uint64_t mul = UINT64_MAX, nop = UINT64_MAX, t;
	int i;

	for (i = 0; i < 5; i++) {
		t = time_multiplications(turns);
		mul = t < mul ? t : mul;
		t = time_nops(turns);
		nop = t < nop ? t : nop;
	}
	if (mul > insns - insns / 50 && mul < insns + insns / 50 &&
	    nop > insns - insns / 50 && nop < insns + insns / 50)
		return UNIT_INSN;
	return UNIT_CYCLES;
}

const char *unit_name(enum unit unit)
{
	return unit == UNIT_INSN ? "insn" : "cycles";
}

void settle(enum unit unit)
{
	const long grid = 20000000, after = 300000;	/* ns; HZ 100, 250, 1000 */
	struct timespec t;

	if (unit != UNIT_INSN)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec = (t.tv_nsec / grid + 2) * grid + after;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

void pin_to_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double median(double *value, unsigned int n)
{
	qsort(value, n, sizeof(*value), cmp_double);
	return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}
