// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on page-table entries while other threads use the pages.
 *
 * Writer threads store to random pages of an area; one more thread, the
 * mutator, unmaps, protects, moves, ages, pages out or migrates the same pages.
 * Each writer has a word of its own in each page, and remembers the sequence
 * number that it stored there last. Before it stores the next one it looks:
 *
 *   - in memory that must persist, its last number has to be there;
 *   - in memory that the mutator throws away, zero may be there instead, if a
 *     zap has begun since the store began. Generation numbers tell: the mutator
 *     counts up "begun" before a zap and "done" after it, the writer takes
 *     "done" before a store and compares it with "begun" when it looks;
 *   - any other number is an old one that came back.
 *
 * All of this is a lost write; where the data has been to swap or to a file in
 * between, it is a lost dirty bit. A stale mapping shows when a store arrives
 * where the writer has no access any more: in memory just protected, moved away
 * or copied by fork, which is read twice, or in new memory that got the frames
 * of what was zapped.
 *
 * Environment:
 *   PT_RACES_MS      duration of each test, default 300 milliseconds; more if
 *                    little could be done in that time
 *   PT_RACES_PAGES   number of raced pages instead, in all tests that are run: each
 *                    has an equal part of it, also one that is skipped
 *   PT_RACES_SEED    where the pseudo-random numbers begin, default 1
 *
 * A raced page is a page under an operation while the writers are running.
 * With one CPU they run only where the mutator can be preempted: use several.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "pt_util.h"

/* Long runs take as long as they take: the tests have alarms of their own. */
#define PT_TEST(fixture, name)	TEST_F_TIMEOUT(fixture, name, 1000000)

#define RACE_PAGES	640
#define MAX_WRITERS	8
#define SLOT_SIZE	64
#define STACK_SIZE	(256 * 1024)
#define HANG_SECONDS	120
#define MIN_ROUNDS	16

struct race;

struct writer {
	pthread_t thread;
	struct race *r;
	int id;
	__u64 rnd;
	__u64 seq;
	size_t at;		/* last page, when going slowly */
	__u64 *last;		/* what was stored last in each page */
	__u64 *gen;		/* "done" before that store */
	atomic_ullong stores;	/* or loads, if that is all it does */
	__u64 lost;		/* what should be there is not */
};

struct race {
	struct pt_area a;
	int nr_writers;
	bool alone;		/* there is one CPU only */
	bool persistent;	/* nothing may ever read as zero again */
	atomic_ullong begun;	/* zaps that began */
	atomic_ullong done;	/* zaps that are over */
	atomic_int pause;
	atomic_int parked;
	atomic_int stop;
	atomic_uint pace;	/* turns a writer waits between stores, on average */
	struct writer w[MAX_WRITERS];
	__u64 rnd;
	struct timespec end;
	__u64 pages;		/* raced */
	__u64 target;		/* of them, 0: by time */
	unsigned int rounds;
	__u64 stale;
	__u64 *snap;
	char *spare;		/* a place for as many pages, elsewhere */
};

/* Sums over all tests, shared with the processes that run them */
static struct totals {
	__u64 pages, stores, lost_writes, lost_dirty, stale;
} *totals;

static struct race *the_race;
static unsigned long opt_ms = 300;
static unsigned long opt_pages;
static unsigned int nr_tests;
static unsigned long opt_seed = 1;

static void print_totals(const char *name, const struct totals *t)
{
	ksft_print_msg("%s: raced pages %llu, stores %llu, ", name, t->pages,
		       t->stores);
	printf("lost writes %llu, lost dirty %llu, stale mappings %llu\n",
	       t->lost_writes, t->lost_dirty, t->stale);
}

static __u64 next_random(__u64 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static char *slot(const struct race *r, size_t page, int id)
{
	return pt_page(&r->a, page) + id * SLOT_SIZE;
}

/* A page out of reach for the moment: try again. */
static void on_segv(int sig, siginfo_t *info, void *ctx)
{
	char *p = info->si_addr;

	(void)ctx;
	if (the_race && p >= the_race->a.rsv &&
	    p < the_race->a.rsv + the_race->a.rsv_len) {
		sched_yield();
		return;
	}
	signal(sig, SIG_DFL);
}

/* Ready to be off at once, but not in the way of what takes long. */
static void park(struct race *r)
{
	int turns = 0;

	atomic_fetch_add(&r->parked, 1);
	while (atomic_load(&r->pause)) {
		sched_yield();
		if (++turns > 100)
			usleep(1000);
	}
	atomic_fetch_sub(&r->parked, 1);
}

static void check_slot(struct writer *w, size_t i, __u64 val)
{
	struct race *r = w->r;
	__u64 begun = atomic_load(&r->begun);

	if (val == w->last[i])
		return;
	if (!val && !r->persistent && begun != w->gen[i])
		return;
	if (!w->lost++)
		ksft_print_msg("writer %d, page %zu: read %llu, stored %llu (zap %llu, now %llu)\n",
			       w->id, i, val, w->last[i], w->gen[i], begun);
}

/*
 * In no order; or slowly, from the last page to the first: that way a writer
 * meets an operation that goes from the first to the last, and is not held up
 * before that by pages that it is through with.
 */
static size_t next_page(struct writer *w)
{
	if (!atomic_load(&w->r->pace))
		return next_random(&w->rnd) % w->r->a.nr;
	if (!w->at)
		w->at = w->r->a.nr;
	return --w->at;
}

static void *write_pages(void *arg)
{
	struct writer *w = arg;
	struct race *r = w->r;

	while (!atomic_load(&r->stop)) {
		size_t i;
		char *p;

		while (atomic_load(&r->pause)) {
			park(r);
			w->at = 0;
		}
		i = next_page(w);
		p = slot(r, i, w->id);
		/*
		 * The load maps the page clean, the store makes it dirty. Where
		 * nothing can be expected it is mostly left out: it costs a
		 * second fault.
		 */
		if (r->persistent || atomic_load(&r->begun) == w->gen[i] ||
		    !(next_random(&w->rnd) & 7))
			check_slot(w, i, pt_load(p));
		w->gen[i] = atomic_load(&r->done);
		w->last[i] = ++w->seq;
		pt_store(p, w->seq);
		atomic_fetch_add_explicit(&w->stores, 1, memory_order_relaxed);
		if (r->alone && !(w->seq & 63))
			sched_yield();
		while (next_random(&w->rnd) % (atomic_load(&r->pace) + 1))
			;
	}
	return NULL;
}

static void race_clock(struct race *r)
{
	r->target = opt_pages ? opt_pages / nr_tests + 1 : 0;
	clock_gettime(CLOCK_MONOTONIC, &r->end);
	r->end.tv_nsec += opt_ms % 1000 * 1000000;
	r->end.tv_sec += opt_ms / 1000 + r->end.tv_nsec / 1000000000;
	r->end.tv_nsec %= 1000000000;
}

/*
 * fork() write-protects private memory. A writer must not have to wait for that
 * but in the area itself: all else that it writes to is shared.
 */
static void *shared_alloc(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int race_start_with(struct race *r, void *(*body)(void *))
{
	struct sigaction sa = {
		.sa_sigaction = on_segv,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};
	pthread_attr_t attr;
	void *stack;
	int i;

	the_race = r;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);

	r->rnd = opt_seed * 0x9e3779b97f4a7c15ULL;
	/* One CPU is for the mutator. */
	r->nr_writers = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	r->alone = !r->nr_writers;
	if (r->nr_writers < 1)
		r->nr_writers = 1;
	if (r->nr_writers > MAX_WRITERS)
		r->nr_writers = MAX_WRITERS;
	r->snap = calloc(2 * r->a.nr * MAX_WRITERS, sizeof(*r->snap));
	if (!r->snap)
		return -ENOMEM;
	for (i = 0; i < r->nr_writers; i++) {
		struct writer *w = &r->w[i];

		w->r = r;
		w->id = i;
		w->rnd = next_random(&r->rnd) | 1;
		w->last = shared_alloc(r->a.nr * sizeof(*w->last));
		w->gen = shared_alloc(r->a.nr * sizeof(*w->gen));
		stack = shared_alloc(STACK_SIZE);
		if (!w->last || !w->gen || !stack ||
		    pthread_attr_init(&attr) ||
		    pthread_attr_setstack(&attr, stack, STACK_SIZE) ||
		    pthread_create(&w->thread, &attr, body, w))
			return -ENOMEM;
	}

	race_clock(r);
	return 0;
}

static int race_start(struct race *r)
{
	return race_start_with(r, write_pages);
}

/*
 * To be asked before each round. A machine with more to do than processors may
 * not get far in the time given: up to five times as long is taken for the
 * rounds it needs for a result that means something.
 */
static bool race_goes_on(struct race *r)
{
	struct timespec now;
	long left;

	alarm(HANG_SECONDS);
	if (r->target)
		return r->pages < r->target;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (r->end.tv_sec - now.tv_sec) * 1000 +
	       (r->end.tv_nsec - now.tv_nsec) / 1000000;
	r->rounds++;
	return left > 0 ||
	       (r->rounds <= MIN_ROUNDS && left > -4 * (long)opt_ms);
}

/* All writers stand still, with their last stores in memory. */
static void race_pause(struct race *r)
{
	atomic_store(&r->pace, 0);
	atomic_store(&r->pause, 1);
	while (atomic_load(&r->parked) < r->nr_writers)
		sched_yield();
}

/*
 * Nobody waits for them to be off again: one that is paused in between looks
 * once more before it stores.
 */
static void race_resume(struct race *r)
{
	atomic_store(&r->pause, 0);
	if (r->alone)
		sched_yield();
}

/*
 * Where the first store to each page is what counts: spread them over what comes
 * next, however long that takes here.
 */
static void race_resume_slowly(struct race *r)
{
	atomic_store(&r->pace, 1U << next_random(&r->rnd) % 17);
	race_resume(r);
	while (atomic_load(&r->parked))
		sched_yield();
}

static void race_stop(struct race *r)
{
	int i;

	atomic_store(&r->stop, 1);
	for (i = 0; i < r->nr_writers; i++)
		pthread_join(r->w[i].thread, NULL);
}

/* Let every writer do something. */
static void race_let_write(struct race *r, unsigned int stores)
{
	int i;

	for (i = 0; i < r->nr_writers; i++) {
		__u64 from = atomic_load(&r->w[i].stores);

		while (atomic_load(&r->w[i].stores) < from + stores)
			sched_yield();
	}
}

/* Check all pages of all writers, who stand still. */
static void race_check_all(struct race *r)
{
	size_t i;
	int w;

	for (w = 0; w < r->nr_writers; w++)
		for (i = 0; i < r->a.nr; i++)
			check_slot(&r->w[w], i, pt_load(slot(r, i, w)));
}

/* The same with what a file descriptor reads. */
static void race_check_file(struct race *r, int fd)
{
	static char page[PAGE_SIZE];
	size_t i;
	int w;

	for (i = 0; i < r->a.nr; i++) {
		if (pread(fd, page, PAGE_SIZE, i * PAGE_SIZE) !=
		    (ssize_t)PAGE_SIZE)
			memset(page, 0xff, sizeof(page));
		for (w = 0; w < r->nr_writers; w++)
			check_slot(&r->w[w], i, pt_load(page + w * SLOT_SIZE));
	}
}

/* The writers start from zeroed memory again. */
static void race_forget(struct race *r)
{
	int w;

	for (w = 0; w < r->nr_writers; w++)
		memset(r->w[w].last, 0, r->a.nr * sizeof(*r->w[w].last));
}

/* A part of the area, all of it every fourth time */
static struct pt_area random_part(const struct race *r, __u64 *rnd)
{
	struct pt_area part = r->a;
	__u64 x = next_random(rnd);

	if (x & 3) {
		size_t at = (x >> 8) % part.nr;

		part.nr = 1 + (x >> 24) % (part.nr - at);
		part.base = pt_page(&r->a, at);
	}
	return part;
}

/* Not static: it is what an operation gets, and what counts as raced. */
static struct pt_area race_part(struct race *r)
{
	struct pt_area part = random_part(r, &r->rnd);

	r->pages += part.nr;
	return part;
}

static void take_snapshot(const struct race *r, const struct pt_area *a,
			  __u64 *snap)
{
	size_t i;
	int w;

	for (i = 0; i < a->nr; i++)
		for (w = 0; w < r->nr_writers; w++)
			*snap++ = pt_load(pt_page(a, i) + w * SLOT_SIZE);
}

/*
 * Nobody can write to these pages: whatever changes came through a stale
 * mapping.
 */
static __u64 count_changes(struct race *r, const struct pt_area *a)
{
	const __u64 *snap = r->snap;
	__u64 changes = 0;
	size_t i;
	int w, round;

	take_snapshot(r, a, r->snap);
	for (round = 0; round < 3; round++)
		sched_yield();
	for (i = 0; i < a->nr; i++)
		for (w = 0; w < r->nr_writers; w++, snap++)
			changes += pt_load(pt_page(a, i) + w * SLOT_SIZE) !=
				   *snap;
	return changes;
}

/*
 * New memory, most likely in the frames that were just freed: nobody else may
 * write to it.
 */
static __u64 count_intruders(struct race *r, size_t nr)
{
	struct pt_area a = { .base = r->spare, .nr = nr };
	__u64 found = 0;
	int w, round;
	size_t i;

	if (mmap(a.base, pt_len(&a), PROT_READ | PROT_WRITE, MAP_FIXED |
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != a.base)
		return 0;
	for (i = 0; i < nr; i++)
		for (w = 0; w < r->nr_writers; w++)
			pt_store(pt_page(&a, i) + w * SLOT_SIZE, ~i);
	for (round = 0; round < 2; round++)
		sched_yield();
	for (i = 0; i < nr; i++)
		for (w = 0; w < r->nr_writers; w++)
			found += pt_load(pt_page(&a, i) + w * SLOT_SIZE) != ~i;
	mmap(a.base, pt_len(&a), PROT_NONE, MAP_FIXED | MAP_PRIVATE |
	     MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return found;
}

/* @storage: the data has been to swap or to a file */
static void race_report(struct __test_metadata *_metadata, struct race *r,
			bool storage)
{
	struct totals t = { .pages = r->pages, .stale = r->stale };
	__u64 lost = 0;
	int i;

	for (i = 0; i < r->nr_writers; i++) {
		t.stores += atomic_load(&r->w[i].stores);
		lost += r->w[i].lost;
	}
	if (storage)
		t.lost_dirty = lost;
	else
		t.lost_writes = lost;
	print_totals(_metadata->name, &t);
	totals->pages += t.pages;
	totals->stores += t.stores;
	totals->lost_writes += t.lost_writes;
	totals->lost_dirty += t.lost_dirty;
	totals->stale += t.stale;

	EXPECT_EQ(0, lost);
	EXPECT_EQ(0, t.stale);
	EXPECT_LT(0, t.pages);
	EXPECT_LT(0, t.stores);
}

/* Look at everything once more, with the writers at rest, and report. */
static void race_finish(struct __test_metadata *_metadata, struct race *r,
			bool storage)
{
	race_pause(r);
	race_check_all(r);
	race_resume(r);
	race_stop(r);
	race_report(_metadata, r, storage);
}

static void race_setup(struct __test_metadata *_metadata, struct race *r,
		       enum pt_mem mem, enum pt_swap swap)
{
	int ret;

	ret = pt_swap_on(swap);
	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	if (mem == PT_FILE && !pt_scratch_is_disk())
		SKIP(return, "file system on a RAM disk: %s", pt_scratch_why());
	ASSERT_EQ(0, pt_reserve(&r->a, RACE_PAGES));
	ASSERT_EQ(0, pt_map(&r->a, mem));
	r->spare = mmap(NULL, pt_len(&r->a), PROT_NONE, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, r->spare);
	r->persistent = true;
}

/*
 * zap: private memory that is thrown away
 */

FIXTURE(zap) {
	struct race r;
};

FIXTURE_SETUP(zap)
{
	race_setup(_metadata, &self->r, PT_ANON, PT_SWAP_NONE);
	self->r.persistent = false;
}

FIXTURE_TEARDOWN_PARENT(zap)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(zap, dontneed)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		atomic_fetch_add(&r->begun, 1);
		ASSERT_EQ(0, madvise(part.base, pt_len(&part), MADV_DONTNEED));
		atomic_fetch_add(&r->done, 1);
		r->stale += count_intruders(r, part.nr);
	}
	race_finish(_metadata, r, false);
}

PT_TEST(zap, munmap)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		atomic_fetch_add(&r->begun, 1);
		ASSERT_EQ(0, munmap(part.base, pt_len(&part)));
		r->stale += count_intruders(r, part.nr);
		ASSERT_EQ(0, pt_map_fixed(&part, PROT_READ | PROT_WRITE));
		atomic_fetch_add(&r->done, 1);
	}
	race_finish(_metadata, r, false);
}

PT_TEST(zap, map_over)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		atomic_fetch_add(&r->begun, 1);
		ASSERT_EQ(0, pt_map_fixed(&part, PROT_READ | PROT_WRITE));
		atomic_fetch_add(&r->done, 1);
		r->stale += count_intruders(r, part.nr);
	}
	race_finish(_metadata, r, false);
}

PT_TEST(zap, free)
{
	struct race *r = &self->r;

	/* What is stored after MADV_FREE must survive the page-out. */
	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		atomic_fetch_add(&r->begun, 1);
		ASSERT_EQ(0, madvise(part.base, pt_len(&part), MADV_FREE));
		atomic_fetch_add(&r->done, 1);
		race_let_write(r, 50);
		ASSERT_EQ(0, madvise(part.base, pt_len(&part), MADV_PAGEOUT));
	}
	race_finish(_metadata, r, true);
}

/*
 * keep: memory whose contents must persist, whatever is done to its entries
 */

FIXTURE(keep) {
	struct race r;
};

FIXTURE_VARIANT(keep) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(keep, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(keep, memfd) { .mem = PT_MEMFD };

FIXTURE_SETUP(keep)
{
	race_setup(_metadata, &self->r, variant->mem, variant->swap);
}

FIXTURE_TEARDOWN_PARENT(keep)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(keep, mprotect)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		ASSERT_EQ(0, mprotect(part.base, pt_len(&part), PROT_READ));
		r->stale += count_changes(r, &part);
		if (next_random(&r->rnd) & 1)
			ASSERT_EQ(0, mprotect(part.base, pt_len(&part),
					      PROT_NONE));
		ASSERT_EQ(0, mprotect(part.base, pt_len(&part),
				      PROT_READ | PROT_WRITE));
	}
	race_finish(_metadata, r, false);
}

PT_TEST(keep, mremap)
{
	struct race *r = &self->r;
	char *rsv, *to;

	rsv = mmap(NULL, 2 * r->a.rsv_len, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, rsv);
	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);
		char *from = part.base;

		/* Never aligned as the source is: entries move, not tables. */
		to = rsv + (1 + (next_random(&r->rnd) & 255)) * PAGE_SIZE;
		if (!(((uintptr_t)to ^ (uintptr_t)from) & (PMD_SIZE - 1)))
			to += PAGE_SIZE;
		race_let_write(r, 20);
		ASSERT_EQ(to, mremap(from, pt_len(&part), pt_len(&part),
				     MREMAP_MAYMOVE | MREMAP_FIXED, to));
		part.base = to;
		r->stale += count_changes(r, &part);
		ASSERT_EQ(from, mremap(to, pt_len(&part), pt_len(&part),
				       MREMAP_MAYMOVE | MREMAP_FIXED, from));
	}
	race_finish(_metadata, r, false);
}

PT_TEST(keep, age)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		ASSERT_EQ(0, madvise(part.base, pt_len(&part), MADV_COLD));
		r->pages += r->a.nr;
		ASSERT_EQ(0, pt_clear_refs("1"));
	}
	race_finish(_metadata, r, false);
}

/*
 * The way memory is copied while its owner runs: ask for what was written since
 * the last time, and protect it again, in one step. The copy must be complete.
 */
PT_TEST(keep, scan_and_copy)
{
	static struct page_region vec[RACE_PAGES];
	struct race *r = &self->r;
	int uffd, pagemap, n, i, w;
	bool last = false;
	char *copy;
	size_t k;

	uffd = pt_uffd_register_wp(&r->a, 0, 0);
	if (uffd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-uffd));
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, pagemap);
	copy = calloc(r->a.nr, PAGE_SIZE);
	ASSERT_NE(NULL, copy);

	ASSERT_EQ(0, race_start(r));
	while (!last) {
		last = !race_goes_on(r);
		race_let_write(r, 100);
		if (last)
			race_pause(r);
		n = pt_scan_written(pagemap, &r->a, vec, RACE_PAGES);
		if (n == -ENOTTY) {
			race_resume(r);
			race_stop(r);
			SKIP(return, "no PAGEMAP_SCAN");
		}
		ASSERT_LE(0, n);
		for (i = 0; i < n; i++) {
			memcpy(copy + (vec[i].start - (__u64)r->a.base),
			       (void *)vec[i].start,
			       vec[i].end - vec[i].start);
			r->pages += (vec[i].end - vec[i].start) / PAGE_SIZE;
		}
	}
	race_check_all(r);
	for (k = 0; k < r->a.nr; k++)
		for (w = 0; w < r->nr_writers; w++)
			check_slot(&r->w[w], k,
				   pt_load(copy + k * PAGE_SIZE +
					   w * SLOT_SIZE));
	race_resume(r);
	race_stop(r);
	race_report(_metadata, r, true);
}

/*
 * aged: pages that are only read while their entries age. An entry has to be
 * there all the time: a fault on one that is not would be reported to the owner
 * of the userfaultfd, as that of a page nobody has mapped yet.
 */

FIXTURE(aged) {
	struct race r;
	int uffd;
};

FIXTURE_SETUP(aged)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MINOR };
	struct race *r = &self->r;

	race_setup(_metadata, r, PT_MEMFD, PT_SWAP_NONE);
	pt_fill(&r->a, 1, PT_ALL);
	/* Mapped anew by a read: writable, and clean */
	ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED));
	pt_touch(&r->a, PT_ALL);
	self->uffd = pt_uffd_open(UFFD_FEATURE_MINOR_SHMEM, O_NONBLOCK);
	if (self->uffd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-self->uffd));
	reg.range.start = (__u64)r->a.base;
	reg.range.len = pt_len(&r->a);
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_REGISTER, &reg));
}

FIXTURE_TEARDOWN_PARENT(aged)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static void *load_pages(void *arg)
{
	struct writer *w = arg;
	struct race *r = w->r;

	while (!atomic_load(&r->stop)) {
		size_t i = next_random(&w->rnd) % r->a.nr;

		w->lost += !pt_page_is(pt_page(&r->a, i), 1, i);
		atomic_fetch_add_explicit(&w->stores, 1, memory_order_relaxed);
		if (r->alone)
			sched_yield();
	}
	return NULL;
}

PT_TEST(aged, read)
{
	struct race *r = &self->r;
	__u64 faults = 0;
	struct uffd_msg msg;

	ASSERT_EQ(0, race_start_with(r, load_pages));
	while (race_goes_on(r)) {
		/* It flushes the TLB in the end: each page is looked up anew. */
		race_let_write(r, 100);
		r->pages += r->a.nr;
		ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_COLD));
		while (read(self->uffd, &msg, sizeof(msg)) == sizeof(msg)) {
			struct uffdio_range page = {
				.start = msg.arg.pagefault.address &
					 ~(PAGE_SIZE - 1),
				.len = PAGE_SIZE,
			};

			faults++;
			ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_WAKE, &page));
		}
	}
	/* Nobody waits for a page any more once it is closed. */
	close(self->uffd);
	race_stop(r);
	race_report(_metadata, r, false);
	EXPECT_EQ(0, faults);
}

/*
 * migrate: the pages of an area that compaction moves elsewhere
 */

FIXTURE(migrate) {
	struct race r;
	long fraction;
};

FIXTURE_VARIANT(migrate) {
	enum pt_mem mem;
};

FIXTURE_VARIANT_ADD(migrate, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(migrate, memfd) { .mem = PT_MEMFD };

FIXTURE_SETUP(migrate)
{
	if (access("/proc/sys/vm/compact_memory", W_OK))
		SKIP(return, "no compaction, or not root");
	race_setup(_metadata, &self->r, variant->mem, PT_SWAP_NONE);
	self->fraction = pt_read_long(PT_PCP_FRACTION);
	pt_write_long(PT_PCP_FRACTION, 10000);
}

FIXTURE_TEARDOWN_PARENT(migrate)
{
	pt_write_long(PT_PCP_FRACTION, self->fraction);
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/* Give each page a new frame, with others around it that are then freed. */
static int scatter(struct race *r, char *copy, char *filler, size_t len)
{
	size_t i, k, per = len / pt_len(&r->a);

	memcpy(copy, r->a.base, pt_len(&r->a));
	if (r->a.mem == PT_ANON ?
	    madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED) :
	    fallocate(r->a.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		      pt_len(&r->a)))
		return -errno;
	for (i = 0; i < r->a.nr; i++) {
		for (k = 0; k < per; k++)
			pt_store(filler + (i * per + k) * PAGE_SIZE, 1);
		memcpy(pt_page(&r->a, i), copy + i * PAGE_SIZE, PAGE_SIZE);
	}
	return madvise(filler, len, MADV_DONTNEED) ? -errno : 0;
}

PT_TEST(migrate, compact)
{
	struct race *r = &self->r;
	size_t i, len = 4 * pt_len(&r->a);
	__u64 *before, *after;
	char *copy, *filler;

	before = calloc(r->a.nr, sizeof(*before));
	after = calloc(r->a.nr, sizeof(*after));
	copy = malloc(pt_len(&r->a));
	filler = mmap(NULL, len, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(before && after && copy && filler != MAP_FAILED);
	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_pause(r);
		race_check_all(r);
		ASSERT_EQ(0, scatter(r, copy, filler, len));
		race_resume(r);
		race_let_write(r, 100);
		ASSERT_EQ(0, pt_pagemap(r->a.base, r->a.nr, before));
		ASSERT_EQ(0, pt_write_str("/proc/sys/vm/compact_memory", "1"));
		ASSERT_EQ(0, pt_pagemap(r->a.base, r->a.nr, after));
		/* A page is raced if it has moved. */
		for (i = 0; i < r->a.nr; i++)
			r->pages += before[i] & after[i] & PM_PRESENT &&
				    (before[i] ^ after[i]) & PM_PFN_MASK;
	}
	race_finish(_metadata, r, false);
}

/*
 * copy: private memory that a child process gets a copy of
 */

FIXTURE(copy) {
	struct race r;
};

FIXTURE_SETUP(copy)
{
	race_setup(_metadata, &self->r, PT_ANON, PT_SWAP_NONE);
}

FIXTURE_TEARDOWN_PARENT(copy)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(copy, fork)
{
	struct race *r = &self->r;
	int status;
	pid_t pid;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_let_write(r, 50);
		r->pages += r->a.nr;
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			size_t i;

			/* Nothing of what the parent's threads store arrives. */
			if (count_changes(r, &r->a))
				_exit(1);
			/* Nor does anything arrive there. */
			for (i = 0; i < r->a.nr; i += 3)
				pt_store(slot(r, i, MAX_WRITERS), ~0UL);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		r->stale += WEXITSTATUS(status);
	}
	race_pause(r);
	race_check_all(r);
	for (size_t i = 0; i < r->a.nr; i++)
		r->stale += !!pt_load(slot(r, i, MAX_WRITERS));
	race_resume(r);
	race_stop(r);
	race_report(_metadata, r, false);
}

/*
 * What one CPU stores another one must see, although it knows the page by its
 * old translation, which ends when a write gives the parent a page of its own.
 */
struct reader {
	pthread_t thread;
	struct race *r;
	atomic_int *round;	/* counts up when all pages are to be read */
	atomic_size_t *turn;	/* pages up to here have their new contents */
	atomic_int ready;	/* last round whose pages have been read */
	atomic_int done;	/* last round whose contents have been compared */
	__u64 stale;
};

static void *read_pages(void *arg)
{
	struct reader *rd = arg;
	struct race *r = rd->r;
	int round = 0;
	size_t i;

	while (!atomic_load(&r->stop)) {
		if (atomic_load(rd->round) == round) {
			sched_yield();
			continue;
		}
		round++;
		for (i = 0; i < r->a.nr; i++)
			pt_load(slot(r, i, 0));
		atomic_store(&rd->ready, round);
		for (i = 0; i < r->a.nr; i++) {
			/* A system call flushes the TLB of a PV guest. */
			while (atomic_load(rd->turn) <= i)
				if (r->alone)
					sched_yield();
			rd->stale += pt_load(slot(r, i, 0)) != (__u64)round;
		}
		atomic_store(&rd->done, round);
	}
	return NULL;
}

PT_TEST(copy, seen)
{
	struct race *r = &self->r;
	struct reader rd[MAX_WRITERS] = {};
	atomic_int round = 0;
	atomic_size_t turn = 0;
	int n, i, hold[2];
	size_t k;
	pid_t pid;

	n = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	r->alone = n < 1;
	n = n < 1 ? 1 : n > MAX_WRITERS ? MAX_WRITERS : n;
	r->nr_writers = 1;
	race_clock(r);
	/* Each page has to wait for all readers, and they can't but spin. */
	r->target /= 8;
	pt_fill(&r->a, 1, PT_ALL);
	for (i = 0; i < n; i++) {
		rd[i].r = r;
		rd[i].round = &round;
		rd[i].turn = &turn;
		ASSERT_EQ(0, pthread_create(&rd[i].thread, NULL, read_pages,
					    &rd[i]));
	}
	while (race_goes_on(r)) {
		/* A child that has all pages, until it is let go */
		ASSERT_EQ(0, pipe(hold));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			char c;

			close(hold[1]);
			_exit(read(hold[0], &c, 1) < 0);
		}
		atomic_store(&turn, 0);
		atomic_fetch_add(&round, 1);
		for (i = 0; i < n; i++)
			while (atomic_load(&rd[i].ready) != atomic_load(&round))
				sched_yield();
		for (k = 0; k < r->a.nr; k++) {
			pt_store(slot(r, k, 0), atomic_load(&round));
			atomic_store(&turn, k + 1);
		}
		for (i = 0; i < n; i++)
			while (atomic_load(&rd[i].done) != atomic_load(&round))
				sched_yield();
		close(hold[1]);
		close(hold[0]);
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
		r->pages += r->a.nr;
		atomic_fetch_add(&r->w[0].stores, r->a.nr);
	}
	atomic_store(&r->stop, 1);
	for (i = 0; i < n; i++) {
		pthread_join(rd[i].thread, NULL);
		r->stale += rd[i].stale;
	}
	race_report(_metadata, r, false);
}

/*
 * crowd: two threads at once change the same entries, by operations that do not
 * exclude each other but for the page table lock
 */

FIXTURE(crowd) {
	struct race r;
};

FIXTURE_VARIANT(crowd) {
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(crowd, memory) { .swap = PT_SWAP_NONE };

FIXTURE_VARIANT_ADD(crowd, swap) { .swap = PT_SWAP_DIRECT };

FIXTURE_SETUP(crowd)
{
	race_setup(_metadata, &self->r, PT_ANON, variant->swap);
	self->r.persistent = false;
}

FIXTURE_TEARDOWN_PARENT(crowd)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static int crowd_op(struct race *r, struct pt_area *part, __u64 x)
{
	static const int advice[] = {
		MADV_POPULATE_WRITE, MADV_DONTNEED, MADV_POPULATE_WRITE,
		MADV_DONTNEED, MADV_FREE, MADV_COLD, MADV_PAGEOUT,
	};
	int a = advice[x % ARRAY_SIZE(advice)];
	bool zap = a == MADV_DONTNEED || a == MADV_FREE;
	int ret;

	if (zap)
		atomic_fetch_add(&r->begun, 1);
	ret = madvise(part->base, pt_len(part), a);
	/* Only there for there to be something to zap */
	if (a == MADV_POPULATE_WRITE)
		ret = 0;
	if (zap)
		atomic_fetch_add(&r->done, 1);
	return ret;
}

static void *crowd_other(void *arg)
{
	struct race *r = arg;
	__u64 rnd = opt_seed * 0xd1342543de82ef95ULL;

	while (!atomic_load(&r->stop)) {
		struct pt_area part = random_part(r, &rnd);

		if (crowd_op(r, &part, next_random(&rnd)))
			return arg;
	}
	return NULL;
}

PT_TEST(crowd, madvise)
{
	struct race *r = &self->r;
	pthread_t other;
	void *failed;

	ASSERT_EQ(0, race_start(r));
	ASSERT_EQ(0, pthread_create(&other, NULL, crowd_other, r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 5);
		ASSERT_EQ(0, crowd_op(r, &part, next_random(&r->rnd)));
	}
	race_stop(r);
	ASSERT_EQ(0, pthread_join(other, &failed));
	EXPECT_EQ(NULL, failed);
	race_check_all(r);
	race_report(_metadata, r, variant->swap != PT_SWAP_NONE);
}

/*
 * store: the data goes to swap or to a file, and comes back
 */

FIXTURE(store) {
	struct race r;
};

FIXTURE_VARIANT(store) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(store, anon_direct) {
	.mem = PT_ANON, .swap = PT_SWAP_DIRECT
};

FIXTURE_VARIANT_ADD(store, anon_swapcache) {
	.mem = PT_ANON, .swap = PT_SWAP_CACHED
};

FIXTURE_VARIANT_ADD(store, memfd) {
	.mem = PT_MEMFD, .swap = PT_SWAP_DIRECT
};

FIXTURE_SETUP(store)
{
	race_setup(_metadata, &self->r, variant->mem, variant->swap);
}

FIXTURE_TEARDOWN_PARENT(store)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/*
 * Read back what is in swap: where it goes through the swap cache the pages are
 * clean then, and the next store is one that only the processor knows of.
 */
static void read_back(struct race *r)
{
	race_pause(r);
	race_check_all(r);
	pt_touch(&r->a, PT_ALL);
}

PT_TEST(store, pageout)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 5);
		read_back(r);
		race_resume_slowly(r);
		ASSERT_EQ(0, madvise(part.base, pt_len(&part), MADV_PAGEOUT));
	}
	race_finish(_metadata, r, true);
}

PT_TEST(store, everything)
{
	struct race *r = &self->r;
	char *rsv, *to;
	pid_t pid;

	/* Entries protected, moved, copied and aged on their way to swap */
	rsv = mmap(NULL, 2 * r->a.rsv_len, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, rsv);
	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);
		char *from = part.base;

		race_let_write(r, 5);
		read_back(r);
		race_resume_slowly(r);
		switch (next_random(&r->rnd) % 6) {
		case 0:
			ASSERT_EQ(0, mprotect(from, pt_len(&part), PROT_READ));
			r->stale += count_changes(r, &part);
			ASSERT_EQ(0, mprotect(from, pt_len(&part),
					      PROT_READ | PROT_WRITE));
			break;
		case 1:
			to = rsv + PAGE_SIZE;
			if (!(((uintptr_t)to ^ (uintptr_t)from) &
			      (PMD_SIZE - 1)))
				to += PAGE_SIZE;
			ASSERT_EQ(to, mremap(from, pt_len(&part),
					     pt_len(&part), MREMAP_MAYMOVE |
					     MREMAP_FIXED, to));
			ASSERT_EQ(from, mremap(to, pt_len(&part),
					       pt_len(&part), MREMAP_MAYMOVE |
					       MREMAP_FIXED, from));
			break;
		case 2:
			ASSERT_EQ(0, madvise(from, pt_len(&part), MADV_COLD));
			break;
		case 3:
			pt_clear_refs("4");
			break;
		case 4:
			pid = fork();
			if (!pid)
				_exit(0);
			ASSERT_EQ(pid, waitpid(pid, NULL, 0));
			break;
		}
		ASSERT_EQ(0, madvise(from, pt_len(&part), MADV_PAGEOUT));
	}
	race_finish(_metadata, r, true);
}

/* A store while its entry is read-only or about to be: its dirty bit stays. */
PT_TEST(store, protected)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_pause(r);
		ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_PAGEOUT));
		read_back(r);
		race_resume_slowly(r);
		ASSERT_EQ(0, mprotect(r->a.base, pt_len(&r->a), PROT_READ));
		ASSERT_EQ(0, mprotect(r->a.base, pt_len(&r->a),
				      PROT_READ | PROT_WRITE));
		r->pages += r->a.nr;
	}
	race_finish(_metadata, r, true);
}

/*
 * What the child of fork() has is what it got, also when its pages are clean as
 * far as it knows, their parent has dropped them and they go to swap: a store
 * that came just before the parent's entry was write-protected counts.
 */
PT_TEST(store, forked)
{
	struct race *r = &self->r;
	int status, ready[2], go[2];
	char c = 0;
	pid_t pid;

	if (variant->mem != PT_ANON)
		SKIP(return, "private memory only");
	r->persistent = false;
	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_let_write(r, 5);
		race_pause(r);
		race_check_all(r);
		ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_PAGEOUT));
		pt_touch(&r->a, PT_ALL);
		ASSERT_EQ(0, pipe(ready));
		ASSERT_EQ(0, pipe(go));
		race_resume_slowly(r);
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			__u64 *was = r->snap, *is;

			is = was + r->a.nr * r->nr_writers;
			take_snapshot(r, &r->a, was);
			if (write(ready[1], &c, 1) != 1 ||
			    read(go[0], &c, 1) != 1 ||
			    madvise(r->a.base, pt_len(&r->a), MADV_PAGEOUT))
				_exit(2);
			take_snapshot(r, &r->a, is);
			_exit(!!memcmp(was, is, r->a.nr * r->nr_writers *
					       sizeof(*is)));
		}
		ASSERT_EQ(1, read(ready[0], &c, 1));
		atomic_fetch_add(&r->begun, 1);
		ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED));
		atomic_fetch_add(&r->done, 1);
		ASSERT_EQ(1, write(go[1], &c, 1));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 2);
		r->w[0].lost += WEXITSTATUS(status);
		close(ready[0]);
		close(ready[1]);
		close(go[0]);
		close(go[1]);
		r->pages += r->a.nr;
	}
	race_finish(_metadata, r, true);
}

/*
 * shared: the dirty bit of an entry that is zapped is all that is known of a
 * store. Each round begins with a new file of holes, all of whose pages are
 * mapped clean and writable, so that every first store is one that only the
 * processor knows of; and it ends with a reclaim that drops what is not dirty.
 */

FIXTURE(shared) {
	struct race r;
};

FIXTURE_SETUP(shared)
{
	race_setup(_metadata, &self->r, PT_MEMFD, PT_SWAP_NONE);
}

FIXTURE_TEARDOWN_PARENT(shared)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static int reclaim_alias(struct race *r)
{
	struct pt_area ro = r->a;
	int ret;

	if (madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED))
		return -errno;
	ro.base = mmap(NULL, pt_len(&ro), PROT_READ, MAP_SHARED, r->a.fd, 0);
	if (ro.base == MAP_FAILED)
		return -errno;
	pt_touch(&ro, PT_ALL);
	ret = madvise(ro.base, pt_len(&ro), MADV_PAGEOUT) ? -errno : 0;
	munmap(ro.base, pt_len(&ro));
	return ret;
}

static int new_holes(struct race *r)
{
	if (ftruncate(r->a.fd, 0) || ftruncate(r->a.fd, pt_len(&r->a)))
		return -errno;
	race_forget(r);
	pt_touch(&r->a, PT_ALL);
	return 0;
}

PT_TEST(shared, dontneed)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_pause(r);
		ASSERT_EQ(0, new_holes(r));
		/* At once, while there are pages not stored to yet */
		race_resume(r);
		r->pages += r->a.nr;
		ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED));
		race_pause(r);
		ASSERT_EQ(0, reclaim_alias(r));
		race_check_all(r);
		race_resume(r);
	}
	race_stop(r);
	race_report(_metadata, r, true);
}

PT_TEST(shared, munmap)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		race_pause(r);
		ASSERT_EQ(0, new_holes(r));
		race_resume(r);
		/* All of it: a part would come back at another offset. */
		r->pages += r->a.nr;
		ASSERT_EQ(0, munmap(r->a.base, pt_len(&r->a)));
		ASSERT_EQ(0, pt_map_fixed(&r->a, PROT_READ | PROT_WRITE));
		race_pause(r);
		ASSERT_EQ(0, reclaim_alias(r));
		race_check_all(r);
		race_resume(r);
	}
	race_stop(r);
	race_report(_metadata, r, true);
}

/*
 * file: pages are written back and dropped while they are stored to.
 */

FIXTURE(file) {
	struct race r;
};

FIXTURE_SETUP(file)
{
	race_setup(_metadata, &self->r, PT_FILE, PT_SWAP_NONE);
}

FIXTURE_TEARDOWN_PARENT(file)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(file, write_back)
{
	struct race *r = &self->r;

	ASSERT_EQ(0, race_start(r));
	while (race_goes_on(r)) {
		struct pt_area part = race_part(r);

		race_let_write(r, 20);
		switch (next_random(&r->rnd) % 4) {
		case 0:
			ASSERT_EQ(0, msync(part.base, pt_len(&part), MS_SYNC));
			break;
		case 1:
			ASSERT_EQ(0, madvise(part.base, pt_len(&part),
					     MADV_PAGEOUT));
			break;
		default:
			ASSERT_EQ(0, madvise(part.base, pt_len(&part),
					     MADV_DONTNEED));
			ASSERT_EQ(0, fdatasync(r->a.fd));
			posix_fadvise(r->a.fd, 0, 0, POSIX_FADV_DONTNEED);
			break;
		}
	}
	race_pause(r);
	race_check_all(r);
	ASSERT_EQ(0, madvise(r->a.base, pt_len(&r->a), MADV_DONTNEED));
	ASSERT_EQ(0, fsync(r->a.fd));
	posix_fadvise(r->a.fd, 0, 0, POSIX_FADV_DONTNEED);
	race_check_file(r, r->a.fd);
	race_resume(r);
	race_stop(r);
	race_report(_metadata, r, true);
}

static pid_t owner;

static void at_exit(void)
{
	if (getpid() != owner)
		return;
	pt_scratch_cleanup();
	if (totals->pages)
		print_totals("total", totals);
}

static void option(const char *name, unsigned long *val)
{
	const char *s = getenv(name);
	char *end;

	if (!s)
		return;
	*val = strtoul(s, &end, 0);
	if (end == s || *end)
		ksft_exit_fail_msg("%s=%s: not a number\n", name, s);
}

/* Those that the harness is going to run, counted as it does */
static unsigned int count_tests(int argc, char **argv)
{
	struct __fixture_variant_metadata none = { .name = "" }, *v;
	struct __fixture_metadata *f;
	struct __test_metadata *t;
	unsigned int n = 0;

	for (f = __fixture_list; f; f = f->next)
		for (v = f->variant ?: &none; v; v = v->next)
			for (t = f->tests; t; t = t->next)
				n += test_enabled(argc, argv, f, v, t);
	return n;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	option("PT_RACES_MS", &opt_ms);
	option("PT_RACES_PAGES", &opt_pages);
	option("PT_RACES_SEED", &opt_seed);
	if (!opt_seed)
		opt_seed = 1;
	nr_tests = count_tests(argc, argv) ?: 1;

	/* Entries are what is tested here: no huge pages. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (totals == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	owner = getpid();
	pt_scratch_setup();
	atexit(at_exit);
	pt_kmsg_open();
	pt_print_env();
	return test_harness_run(argc, argv);
}
