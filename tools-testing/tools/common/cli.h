/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of every program here, and how it ends. */
#ifndef PT_CLI_H
#define PT_CLI_H

#include <getopt.h>

/* the exit status of wrong usage */
#define EXIT_USAGE	2

/* one line on stderr, in the name of the program, and out */
__attribute__((noreturn, format(printf, 2, 3)))
void die(int status, const char *fmt, ...);

/* the end of every table of long options */
#define OPT_VERSION	256
#define CLI_OPTIONS							\
	{ "help",	 no_argument,	    NULL, 'h' },		\
	{ "version",	 no_argument,	    NULL, OPT_VERSION },	\
	{ NULL,		 0,		    NULL, 0 }

/*
 * The next option, or -1. @shorts begins with ':', behind a '+' if there is one.
 * Answers --help and --version, and refuses what is none; does not return then.
 */
int next_option(int argc, char **argv, const char *shorts,
		const struct option *longs, const char *usage);

/* a decimal number from min to max; @what names it when it is none */
unsigned long parse_number(const char *what, const char *text,
			   unsigned long min, unsigned long max);

#endif /* PT_CLI_H */
