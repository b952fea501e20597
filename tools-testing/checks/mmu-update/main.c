// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_update as no kernel would issue it: what it returns, how many updates it
 * did, what the tables and the counts of the pages are afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

static const char usage[] =
"Usage: mmu-update [OPTIONS] PART...\n"
"Issues mmu_update directly, on the tables of a domain made for it and on some of\n"
"this one. In the control domain of a PV host, as root.\n"
"\n"
"  directed  bad updates in all places of batches of all sizes; foreign, granted and\n"
"            I/O pages; tables that are none; arguments that cannot be read or written\n"
"  random    a sequence made from the seed: sums of what it did, to be compared\n"
"  race      another thread unpins the table, or writes through an old mapping\n"
"  shadow    an entry for which a Xen with pv-l1tf=dom0 puts this domain in shadow\n"
"            mode, and says so in its log\n"
"\n"
"  -n, --updates N   updates of the random sequence (20000)\n"
"  -e, --every N     a sum each N of them (1000)\n"
"  -r, --rounds N    rounds of each race (200)\n"
"  -s, --seed N      of the sequence (1)\n"
"  -o, --tsv FILE    a line each case: name, PASS or FAIL, what was found, why\n"
"  -l, --log-dirty   while Xen logs what is written to the other domain's pages\n"
"  -m, --mutant      sends the debug key that puts a broken Xen's mutant in force;\n"
"                    ends with the first case that fails\n"
"      --version\n"
"  -h, --help\n"
"\n"
"Exit status: 0 all as it has to be, 1 something was not, 2 wrong usage,\n"
"3 no such Xen, no privilege, no memory.\n";

static const struct option longs[] = {
	{ "updates", required_argument, NULL, 'n' },
	{ "every",   required_argument, NULL, 'e' },
	{ "rounds",  required_argument, NULL, 'r' },
	{ "seed",    required_argument, NULL, 's' },
	{ "tsv",     required_argument, NULL, 'o' },
	{ "log-dirty", no_argument,	NULL, 'l' },
	{ "mutant",  no_argument,	NULL, 'm' },
	CLI_OPTIONS
};

unsigned int failures;
static unsigned int cases;
static bool mutant;
static FILE *tsv;

void report(const char *name, const char *why, const char *fmt, ...)
{
	char found[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(found, sizeof(found), fmt, ap);
	va_end(ap);
	cases++;
	failures += !!why;
	if (tsv)
		fprintf(tsv, "%s\t%s\t%s\t%s\n", name, why ? "FAIL" : "PASS",
			found, why ? why : "-");
	if (why)
		printf("FAIL  %s: %s (%s)\n", name, why, found);
	/* what a broken Xen does next proves nothing */
	if (why && mutant) {
		fflush(NULL);
		_exit(EXIT_WRONG);
	}
}

const char *text(const char *fmt, ...)
{
	static char buffers[8][256];
	static unsigned int next;
	char *buffer = buffers[next++ % ARRAY_SIZE(buffers)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buffer, sizeof(buffers[0]), fmt, ap);
	va_end(ap);
	return buffer;
}

/* An entry that is not present names memory, as no kernel's has since L1TF. */
static void run_shadow(void)
{
	int ret;

	fresh();
	ret = set_entry(O0, 0, entry(P0, 0), OURS);
	report("an entry that L1TF could use", ret ? "refused" : NULL, "%d", ret);
}

int main(int argc, char **argv)
{
	unsigned long updates = 20000, every = 1000, rounds = 200, seed = 1;
	static const char * const parts[] = { "directed", "random", "race", "shadow" };
	bool log_dirty = false;
	const char *why;
	size_t i;
	int c;

	while ((c = next_option(argc, argv, ":n:e:r:s:o:lmh", longs, usage)) != -1) {
		switch (c) {
		case 'n': updates = parse_number("--updates", optarg, 1, 1ul << 40); break;
		case 'e': every = parse_number("--every", optarg, 1, 1ul << 40); break;
		case 'r': rounds = parse_number("--rounds", optarg, 1, 1ul << 30); break;
		case 's': seed = parse_number("--seed", optarg, 0, ~0ul >> 1); break;
		case 'l': log_dirty = true; break;
		case 'm': mutant = true; break;
		case 'o':
			tsv = fopen(optarg, "w");
			if (!tsv)
				die(EXIT_CANNOT, "%s: %m", optarg);
			fprintf(tsv, "case\tresult\toutcome\twhy\n");
			break;
		}
	}
	if (optind == argc)
		die(EXIT_USAGE, "which part? directed, random, race or shadow, see --help");
	for (c = optind; c < argc; c++) {
		for (i = 0; i < ARRAY_SIZE(parts) && strcmp(argv[c], parts[i]); i++)
			;
		if (i == ARRAY_SIZE(parts))
			die(EXIT_USAGE, "no part '%s'; there are: directed random race shadow", argv[c]);
	}
	world_open(log_dirty);
	if (mutant && xc_send_debug_keys(w.xch, "Z"))
		die(EXIT_CANNOT, "Xen takes no debug keys: %m");
	for (c = optind; c < argc; c++) {
		switch (argv[c][1]) {
		case 'i': run_directed(); break;
		case 'h': run_shadow(); break;
		default:
			if (!strcmp(argv[c], "random"))
				run_random(updates, every, seed);
			else
				run_race(rounds);
		}
		fflush(NULL);
	}
	why = world_close();
	report("all pages are free again", why, "%s", why ? why : "none stayed");
	printf("mmu-update: %u cases, %u failed\n", cases, failures);
	/* the last line, so that a file cut short is known */
	if (tsv && (fprintf(tsv, "# cases\t%u\n", cases) < 0 || fclose(tsv)))
		die(EXIT_CANNOT, "the file of the results cannot be written: %m");
	return failures ? EXIT_WRONG : EXIT_OK;
}
