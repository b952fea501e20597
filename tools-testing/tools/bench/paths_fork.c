// SPDX-License-Identifier: GPL-2.0
/* Paths that need a second process. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptbench.h"

/* a static program that exits at once, for fork-exec */
#define EXEC_ARG	"--exit-at-once"

static enum verdict reap(struct run *r, const char *what)
{
	int status;

	if (waitpid(r->pid, &status, 0) != r->pid)
		return why_errno(FAIL, "waitpid");
	r->pid = 0;
	if (WIFSIGNALED(status))
		return why(FAIL, "%s: killed by signal %d", what,
			   WTERMSIG(status));
	if (WEXITSTATUS(status))
		return why(FAIL, "%s: exit status %d", what,
			   WEXITSTATUS(status));
	return OK;
}

static void fork_teardown(struct run *r)
{
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	r->pid = 0;
	if (r->to_child >= 0)
		close(r->to_child);
	if (r->from_child >= 0)
		close(r->from_child);
	r->to_child = -1;
	r->from_child = -1;
	unmap_range(r);
}

/* fork: what the parent pays until it runs on */

static enum verdict fork_action(struct run *r)
{
	r->pid = fork();
	if (!r->pid)
		_exit(0);
	return r->pid > 0 ? OK : why_errno(FAIL, "fork");
}

static enum verdict fork_verify(struct run *r)
{
	enum verdict v = r->pid ? reap(r, "child") : OK;

	if (v != OK)
		return v;
	v = check(r->buf, r->pages, r->seed, "parent after fork");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	return check(r->buf, r->pages, ~r->seed, "parent, written after fork");
}

/*
 * The child must not run before the parent is back: a real-time parent, whose
 * children are not, comes first. Without the privilege the scheduler decides.
 */
static void run_first(bool on)
{
	struct sched_param param = { .sched_priority = on ? 1 : 0 };

	sched_setscheduler(0, on ? SCHED_FIFO | SCHED_RESET_ON_FORK :
			   SCHED_OTHER, &param);
}

static enum verdict fork_setup(struct run *r)
{
	run_first(true);
	return map_anon_filled(r);
}

static void fork_first_teardown(struct run *r)
{
	run_first(false);
	fork_teardown(r);
}

const struct path path_fork = {
	.setup = fork_setup,
	.action = fork_action,
	.verify = fork_verify,
	.teardown = fork_first_teardown,
};

/* fork-exit */

static enum verdict fork_exit_action(struct run *r)
{
	enum verdict v = fork_action(r);

	return v == OK ? reap(r, "child") : v;
}

const struct path path_fork_exit = {
	.setup = map_anon_filled,
	.action = fork_exit_action,
	.verify = fork_verify,
	.teardown = fork_teardown,
};

/* fork-exec */

static enum verdict fork_exec_action(struct run *r)
{
	r->pid = fork();
	if (!r->pid) {
		execl("/proc/self/exe", "ptbench", EXEC_ARG, NULL);
		_exit(127);
	}
	if (r->pid < 0)
		return why_errno(FAIL, "fork");
	return reap(r, "exec'd child");
}

const struct path path_fork_exec = {
	.setup = map_anon_filled,
	.action = fork_exec_action,
	.verify = fork_verify,
	.teardown = fork_teardown,
};

/*
 * A child that says when it is ready, with what prepare() does, sleeps until it
 * is told to go on, and ends with what go_on() returns.
 */
static enum verdict start_sleeper(struct run *r,
				  enum verdict (*prepare)(struct run *r),
				  enum verdict (*go_on)(struct run *r))
{
	int to[2], from[2];
	char byte = 0;

	if (pipe2(to, O_CLOEXEC))
		return why_errno(FAIL, "pipe");
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return why_errno(FAIL, "pipe");
	}
	r->to_child = to[1];
	r->from_child = from[0];

	r->pid = fork();
	if (!r->pid) {
		close(to[1]);
		if (prepare && prepare(r) != OK)
			_exit(3);
		if (write(from[1], &byte, 1) != 1 ||
		    read(to[0], &byte, 1) != 1)
			_exit(4);
		_exit(go_on(r) == OK ? 0 : 5);
	}
	close(to[0]);
	close(from[1]);
	if (r->pid < 0)
		return why_errno(FAIL, "fork");
	if (read(r->from_child, &byte, 1) != 1)
		return why(FAIL, "the child did not start");
	return OK;
}

static enum verdict wake_sleeper(struct run *r)
{
	char byte = 0;

	if (write(r->to_child, &byte, 1) != 1)
		return why_errno(FAIL, "waking the child");
	return reap(r, "child, reading its copy");
}

/*
 * cow: the parent writes, every write breaks one page; the child must still see
 * the old contents
 */

static enum verdict check_copy(struct run *r)
{
	return check(r->buf, r->pages, r->seed, "child");
}

static enum verdict cow_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	return v == OK ? start_sleeper(r, NULL, check_copy) : v;
}

static enum verdict cow_verify(struct run *r)
{
	enum verdict v = check_each(r->buf, r->pages);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "parent's copy");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	return wake_sleeper(r);
}

const struct path path_cow = {
	.setup = cow_setup,
	.action = write_each,
	.verify = cow_verify,
	.teardown = fork_teardown,
};

/*
 * exit: a process of its own writes the pages, then exits. The section begins
 * in it and ends here.
 */

static enum verdict exit_prepare(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	return v == OK ? check_copy(r) : v;
}

static enum verdict exit_now(struct run *r)
{
	section_begin(r);
	_exit(0);
}

static enum verdict exit_setup(struct run *r)
{
	return start_sleeper(r, exit_prepare, exit_now);
}

static enum verdict exit_action(struct run *r)
{
	enum verdict v = wake_sleeper(r);

	section_end(r);
	return v;
}

const struct path path_exit = {
	.setup = exit_setup,
	.action = exit_action,
	.teardown = fork_teardown,
	.own_section = true,
};
