// SPDX-License-Identifier: GPL-2.0
/*
 * xen-foreign: what a page of another domain costs to map and to unmap
 *
 * Does what a migration, a device model or introspection does in dom0: maps
 * pages of a domain in batches through libxenforeignmemory and libxengnttab,
 * reads and writes them, unmaps them. Without a domain to use it makes one,
 * paused, and destroys it in the end.
 *
 * Three processes see to that: the one that was started waits for a worker,
 * and a keeper, in a session of its own, for both. Whatever ends them, the
 * last of them closes a pipe, and the keeper destroys the domain. The handle
 * of the domain names the process it belongs to, so that a domain whose keeper
 * was killed as well goes with the next run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "foreign.h"
#include "mark.h"
#include "xentrace.h"

#define MAX_REPEAT	1000
#define MAX_BATCHES	16
#define MAX_KINDS	8

/* rows of the counting plugin: above those of tools-testing/tools/bench/paths.def */
#define FIRST_ID	128u

static struct options {
	size_t batch[MAX_BATCHES];
	size_t nr_batches;
	bool selected[MAX_KINDS];
	size_t pages;		/* 0: as many as the largest batch, and 1024 */
	unsigned int repeat;
	bool use_domid;
	uint32_t domid;
	bool list, cleanup, bad_grants;
	const char *tsv;
} opt = {
	.batch = { 1024 },
	.nr_batches = 1,
	.repeat = 5,
};

/* in the worker */

/* one direction of a kind, in batches: what is printed as a row */
struct row {
	unsigned int id;
	const char *direction;
	uint64_t start, stop;
	double cost[MAX_REPEAT];
	bool have_traps;
	double traps, hypercalls;
};

static struct xentrace *tracing;

static void begin(struct row *row, enum unit unit)
{
	settle(unit);
	if (tracing)
		xentrace_reset(tracing);
	mark(MARK_BEGIN, row->id);
	row->start = clock_now();
}

static void end(struct row *row, size_t pages)
{
	struct xentrace_counts counts;

	row->stop = clock_now();
	mark(MARK_END, row->id);
	if (!tracing || xentrace_read(tracing, &counts) || counts.lost)
		return;
	row->have_traps = true;
	row->traps = (double)counts.ptwr / pages;
	row->hypercalls = (double)counts.hypercalls / pages;
}

/* everything mapped, looked at, and unmapped once; the names of the rows' steps */
static bool run_once(struct domain *d, const struct kind *k, size_t batch,
		     size_t pages, unsigned int mark_kind, struct row *map,
		     struct row *unmap, struct mapping *m, enum unit unit)
{
	size_t i, n = pages / batch;

	begin(map, unit);
	for (i = 0; i < n; i++)
		if (!k->map(d, i * batch, batch, &m[i]))
			break;
	end(map, pages);
	if (i < n) {
		fprintf(stderr, "xen-foreign: mapping pages %zu to %zu (%s): %s\n",
			i * batch, (i + 1) * batch - 1, k->name,
			strerror(errno));
		return false;
	}
	mark_row(mark_kind, map->id, pages);

	for (i = 0; i < n; i++)
		if (!k->check(d, i * batch, batch, &m[i])) {
			fprintf(stderr, "xen-foreign: wrong contents (%s)\n",
				k->name);
			return false;
		}
	if (k->writes && d->ours)
		d->seed++;

	begin(unmap, unit);
	for (i = 0; i < n; i++)
		if (!k->unmap(d, batch, &m[i]))
			break;
	end(unmap, pages);
	if (i < n) {
		fprintf(stderr, "xen-foreign: unmapping (%s): %s\n", k->name,
			strerror(errno));
		return false;
	}
	mark_row(mark_kind, unmap->id, pages);
	return check_frames(d);
}

static void print_heading(FILE *tsv, const struct domain *d, enum unit unit)
{
	char cost[32];

	printf("# domain %u%s, %s, %zu pages; repeats: %u, after one warm-up\n",
	       d->domid, d->ours ? ", made for this" : "",
	       d->hvm ? "HVM" : "PV", d->nr_frames, opt.repeat);
	snprintf(cost, sizeof(cost), "%s/page", unit_name(unit));
	printf("%-10s %-6s %6s %6s %11s %11s %11s %11s %11s\n", "kind", "step",
	       "batch", "pages", cost, "min", "max", "traps/page",
	       "hcalls/page");
	if (tsv)
		fprintf(tsv, "id\tkind\tstep\tbatch\tpages\tunit\tmedian\tmin\tmax\ttraps\thypercalls\tstatus\tnote\n");
}

static void print_row(FILE *tsv, const struct kind *k, size_t batch,
		      size_t pages, struct row *row, enum unit unit)
{
	char traps[32] = "-", hypercalls[32] = "-";
	double mid = median(row->cost, opt.repeat);

	if (row->have_traps) {
		snprintf(traps, sizeof(traps), "%.4f", row->traps);
		snprintf(hypercalls, sizeof(hypercalls), "%.4f",
			 row->hypercalls);
	}
	printf("%-10s %-6s %6zu %6zu %11.1f %11.1f %11.1f %11s %11s\n",
	       k->name, row->direction, batch, pages, mid, row->cost[0],
	       row->cost[opt.repeat - 1], traps, hypercalls);
	if (tsv)
		fprintf(tsv, "%u\t%s\t%s\t%zu\t%zu\t%s\t%.2f\t%.2f\t%.2f\t%s\t%s\tok\t-\n",
			row->id, k->name, row->direction, batch, pages,
			unit_name(unit), mid, row->cost[0],
			row->cost[opt.repeat - 1], traps, hypercalls);
}

static void print_skip(FILE *tsv, const struct kind *k, size_t batch,
		       const char *why)
{
	printf("%-10s %-6s %6zu SKIP: %s\n", k->name, "-", batch, why);
	if (tsv)
		fprintf(tsv, "-\t%s\t-\t%zu\t-\t-\t-\t-\t-\t-\t-\tSKIP\t%s\n",
			k->name, batch, why);
}

static bool run_kind(struct domain *d, const struct kind *k, size_t batch,
		     unsigned int *id, enum unit unit, FILE *tsv)
{
	static struct row map, unmap;
	const char *why = NULL;
	struct mapping *m;
	unsigned int n;
	bool good = true;
	char text[80];
	size_t pages;

	map = (struct row){ .id = (*id)++, .direction = "map" };
	unmap = (struct row){ .id = (*id)++, .direction = "unmap" };
	pages = k->pages(d, &why);
	if (!why && pages < batch) {
		snprintf(text, sizeof(text), "there are only %zu", pages);
		why = text;
	}
	if (why) {
		print_skip(tsv, k, batch, why);
		return true;
	}
	pages -= pages % batch;
	m = calloc(pages / batch, sizeof(*m));
	if (!m)
		die(EXIT_CANNOT, "out of memory");

	for (n = 0; n <= opt.repeat && good; n++) {
		good = run_once(d, k, batch, pages,
				n ? MARK_ROW : MARK_ROW | MARK_WARMUP, &map,
				&unmap, m, unit);
		if (!n)
			continue;
		map.cost[n - 1] = (double)(map.stop - map.start) / pages;
		unmap.cost[n - 1] = (double)(unmap.stop - unmap.start) / pages;
	}
	if (good) {
		tracing = xentrace_start(0);
		if (!xentrace_ok(tracing)) {
			fprintf(stderr, "xen-foreign: traps are not counted: %s\n",
				xentrace_error(tracing));
			xentrace_stop(tracing);
			tracing = NULL;
		} else {
			good = run_once(d, k, batch, pages,
					MARK_ROW | MARK_TRACED, &map, &unmap, m,
					unit);
			xentrace_stop(tracing);
			tracing = NULL;
		}
	}
	free(m);
	if (!good)
		return false;
	print_row(tsv, k, batch, pages, &map, unit);
	print_row(tsv, k, batch, pages, &unmap, unit);
	return true;
}

static size_t largest_batch(void)
{
	size_t i, max = 0;

	for (i = 0; i < opt.nr_batches; i++)
		if (opt.batch[i] > max)
			max = opt.batch[i];
	return max;
}

static int work(pid_t owner, FILE *tsv)
{
	size_t b, i, batch = largest_batch(), pages = opt.pages;
	struct domain d = { 0 };
	unsigned int id = FIRST_ID;
	enum unit unit;

	if (!pages)
		pages = batch > 1024 ? batch : 1024;
	open_handles(&d);
	if (opt.use_domid)
		use_domain(&d, opt.domid, pages);
	else
		create_domain(&d, owner, pages, batch);
	if (opt.bad_grants)
		return refuse_bad_grants(&d) ? EXIT_OK : EXIT_WRONG;
	pin_to_cpu();
	unit = detect_unit();
	print_heading(tsv, &d, unit);
	for (b = 0; b < opt.nr_batches; b++)
		for (i = 0; i < nr_kinds; i++) {
			if (!opt.selected[i])
				id += 2;
			else if (!run_kind(&d, &kinds[i], opt.batch[b], &id,
					   unit, tsv))
				return EXIT_WRONG;
			fflush(stdout);
			if (tsv)
				fflush(tsv);
		}
	if (tsv && fclose(tsv))
		die(EXIT_CANNOT, "%s: %s", opt.tsv, strerror(errno));
	return EXIT_OK;
}

/* around the worker */

static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void stop_signals(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(set, stops[i]);
}

/*
 * Outlives the others: no terminal or process group to be killed with, and
 * deaf to what can be ignored. Their memory is gone before their files are, so
 * that nothing maps the domain any more at the end of the pipe.
 */
static pid_t start_keeper(const int pipe_fd[2], pid_t owner)
{
	pid_t pid = fork();
	sigset_t set;
	char c;

	if (pid)
		return pid;
	setsid();
	stop_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	close(pipe_fd[1]);
	while (read(pipe_fd[0], &c, 1) < 0 && errno == EINTR)
		;
	destroy_domains(open_xen(), owner);
	_exit(EXIT_OK);
}

static pid_t start_worker(pid_t parent, FILE *tsv)
{
	pid_t pid = fork();
	sigset_t set;
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_CANNOT);
	stop_signals(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	status = work(parent, tsv);
	fflush(NULL);
	_exit(status);
}

static void worker_died(int status)
{
	fprintf(stderr, "xen-foreign: the worker was killed by signal %d (%s)\n",
		WTERMSIG(status), strsignal(WTERMSIG(status)));
}

static int run(FILE *tsv)
{
	int pipe_fd[2], status, keeper_status = 0, stopped = 0, result = -1;
	pid_t me = getpid(), keeper = 0, worker, pid;
	sigset_t set;

	stop_signals(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (pipe2(pipe_fd, O_CLOEXEC))
		die(EXIT_CANNOT, "pipe: %s", strerror(errno));
	if (!opt.use_domid)
		keeper = start_keeper(pipe_fd, me);
	close(pipe_fd[0]);
	if (keeper < 0)
		die(EXIT_CANNOT, "fork: %s", strerror(errno));
	worker = start_worker(me, tsv);
	if (worker < 0)
		die(EXIT_CANNOT, "fork: %s", strerror(errno));

	while (worker) {
		int sig = sigwaitinfo(&set, NULL);

		if (sig > 0 && sig != SIGCHLD) {
			stopped = sig;
			kill(worker, SIGKILL);
		}
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == worker) {
				worker = 0;
				if (WIFEXITED(status))
					result = WEXITSTATUS(status);
				else if (!stopped)
					worker_died(status);
			} else if (pid == keeper) {
				/* no run without one: it comes to an end */
				keeper = 0;
				keeper_status = -1;
				kill(worker, SIGKILL);
			}
		}
	}
	close(pipe_fd[1]);
	if (keeper && waitpid(keeper, &status, 0) == keeper)
		keeper_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (keeper_status < 0) {
		fputs("xen-foreign: its keeper was killed\n", stderr);
		destroy_domains(open_xen(), me);
	}
	if (stopped) {
		signal(stopped, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		raise(stopped);
	}
	if (keeper_status || result < 0)
		return EXIT_WRONG;
	return result;
}

/* options */

static const char usage[] =
"usage: xen-foreign [options]\n"
"Cost of a page of another domain, mapped and unmapped in batches, in dom0.\n"
"  -b, --batch N,...   pages of a mapping; each in turn (default 1024)\n"
"  -m, --map A,...     what to map (default: all that can be)\n"
"                        ro        pages by frame number, read-only\n"
"                        rw        pages by frame number, read-write\n"
"                        resource  frames of the grant table, as a resource\n"
"                        gnttab    granted pages, by gntdev\n"
"  -d, --domid N       pages of this domain, which may be running; nothing is\n"
"                      written to them (default: make a paused PV domain)\n"
"  -n, --pages N       pages mapped at a time (default: 1024, and a batch)\n"
"  -r, --repeat N      measured runs (default 5)\n"
"  -o, --tsv FILE      also write a table of tab-separated values\n"
"      --bad-grants    no figures: is a batch with one bad grant refused, and\n"
"                      none of its good ones left mapped?\n"
"  -l, --list          list the domains besides this one\n"
"      --cleanup       destroy what killed runs may have left, no more\n"
"  -h, --help          this\n"
"      --version       the version of this program\n"
"Exit status: 0 done, 1 a check failed, 2 bad usage, 3 cannot: no privilege, no\n"
"such domain, not enough memory.\n";

static void parse_domid(const char *text)
{
	opt.domid = parse_number("--domid", text, 0, UINT32_MAX);
	if (!opt.domid)
		die(EXIT_USAGE, "domain 0 is this one: its pages are not foreign; use another --domid, or none");
	opt.use_domid = true;
}

static void parse_batches(char *list)
{
	char *text, *save = NULL;

	opt.nr_batches = 0;
	for (text = strtok_r(list, ",", &save); text;
	     text = strtok_r(NULL, ",", &save)) {
		if (opt.nr_batches == MAX_BATCHES)
			die(EXIT_USAGE, "--batch takes %u numbers at most",
			    MAX_BATCHES);
		opt.batch[opt.nr_batches++] = parse_number("--batch", text, 1,
							   MAX_BATCH);
	}
	if (!opt.nr_batches)
		die(EXIT_USAGE, "--batch wants a number");
}

static void parse_kinds(char *list)
{
	char *name, *save = NULL;
	bool any = false;
	size_t i;

	memset(opt.selected, 0, sizeof(opt.selected));
	for (name = strtok_r(list, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < nr_kinds; i++)
			if (!strcmp(name, kinds[i].name))
				break;
		if (i == nr_kinds)
			die(EXIT_USAGE, "--map wants ro, rw, resource or gnttab, not '%s'",
			    name);
		opt.selected[i] = true;
		any = true;
	}
	if (!any)
		die(EXIT_USAGE, "--map names nothing");
}

static void parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "bad-grants",	no_argument,	   NULL, 'g' },
		{ "batch",	required_argument, NULL, 'b' },
		{ "cleanup",	no_argument,	   NULL, 'c' },
		{ "domid",	required_argument, NULL, 'd' },
		{ "list",	no_argument,	   NULL, 'l' },
		{ "map",	required_argument, NULL, 'm' },
		{ "pages",	required_argument, NULL, 'n' },
		{ "repeat",	required_argument, NULL, 'r' },
		{ "tsv",	required_argument, NULL, 'o' },
		CLI_OPTIONS
	};
	int c;

	memset(opt.selected, 1, sizeof(opt.selected));
	while ((c = next_option(argc, argv, ":b:d:hlm:n:o:r:", longs,
				usage)) != -1) {
		switch (c) {
		case 'b':
			parse_batches(optarg);
			break;
		case 'c':
			opt.cleanup = true;
			break;
		case 'd':
			parse_domid(optarg);
			break;
		case 'g':
			opt.bad_grants = true;
			break;
		case 'l':
			opt.list = true;
			break;
		case 'm':
			parse_kinds(optarg);
			break;
		case 'n':
			opt.pages = parse_number("--pages", optarg, 1,
						 MAX_PAGES);
			break;
		case 'o':
			opt.tsv = optarg;
			break;
		case 'r':
			opt.repeat = parse_number("--repeat", optarg, 1,
						  MAX_REPEAT);
			break;
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument '%s', see --help",
		    argv[optind]);
	if (opt.bad_grants && opt.use_domid)
		die(EXIT_USAGE, "--bad-grants wants a domain of its own: leave out --domid");
	if (opt.pages && opt.pages < largest_batch())
		die(EXIT_USAGE, "--pages %zu is less than a batch of %zu",
		    opt.pages, largest_batch());
}

int main(int argc, char **argv)
{
	xc_interface *xch;
	FILE *tsv = NULL;
	int orphans;

	parse_options(argc, argv);
	xch = open_xen();
	if (opt.list) {
		list_domains(xch);
		return EXIT_OK;
	}
	orphans = destroy_orphans(xch);
	if (orphans || opt.cleanup)
		fprintf(stderr, "xen-foreign: destroyed %d domain%s that a killed run has left\n",
			orphans, orphans == 1 ? "" : "s");
	xc_interface_close(xch);
	if (opt.cleanup)
		return EXIT_OK;
	if (opt.tsv) {
		tsv = fopen(opt.tsv, "w");
		if (!tsv)
			die(EXIT_CANNOT, "%s: %s", opt.tsv, strerror(errno));
	}
	return run(tsv);
}
