// SPDX-License-Identifier: GPL-2.0
/*
 * Paths that change the kernel's own page tables.
 *
 * vmalloc, vfree: a table of file descriptors is an array of one pointer each,
 * and grows to the highest number in use: 512 numbers are a page. More than
 * 4 MiB of it cannot come from kmalloc(). The table belongs to a process that
 * shares our memory, so that its exit frees the table and little else.
 *
 * On hardware that offers large pages to the kernel, such a table has them;
 * boot with nohugevmalloc to compare with a PV guest, which has none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptbench.h"

#define SLOTS_PER_PAGE	(PAGE_SIZE / sizeof(void *))
#define STACK_SIZE	(64ul << 10)

static size_t table_pages(const struct run *r)
{
	size_t pages = 2048;	/* the least that kmalloc() cannot give */

	while (pages < r->pages)
		pages *= 2;
	return pages;
}

/* does the kernel list such a table? -1 when it does not let us look */
static int is_listed(size_t pages)
{
	char line[512], want[32];
	int found = 0;
	FILE *f;

	f = fopen("/proc/vmallocinfo", "re");
	if (!f)
		return -1;
	snprintf(want, sizeof(want), " pages=%zu ", pages);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, want) && strstr(line, "fdtable");
	fclose(f);
	return found;
}

static enum verdict raise_limit(size_t slots)
{
	struct rlimit limit = { .rlim_cur = slots, .rlim_max = slots };
	char text[32];

	if (pt_read_long("/proc/sys/fs/nr_open") < (long)slots) {
		snprintf(text, sizeof(text), "%zu", slots);
		if (pt_write_str("/proc/sys/fs/nr_open", text))
			return why_errno(SKIP, "/proc/sys/fs/nr_open");
	}
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return why_errno(SKIP, "RLIMIT_NOFILE");
	return OK;
}

struct table {
	struct run *r;
	enum verdict verdict;
	bool measure_free;
};

/* in the process that shares our memory but not our descriptors */
static int grow_table(void *arg)
{
	struct table *t = arg;
	struct run *r = t->r;
	int last = r->work * SLOTS_PER_PAGE - 1, fd;

	if (!t->measure_free)
		section_begin(r);
	fd = dup2(r->fd, last);
	if (!t->measure_free)
		section_end(r);

	if (fd != last) {
		t->verdict = why_errno(SKIP, "dup2");
	} else if (!is_listed(r->work)) {
		t->verdict = why(SKIP, "the kernel has no table of %zu pages",
				 r->work);
	} else {
		close(last);
		t->verdict = OK;
	}
	if (t->measure_free) {
		section_restart();
		section_begin(r);
	}
	_exit(0);
}

static enum verdict table_setup(struct run *r)
{
	enum verdict v;

	r->work = table_pages(r);
	v = raise_limit(r->work * SLOTS_PER_PAGE);
	if (v != OK)
		return v;
	r->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		return why_errno(FAIL, "/dev/null");
	r->buf = malloc(STACK_SIZE);
	return r->buf ? OK : why(FAIL, "out of memory");
}

static enum verdict table_action(struct run *r, bool measure_free)
{
	struct table t = {
		.r = r, .verdict = FAIL, .measure_free = measure_free
	};
	int status;

	r->pid = clone(grow_table, r->buf + STACK_SIZE, CLONE_VM | SIGCHLD, &t);
	if (r->pid < 0)
		return why_errno(FAIL, "clone");
	if (waitpid(r->pid, &status, 0) != r->pid)
		return why_errno(FAIL, "waitpid");
	if (measure_free)
		section_end(r);
	if (!WIFEXITED(status))
		return why(FAIL, "the process with the table was killed");
	if (t.verdict == OK && is_listed(r->work) > 0)
		return why(FAIL, "the table was not freed");
	return t.verdict;
}

static enum verdict vmalloc_action(struct run *r)
{
	return table_action(r, false);
}

static enum verdict vfree_action(struct run *r)
{
	return table_action(r, true);
}

static void table_teardown(struct run *r)
{
	free(r->buf);
	if (r->fd >= 0)
		close(r->fd);
	r->buf = NULL;
	r->fd = -1;
}

const struct path path_vmalloc = {
	.setup = table_setup,
	.action = vmalloc_action,
	.teardown = table_teardown,
	.own_section = true,
};

/* What freed pages are merged with is chance: have the lists of the CPU keep them. */
static enum verdict vfree_setup(struct run *r)
{
	enum verdict v = pcp_fraction("8");

	return v == OK ? table_setup(r) : v;
}

static void vfree_teardown(struct run *r)
{
	pcp_restore();
	table_teardown(r);
}

const struct path path_vfree = {
	.setup = vfree_setup,
	.action = vfree_action,
	.teardown = vfree_teardown,
	.own_section = true,
};
