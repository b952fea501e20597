/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the control domain's own kernel knows: which function an address
 * belongs to, and which process ran on a virtual CPU at some time.
 */
#ifndef PTTOP_GUEST_H
#define PTTOP_GUEST_H

#include <stdbool.h>
#include <linux/types.h>

/* Read /proc/kallsyms; 0, or -1 and *why is set. */
int ksyms_read(const char **why);

/* The function that @addr is in, or NULL. */
const char *ksyms_find(__u64 addr);

struct task {
	int pid;		/* 0: idle, below: not known, of CPU -1 - pid */
	char comm[32];
	__u64 *n;		/* the caller's counts */
	bool runs;
	struct task *next;
};

/*
 * Record each change of process from now on, with the time stamp counter, in an
 * ftrace instance of our own; 0, or -1 and *why is set. @nr_counts: size of a
 * task's n[].
 */
int tasks_start(unsigned int nr_counts, const char **why);

/* Take over what was recorded. Returns the changes lost since the last call. */
__u64 tasks_read(void);

/* The process that ran on Linux CPU @cpu at @tsc. Never NULL. */
struct task *tasks_at(unsigned int cpu, __u64 tsc);

/* Nobody will ask for a time before @tsc any more. */
void tasks_forget(__u64 tsc);

/* Call @fn for each task that has a count. */
void tasks_each(void (*fn)(struct task *t, void *arg), void *arg);

/* Set all counts to 0, and forget who has had none and runs nowhere. */
void tasks_reset(void);

/* Remove the instance: nothing of it stays. */
void tasks_stop(void);

#endif /* PTTOP_GUEST_H */
