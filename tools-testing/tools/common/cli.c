// SPDX-License-Identifier: GPL-2.0
/* The command line of every program here, and how it ends. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

void die(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

int next_option(int argc, char **argv, const char *shorts,
		const struct option *longs, const char *usage)
{
	int c, at = optind;

	opterr = 0;
	c = getopt_long(argc, argv, shorts, longs, NULL);
	switch (c) {
	case 'h':
		printf("%s", usage);
		exit(EXIT_SUCCESS);
	case OPT_VERSION:
		printf("%s %s\n", program_invocation_short_name, VERSION);
		exit(EXIT_SUCCESS);
	case ':':
		die(EXIT_USAGE, "%s wants a value, see --help",
		    argv[optind - 1]);
	case '?':
		/* a letter, if not all of its word has been looked at */
		if (optind == at)
			die(EXIT_USAGE, "unknown option '-%c', see --help",
			    optopt);
		die(EXIT_USAGE, "unknown option '%s', see --help",
		    argv[optind - 1]);
	}
	return c;
}

unsigned long parse_number(const char *what, const char *text,
			   unsigned long min, unsigned long max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || !isdigit((unsigned char)text[0]) ||
	    n < min || n > max)
		die(EXIT_USAGE, "%s wants a number from %lu to %lu, not '%s'",
		    what, min, max, text);
	return n;
}
