// SPDX-License-Identifier: GPL-2.0
/*
 * ptmark: run a command as a marked section
 *
 * usage: ptmark STEP PAGES COMMAND [ARG...]
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

#include "mark.h"

static const struct step {
	unsigned int id;
	const char *name;
} steps[] = {
#define STEP(id, name, what)	{ id, name },
#include "steps.def"
#undef STEP
};

int main(int argc, char **argv)
{
	const struct step *step = NULL;
	unsigned long pages;
	char *end = "";
	int status, i;
	size_t s;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: ptmark STEP PAGES COMMAND [ARG...]\n");
		return 2;
	}
	for (s = 0; s < sizeof(steps) / sizeof(steps[0]); s++)
		if (!strcmp(steps[s].name, argv[1]))
			step = &steps[s];
	pages = strtoul(argv[2], &end, 10);
	if (!step || *end || !pages) {
		fprintf(stderr, "ptmark: %s: not a step of steps.def, or '%s' not a number of pages\n",
			argv[1], argv[2]);
		return 2;
	}

	mark(MARK_BEGIN, step->id);
	pid = fork();
	if (!pid) {
		execvp(argv[3], argv + 3);
		fprintf(stderr, "ptmark: %s: %s\n", argv[3], strerror(errno));
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	mark(MARK_END, step->id);
	if (pid < 0) {
		fprintf(stderr, "ptmark: fork: %s\n", strerror(errno));
		return 127;
	}
	if (!WIFEXITED(status))
		return 128 + WTERMSIG(status);
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	for (i = 0; i < 4; i++)
		mark(MARK_DATA, pages >> 8 * i);
	mark(MARK_ROW, step->id);
	return 0;
}
