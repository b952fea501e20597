// SPDX-License-Identifier: GPL-2.0
/*
 * ptbench: what a page costs on every path that changes page-table entries
 *
 * Walks the paths of paths.def. Each runs in a process of its own, a warm-up
 * first, then a number of repeats; what is printed is the median of the cost
 * of one page. Around each measured section stand the marks of mark.h. Every
 * path checks the data it has moved, protected or thrown away: a kernel that
 * is fast and wrong must not look good here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "mark.h"
#include "ptbench.h"
#include "xentrace.h"

#define MAX_REPEAT	1000
#define MAX_PAGES	(1ul << 20)
#define PATH_SECONDS	120	/* a path that hangs must not hang the rest */

static const struct {
	unsigned int id;
	const char *name;
	const char *what;
	const struct path *path;
} paths[] = {
#define PATH(id, name, symbol, what)	{ id, name, what, &path_##symbol },
#include "paths.def"
#undef PATH
};

#define NR_PATHS	ARRAY_SIZE(paths)

static struct options {
	bool selected[NR_PATHS];
	size_t pages;
	unsigned int repeat;
	enum unit unit;
	bool traps;
	bool verify_only;
	const char *tsv;
} opt = {
	.pages = 2048,
	.repeat = 5,
};

/* what the process of a path leaves behind, in memory shared with it */
struct result {
	enum verdict verdict;
	uint64_t start, stop;		/* clock around the last section */
	bool done;
	char why[256];
	unsigned int repeats;
	size_t work;
	double cost[MAX_REPEAT];	/* per page */
	bool have_traps;
	double traps, hypercalls;	/* per page */
	char note[128];
};

static struct result *res;
static char no_traps[160];

const char *work_dir = "/tmp";

/* in the process of a path, while Xen traces */
static struct xentrace *tracing;
static struct xentrace_counts trace_counts;
static bool trace_failed;

enum verdict why(enum verdict v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(res->why, sizeof(res->why), fmt, ap);
	va_end(ap);
	return v;
}

enum verdict why_errno(enum verdict v, const char *what)
{
	return why(v, "%s: %s", what, strerror(errno));
}

void section_begin(const struct run *r)
{
	mark(MARK_BEGIN, r->id);
	res->start = clock_now();
}

void section_end(const struct run *r)
{
	res->stop = clock_now();
	mark(MARK_END, r->id);
	if (tracing && xentrace_read(tracing, &trace_counts))
		trace_failed = true;
}

/*
 * Before a section that does not begin right after the setup. No variable is
 * written after the reset: that write might be one that is counted.
 */
void section_restart(void)
{
	if (tracing && xentrace_reset(tracing))
		trace_failed = true;
}

/* tell a plugin that the last section was good, and how large it was */
static void section_good(const struct run *r)
{
	unsigned int kind = MARK_ROW;

	if (r->warmup)
		kind |= MARK_WARMUP;
	if (r->traced)
		kind |= MARK_TRACED;
	mark_row(kind, r->id, r->work);
}

/* in the process of the path */

static void init_run(struct run *r, size_t i, unsigned int n)
{
	memset(r, 0, sizeof(*r));
	r->pages = opt.pages;
	r->work = opt.pages;
	r->len = opt.pages * PAGE_SIZE;
	r->id = paths[i].id;
	r->seed = paths[i].id * 1000003 + n * 7919 + 1;
	r->fd = -1;
	r->to_child = -1;
	r->from_child = -1;
}

static enum verdict run_try(const struct path *p, struct run *r)
{
	enum verdict v;

	v = p->setup ? p->setup(r) : OK;
	if (v == OK) {
		settle(opt.unit);
		section_restart();
		if (!p->own_section)
			section_begin(r);
		v = p->action(r);
		if (!p->own_section)
			section_end(r);
	}
	if (v == OK && p->verify)
		v = p->verify(r);
	if (v == OK && !r->work)
		v = why(SKIP, "no page was touched");
	if (v == OK)
		section_good(r);
	if (p->teardown)
		p->teardown(r);
	return v;
}

static enum verdict run_once(const struct path *p, struct run *r)
{
	const struct run fresh = *r;
	unsigned int tries = 20;
	enum verdict v;

	do {
		*r = fresh;
		v = run_try(p, r);
	} while (v == AGAIN && --tries);

	return v == AGAIN ? SKIP : v;
}

static enum verdict run_traced(size_t i)
{
	enum verdict v;
	struct run r;

	tracing = xentrace_start(0);
	if (xentrace_ok(tracing)) {
		init_run(&r, i, opt.repeat + 1);
		r.traced = true;
		v = run_once(paths[i].path, &r);
	} else {
		trace_failed = true;
		v = OK;
	}

	if (v == OK && trace_failed) {
		snprintf(res->note, sizeof(res->note), "no traps: %s",
			 xentrace_error(tracing));
	} else if (v == OK) {
		res->have_traps = true;
		res->traps = (double)trace_counts.ptwr / r.work;
		res->hypercalls = (double)trace_counts.hypercalls / r.work;
		if (trace_counts.lost)
			snprintf(res->note, sizeof(res->note),
				 "trace lost %llu records: traps are a lower bound",
				 (unsigned long long)trace_counts.lost);
	}
	xentrace_stop(tracing);
	tracing = NULL;
	return v;
}

static enum verdict run_path(size_t i)
{
	enum verdict v = OK;
	unsigned int n;
	struct run r;

	for (n = 0; n <= opt.repeat && v == OK; n++) {
		init_run(&r, i, n);
		r.warmup = !n;
		v = run_once(paths[i].path, &r);
		if (v != OK)
			break;
		res->work = r.work;
		if (n) {
			res->cost[n - 1] = (double)(res->stop - res->start) / r.work;
			res->repeats = n;
		}
		if (opt.verify_only)
			break;
	}
	if (v == OK && opt.traps && !opt.verify_only)
		v = run_traced(i);
	return v;
}

/* in the main process */

/* run a path in a child and leave its verdict in *res */
static void run_apart(size_t i)
{
	int status;
	pid_t pid;

	memset(res, 0, sizeof(*res));
	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		alarm(PATH_SECONDS);
		res->verdict = run_path(i);
		res->done = true;
		_exit(0);
	}
	if (pid < 0) {
		why_errno(FAIL, "fork");
		res->verdict = FAIL;
		return;
	}
	if (waitpid(pid, &status, 0) != pid)
		status = 0;
	kill(-pid, SIGKILL);	/* what the path left running, if it died */
	if (!res->done) {
		res->verdict = FAIL;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			why(FAIL, "not done after %d s", PATH_SECONDS);
		else if (WIFSIGNALED(status))
			why(FAIL, "killed by signal %d (%s)", WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
		else
			why(FAIL, "ended too early");
	}
}

/* say once, not at every path, that Xen cannot be asked */
static void probe_traps(void)
{
	struct xentrace *trace = xentrace_start(0);

	if (!xentrace_ok(trace)) {
		snprintf(no_traps, sizeof(no_traps), "%s",
			 xentrace_error(trace));
		opt.traps = false;
	}
	xentrace_stop(trace);
}

static void describe_system(FILE *f)
{
	char type[32] = "", guest[32] = "", extra[64] = "";
	long major, minor;
	struct utsname un;

	uname(&un);
	fprintf(f, "# kernel: %s\n", un.release);
	if (!pt_read_text("/sys/hypervisor/type", type, sizeof(type)) &&
	    !strcmp(type, "xen")) {
		major = pt_read_long("/sys/hypervisor/version/major");
		minor = pt_read_long("/sys/hypervisor/version/minor");
		pt_read_text("/sys/hypervisor/version/extra", extra,
			  sizeof(extra));
		pt_read_text("/sys/hypervisor/guest_type", guest, sizeof(guest));
		fprintf(f, "# hypervisor: xen %ld.%ld%s, %s guest\n", major,
			minor, extra, guest[0] ? guest : "unknown");
	} else {
		fprintf(f, "# hypervisor: %s\n", type[0] ? type : "none");
	}
	fprintf(f, "# cpus: %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
	fprintf(f, "# unit: %s\n", unit_name(opt.unit));
	if (no_traps[0])
		fprintf(f, "# traps: not counted: %s\n", no_traps);
	fprintf(f, "# pages: %zu, repeats: %u, after one warm-up\n", opt.pages,
		opt.repeat);
}

static void print_heading(FILE *tsv)
{
	char unit[32];

	describe_system(stdout);
	if (opt.verify_only)
		return;
	snprintf(unit, sizeof(unit), "%s/page", unit_name(opt.unit));
	printf("%-20s %6s %4s %11s %11s %11s %11s %11s\n", "path", "pages",
	       "rep", unit, "min", "max", "traps/page", "hcalls/page");
	if (tsv) {
		describe_system(tsv);
		fprintf(tsv,
			"path\tid\tpages\trepeats\tmedian\tmin\tmax\ttraps\thypercalls\tstatus\tnote\n");
	}
}

static void print_result(size_t i, FILE *tsv)
{
	static const char * const word[] = { "ok", "SKIP", "FAIL" };
	char traps[32] = "-", hypercalls[32] = "-";
	double mid, min, max;

	if (res->verdict != OK) {
		printf("%-20s %s: %s\n", paths[i].name, word[res->verdict],
		       res->why);
		if (tsv)
			fprintf(tsv, "%s\t%u\t-\t0\t-\t-\t-\t-\t-\t%s\t%s\n",
				paths[i].name, paths[i].id, word[res->verdict],
				res->why);
		return;
	}
	if (opt.verify_only) {
		printf("%-20s ok, %zu pages\n", paths[i].name, res->work);
		return;
	}

	mid = median(res->cost, res->repeats);
	min = res->cost[0];
	max = res->cost[res->repeats - 1];
	if (res->have_traps) {
		snprintf(traps, sizeof(traps), "%.4f", res->traps);
		snprintf(hypercalls, sizeof(hypercalls), "%.4f",
			 res->hypercalls);
	}
	printf("%-20s %6zu %4u %11.1f %11.1f %11.1f %11s %11s%s%s\n",
	       paths[i].name, res->work, res->repeats, mid, min, max, traps,
	       hypercalls, res->note[0] ? "  " : "", res->note);
	if (tsv)
		fprintf(tsv, "%s\t%u\t%zu\t%u\t%.2f\t%.2f\t%.2f\t%s\t%s\tok\t%s\n",
			paths[i].name, paths[i].id, res->work, res->repeats,
			mid, min, max, traps, hypercalls,
			res->note[0] ? res->note : "-");
}

static const char usage[] =
"usage: ptbench [options]\n"
"Cost of a page on the paths of the kernel that change page-table entries.\n"
"  -p, --paths A,B,...  only these paths (default: all)\n"
"  -l, --list           list the paths and what each measures\n"
"  -n, --pages N        pages of 4 KiB in the range (default 2048)\n"
"  -r, --repeat N       measured runs of each path (default 5)\n"
"  -o, --tsv FILE       also write a table of tab-separated values\n"
"  -t, --traps          count trapped writes and hypercalls in Xen's trace\n"
"                       buffers, in one more run (root, on the control domain)\n"
"  -d, --dir DIR        where to put files, on the file system to measure\n"
"                       (default /tmp)\n"
"  -u, --unit U         what the clock counts: insn or cycles (default: look)\n"
"  -V, --verify-only    one run of each path, checks only\n"
"  -h, --help           this\n"
"      --version        the version of this program\n"
"Exit status: 0 all ran or were skipped, 1 a check failed, 2 bad usage.\n";

static void list_paths(void)
{
	size_t i;

	for (i = 0; i < NR_PATHS; i++)
		printf("%3u  %-20s %s\n", paths[i].id, paths[i].name,
		       paths[i].what);
}

static void select_paths(char *list)
{
	char *name, *save = NULL;
	size_t i;

	memset(opt.selected, 0, sizeof(opt.selected));
	for (name = strtok_r(list, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < NR_PATHS; i++)
			if (!strcmp(name, paths[i].name))
				break;
		if (i == NR_PATHS)
			die(EXIT_USAGE, "no path '%s', see --list", name);
		opt.selected[i] = true;
	}
	for (i = 0; i < NR_PATHS; i++)
		if (opt.selected[i])
			return;
	die(EXIT_USAGE, "--paths names no path");
}

static void parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dir",	 required_argument, NULL, 'd' },
		{ "paths",	 required_argument, NULL, 'p' },
		{ "list",	 no_argument,	    NULL, 'l' },
		{ "pages",	 required_argument, NULL, 'n' },
		{ "repeat",	 required_argument, NULL, 'r' },
		{ "tsv",	 required_argument, NULL, 'o' },
		{ "traps",	 no_argument,	    NULL, 't' },
		{ "unit",	 required_argument, NULL, 'u' },
		{ "verify-only", no_argument,	    NULL, 'V' },
		CLI_OPTIONS
	};
	int c;

	memset(opt.selected, 1, sizeof(opt.selected));
	while ((c = next_option(argc, argv, ":d:p:ln:r:o:tu:Vh", longs,
				usage)) != -1) {
		switch (c) {
		case 'd':
			work_dir = optarg;
			break;
		case 'p':
			select_paths(optarg);
			break;
		case 'l':
			list_paths();
			exit(0);
		case 'n':
			opt.pages = parse_number("--pages", optarg, 1,
						 MAX_PAGES);
			break;
		case 'r':
			opt.repeat = parse_number("--repeat", optarg, 1,
						  MAX_REPEAT);
			break;
		case 'o':
			opt.tsv = optarg;
			break;
		case 't':
			opt.traps = true;
			break;
		case 'u':
			if (!strcmp(optarg, "insn"))
				opt.unit = UNIT_INSN;
			else if (!strcmp(optarg, "cycles"))
				opt.unit = UNIT_CYCLES;
			else
				die(EXIT_USAGE, "--unit wants insn or cycles, not '%s'",
				    optarg);
			break;
		case 'V':
			opt.verify_only = true;
			break;
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument '%s', see --help", argv[optind]);
}

/*
 * Where the stack and the mappings lie decides how many page tables a process
 * has, which is what its exit costs: the same in every run, please.
 */
static void fix_addresses(char **argv)
{
	int old = personality(0xffffffff);

	if (old < 0 || old & ADDR_NO_RANDOMIZE)
		return;
	if (personality(old | ADDR_NO_RANDOMIZE) >= 0)
		execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	unsigned int failed = 0;
	FILE *tsv = NULL;
	size_t i;

	/* the program that the path fork-exec executes */
	if (argc == 2 && !strcmp(argv[1], "--exit-at-once"))
		return 0;

	fix_addresses(argv);
	parse_options(argc, argv);
	if (opt.tsv && !opt.verify_only) {
		tsv = fopen(opt.tsv, "w");
		if (!tsv)
			die(EXIT_USAGE, "%s: %s", opt.tsv, strerror(errno));
	}
	res = mmap(NULL, sizeof(*res), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (res == MAP_FAILED)
		die(EXIT_USAGE, "out of memory");

	pin_to_cpu();
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	if (opt.unit == UNIT_AUTO)
		opt.unit = detect_unit();

	if (opt.traps)
		probe_traps();
	print_heading(tsv);
	for (i = 0; i < NR_PATHS; i++) {
		if (!opt.selected[i])
			continue;
		run_apart(i);
		print_result(i, tsv);
		fflush(stdout);
		if (tsv)
			fflush(tsv);
		failed += res->verdict == FAIL;
	}
	if (failed)
		printf("# %u path%s failed\n", failed, failed > 1 ? "s" : "");
	if (tsv && fclose(tsv))
		die(EXIT_USAGE, "%s: %s", opt.tsv, strerror(errno));
	return failed ? 1 : 0;
}
