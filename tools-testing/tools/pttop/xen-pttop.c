// SPDX-License-Identifier: GPL-2.0
/*
 * xen-pttop: page-table updates of the PV guests of a Xen host, live.
 *
 * Shows how many writes to page tables Xen has to trap and emulate, and how
 * many hypercalls it gets: by kernel function, process, virtual CPU and call.
 * The counts are Xen's own, from its trace buffers. The control domain's kernel
 * adds the names of its functions and, by way of ftrace, of its processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xen/trace.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

#include "cli.h"
#include "guest.h"
#include "mark.h"
#include "xentrace.h"

/* exit statuses, besides EXIT_USAGE; scripts rely on them */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* tracing broke off, or COMMAND failed */
	EXIT_NO_XEN = 3,
	EXIT_DENIED,		/* not root, or not the control domain */
	EXIT_UNSUPPORTED,	/* a Xen without trace buffers */
	EXIT_BUSY,		/* another program uses them */
	EXIT_LOST,		/* records were lost: counts are lower bounds */
};

#define IDLE_DOMAIN	32767u
#define OUR_DOMAIN	0u	/* the control domain */
#define NR_OPS		64
#define NR_BATCH	4097	/* the last one is "or more" */
#define ROUND_MS	100	/* look at the buffers at least that often */
#define HOLD_BACK	1000000	/* records whose owner may come to be known */
#define MARK_ID		250u

/* set in the number of updates when Xen goes on with a call it had left */
#define GOES_ON		0x80000000u

enum { TRAPS, HYPERCALLS, SUBCALLS, ENTRIES, NR_COUNTS };

static const char * const count_name[NR_COUNTS] = {
	"trapped_writes", "hypercalls", "multicall_calls", "mmu_update_entries",
};

/* a record, as far as it is of interest here */
struct rec {
	__u64 tsc;
	__u64 rip;
	__u32 event;
	__u32 op;
	__u32 updates;		/* of an mmu_update, 0 if it goes on */
};

enum owner { OWNER_UNKNOWN, OWNER_KNOWN };

/* a physical CPU: its records until we know whose they are, and who runs */
struct pcpu {
	struct rec *rec;
	size_t nr, max;
	enum owner owner;
	unsigned int dom, vcpu;
};

struct vcpu {
	unsigned int dom, vcpu;
	bool known;
	__u64 n[NR_COUNTS];
};

struct function {
	char name[64];
	__u64 rip;		/* key: address, or domain for another one */
	__u64 n;
};

static struct xentrace *trace;
static struct pcpu *pcpus;
static unsigned int nr_pcpus;

static __u64 total[NR_COUNTS], lost_records, lost_changes, faults;
static __u64 by_op[NR_OPS], by_subop[NR_OPS];
static __u64 by_batch[NR_BATCH];
static struct vcpu *vcpus;
static size_t nr_vcpus, max_vcpus;
static struct function *functions;
static size_t nr_functions, max_functions;

static const char *no_symbols, *no_tasks;
static volatile sig_atomic_t stop;
static struct termios tty_before;
static bool tty_changed;

static const char * const op_name[NR_OPS] = {
	[__HYPERVISOR_set_trap_table] = "set_trap_table",
	[__HYPERVISOR_mmu_update] = "mmu_update",
	[__HYPERVISOR_set_gdt] = "set_gdt",
	[__HYPERVISOR_stack_switch] = "stack_switch",
	[__HYPERVISOR_set_callbacks] = "set_callbacks",
	[__HYPERVISOR_fpu_taskswitch] = "fpu_taskswitch",
	[__HYPERVISOR_platform_op] = "platform_op",
	[__HYPERVISOR_set_debugreg] = "set_debugreg",
	[__HYPERVISOR_get_debugreg] = "get_debugreg",
	[__HYPERVISOR_update_descriptor] = "update_descriptor",
	[__HYPERVISOR_memory_op] = "memory_op",
	[__HYPERVISOR_multicall] = "multicall",
	[__HYPERVISOR_update_va_mapping] = "update_va_mapping",
	[__HYPERVISOR_set_timer_op] = "set_timer_op",
	[__HYPERVISOR_xen_version] = "xen_version",
	[__HYPERVISOR_console_io] = "console_io",
	[__HYPERVISOR_grant_table_op] = "grant_table_op",
	[__HYPERVISOR_vm_assist] = "vm_assist",
	[__HYPERVISOR_update_va_mapping_otherdomain] =
		"update_va_mapping_otherdomain",
	[__HYPERVISOR_iret] = "iret",
	[__HYPERVISOR_vcpu_op] = "vcpu_op",
	[__HYPERVISOR_set_segment_base] = "set_segment_base",
	[__HYPERVISOR_mmuext_op] = "mmuext_op",
	[__HYPERVISOR_xsm_op] = "xsm_op",
	[__HYPERVISOR_nmi_op] = "nmi_op",
	[__HYPERVISOR_sched_op] = "sched_op",
	[__HYPERVISOR_callback_op] = "callback_op",
	[__HYPERVISOR_event_channel_op] = "event_channel_op",
	[__HYPERVISOR_physdev_op] = "physdev_op",
	[__HYPERVISOR_hvm_op] = "hvm_op",
	[__HYPERVISOR_sysctl] = "sysctl",
	[__HYPERVISOR_domctl] = "domctl",
	[__HYPERVISOR_kexec_op] = "kexec_op",
	[__HYPERVISOR_argo_op] = "argo_op",
	[__HYPERVISOR_xenpmu_op] = "xenpmu_op",
	[__HYPERVISOR_dm_op] = "dm_op",
	[__HYPERVISOR_hypfs_op] = "hypfs_op",
	[__HYPERVISOR_arch_0] = "mca",
	[__HYPERVISOR_arch_1] = "paging_domctl_cont",
};

/* what the kernel does in a function that writes to page tables, 6.1 to 6.12 */
static const struct {
	const char *prefix, *does;
} path_of[] = {
	{ "zap_p", "munmap, MADV_DONTNEED, exit" },
	{ "unmap_page_range", "munmap, MADV_DONTNEED, exit" },
	{ "copy_p", "fork" },
	{ "wp_page_copy", "copy on write" },
	{ "do_wp_page", "copy on write" },
	{ "move_p", "mremap" },
	{ "change_p", "mprotect" },
	{ "madvise_free_pte_range", "MADV_FREE" },
	{ "madvise_cold", "MADV_COLD, MADV_PAGEOUT" },
	{ "clear_refs_pte_range", "clear_refs" },
	{ "clear_soft_dirty", "clear_refs" },
	{ "pagemap_scan", "PAGEMAP_SCAN" },
	{ "try_to_unmap_one", "reclaim" },
	{ "try_to_migrate_one", "migration of pages" },
	{ "migrate_vma_collect_pmd", "migration of pages" },
	{ "page_vma_mkclean_one", "write-back" },
	{ "folio_referenced_one", "aging" },
	{ "walk_pte_range", "aging" },
	{ "lru_gen_look_around", "aging" },
	{ "page_idle_clear_pte_refs_one", "idle page tracking" },
	{ "damon_", "DAMON" },
	{ "write_protect_page", "KSM" },
	{ "replace_page", "KSM" },
	{ "vunmap_p", "vfree, vunmap" },
	{ "ptep_clear_flush", "copy on write, KSM, reclaim" },
	{ "ptep_test_and_clear_young", "aging" },
	{ "ptep_clear_flush_young", "aging" },
};

static const char *path_name(const char *function)
{
	size_t i;

	for (i = 0; i < sizeof(path_of) / sizeof(*path_of); i++)
		if (!strncmp(function, path_of[i].prefix, strlen(path_of[i].prefix)))
			return path_of[i].does;
	return "-";
}

/* room for one more element */
static void *grow(void *p, size_t nr, size_t *max, size_t size)
{
	if (nr < *max)
		return p;
	*max = *max ? 2 * *max : 64;
	p = realloc(p, *max * size);
	if (!p)
		die(EXIT_FAILED, "out of memory");
	return p;
}

/* ---- counting */

static struct vcpu *get_vcpu(unsigned int dom, unsigned int vcpu, bool known)
{
	struct vcpu *v;

	for (v = vcpus; v < vcpus + nr_vcpus; v++)
		if (v->known == known && (!known || (v->dom == dom && v->vcpu == vcpu)))
			return v;
	vcpus = grow(vcpus, nr_vcpus, &max_vcpus, sizeof(*vcpus));
	v = &vcpus[nr_vcpus++];
	*v = (struct vcpu){ .dom = dom, .vcpu = vcpu, .known = known };
	return v;
}

/* one element an address: summed up by name when shown */
static struct function *get_function(unsigned int dom, __u64 rip, bool known)
{
	bool ours = known && dom == OUR_DOMAIN;
	__u64 key = ours ? rip : dom;
	const char *name;
	struct function *f;

	for (f = functions; f < functions + nr_functions; f++)
		if (f->rip == key)
			return f;
	functions = grow(functions, nr_functions, &max_functions,
			 sizeof(*functions));
	f = &functions[nr_functions++];
	f->rip = key;
	f->n = 0;
	name = ours && !no_symbols ? ksyms_find(rip) : NULL;
	if (name)
		snprintf(f->name, sizeof(f->name), "%s", name);
	else if (ours)
		snprintf(f->name, sizeof(f->name), "0x%llx", rip);
	else if (known)
		snprintf(f->name, sizeof(f->name), "(domain %u)", dom);
	else
		snprintf(f->name, sizeof(f->name), "(not known)");
	return f;
}

static void count(const struct pcpu *p, const struct rec *r)
{
	bool known = p->owner == OWNER_KNOWN && p->dom != IDLE_DOMAIN;
	struct vcpu *v = get_vcpu(p->dom, p->vcpu, known);
	unsigned int what, op = r->op % NR_OPS;
	struct task *t = NULL;

	if (known && p->dom == OUR_DOMAIN && !no_tasks)
		t = tasks_at(p->vcpu, r->tsc);

	switch (r->event & ~TRC_64_FLAG) {
	case TRC_PV_HYPERCALL_V2:
		what = HYPERCALLS;
		by_op[op]++;
		break;
	case TRC_PV_HYPERCALL_SUBCALL:
		what = SUBCALLS;
		by_subop[op]++;
		break;
	default:
		what = TRAPS;
		get_function(p->dom, r->rip, known)->n++;
	}
	total[what]++;
	v->n[what]++;
	if (t)
		t->n[what]++;
	if (!r->updates)
		return;
	total[ENTRIES] += r->updates;
	v->n[ENTRIES] += r->updates;
	if (t)
		t->n[ENTRIES] += r->updates;
	by_batch[r->updates < NR_BATCH ? r->updates : NR_BATCH - 1]++;
}

/* A change of what runs on a physical CPU; tells who ran before, if need be. */
static void run(struct pcpu *p, const struct rec *r, bool look_back)
{
	unsigned int old = r->event >> 8 & 3, new = r->event >> 4 & 3;
	bool leaves = old == RUNSTATE_running && new != RUNSTATE_running;

	if (look_back && !leaves && (r->event & 0xf) != 2)
		return;
	if (leaves && !look_back) {
		p->dom = IDLE_DOMAIN;
		p->owner = OWNER_KNOWN;
	} else if (leaves || new == RUNSTATE_running || (r->event & 0xf) == 2) {
		p->dom = r->op >> 16;
		p->vcpu = r->op & 0xffff;
		p->owner = OWNER_KNOWN;
	}
}

static bool is_run(const struct rec *r)
{
	__u32 event = r->event & ~0x330u;

	return event == TRC_SCHED_RUNSTATE_CHANGE ||
	       event == TRC_SCHED_CONTINUE_RUNNING;
}

static void process(struct pcpu *p, bool all)
{
	size_t i;

	for (i = 0; p->owner == OWNER_UNKNOWN && i < p->nr; i++)
		if (is_run(&p->rec[i]))
			run(p, &p->rec[i], true);
	if (p->owner == OWNER_UNKNOWN && !all && p->nr < HOLD_BACK)
		return;
	for (i = 0; i < p->nr; i++)
		if (is_run(&p->rec[i]))
			run(p, &p->rec[i], false);
		else
			count(p, &p->rec[i]);
	p->nr = 0;
}

static void on_record(const struct xentrace_record *r, void *arg)
{
	struct xentrace_ptwr w;
	struct pcpu *p;
	struct rec new = { .tsc = r->tsc, .event = r->event };

	(void)arg;
	switch (r->event & ~TRC_64_FLAG) {
	case TRC_PV_PTWR_EMULATION:
	case TRC_PV_PTWR_EMULATION_PAE:
		if (xentrace_ptwr(r, &w))
			new.rip = w.rip;
		break;
	case TRC_PV_HYPERCALL_V2:
	case TRC_PV_HYPERCALL_SUBCALL:
		if (!r->nr)
			return;
		new.op = r->extra[0] & ~TRC_PV_HYPERCALL_V2_ARG_MASK;
		/* its one recorded argument is the number of updates */
		if (new.op == __HYPERVISOR_mmu_update && r->nr > 1 &&
		    !(r->extra[1] & GOES_ON))
			new.updates = r->extra[1];
		break;
	default:
		if (!is_run(&new) || !r->nr)
			return;
		new.op = r->extra[0];
	}
	if (r->cpu >= nr_pcpus) {
		pcpus = realloc(pcpus, (r->cpu + 1) * sizeof(*pcpus));
		if (!pcpus)
			die(EXIT_FAILED, "out of memory");
		memset(pcpus + nr_pcpus, 0,
		       (r->cpu + 1 - nr_pcpus) * sizeof(*pcpus));
		nr_pcpus = r->cpu + 1;
	}
	p = &pcpus[r->cpu];
	p->rec = grow(p->rec, p->nr, &p->max, sizeof(*p->rec));
	p->rec[p->nr++] = new;
}

static __u64 rdtsc(void)
{
	__u32 lo, hi;

	asm volatile("rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return lo | (__u64)hi << 32;
}

enum edge { BEGIN, WITHIN, END };

/*
 * Take over all records there are; at the END those of unknown owner, too. The
 * marks are for a plugin of QEMU that counts the same (see mark.h).
 */
static int take(enum edge edge)
{
	static struct xentrace_counts before;
	struct xentrace_counts now;
	__u64 began = rdtsc();
	bool held = false;
	unsigned int i;

	if (edge == BEGIN)
		mark_const(MARK_BEGIN, MARK_ID);
	else if (edge == END)
		mark_const(MARK_END, MARK_ID);
	if (xentrace_read(trace, &now))
		return -1;
	/* after the records: every change before one of them is here by now */
	if (!no_tasks)
		lost_changes += tasks_read();
	lost_records += now.lost - before.lost;
	faults += now.faults - before.faults;
	before = now;
	for (i = 0; i < nr_pcpus; i++) {
		process(&pcpus[i], edge == END);
		held |= pcpus[i].nr;
	}
	if (!no_tasks && !held)
		tasks_forget(began);
	return 0;
}

static void reset(void)
{
	memset(total, 0, sizeof(total));
	memset(by_op, 0, sizeof(by_op));
	memset(by_subop, 0, sizeof(by_subop));
	memset(by_batch, 0, sizeof(by_batch));
	lost_records = 0;
	lost_changes = 0;
	faults = 0;
	nr_vcpus = 0;
	nr_functions = 0;
	if (!no_tasks)
		tasks_reset();
}

/*
 * Do Xen's records and the kernel's events have the same clock? Cause some
 * records, and see if they are from the time in between.
 */
static int check_clock(void)
{
	__u64 begin = rdtsc(), slack;
	size_t seen = 0, bad = 0, i;
	unsigned int cpu;
	struct xentrace_counts c;

	if (xentrace_reset(trace))
		return -1;
	usleep(2000);
	if (xentrace_read(trace, &c))
		return -1;
	slack = rdtsc() - begin;
	for (cpu = 0; cpu < nr_pcpus; cpu++)
		for (i = 0; i < pcpus[cpu].nr; i++) {
			seen++;
			if (pcpus[cpu].rec[i].tsc + slack / 8 < begin ||
			    pcpus[cpu].rec[i].tsc > begin + slack + slack / 8)
				bad++;
		}
	if (!seen || bad) {
		tasks_stop();
		no_tasks = "the time stamps of Xen and of the kernel differ";
	}
	return 0;
}

/* ---- showing */

struct row {
	char name[80];
	int pid;
	__u64 n[NR_COUNTS];
};

struct table {
	struct row *row;
	size_t nr, max;
};

static struct row *add_row(struct table *t, const char *name)
{
	struct row *r;

	t->row = grow(t->row, t->nr, &t->max, sizeof(*t->row));
	r = &t->row[t->nr++];
	memset(r, 0, sizeof(*r));
	snprintf(r->name, sizeof(r->name), "%s", name);
	return r;
}

/* most first: by trapped writes, then hypercalls, then name */
static int cmp_row(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int i;

	for (i = 0; i < NR_COUNTS; i++)
		if (x->n[i] != y->n[i])
			return x->n[i] < y->n[i] ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void sort_table(struct table *t)
{
	if (t->nr)
		qsort(t->row, t->nr, sizeof(*t->row), cmp_row);
}

static void add_task(struct task *t, void *arg)
{
	struct row *r = add_row(arg, t->comm);

	r->pid = t->pid < 0 ? -1 : t->pid;
	memcpy(r->n, t->n, sizeof(r->n));
}

static void make_processes(struct table *t)
{
	t->nr = 0;
	if (!no_tasks)
		tasks_each(add_task, t);
	sort_table(t);
}

static int cmp_name(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

/* For the screen: all processes of a name in one row, with -pid of them. */
static void merge_names(struct table *t)
{
	size_t i, k, last = 0;

	if (!t->nr)
		return;
	qsort(t->row, t->nr, sizeof(*t->row), cmp_name);
	for (i = 1; i < t->nr; i++) {
		struct row *r = &t->row[last];

		if (strcmp(r->name, t->row[i].name)) {
			t->row[++last] = t->row[i];
			continue;
		}
		r->pid = r->pid < 0 ? r->pid - 1 : -2;
		for (k = 0; k < NR_COUNTS; k++)
			r->n[k] += t->row[i].n[k];
	}
	t->nr = last + 1;
	sort_table(t);
}

static void make_functions(struct table *t)
{
	struct function *f;
	size_t i;

	t->nr = 0;
	for (f = functions; f < functions + nr_functions; f++) {
		for (i = 0; i < t->nr && strcmp(t->row[i].name, f->name); i++)
			;
		if (i == t->nr)
			add_row(t, f->name);
		t->row[i].n[TRAPS] += f->n;
	}
	sort_table(t);
}

static void make_vcpus(struct table *t)
{
	char name[32];
	struct vcpu *v;

	t->nr = 0;
	for (v = vcpus; v < vcpus + nr_vcpus; v++) {
		snprintf(name, sizeof(name), "d%uv%u", v->dom, v->vcpu);
		memcpy(add_row(t, v->known ? name : "(not known)")->n, v->n,
		       sizeof(v->n));
	}
	sort_table(t);
}

static void make_ops(struct table *t)
{
	char name[32];
	struct row *r;
	int op;

	t->nr = 0;
	for (op = 0; op < NR_OPS; op++) {
		if (!by_op[op] && !by_subop[op])
			continue;
		snprintf(name, sizeof(name), "hypercall_%d", op);
		r = add_row(t, op_name[op] ? op_name[op] : name);
		r->n[HYPERCALLS] = by_op[op];
		r->n[SUBCALLS] = by_subop[op];
	}
	sort_table(t);
}

static struct table processes, in_functions, in_vcpus, ops;

static void make_tables(void)
{
	make_processes(&processes);
	make_functions(&in_functions);
	make_vcpus(&in_vcpus);
	make_ops(&ops);
}

/* names may hold a tab */
static const char *plain(const char *name)
{
	static char out[80];
	size_t i;

	for (i = 0; name[i] && i + 1 < sizeof(out); i++)
		out[i] = (unsigned char)name[i] < ' ' ? '?' : name[i];
	out[i] = '\0';
	return out;
}

static void tsv_row(FILE *f, double seconds, const char *group,
		    const char *name, int pid, const char *counter, __u64 n)
{
	if (!n && strcmp(group, "total"))
		return;
	fprintf(f, "%s\t%s\t", group, plain(name));
	if (pid < 0)
		fputs("-", f);
	else
		fprintf(f, "%d", pid);
	fprintf(f, "\t%s\t%llu\t%.1f\n", counter, n, n / seconds);
}

static void tsv_table(FILE *f, double seconds, const char *group,
		      const struct table *t, bool pids)
{
	const struct row *r;
	int i;

	for (r = t->row; r < t->row + t->nr; r++)
		for (i = 0; i < NR_COUNTS; i++)
			tsv_row(f, seconds, group, r->name,
				pids ? r->pid : -1, count_name[i], r->n[i]);
}

static void show_tsv(FILE *f, double seconds)
{
	char name[16];
	int i;

	make_tables();
	fprintf(f, "# seconds: %.3f\n", seconds);
	fprintf(f, "# records lost by Xen, no room: %llu%s\n", lost_records,
		lost_records ? ": all counts are lower bounds" : "");
	fprintf(f, "# changes of process lost by ftrace: %llu%s\n", lost_changes,
		lost_changes ? ": processes may be wrong" : "");
	if (no_symbols)
		fprintf(f, "# functions: not known: %s\n", no_symbols);
	if (no_tasks)
		fprintf(f, "# processes: not known: %s\n", no_tasks);
	fputs("group\tname\tpid\tcounter\tcount\tper_second\n", f);
	for (i = 0; i < NR_COUNTS; i++)
		tsv_row(f, seconds, "total", "all", -1, count_name[i], total[i]);
	tsv_row(f, seconds, "total", "all", -1, "guest_page_faults", faults);
	tsv_row(f, seconds, "total", "all", -1, "lost_records", lost_records);
	tsv_table(f, seconds, "function", &in_functions, false);
	tsv_table(f, seconds, "process", &processes, true);
	tsv_table(f, seconds, "vcpu", &in_vcpus, false);
	tsv_table(f, seconds, "hypercall", &ops, false);
	for (i = 0; i < NR_BATCH; i++) {
		snprintf(name, sizeof(name), "%d%s", i,
			 i == NR_BATCH - 1 ? "+" : "");
		tsv_row(f, seconds, "batch", name, -1, "mmu_updates", by_batch[i]);
	}
	fflush(f);
}

static const char *rate(double n)
{
	static char buf[8][16];
	static int at;
	char *s = buf[at++ % 8];

	if (n >= 999500)
		snprintf(s, sizeof(buf[0]), "%.2f M", n / 1e6);
	else if (n >= 99995)
		snprintf(s, sizeof(buf[0]), "%.0f k", n / 1e3);
	else if (n && n < 9.95)
		snprintf(s, sizeof(buf[0]), "%.1f", n);
	else
		snprintf(s, sizeof(buf[0]), "%.0f", n);
	return s;
}

static int lines_left;

__attribute__((format(printf, 1, 2)))
static void say(const char *fmt, ...)
{
	va_list ap;

	if (--lines_left < 0)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fputs(tty_changed ? "\033[K\r\n" : "\n", stdout);
}

static void show_screen(double s)
{
	struct winsize win = { 0 };
	const struct row *r;
	size_t i, some;
	__u64 calls = 0;
	time_t now = time(NULL);
	char clock[16], pid[16];

	make_tables();
	merge_names(&processes);
	for (i = 1; i < NR_BATCH; i++)
		calls += by_batch[i];
	lines_left = 1000;
	if (tty_changed) {
		fputs("\033[H", stdout);
		lines_left = 24;
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &win) && win.ws_row > 4)
			lines_left = win.ws_row;
		lines_left--;
	}
	some = lines_left < 24 ? 4 : lines_left > 60 ? 15 : lines_left / 5;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	say("xen-pttop %s  %.1f s  per second, all PV guests of the host%s",
	    clock, s, tty_changed ? "  (q quits)" : "");
	say("trapped page-table writes %s   hypercalls %s   calls in multicalls %s",
	    rate(total[TRAPS] / s), rate(total[HYPERCALLS] / s),
	    rate(total[SUBCALLS] / s));
	say("entries changed by mmu_update %s, %.1f a call   page faults to guests %s",
	    rate(total[ENTRIES] / s),
	    calls ? (double)total[ENTRIES] / calls : 0.0, rate(faults / s));
	if (lost_records)
		say("LOST: %llu records: all figures are lower bounds",
		    lost_records);
	else
		say("lost: no record");
	if (lost_changes)
		say("LOST: %llu changes of process: processes may be wrong",
		    lost_changes);
	say("%s", "");
	say("%-32s %10s  %s", "FUNCTION THAT WROTE", "trapped", "path");
	for (i = 0; i < in_functions.nr && i < some; i++) {
		r = &in_functions.row[i];
		say("%-32.32s %10s  %s", r->name, rate(r->n[TRAPS] / s),
		    path_name(r->name));
	}
	if (!in_functions.nr)
		say("(none)");
	if (no_symbols)
		say("names of functions: %s", no_symbols);
	say("%s", "");
	say("%-21s %10s %10s %10s %10s", "PROCESS (DOM0)", "pid or (n)", "trapped",
	    "hypercalls", "entries");
	for (i = 0; i < processes.nr && i < some; i++) {
		r = &processes.row[i];
		snprintf(pid, sizeof(pid), r->pid < 0 ? "(%d)" : "%d",
			 r->pid < 0 ? -r->pid : r->pid);
		say("%-21.21s %10s %10s %10s %10s", plain(r->name), pid,
		    rate(r->n[TRAPS] / s), rate(r->n[HYPERCALLS] / s),
		    rate(r->n[ENTRIES] / s));
	}
	if (no_tasks)
		say("processes: %s", no_tasks);
	say("%s", "");
	say("%-32s %10s %10s %10s", "DOMAIN AND VCPU", "trapped", "hypercalls",
	    "entries");
	for (i = 0; i < in_vcpus.nr && i < some; i++) {
		r = &in_vcpus.row[i];
		say("%-32s %10s %10s %10s", r->name, rate(r->n[TRAPS] / s),
		    rate(r->n[HYPERCALLS] / s), rate(r->n[ENTRIES] / s));
	}
	say("%s", "");
	say("%-32s %10s %10s", "HYPERCALL", "direct", "multicall");
	for (i = 0; i < ops.nr && i < some; i++) {
		r = &ops.row[i];
		say("%-32s %10s %10s", r->name, rate(r->n[HYPERCALLS] / s),
		    rate(r->n[SUBCALLS] / s));
	}
	fputs(tty_changed ? "\033[J" : "\n", stdout);
	fflush(stdout);
}

/* ---- running */

static void on_signal(int sig)
{
	stop = sig;
}

static void clean_up(void)
{
	if (tty_changed) {
		tcsetattr(STDIN_FILENO, TCSANOW, &tty_before);
		fputs("\033[?25h\033[?1049l", stdout);
		fflush(stdout);
		tty_changed = false;
	}
	if (trace)
		xentrace_stop(trace);
	trace = NULL;
	tasks_stop();
}

static void use_tty(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &tty_before))
		return;
	raw = tty_before;
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return;
	tty_changed = true;
	fputs("\033[?1049h\033[?25l\033[2J", stdout);
}

static double monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Wait until the buffers want to be read, or @until; true to quit. */
static bool wait_for(double until, struct pollfd *fds)
{
	double left = until - monotonic();
	int ms = left > ROUND_MS / 1e3 ? ROUND_MS : left > 0 ? left * 1e3 + 1 : 0;
	char c;

	if (poll(fds, 3, ms) <= 0)
		return stop;
	if (fds[0].revents & POLLIN)
		xentrace_rearm(trace);
	if (fds[1].revents) {
		if (read(fds[1].fd, &c, 1) != 1)
			fds[1].fd = -1;
		else if (c == 'q' || c == 'Q')
			return true;
	}
	return stop || fds[2].revents;
}

/* Count until @until or a reason to quit: 0, 1 to quit, -1 on failure. */
static int count_until(double until, struct pollfd *fds)
{
	bool quit = false;

	while (!quit && monotonic() < until) {
		quit = wait_for(until, fds);
		/* what is left is taken by the caller, once */
		if (!quit && monotonic() < until && take(WITHIN))
			return -1;
	}
	return quit;
}

/* COMMAND waits until it is told to go, so that all of it is counted. */
static pid_t start_command(char **argv, int *go)
{
	int fd[2];
	pid_t pid;
	char c;

	if (pipe(fd))
		die(EXIT_FAILED, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die(EXIT_FAILED, "fork: %s", strerror(errno));
	if (!pid) {
		close(fd[1]);
		if (read(fd[0], &c, 1) != 1)
			_exit(127);
		close(fd[0]);
		execvp(argv[0], argv);
		fprintf(stderr, "xen-pttop: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fd[0]);
	*go = fd[1];
	return pid;
}

static const char usage[] =
"usage: xen-pttop [OPTIONS] [-- COMMAND ARGS...]\n"
"Page-table updates of the PV guests of this Xen host, live: the writes that Xen\n"
"has to trap and emulate, and the hypercalls, by kernel function, process, virtual\n"
"CPU and call. Needs root in the control domain, and a Xen with trace buffers.\n"
"\n"
"  -s, --seconds N   refresh each N seconds (1); with --once: count that long\n"
"  -1, --once        count once, and print TSV\n"
"  -o, --output FILE write the TSV there (with --once)\n"
"  -b, --buffer KIB  size of the trace buffer of a CPU (1024)\n"
"      --take-over   if tracing was left on use its buffers, and switch it off\n"
"                    in the end\n"
"      --status      what state the trace buffers are in; changes nothing\n"
"  -h, --help        this\n"
"      --version     the version of this program\n"
"  COMMAND           count once while it runs, and print TSV; its output goes to\n"
"                    standard output, too, unless -o is given\n"
"\n"
"On a terminal q quits. All that is changed while it runs is put back: Xen's event\n"
"mask, tracing, an ftrace instance. Not put back: the trace buffers (Xen keeps what\n"
"it allocated first, at that size, until it reboots), and Xen's mask of CPUs to\n"
"trace (all; Xen does not tell what it was). Killed by SIGKILL it leaves tracing on:\n"
"--take-over. One program at a time can use the buffers: xentrace is another.\n"
"\n"
"Exit status: 0, 1 it broke off or COMMAND failed, 2 wrong usage, 3 not on Xen, 4 not\n"
"privileged, 5 Xen without trace buffers, 6 they are in use, 7 records were lost, so\n"
"that the counts are lower bounds (--once, COMMAND).\n";

static int status_of(enum xentrace_status s)
{
	switch (s) {
	case XENTRACE_NO_XEN:		return EXIT_NO_XEN;
	case XENTRACE_DENIED:		return EXIT_DENIED;
	case XENTRACE_UNSUPPORTED:	return EXIT_UNSUPPORTED;
	case XENTRACE_BUSY:		return EXIT_BUSY;
	default:			return EXIT_FAILED;
	}
}

static void die_of_trace(void)
{
	die(status_of(xentrace_status(trace)), "%s", xentrace_error(trace));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "once", no_argument, NULL, '1' },
		{ "output", required_argument, NULL, 'o' },
		{ "buffer", required_argument, NULL, 'b' },
		{ "take-over", no_argument, NULL, 't' },
		{ "status", no_argument, NULL, 'S' },
		CLI_OPTIONS
	};
	bool once = false, take_over = false, tell = false;
	struct sigaction sa = { .sa_handler = on_signal };
	long seconds = 1, kib = 0;
	struct pollfd fds[3] = {
		{ .fd = -1, .events = POLLIN }, { .fd = -1, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	int c, on, go = -1, ret, status = 0;
	const char *output = NULL;
	FILE *out = stdout;
	double begin, next;
	pid_t child = 0;

	while ((c = next_option(argc, argv, "+:s:1o:b:h", options,
				usage)) != -1) {
		switch (c) {
		case 's':
			seconds = parse_number("--seconds", optarg, 1, 86400);
			break;
		case '1':
			once = true;
			break;
		case 'o':
			output = optarg;
			break;
		case 'b':
			kib = parse_number("--buffer", optarg, 4, 65536);
			break;
		case 't':
			take_over = true;
			break;
		case 'S':
			tell = true;
			break;
		}
	}
	argv += optind;
	if (argv[0])
		once = true;
	if (output && !once)
		die(EXIT_USAGE, "--output is for --once or a COMMAND");

	atexit(clean_up);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);

	/* up to here nothing is changed, and up to begin nothing of Xen's */
	trace = xentrace_open();
	on = xentrace_is_on(trace);
	if (on < 0)
		die_of_trace();
	if (tell) {
		printf("tracing\t%s\nevent_mask\t0x%x\nbuffer_bytes\t%llu\n",
		       on ? "on" : "off", xentrace_found_mask(trace),
		       xentrace_buffer_size(trace));
		return EXIT_OK;
	}
	if (on && !take_over)
		die(EXIT_BUSY,
		    "Xen is tracing already: for a program that was killed, or because of tbuf_size= at boot; --take-over uses its buffers, and switches it off in the end");
	if (output) {
		out = fopen(output, "we");
		if (!out)
			die(EXIT_FAILED, "%s: %s", output, strerror(errno));
	}

	ksyms_read(&no_symbols);
	tasks_start(NR_COUNTS, &no_tasks);
	xentrace_on_record(trace, on_record, NULL);
	if (xentrace_begin(trace, (kib + 3) / 4, TRC_SCHED_MIN) ||
	    check_clock())
		die_of_trace();

	fds[0].fd = xentrace_fd(trace);
	if (argv[0]) {
		child = start_command(argv, &go);
		fds[2].fd = syscall(SYS_pidfd_open, child, 0);
		if (fds[2].fd < 0)
			die(EXIT_FAILED, "pidfd_open: %s", strerror(errno));
	} else if (!once) {
		fds[1].fd = STDIN_FILENO;
		use_tty();
	}

	/* what has come so far told who runs where; counting starts here */
	if (take(WITHIN))
		die_of_trace();
	begin = monotonic();
	if (take(BEGIN))
		die_of_trace();
	reset();
	if (child && write(go, "", 1) != 1)
		die(EXIT_FAILED, "cannot start the command");

	if (once) {
		ret = count_until(child ? begin + 1e9 : begin + seconds, fds);
		if (ret < 0 || take(END))
			die_of_trace();
		mark_const(MARK_DATA, 1);
		mark_const(MARK_DATA, 0);
		mark_const(MARK_DATA, 0);
		mark_const(MARK_DATA, 0);
		mark_const(MARK_ROW, MARK_ID);
		begin = monotonic() - begin;
		if (child) {
			if (stop)
				kill(child, SIGTERM);
			waitpid(child, &status, 0);
		}
		clean_up();
		show_tsv(out, begin);
		if (fflush(out) || ferror(out))
			die(EXIT_FAILED, "%s: %s", output ? output : "output", strerror(errno));
		if (lost_records)
			fprintf(stderr, "xen-pttop: %llu records were lost: all counts are lower bounds (see --buffer)\n",
				lost_records);
		if (child && status)
			die(EXIT_FAILED, "%s ended with status %d", argv[0],
			    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		return lost_records ? EXIT_LOST : EXIT_OK;
	}

	for (next = begin + seconds;; next += seconds) {
		ret = count_until(next, fds);
		if (ret < 0 || (!ret && take(WITHIN)))
			die_of_trace();
		if (ret)
			break;
		show_screen(monotonic() - begin);
		reset();
		begin = monotonic();
	}
	return EXIT_OK;
}
