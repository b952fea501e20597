// SPDX-License-Identifier: GPL-2.0
/*
 * pttables: make page tables until memory ends
 *
 * Each round is a process that touches one page in each 2 MiB of its address
 * space, for which the kernel has to make a page table, until there is no memory
 * for the next one. Then the OOM killer ends it, or fork() says ENOMEM. Nothing
 * else may happen: a process that ends in another way, or is killed although the
 * OOM killer has not killed anything, is a failure; so is a page of the process
 * that watches if it does not hold any more what it held before.
 *
 * Page tables are freed a grace period of RCU after their process has gone. Who
 * asks for memory before that calls the OOM killer again, and it takes somebody
 * else. So the watching process asks for none until it is back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "pt_mem.h"

#define MAX_ROUNDS	1000

/* what the kernel has not memory for: a table is a page, and covers this much */
#define SPACE		(1ul << 40)

/* what a process that was not killed ends with */
enum { STOPPED = 10, NO_SPACE };

/* memory of the process that watches */
#define KEPT_PAGES	1024
#define KEPT_WORDS	(KEPT_PAGES * PAGE_SIZE / sizeof(uint64_t))

#define WAIT_MS		20000

static uint64_t *tables;	/* made in this round, shared with its processes */
static uint64_t *kept;
static unsigned long free_at_first;

static char *reserve(int prot)
{
	char *p = mmap(NULL, SPACE, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(NO_SPACE);
	return p;
}

/* nothing but tables: what is read is the page of zeros */
static void fill_read(void)
{
	volatile char *p = reserve(PROT_READ);
	size_t i;

	for (i = 0; i < SPACE / PMD_SIZE; i++, ++*tables)
		p[i * PMD_SIZE];
	_exit(NO_SPACE);
}

/* a page for each table */
static void fill_write(void)
{
	volatile char *p = reserve(PROT_READ | PROT_WRITE);
	size_t i;

	for (i = 0; i < SPACE / PMD_SIZE; i++, ++*tables)
		p[i * PMD_SIZE] = 1;
	_exit(NO_SPACE);
}

/* free memory in pages, without asking for any */
static unsigned long free_pages(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeram / PAGE_SIZE * info.mem_unit;
}

static bool memory_is_back(void)
{
	unsigned int ms;

	for (ms = 0; free_pages() < free_at_first * 3 / 4; ms += 10) {
		if (ms >= WAIT_MS)
			return false;
		usleep(10000);
	}
	return true;
}

static uint64_t word(size_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ull;
}

static bool kept_is_whole(void)
{
	size_t i;

	for (i = 0; i < KEPT_WORDS; i++)
		if (kept[i] != word(i))
			return false;
	return true;
}

/* children that get a copy of the tables, until there is no memory for the next */
static void fill_fork(void)
{
	volatile char *p = reserve(PROT_READ | PROT_WRITE);
	size_t i, n = free_pages() / 6;
	pid_t pid;

	for (i = 0; i < n; i++, ++*tables)
		p[i * PMD_SIZE] = 1;
	while (waitpid(-1, NULL, WNOHANG) <= 0) {
		pid = fork();
		if (pid < 0)
			_exit(errno == ENOMEM ? STOPPED : NO_SPACE);
		if (!pid)
			for (;;)
				pause();
		*tables += n;
	}
	/* one was killed */
	_exit(STOPPED);
}

static const struct way {
	const char *name;
	void (*fill)(void);
} ways[] = {
	{ "read", fill_read },
	{ "write", fill_write },
	{ "fork", fill_fork },
};

/*
 * One round; returns what is wrong, or NULL. @killed: adds how many processes the
 * OOM killer has ended, all of them ours.
 */
static const char *run_round(const struct way *way, long *killed)
{
	long before = pt_vmstat("oom_kill"), after;
	static char why[80];
	pid_t first, pid;
	int status, sigs;

	*tables = 0;
	fflush(stdout);
	first = fork();
	if (first < 0)
		return "fork() fails before anything was made";
	if (!first) {
		setpgid(0, 0);
		if (pt_write_str("/proc/self/oom_score_adj", "0"))
			_exit(NO_SPACE);
		way->fill();
	}
	if (waitpid(first, &status, 0) != first)
		return "the process is not there any more";
	sigs = WIFSIGNALED(status);
	/* its children come to us */
	kill(-first, SIGKILL);
	while ((pid = waitpid(-1, NULL, 0)) > 0)
		;
	if (!memory_is_back())
		return "its memory does not come back";
	after = pt_vmstat("oom_kill");
	*killed += after - before;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		snprintf(why, sizeof(why), "ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != STOPPED)
		snprintf(why, sizeof(why), "ended with status %d after %llu tables",
			 WEXITSTATUS(status), (unsigned long long)*tables);
	else if (sigs > after - before)
		snprintf(why, sizeof(why), "killed, but not by the OOM killer");
	else if (!kept_is_whole())
		snprintf(why, sizeof(why), "memory of the process that watches has changed");
	else
		return NULL;
	return why;
}

static const char usage[] =
"usage: pttables ROUNDS\n"
"Makes page tables until memory ends, so many times in each of three ways: only\n"
"the OOM killer may end what makes them. For a guest that has nothing else to do.\n"
"  -h, --help     this\n"
"      --version  the version of this program\n"
"Exit status: 0 well, 1 something else ended, 2 bad usage, 3 not root.\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = { CLI_OPTIONS };
	unsigned long rounds, n;
	int status = 0;
	size_t i;

	/* has no option that returns */
	next_option(argc, argv, "+:h", longs, usage);
	if (argc - optind != 1)
		die(EXIT_USAGE, "wants ROUNDS, see --help");
	rounds = parse_number("ROUNDS", argv[optind], 1, MAX_ROUNDS);
	tables = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	kept = mmap(NULL, KEPT_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (tables == MAP_FAILED || kept == MAP_FAILED)
		die(EXIT_USAGE, "not enough memory");
	for (i = 0; i < KEPT_WORDS; i++)
		kept[i] = word(i);
	/* who watches is not to be killed in place of who eats */
	if (pt_write_str("/proc/self/oom_score_adj", "-1000"))
		die(3, "oom_score_adj: not root");
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	free_at_first = free_pages();

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned long long most = 0;
		const char *why = NULL;
		long killed = 0;

		for (n = 0; n < rounds && !why; n++) {
			why = run_round(&ways[i], &killed);
			if (*tables > most)
				most = *tables;
		}
		if (!why && !killed)
			why = "memory did not end: the OOM killer has killed nothing";
		if (why)
			status = 1;
		printf("  %-5s %s: %lu rounds, at most %llu page tables, the OOM killer killed %ld%s%s\n",
		       why ? "FAIL" : "ok", ways[i].name, n, most, killed,
		       why ? "; " : "", why ? why : "");
		fflush(stdout);
	}
	return status;
}
