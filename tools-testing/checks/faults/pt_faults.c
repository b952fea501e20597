// SPDX-License-Identifier: GPL-2.0
/*
 * One update of a batch fails: are the others done, and is it reported, once?
 *
 * Runs on a kernel built with inject.sed. Each operation of mm is done on an area
 * of 1100 pages while updates that Xen has to refuse are put into the batches it
 * issues: in front of them, into their middle, behind them, and all three.
 * Afterwards the area has to be as if nothing had happened, and the kernel log
 * has to name each refused update once, with its place.
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

static int kmsg_fd;
static pid_t owner;
static char why[512];
static unsigned long injected_total, reported_total, pages_total;

#define wrong(...) \
	(why[0] ? 0 : snprintf(why, sizeof(why), __VA_ARGS__))

/* Operations: each returns with *why filled if a page is not as it should be. */

static void arm(unsigned int places, unsigned int kind)
{
	pt_write_long(KNOBS "places", places);
	pt_write_long(KNOBS "kind", kind);
	pt_write_long(KNOBS "min", MIN_UPDATES);
	pt_write_long(KNOBS "calls", 1000000);
}

/* A write to "calls" sets "done" back. A child of fork() leaves both alone. */
static long disarm_and_count(void)
{
	long done;

	if (getpid() != owner)
		return 0;
	done = pt_read_long(KNOBS "done");
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

static const struct op {
	const char *name;
	enum pt_mem mem;
	void (*run)(struct pt_area *a);
} ops[] = {
	{ "mprotect_ro.anon", PT_ANON, do_mprotect_ro },
	{ "mprotect_ro.memfd", PT_MEMFD, do_mprotect_ro },
	{ "mprotect_rw.anon", PT_ANON, do_mprotect_rw },
	{ "munmap.anon", PT_ANON, do_munmap },
	{ "munmap.memfd", PT_MEMFD, do_munmap },
	{ "munmap_clean.memfd", PT_MEMFD, do_munmap_clean },
	{ "dontneed.anon", PT_ANON, do_dontneed },
	{ "dontneed.memfd", PT_MEMFD, do_dontneed },
	{ "fork.anon", PT_ANON, do_fork },
	{ "mremap.anon", PT_ANON, do_mremap },
	{ "mremap.memfd", PT_MEMFD, do_mremap },
	{ "madv_free.anon", PT_ANON, do_madv_free },
	{ "madv_cold.anon", PT_ANON, do_madv_cold },
	{ "clear_refs.anon", PT_ANON, do_clear_refs },
};

/* The place that a report names has to be one of those asked for. */
static bool place_is_right(unsigned int nr, unsigned int count)
{
	unsigned int bad = __builtin_popcount(places), n = count - bad;

	return ((places & 1) && nr == 1) ||
	       ((places & 2) && nr == n / 2 + 1 + (places & 1)) ||
	       ((places & 4) && nr == count);
}

static const char *const complaints[] = {
	"Bad page", "Bad rss-counter", "BUG:", "Oops", "bad pmd", "bad pte",
	"general protection", "swap_free:", "non-zero pgtables_bytes",
};

/* What the kernel log says since the last call */
static void check_log(void)
{
	unsigned long reported = 0, misplaced = 0, other = 0;
	unsigned int nr, count, lost = 0;
	char *msg;
	size_t i;

	while ((msg = pt_kmsg_next(kmsg_fd, &lost))) {
		msg = strstr(msg, "mmu_update ") ?: msg;
		if (sscanf(msg, "mmu_update %u of %u failed", &nr, &count) == 2) {
			reported++;
			misplaced += !place_is_right(nr, count);
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
	if (!injected)
		wrong("nothing was injected");
	injected_total += injected;
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

int main(int argc, char **argv)
{
	static const char *const place_names[] = {
		[1] = "first", [2] = "middle", [4] = "last", [7] = "all three",
	};
	static const char *const kind_names[] = { "no such table", "no such frame" };
	static const unsigned int all_places[] = { 1, 2, 4, 7 };
	size_t i, p;

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
	ksft_set_plan(ARRAY_SIZE(ops) * ARRAY_SIZE(all_places) * 2);

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (p = 0; p < ARRAY_SIZE(all_places) * 2; p++) {
			const struct op *op = &ops[i];
			struct pt_area a;

			places = all_places[p / 2];
			kind = p % 2;
			injected = 0;
			why[0] = '\0';
			alarm(HANG_SECONDS);
			if (pt_reserve(&a, PT_AREA_PAGES) ||
			    pt_map(&a, op->mem)) {
				wrong("no memory: %s", strerror(errno));
			} else {
				op->run(&a);
				pages_total += a.nr;
			}
			check_log();
			pt_release(&a);
			if (why[0])
				ksft_print_msg("%s\n", why);
			ksft_test_result(!why[0], "%s, %s, %s: %ld injected\n",
					 op->name, place_names[places],
					 kind_names[kind], injected);
		}
	}
	ksft_print_msg("pages %lu, injected %lu, reported %lu\n", pages_total,
		       injected_total, reported_total);
	ksft_finished();
}
