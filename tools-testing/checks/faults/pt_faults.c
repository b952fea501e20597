// SPDX-License-Identifier: GPL-2.0
/*
 * Something goes wrong with a batch of updates, or an NMI comes while it is made:
 * is all done that the operation wanted, and reported what was refused, once?
 *
 * Runs on a kernel built with inject.sed. Each operation of mm is done on an area
 * of 1100 pages while
 *  - updates that Xen has to refuse are put into the batches it issues: in front of
 *    them, into their middle, behind them, and all three;
 *  - calls do not start at all;
 *  - the clears of entries that may become dirty are refused;
 *  - NMIs that change page tables themselves come at the worst places.
 * Afterwards the area has to be as if nothing had happened, and the kernel log
 * has to count each refused update once, with the first and the last place.
 *
 * With PT_FAULTS_FIRST in the environment it ends with the first case that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "pt_util.h"

#define KNOBS		"/sys/kernel/debug/xen/mc_inject/"
#define SEED_OLD	1
#define SEED_NEW	2
/* Calls of fewer updates are left alone: first, middle and last are different. */
#define MIN_UPDATES	8
/* Faults that have nothing to do with the area: stack, libc */
#define FAULT_NOISE	8
/* For one operation, which takes about one */
#define HANG_SECONDS	60
/* Places for NMIs, see enum mc_inject_point */
#define NMI_POINTS	5

static int kmsg_fd;
static pid_t owner;
static char why[512];
static unsigned long injected_total, reported_total, pages_total, singles_total;
static long singles, nmis;
static unsigned long nmis_total[NMI_POINTS];

#define wrong(...) \
	(why[0] ? 0 : snprintf(why, sizeof(why), __VA_ARGS__))

/* Operations: each returns with *why filled if a page is not as it should be. */

enum kind { NO_TABLE, NO_FRAME, EFAULT_CALL, ESRCH_CALL, CLEAR_REFUSED, NMI };

static void arm(unsigned int places, unsigned int kind)
{
	pt_write_long(KNOBS "places", places);
	pt_write_long(KNOBS "kind", kind);
	pt_write_long(KNOBS "min", MIN_UPDATES);
	pt_write_long(KNOBS "calls", 1000000);
}

static void count_nmis(void)
{
	FILE *f = fopen(KNOBS "nmis", "r");
	unsigned int n;
	size_t i;

	nmis = 0;
	for (i = 0; f && i < NMI_POINTS && fscanf(f, "%u", &n) == 1; i++) {
		nmis_total[i] += n;
		nmis += n;
	}
	if (f)
		fclose(f);
	if (pt_read_long(KNOBS "nmi_bad"))
		wrong("an NMI did not find what it mapped");
}

/* A write to "calls" sets "done" back. A child of fork() leaves both alone. */
static long disarm_and_count(void)
{
	long done;

	if (getpid() != owner)
		return 0;
	done = pt_read_long(KNOBS "done");
	singles = pt_read_long(KNOBS "singles");
	count_nmis();
	pt_write_long(KNOBS "calls", 0);
	return done;
}

static unsigned int places, kind;
static long injected;

#define INJECT(op) do {				\
	arm(places, kind);			\
	if (op)					\
		wrong(#op ": %s", strerror(errno)); \
	injected = disarm_and_count();		\
} while (0)

static void same(const struct pt_area *a, unsigned int seed)
{
	size_t n = pt_wrong(a, seed, PT_ALL);

	if (n)
		wrong("%zu pages with wrong contents", n);
}

static void unreadable(const struct pt_area *a)
{
	size_t n = pt_count_readable(a);

	if (n)
		wrong("%zu pages still mapped", n);
}

static void do_mprotect_ro(struct pt_area *a)
{
	size_t n;

	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(mprotect(a->base, pt_len(a), PROT_READ));
	n = pt_count_writable(a);
	if (n)
		wrong("%zu pages still writable", n);
	same(a, SEED_OLD);
}

static void do_mprotect_rw(struct pt_area *a)
{
	long faults;

	pt_fill(a, SEED_OLD, PT_ALL);
	if (mprotect(a->base, pt_len(a), PROT_READ))
		wrong("mprotect: %s", strerror(errno));
	INJECT(mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	same(a, SEED_OLD);
	faults = pt_minflt();
	pt_fill(a, SEED_NEW, PT_ALL);
	faults = pt_minflt() - faults;
	if (faults > FAULT_NOISE)
		wrong("%ld pages not writable", faults);
	same(a, SEED_NEW);
}

static void do_munmap(struct pt_area *a)
{
	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(munmap(a->base, pt_len(a)));
	unreadable(a);
	if (pt_map_fixed(a, PROT_READ | PROT_WRITE))
		wrong("mmap: %s", strerror(errno));
	if (a->mem != PT_ANON)
		same(a, SEED_OLD);
	else if (pt_nonzero(a, PT_ALL))
		wrong("old contents are back");
}

static void do_dontneed(struct pt_area *a)
{
	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(madvise(a->base, pt_len(a), MADV_DONTNEED));
	if (a->mem != PT_ANON)
		same(a, SEED_OLD);
	else if (pt_nonzero(a, PT_ALL))
		wrong("old contents are still there");
}

/* Mapped clean and writable when they are zapped, or dirty by then: who knows? */
static void do_zap_clean(struct pt_area *a)
{
	pt_fill(a, SEED_OLD, PT_ALL);
	if (pt_map_fixed(a, PROT_READ | PROT_WRITE))
		wrong("mmap: %s", strerror(errno));
	pt_touch(a, PT_ALL);
	INJECT(munmap(a->base, pt_len(a)));
	unreadable(a);
	if (pt_map_fixed(a, PROT_READ | PROT_WRITE))
		wrong("mmap: %s", strerror(errno));
	same(a, SEED_OLD);
}

/* Mapped clean and writable, then stored to: only the processor knows. */
static void do_munmap_clean(struct pt_area *a)
{
	pt_touch(a, PT_ALL);
	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(munmap(a->base, pt_len(a)));
	unreadable(a);
	if (pt_map_fixed(a, PROT_READ | PROT_WRITE))
		wrong("mmap: %s", strerror(errno));
	same(a, SEED_OLD);
}

static void do_fork(struct pt_area *a)
{
	int status = -1, go[2];
	pid_t pid = 0;

	pt_fill(a, SEED_OLD, PT_ALL);
	if (pipe(go)) {
		wrong("pipe: %s", strerror(errno));
		return;
	}
	INJECT((pid = fork()) < 0);
	if (!pid) {
		char c;

		/* What the parent stores after fork() must not get here. */
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(pt_wrong(a, SEED_OLD, PT_ALL) ? 1 : 0);
	}
	pt_fill(a, SEED_NEW, PT_ALL);
	if (write(go[1], "", 1) != 1)
		wrong("write: %s", strerror(errno));
	waitpid(pid, &status, 0);
	close(go[0]);
	close(go[1]);
	if (status)
		wrong("the child sees what the parent stored later");
	same(a, SEED_NEW);
}

static void do_mremap(struct pt_area *a)
{
	struct pt_area to = *a;
	char *p = pt_elsewhere(a);

	pt_fill(a, SEED_OLD, PT_ALL);
	to.base = p;
	INJECT(mremap(a->base, pt_len(a), pt_len(a),
		      MREMAP_MAYMOVE | MREMAP_FIXED, p) != p);
	unreadable(a);
	same(&to, SEED_OLD);
	munmap(p, pt_len(&to));
}

static void do_madv_free(struct pt_area *a)
{
	long dirty;

	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(madvise(a->base, pt_len(a), MADV_FREE));
	dirty = pt_smaps(a->base, "Private_Dirty");
	if (dirty)
		wrong("%ld KiB still dirty", dirty);
	same(a, SEED_OLD);
}

static void do_madv_cold(struct pt_area *a)
{
	long young;

	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(madvise(a->base, pt_len(a), MADV_COLD));
	young = pt_smaps(a->base, "Referenced");
	if (young)
		wrong("%ld KiB still referenced", young);
	same(a, SEED_OLD);
}

/* Entries that may become dirty any moment */
static void do_cold_clean(struct pt_area *a)
{
	long young;

	pt_touch(a, PT_ALL);
	INJECT(madvise(a->base, pt_len(a), MADV_COLD));
	young = pt_smaps(a->base, "Referenced");
	if (young)
		wrong("%ld KiB still referenced", young);
	pt_fill(a, SEED_OLD, PT_ALL);
	same(a, SEED_OLD);
}

static void do_clear_refs(struct pt_area *a)
{
	size_t n;

	pt_fill(a, SEED_OLD, PT_ALL);
	INJECT(pt_clear_refs("4"));
	n = pt_count_pm(a, PM_SOFT_DIRTY, PT_ALL);
	if (n)
		wrong("%zu pages still soft-dirty", n);
	same(a, SEED_OLD);
}

/* What of it comes to exact clears in batches, and to single updates */
#define EXACT	BIT(0)
#define SINGLE	BIT(1)

static const struct op {
	const char *name;
	enum pt_mem mem;
	void (*run)(struct pt_area *a);
	unsigned int flags;
} ops[] = {
	{ "mprotect_ro.anon", PT_ANON, do_mprotect_ro, 0 },
	{ "mprotect_ro.memfd", PT_MEMFD, do_mprotect_ro, 0 },
	{ "mprotect_rw.anon", PT_ANON, do_mprotect_rw, 0 },
	{ "munmap.anon", PT_ANON, do_munmap, 0 },
	{ "munmap.memfd", PT_MEMFD, do_munmap, 0 },
	{ "munmap_clean.memfd", PT_MEMFD, do_munmap_clean, 0 },
	{ "zap_clean.memfd", PT_MEMFD, do_zap_clean, EXACT },
	{ "dontneed.anon", PT_ANON, do_dontneed, 0 },
	{ "dontneed.memfd", PT_MEMFD, do_dontneed, 0 },
	{ "fork.anon", PT_ANON, do_fork, 0 },
	{ "mremap.anon", PT_ANON, do_mremap, 0 },
	{ "mremap.memfd", PT_MEMFD, do_mremap, 0 },
	{ "madv_free.anon", PT_ANON, do_madv_free, 0 },
	{ "madv_cold.anon", PT_ANON, do_madv_cold, 0 },
	{ "cold_clean.memfd", PT_MEMFD, do_cold_clean, SINGLE },
	{ "clear_refs.anon", PT_ANON, do_clear_refs, 0 },
};

static const struct fault {
	const char *name;
	enum kind kind;
	unsigned int places;
	unsigned int flags;	/* only for operations with one of these */
} faults[] = {
	{ "no such table, first", NO_TABLE, 1, 0 },
	{ "no such frame, first", NO_FRAME, 1, 0 },
	{ "no such table, middle", NO_TABLE, 2, 0 },
	{ "no such frame, middle", NO_FRAME, 2, 0 },
	{ "no such table, last", NO_TABLE, 4, 0 },
	{ "no such frame, last", NO_FRAME, 4, 0 },
	{ "no such table, all three", NO_TABLE, 7, 0 },
	{ "no such frame, all three", NO_FRAME, 7, 0 },
	{ "call not started, EFAULT", EFAULT_CALL, 0, 0 },
	{ "call not started, ESRCH", ESRCH_CALL, 0, 0 },
	{ "clear refused, first", CLEAR_REFUSED, 1, EXACT | SINGLE },
	{ "clear refused, last", CLEAR_REFUSED, 4, EXACT | SINGLE },
	{ "clear refused, all three", CLEAR_REFUSED, 7, EXACT | SINGLE },
	{ "NMIs", NMI, BIT(NMI_POINTS) - 1, 0 },
};

/* The places that a report names have to be the outer ones of those asked for. */
static bool places_are_right(unsigned int count, unsigned int first,
			     unsigned int last)
{
	unsigned int bad = __builtin_popcount(places), n = count - bad;
	unsigned int middle = n / 2 + 1 + (places & 1);

	if (kind == CLEAR_REFUSED)
		return first == (places & 1 ? 1 : count) &&
		       last == (places & 4 ? count : 1);
	return first == (places & 1 ? 1 : places & 2 ? middle : count) &&
	       last == (places & 4 ? count : places & 2 ? middle : 1);
}

static const char *const complaints[] = {
	"Bad page", "Bad rss-counter", "BUG:", "Oops", "bad pmd", "bad pte",
	"general protection", "swap_free:", "non-zero pgtables_bytes",
};

/* What the kernel log says since the last call */
static void check_log(void)
{
	unsigned long reported = 0, misplaced = 0, other = 0;
	unsigned int nr, count, first, last, lost = 0;
	char *msg;
	int result;
	size_t i;

	while ((msg = pt_kmsg_next(kmsg_fd, &lost))) {
		msg = strstr(msg, "mmu_update") ?: msg;
		if (sscanf(msg, "mmu_update: %u of %u refused, result=%d: %u (ptr=%*x val=%*x) to %u",
			   &nr, &count, &result, &first, &last) == 5) {
			reported += nr;
			misplaced += !places_are_right(count, first, last);
			continue;
		}
		if (sscanf(msg, "mmu_update of %u: done in parts", &nr) == 1) {
			reported++;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(complaints); i++)
			other += !!strstr(msg, complaints[i]);
	}
	if (lost)
		wrong("the kernel log has overflown");
	if (reported != (unsigned long)injected)
		wrong("%lu reports of %ld failed updates", reported, injected);
	if (misplaced)
		wrong("%lu reports name another place", misplaced);
	if (other)
		wrong("%lu complaints of the kernel", other);
	if (!injected && !singles && !nmis)
		wrong("nothing was injected");
	injected_total += injected;
	singles_total += singles;
	reported_total += reported;
}

/* An update that was not done may make the same fault come again and again. */
static void on_alarm(int sig)
{
	static const char msg[] = "Bail out! an operation does not end\n";
	ssize_t ret = write(STDOUT_FILENO, msg, sizeof(msg) - 1);

	(void)ret;
	(void)sig;
	_exit(KSFT_FAIL);
}

static bool applies(const struct op *op, const struct fault *fault)
{
	/* What is done by single updates has no batch to spoil. */
	if (op->flags & SINGLE && !(fault->flags & SINGLE) && fault->kind != NMI)
		return false;
	return !fault->flags || fault->flags & op->flags;
}

static void one_case(const struct op *op, const struct fault *fault)
{
	struct pt_area a;

	places = fault->places;
	kind = fault->kind;
	injected = singles = nmis = 0;
	why[0] = '\0';
	alarm(HANG_SECONDS);
	if (pt_reserve(&a, PT_AREA_PAGES) || pt_map(&a, op->mem)) {
		wrong("no memory: %s", strerror(errno));
	} else {
		op->run(&a);
		pages_total += a.nr;
	}
	check_log();
	pt_release(&a);
	if (why[0])
		ksft_print_msg("%s\n", why);
	ksft_test_result(!why[0], "%s, %s: %ld injected\n", op->name, fault->name,
			 injected + singles + nmis);
	/* One is enough for a kernel that is broken on purpose. */
	if (why[0] && getenv("PT_FAULTS_FIRST"))
		ksft_exit_fail();
}

/* Has there been an NMI at each of the places? */
static void all_points(void)
{
	bool all = true;
	size_t i;

	for (i = 0; i < NMI_POINTS; i++)
		all &= nmis_total[i] > 0;
	ksft_test_result(all, "NMIs: filling %lu, counting %lu, entry %lu, inside %lu, issued %lu\n",
			 nmis_total[0], nmis_total[1], nmis_total[2],
			 nmis_total[3], nmis_total[4]);
}

/* One process must not fill the log: ten reports in five seconds are let through. */
static void flood(void)
{
	unsigned long lines = 0, limit;
	time_t t0 = time(NULL);
	unsigned int lost = 0;
	struct pt_area a;
	char *msg;
	int i;

	places = 7;
	kind = NO_TABLE;
	alarm(HANG_SECONDS);
	if (!pt_reserve(&a, PT_AREA_PAGES) && !pt_map(&a, PT_ANON)) {
		pt_fill(&a, SEED_OLD, PT_ALL);
		for (i = 0; i < 20; i++)
			INJECT(mprotect(a.base, pt_len(&a),
					i & 1 ? PROT_READ | PROT_WRITE : PROT_READ));
	}
	limit = 10 * (1 + (time(NULL) - t0) / 5 + 1);
	while ((msg = pt_kmsg_next(kmsg_fd, &lost)))
		lines += !!strstr(msg, "refused");
	pt_release(&a);
	ksft_test_result(lines && lines <= limit, "flood: %lu reports\n", lines);
}

int main(int argc, char **argv)
{
	size_t i, f, cases = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	owner = getpid();
	if (access(KNOBS "calls", W_OK))
		ksft_exit_skip("no " KNOBS ": not a kernel with fault injection\n");
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd < 0)
		ksft_exit_skip("/dev/kmsg: %s\n", strerror(errno));
	lseek(kmsg_fd, 0, SEEK_END);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	signal(SIGALRM, on_alarm);
	pt_scratch_setup();
	atexit(pt_scratch_cleanup);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		for (f = 0; f < ARRAY_SIZE(faults); f++)
			cases += applies(&ops[i], &faults[f]);
	ksft_set_plan(cases + 2);

	pt_write_long(KNOBS "limit", 0);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		for (f = 0; f < ARRAY_SIZE(faults); f++)
			if (applies(&ops[i], &faults[f]))
				one_case(&ops[i], &faults[f]);
	all_points();
	pt_write_long(KNOBS "limit", 1);
	flood();

	ksft_print_msg("pages %lu, injected %lu, reported %lu, single updates %lu\n",
		       pages_total, injected_total, reported_total,
		       singles_total);
	ksft_finished();
}
