// SPDX-License-Identifier: GPL-2.0
/* The kernel's symbols, and who ran when: /proc/kallsyms and ftrace. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "guest.h"
#include "pt_mem.h"

#define TRACEFS		"/sys/kernel/tracing"
#define TRACEFS_OLD	"/sys/kernel/debug/tracing"
#define INSTANCE	"instances/xen-pttop"
#define MAX_CPUS	4096
#define NR_HASH		1024

/* ---- symbols */

struct ksym {
	__u64 addr;
	char *name;
};

static struct ksym *ksyms;
static size_t nr_ksyms;

static int cmp_ksym(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

int ksyms_read(const char **why)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long addr;
	char line[1024], name[512], type;
	size_t max = 0;

	if (!f) {
		*why = "no /proc/kallsyms";
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %511s", &addr, &type, name) != 3 ||
		    !addr || tolower(type) != 't')
			continue;
		if (nr_ksyms == max) {
			max = max ? 2 * max : 65536;
			ksyms = realloc(ksyms, max * sizeof(*ksyms));
			if (!ksyms)
				break;
		}
		ksyms[nr_ksyms].addr = addr;
		ksyms[nr_ksyms].name = strdup(name);
		if (!ksyms[nr_ksyms++].name)
			break;
	}
	fclose(f);
	if (!ksyms || !nr_ksyms) {
		*why = "/proc/kallsyms hides the addresses (kernel.kptr_restrict)";
		return -1;
	}
	qsort(ksyms, nr_ksyms, sizeof(*ksyms), cmp_ksym);
	return 0;
}

const char *ksyms_find(__u64 addr)
{
	size_t lo = 0, hi = nr_ksyms, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ksyms[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? ksyms[lo - 1].name : NULL;
}

/* ---- tasks */

struct change {
	__u64 tsc;
	struct task *task;	/* runs from then on */
};

/* what is known of a CPU: its changes in order of time */
struct cpu {
	int fd;
	struct task *before;	/* ran before the first of them */
	struct change *change;
	size_t nr, max, at;
	char part[512];		/* a line that is not complete yet */
	size_t part_len;
};

static struct task *hash[NR_HASH];
static unsigned int counts_of_task;
static struct cpu *cpus;
static unsigned int nr_cpus;
static char dir[128];
static __u64 lost;

static struct task *get_task(int pid)
{
	struct task **head = &hash[(unsigned int)pid % NR_HASH], *t;

	for (t = *head; t; t = t->next)
		if (t->pid == pid)
			return t;
	t = calloc(1, sizeof(*t));
	if (t)
		t->n = calloc(counts_of_task, sizeof(*t->n));
	if (!t || !t->n)
		die(1, "out of memory");
	t->pid = pid;
	t->next = *head;
	*head = t;
	return t;
}

static struct task *name_task(int pid, const char *comm)
{
	struct task *t = get_task(pid);

	snprintf(t->comm, sizeof(t->comm), "%s", pid ? comm : "(idle)");
	return t;
}

/* who ran there before anything is known of the CPU */
static struct task *unknown_task(unsigned int cpu)
{
	struct task *t = get_task(-1 - (int)cpu);

	if (!t->comm[0])
		snprintf(t->comm, sizeof(t->comm), "(not known)");
	return t;
}

static int write_file(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return pt_write_str(path, text);
}

int tasks_start(unsigned int nr_counts, const char **why)
{
	char path[256];
	unsigned int i;

	counts_of_task = nr_counts;
	nr_cpus = sysconf(_SC_NPROCESSORS_CONF);
	if (nr_cpus > MAX_CPUS)
		nr_cpus = MAX_CPUS;
	cpus = calloc(nr_cpus, sizeof(*cpus));
	if (!cpus) {
		nr_cpus = 0;
		*why = "out of memory";
		return -1;
	}
	for (i = 0; i < nr_cpus; i++)
		cpus[i].fd = -1;

	snprintf(dir, sizeof(dir), "%s/%s", access(TRACEFS "/trace_clock", F_OK) ?
		 TRACEFS_OLD : TRACEFS, INSTANCE);
	/* one that is there is of a predecessor that was killed */
	rmdir(dir);
	if (mkdir(dir, 0700)) {
		dir[0] = '\0';
		*why = errno == ENOENT ?
			"no tracefs mounted at " TRACEFS :
			"no ftrace instance can be made";
		return -1;
	}
	if (write_file("trace_clock", "x86-tsc") ||
	    write_file("buffer_size_kb", "1024") ||
	    write_file("events/sched/sched_switch/enable", "1") ||
	    write_file("tracing_on", "1")) {
		tasks_stop();
		*why = "ftrace has no sched_switch event, or not the clock x86-tsc";
		return -1;
	}
	for (i = 0; i < nr_cpus; i++) {
		snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe", dir, i);
		cpus[i].fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	return 0;
}

static void add_change(struct cpu *c, __u64 tsc, struct task *task)
{
	if (c->nr == c->max) {
		size_t max = c->max ? 2 * c->max : 256;
		struct change *p = realloc(c->change, max * sizeof(*p));

		if (!p) {
			lost++;
			return;
		}
		c->change = p;
		c->max = max;
	}
	c->change[c->nr].tsc = tsc;
	c->change[c->nr++].task = task;
}

/*
 * "  bash-812 [000] d..2. 5123: sched_switch: prev_comm=bash prev_pid=812 ...
 * ==> next_comm=swapper/0 next_pid=0 ...": names may hold anything.
 */
static void read_line(struct cpu *c, unsigned int cpu, char *line)
{
	char *at, *prev, *prev_pid, *next, *next_pid, *stamp;
	struct task *from, *unknown;
	unsigned long long n;
	unsigned int i;

	at = strstr(line, "[LOST ");
	if (at && sscanf(at, "[LOST %llu EVENTS]", &n) == 1) {
		lost += n;
		return;
	}
	at = strstr(line, ": sched_switch: prev_comm=");
	if (!at)
		return;
	*at = '\0';
	stamp = strrchr(line, ' ');
	prev = at + strlen(": sched_switch: prev_comm=");
	next = strstr(prev, " ==> next_comm=");
	if (!stamp || !next)
		return;
	*next = '\0';
	next += strlen(" ==> next_comm=");
	prev_pid = strstr(prev, " prev_pid=");
	next_pid = strstr(next, " next_pid=");
	if (!prev_pid || !next_pid)
		return;
	*prev_pid = *next_pid = '\0';
	from = name_task(atoi(prev_pid + strlen(" prev_pid=")), prev);
	if (!c->before) {
		/* now it is known who ran there all the time */
		c->before = from;
		unknown = unknown_task(cpu);
		for (i = 0; i < counts_of_task; i++) {
			from->n[i] += unknown->n[i];
			unknown->n[i] = 0;
		}
	}
	add_change(c, strtoull(stamp, NULL, 10),
		   name_task(atoi(next_pid + strlen(" next_pid=")), next));
}

static void read_cpu(struct cpu *c, unsigned int cpu)
{
	static char buf[65536 + sizeof(c->part)];
	char *line, *end;
	ssize_t n;

	for (;;) {
		memcpy(buf, c->part, c->part_len);
		n = read(c->fd, buf + c->part_len, 65536);
		if (n <= 0)
			return;
		n += c->part_len;
		buf[n] = '\0';
		for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			read_line(c, cpu, line);
		}
		c->part_len = buf + n - line;
		if (c->part_len >= sizeof(c->part))
			c->part_len = 0;
		memcpy(c->part, line, c->part_len);
	}
}

__u64 tasks_read(void)
{
	__u64 sum;
	unsigned int i;

	for (i = 0; i < nr_cpus; i++)
		if (cpus[i].fd >= 0)
			read_cpu(&cpus[i], i);
	sum = lost;
	lost = 0;
	return sum;
}

/* times are asked for mostly in order: go on from the last answer */
struct task *tasks_at(unsigned int cpu, __u64 tsc)
{
	struct cpu *c;

	if (cpu >= nr_cpus)
		return unknown_task(cpu);
	c = &cpus[cpu];
	while (c->at && c->change[c->at - 1].tsc > tsc)
		c->at--;
	while (c->at < c->nr && c->change[c->at].tsc <= tsc)
		c->at++;
	if (c->at)
		return c->change[c->at - 1].task;
	return c->before ? c->before : unknown_task(cpu);
}

void tasks_forget(__u64 tsc)
{
	struct cpu *c;
	size_t n;

	for (c = cpus; c < cpus + nr_cpus; c++) {
		for (n = 0; n < c->nr && c->change[n].tsc <= tsc; n++)
			;
		if (!n)
			continue;
		c->before = c->change[n - 1].task;
		memmove(c->change, c->change + n,
			(c->nr - n) * sizeof(*c->change));
		c->nr -= n;
		c->at = 0;
	}
}

static bool counted(const struct task *t)
{
	unsigned int i;

	for (i = 0; i < counts_of_task; i++)
		if (t->n[i])
			return true;
	return false;
}

void tasks_each(void (*fn)(struct task *t, void *arg), void *arg)
{
	struct task *t;
	unsigned int i;

	for (i = 0; i < NR_HASH; i++)
		for (t = hash[i]; t; t = t->next)
			if (counted(t))
				fn(t, arg);
}

static void mark_running(bool runs)
{
	struct cpu *c;
	size_t n;

	for (c = cpus; c < cpus + nr_cpus; c++) {
		if (c->before)
			c->before->runs = runs;
		for (n = 0; n < c->nr; n++)
			c->change[n].task->runs = runs;
	}
}

void tasks_reset(void)
{
	struct task **p, *t;
	unsigned int i;

	mark_running(true);
	for (i = 0; i < NR_HASH; i++) {
		p = &hash[i];
		while ((t = *p)) {
			if (t->runs || counted(t)) {
				memset(t->n, 0, counts_of_task * sizeof(*t->n));
				p = &t->next;
				continue;
			}
			*p = t->next;
			free(t->n);
			free(t);
		}
	}
	mark_running(false);
}

void tasks_stop(void)
{
	unsigned int i;

	for (i = 0; i < nr_cpus; i++)
		if (cpus[i].fd >= 0) {
			close(cpus[i].fd);
			cpus[i].fd = -1;
		}
	if (dir[0]) {
		write_file("tracing_on", "0");
		rmdir(dir);
		dir[0] = '\0';
	}
}
