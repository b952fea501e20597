// SPDX-License-Identifier: GPL-2.0
/*
 * guestwake: sleep again and again, and say how late one was woken
 *
 * In a guest that does nothing else, what delays it is the hypervisor and the other
 * guests of its processor. A line at the end:
 *
 *	guestwake: 2000 times, longest 312 us, mean 41 us
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"

static const char usage[] =
"usage: guestwake TIMES [PAUSE_US]\n"
"Sleeps TIMES times, and says how late it was woken, at most and in the mean.\n"
"  TIMES          how often\n"
"  PAUSE_US       how long each time (default 5000)\n"
"  -h, --help     this\n"
"      --version  the version of this program\n"
"Exit status: 0, 2 bad usage.\n";

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { CLI_OPTIONS };
	unsigned long times, pause = 5000, i;
	int64_t due, late, longest = 0, sum = 0;
	struct timespec t;

	/* has no option that returns */
	next_option(argc, argv, "+:h", longs, usage);
	argv += optind;
	argc -= optind;
	if (argc < 1 || argc > 2)
		die(EXIT_USAGE, "wants TIMES and PAUSE_US, see --help");
	times = parse_number("TIMES", argv[0], 1, 1000000);
	if (argc > 1)
		pause = parse_number("PAUSE_US", argv[1], 1, 1000000);

	for (i = 0; i < times; i++) {
		due = now_ns() + pause * 1000;
		t.tv_sec = due / 1000000000;
		t.tv_nsec = due % 1000000000;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
			;
		late = now_ns() - due;
		sum += late;
		if (late > longest)
			longest = late;
	}
	printf("guestwake: %lu times, longest %lld us, mean %lld us\n", times,
	       (long long)(longest + 999) / 1000, (long long)(sum / (int64_t)times + 500) / 1000);
	return 0;
}
