// SPDX-License-Identifier: GPL-2.0
/*
 * ptmark: run a command as a marked section
 *
 * Sets the marks of mark.h around fork, exec and exit of the command, so that
 * the plugin counts what it and all that runs meanwhile costs. STEP is a name
 * of steps.def, PAGES what the section is divided by in a profile. The exit
 * status is the command's; a section whose command failed makes no row.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "mark.h"

static const struct step {
	unsigned int id;
	const char *name;
} steps[] = {
#define STEP(id, name, what)	{ id, name },
#include "steps.def"
#undef STEP
};

static const char usage[] =
"usage: ptmark STEP PAGES COMMAND [ARG...]\n"
"Runs a command between two marks, for the counting plugin of QEMU.\n"
"  STEP           what is measured, one of\n"
#define STEP(id, name, what)	"                   " name "\n"
#include "steps.def"
#undef STEP
"  PAGES          what the counts are divided by in a profile\n"
"  -h, --help     this\n"
"      --version  the version of this program\n"
"Exit status: the command's, 128 and the signal that ended it, 2 bad usage, 127\n"
"it could not be run. A command that failed leaves no row.\n";

static const struct step *find_step(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!strcmp(steps[i].name, name))
			return &steps[i];
	die(EXIT_USAGE, "no step '%s', see --help", name);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { CLI_OPTIONS };
	const struct step *step;
	unsigned long pages;
	int status;
	pid_t pid;

	/* has no option that returns */
	next_option(argc, argv, "+:h", longs, usage);
	argv += optind;
	if (argc - optind < 3)
		die(EXIT_USAGE, "wants a step, a number of pages and a command, see --help");
	step = find_step(argv[0]);
	pages = parse_number("PAGES", argv[1], 1, UINT32_MAX);

	mark(MARK_BEGIN, step->id);
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "ptmark: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	mark(MARK_END, step->id);
	if (pid < 0)
		die(127, "fork: %s", strerror(errno));
	if (!WIFEXITED(status))
		return 128 + WTERMSIG(status);
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	mark_row(MARK_ROW, step->id, pages);
	return 0;
}
