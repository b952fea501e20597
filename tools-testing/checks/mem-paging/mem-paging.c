// SPDX-License-Identifier: GPL-2.0
/*
 * mem-paging: tests and measures XENMEM_paging_op_populate_evicted, in dom0 of a
 * Xen with patches/xen/mem-paging
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "figures.h"
#include "mem-paging.h"

#define MAX_PAGES	1048576ul

static const char usage[] =
"usage: mem-paging [options] [figures] [cases] [unprivileged]\n"
"Makes domains with nested paging, and pages of them paged out. Without a part:\n"
"figures and cases.\n"
"  figures             what a page costs, one by one and by populate_evicted\n"
"  cases               each kind of page, bad input, a guest that runs\n"
"  unprivileged        in a domain without privileges: what is refused\n"
"  -n, --pages N       of the figures (default 16384)\n"
"  -x, --first         end with the first case that fails\n"
"  -o, --tsv FILE      also write the figures to a table\n"
"  -h, --help          this\n"
"      --version       the version of this program\n"
"Exit status: 0 done, 1 a check failed, 2 bad usage, 3 cannot: no privilege, no\n"
"paging in this Xen, not enough memory.\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "first",	no_argument,	   NULL, 'x' },
		{ "pages",	required_argument, NULL, 'n' },
		{ "tsv",	required_argument, NULL, 'o' },
		CLI_OPTIONS
	};
	bool figures = false, cases = false, unprivileged = false, first = false;
	unsigned long pages = 16384;
	const char *tsv = NULL;
	int c, status = EXIT_OK;

	while ((c = next_option(argc, argv, ":hn:o:x", longs, usage)) != -1) {
		if (c == 'n')
			pages = parse_number("--pages", optarg, 1, MAX_PAGES);
		else if (c == 'o')
			tsv = optarg;
		else if (c == 'x')
			first = true;
	}
	for (; optind < argc; optind++) {
		if (!strcmp(argv[optind], "figures"))
			figures = true;
		else if (!strcmp(argv[optind], "cases"))
			cases = true;
		else if (!strcmp(argv[optind], "unprivileged"))
			unprivileged = true;
		else
			die(EXIT_USAGE, "no part '%s'; there are: figures cases unprivileged",
			    argv[optind]);
	}
	if (!figures && !cases && !unprivileged)
		figures = cases = true;
	if (figures)
		status |= run_figures(pages, tsv);
	if (cases)
		status |= run_cases(first);
	if (unprivileged)
		status |= run_unprivileged();
	return status;
}
