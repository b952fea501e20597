// SPDX-License-Identifier: GPL-2.0
/*
 * Each operation that changes page-table entries, on every kind of memory:
 * does it do to every page exactly what it should?
 *
 * Two kinds of error are looked for in particular. A clear that gets lost
 * leaves a page mapped: the address is still readable, or new memory at the
 * same address shows the old contents, or the kernel's counters go wrong. And
 * an entry that is cleared without its dirty bit being collected: then the page
 * counts as clean, and the next reclaim drops the data. So there is a whole
 * fixture, "dirty", in which only the processor knows that a page is dirty: the
 * store goes through an entry that is writable and clean, the kernel sees no
 * fault.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "../kselftest_harness.h"
#include "pt_util.h"

/* Under emulation, and with many CPUs on few, a test may take its time. */
#define PT_TIMEOUT	60
#define PT_TEST(fixture, name)	TEST_F_TIMEOUT(fixture, name, PT_TIMEOUT)

#define SEED_OLD	1
#define SEED_NEW	2
#define SEED_CHILD	3

/* Sizes at which batches of 16, 32 or 512 entries begin and end */
static const size_t edges[] = {
	1, 2, 3, 15, 16, 17, 30, 31, 32, 33, 61, 62, 63, 64, 65, 211, 212, 213,
	299, 300, 301, 511, 512, 513, 811, 812, 813, 1024,
};

static bool soft_dirty_works(void)
{
	__u64 ent;
	char *p;

	p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	pt_store(p, 1);
	if (pt_pagemap(p, 1, &ent) || !(ent & PM_SOFT_DIRTY))
		return false;
	if (pt_clear_refs("4") || pt_pagemap(p, 1, &ent))
		return false;
	munmap(p, PAGE_SIZE);
	return !(ent & PM_SOFT_DIRTY);
}

static int move_area(struct pt_area *a)
{
	char *to = pt_elsewhere(a);

	if (!to || mremap(a->base, pt_len(a), pt_len(a),
			  MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		return -errno;
	a->base = to;
	return 0;
}

/* Wait for a child; 0 if it exited with 0. */
static int reap(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status)) {
		ksft_print_msg("child killed by signal %d\n", WTERMSIG(status));
		return -1;
	}
	return WEXITSTATUS(status);
}

/*
 * zap: after an unmap nothing is mapped, and nothing of the old memory shows.
 */

FIXTURE(zap) {
	struct pt_area a;
};

FIXTURE_VARIANT(zap) {
	enum pt_mem mem;
	bool write;
};

FIXTURE_VARIANT_ADD(zap, anon) { .mem = PT_ANON, .write = true };

FIXTURE_VARIANT_ADD(zap, zeropage) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(zap, shm) { .mem = PT_SHM, .write = true };

FIXTURE_VARIANT_ADD(zap, memfd_read) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(zap, memfd) { .mem = PT_MEMFD, .write = true };

FIXTURE_VARIANT_ADD(zap, file) { .mem = PT_FILE, .write = true };

FIXTURE_VARIANT_ADD(zap, private_file) { .mem = PT_PRIVFILE, .write = true };

FIXTURE_SETUP(zap)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_touch(&self->a, PT_ALL);
	if (variant->write)
		pt_fill(&self->a, SEED_OLD, PT_ALL);
	ASSERT_EQ(self->a.nr, pt_count_pm(&self->a, PM_PRESENT, PT_ALL));
}

FIXTURE_TEARDOWN_PARENT(zap)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/* New memory in the area's place: nothing there yet, and it reads as zero. */
static void map_new(struct __test_metadata *_metadata, struct pt_area *a)
{
	a->mem = PT_ANON;
	a->fd = -1;
	ASSERT_EQ(0, pt_map_fixed(a, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT | PM_SWAP, PT_ALL));
	EXPECT_EQ(0, pt_nonzero(a, PT_ALL));
}

PT_TEST(zap, munmap)
{
	struct pt_area *a = &self->a;
	bool shared = a->mem == PT_MEMFD || a->mem == PT_FILE;
	int fd = a->fd;

	ASSERT_EQ(0, munmap(a->base, pt_len(a)));
	EXPECT_EQ(0, pt_count_readable(a));

	map_new(_metadata, a);
	pt_fill(a, SEED_NEW, PT_ALL);
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ALL));

	/* The file has what was stored, and nothing of the new memory. */
	if (variant->write && shared)
		EXPECT_EQ(0, pt_wrong_file(a, fd, SEED_OLD, PT_ALL));
}

/* Pages that were mapped, and no more are for the processor */
PT_TEST(zap, munmap_none)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_NONE));
	ASSERT_EQ(0, munmap(a->base, pt_len(a)));
	map_new(_metadata, a);
}

PT_TEST(zap, map_over)
{
	map_new(_metadata, &self->a);
}

PT_TEST(zap, dontneed)
{
	struct pt_area *a = &self->a;
	bool shared = a->mem != PT_ANON && a->mem != PT_PRIVFILE;
	char *new = NULL;
	size_t i;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT | PM_SWAP, PT_ALL));

	/* Have the freed pages used by somebody else, if they were freed. */
	new = mmap(NULL, pt_len(a), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, new);
	for (i = 0; i < a->nr; i++)
		pt_store(new + i * PAGE_SIZE, ~0UL);

	EXPECT_EQ(0, shared && variant->write ?
		  pt_wrong(a, SEED_OLD, PT_ALL) : pt_nonzero(a, PT_ALL));
	pt_fill(a, SEED_NEW, PT_ALL);
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ALL));
	for (i = 0; i < a->nr; i++)
		if (pt_load(new + i * PAGE_SIZE) != ~0UL)
			break;
	EXPECT_EQ(a->nr, i) {
		TH_LOG("a page is mapped in two places");
	}
}

PT_TEST(zap, dontneed_edges)
{
	struct pt_area *a = &self->a;
	struct pt_area part = *a;
	size_t n, k, at;

	/* Runs of each length, at the head, around and behind a table's end */
	for (n = 0; n < ARRAY_SIZE(edges); n++) {
		for (k = 0; k < 3; k++) {
			size_t len = edges[n];

			if (k == 2 && len / 2 > PT_AREA_HEAD)
				continue;
			at = k == 0 ? 0 : k == 1 ? a->nr - len :
			     PT_AREA_HEAD - len / 2;
			part.base = pt_page(a, at);
			part.nr = len;
			ASSERT_EQ(0, madvise(part.base, pt_len(&part),
					     MADV_DONTNEED));
			ASSERT_EQ(0, pt_count_pm(&part, PM_PRESENT, PT_ALL)) {
				TH_LOG("%zu pages from page %zu", len, at);
			}
			/* The neighbours stay. */
			ASSERT_EQ(a->nr - len,
				  pt_count_pm(a, PM_PRESENT, PT_ALL)) {
				TH_LOG("%zu pages from page %zu", len, at);
			}
			pt_touch(&part, PT_ALL);
		}
	}
}

PT_TEST(zap, munmap_single)
{
	struct pt_area *a = &self->a;
	size_t i;

	/* One page at a time, every other one */
	for (i = 1; i < a->nr; i += 2)
		ASSERT_EQ(0, munmap(pt_page(a, i), PAGE_SIZE));
	for (i = 0; i < a->nr; i++)
		if (pt_can_read(pt_page(a, i)) != !(i & 1))
			break;
	EXPECT_EQ(a->nr, i);
	if (variant->write)
		EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

PT_TEST(zap, mremap)
{
	struct pt_area *a = &self->a;
	struct pt_area old = *a;

	ASSERT_EQ(0, move_area(a));
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_PRESENT, PT_ALL));
	EXPECT_EQ(0, variant->write ? pt_wrong(a, SEED_OLD, PT_ALL) :
		  pt_nonzero(a, PT_ALL));

	/* Nothing is left behind. */
	EXPECT_EQ(0, pt_count_readable(&old));
	old.mem = PT_ANON;
	old.fd = -1;
	ASSERT_EQ(0, pt_map_fixed(&old, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, pt_count_pm(&old, PM_PRESENT | PM_SWAP, PT_ALL));
	EXPECT_EQ(0, pt_nonzero(&old, PT_ALL));
	pt_fill(&old, SEED_NEW, PT_ALL);
	if (variant->write)
		EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(zap, exit)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	/* The child has the same pages mapped, and leaves with all of them. */
	pid = fork();
	if (!pid) {
		if (a->mem == PT_SHM || a->mem == PT_MEMFD || a->mem == PT_FILE)
			pt_fill(a, SEED_CHILD, PT_ODD);
		_exit(0);
	}
	ASSERT_EQ(0, reap(pid));
	if (a->mem == PT_SHM || a->mem == PT_MEMFD || a->mem == PT_FILE)
		EXPECT_EQ(0, pt_wrong(a, SEED_CHILD, PT_ODD));
	if (variant->write)
		EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

/*
 * hole: pages that a file loses are unmapped everywhere, the others are not.
 */

FIXTURE(hole) {
	struct pt_area a;
};

FIXTURE_VARIANT(hole) {
	enum pt_mem mem;
	bool write;
};

FIXTURE_VARIANT_ADD(hole, memfd_read) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(hole, memfd) { .mem = PT_MEMFD, .write = true };

FIXTURE_VARIANT_ADD(hole, file) { .mem = PT_FILE, .write = true };

FIXTURE_SETUP(hole)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_touch(&self->a, PT_ALL);
	if (variant->write)
		pt_fill(&self->a, SEED_OLD, PT_ALL);
}

FIXTURE_TEARDOWN_PARENT(hole)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(hole, truncate)
{
	struct pt_area *a = &self->a;
	struct pt_area head = *a, tail = *a;

	head.nr = PT_AREA_HEAD;
	tail.base = pt_page(a, PT_AREA_HEAD);
	tail.nr = a->nr - PT_AREA_HEAD;

	ASSERT_EQ(0, ftruncate(a->fd, pt_len(&head)));
	EXPECT_EQ(PT_AREA_HEAD, pt_count_readable(a));
	ASSERT_EQ(0, ftruncate(a->fd, pt_len(a)));
	EXPECT_EQ(0, pt_nonzero(&tail, PT_ALL));
	EXPECT_EQ(0, variant->write ? pt_wrong(&head, SEED_OLD, PT_ALL) :
		  pt_nonzero(&head, PT_ALL));
}

PT_TEST(hole, punch)
{
	struct pt_area *a = &self->a;
	size_t i;

	for (i = 1; i < a->nr; i += 2) {
		if (!fallocate(a->fd, FALLOC_FL_PUNCH_HOLE |
			       FALLOC_FL_KEEP_SIZE, i * PAGE_SIZE, PAGE_SIZE))
			continue;
		ASSERT_EQ(EOPNOTSUPP, errno);
		SKIP(return, "a file system without holes");
	}
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT, PT_ODD));
	EXPECT_EQ(0, pt_nonzero(a, PT_ODD));
	if (variant->write)
		EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

/*
 * prot: a page can be read and written exactly as its protection says.
 */

FIXTURE(prot) {
	struct pt_area a;
};

FIXTURE_VARIANT(prot) {
	enum pt_mem mem;
};

FIXTURE_VARIANT_ADD(prot, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(prot, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(prot, file) { .mem = PT_FILE };

FIXTURE_SETUP(prot)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
}

FIXTURE_TEARDOWN_PARENT(prot)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(prot, read_only)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	EXPECT_EQ(0, pt_count_writable(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	pt_fill(a, SEED_NEW, PT_ALL);
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ALL));
}

PT_TEST(prot, none)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_NONE));
	EXPECT_EQ(0, pt_count_readable(a));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	EXPECT_EQ(0, pt_count_writable(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	EXPECT_EQ(a->nr, pt_count_writable(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(prot, edges)
{
	struct pt_area *a = &self->a;
	size_t n, i, wrong = 0;

	for (n = 0; n < ARRAY_SIZE(edges); n++) {
		size_t len = edges[n];
		size_t at = len / 2 < PT_AREA_HEAD ? PT_AREA_HEAD - len / 2 : 0;

		ASSERT_EQ(0, mprotect(pt_page(a, at), len * PAGE_SIZE,
				      PROT_READ));
		/* Both ends, and their neighbours outside */
		for (i = at ? at - 1 : 0; i <= at + len && i < a->nr; i++) {
			if (i > at + 1 && i + 2 < at + len)
				continue;
			wrong += pt_can_write(pt_page(a, i)) ==
				 (i >= at && i < at + len);
		}
		EXPECT_EQ(0, wrong) {
			TH_LOG("%zu pages from page %zu", len, at);
		}
		ASSERT_EQ(0, mprotect(pt_page(a, at), len * PAGE_SIZE,
				      PROT_READ | PROT_WRITE));
	}
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(prot, single)
{
	struct pt_area *a = &self->a;
	size_t i, wrong = 0;

	for (i = 1; i < a->nr; i += 2)
		ASSERT_EQ(0, mprotect(pt_page(a, i), PAGE_SIZE, PROT_READ));
	for (i = 0; i < a->nr; i++)
		wrong += pt_can_write(pt_page(a, i)) == (i & 1);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/*
 * cow: after fork() neither process sees what the other one stores.
 */

FIXTURE(cow) {
	struct pt_area a;
};

FIXTURE_VARIANT(cow) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(cow, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(cow, private_file) { .mem = PT_PRIVFILE };

FIXTURE_VARIANT_ADD(cow, swapped) { .mem = PT_ANON, .swap = PT_SWAP_DIRECT };

FIXTURE_SETUP(cow)
{
	int ret = pt_swap_on(variant->swap);

	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
	if (variant->swap)
		ASSERT_EQ(0, pt_pageout(&self->a));
}

FIXTURE_TEARDOWN_PARENT(cow)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(cow, parent_writes)
{
	struct pt_area *a = &self->a;
	int pipefd[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(pipefd));
	pid = fork();
	if (!pid) {
		if (read(pipefd[0], &c, 1) != 1)
			_exit(2);
		_exit(!!pt_wrong(a, SEED_OLD, PT_ALL));
	}
	pt_fill(a, SEED_NEW, PT_ALL);
	ASSERT_EQ(1, write(pipefd[1], "x", 1));
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ALL));
}

PT_TEST(cow, child_writes)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid) {
		pt_fill(a, SEED_CHILD, PT_ODD);
		if (pt_wrong(a, SEED_OLD, PT_EVEN))
			_exit(1);
		_exit(!!pt_wrong(a, SEED_CHILD, PT_ODD));
	}
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
	pt_fill(a, SEED_NEW, PT_ALL);
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ALL));
}

PT_TEST(cow, grandchild)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid) {
		pid = fork();
		if (!pid) {
			pt_fill(a, SEED_CHILD, PT_ALL);
			_exit(!!pt_wrong(a, SEED_CHILD, PT_ALL));
		}
		pt_fill(a, SEED_NEW, PT_EVEN);
		if (reap(pid))
			_exit(1);
		if (pt_wrong(a, SEED_OLD, PT_ODD))
			_exit(2);
		_exit(!!pt_wrong(a, SEED_NEW, PT_EVEN));
	}
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(cow, child_unmaps)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (munmap(a->base, pt_len(a)))
			_exit(1);
		_exit(pt_count_readable(a) ? 2 : 0);
	}
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(cow, exec)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	/* A long argument makes exec() move a stack of some pages. */
	pid = fork();
	if (!pid) {
		static char arg[100000];

		memset(arg, 'x', sizeof(arg) - 1);
		pt_fill(a, SEED_CHILD, PT_ALL);
		execl("/proc/self/exe", "pt_ops", "-x", arg, NULL);
		_exit(1);
	}
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/*
 * dirty: the odd pages were stored to through entries that were writable and
 * clean. Only the entry's dirty bit says so; then something is done to the
 * entries. Once the memory has been reclaimed, the odd pages must have what was
 * stored; and the even ones, which nobody stored to, must not have become
 * dirty.
 */

static void dirty_setup_area(struct __test_metadata *_metadata,
			     struct pt_area *a, enum pt_mem mem,
			     enum pt_swap swap)
{
	long faults;
	int ret;

	ret = pt_swap_on(swap);
	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	if (mem == PT_FILE && !pt_scratch_is_disk())
		SKIP(return, "file system on a RAM disk: %s", pt_scratch_why());
	ASSERT_EQ(0, pt_reserve(a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(a, mem));
	if (mem != PT_MEMFD) {
		pt_fill(a, SEED_OLD, PT_ALL);
		ASSERT_EQ(0, mem == PT_FILE ? fsync(a->fd) : pt_pageout(a));
	}
	/* Entries that are writable and clean */
	pt_touch(a, PT_ALL);
	ASSERT_EQ(a->nr, pt_count_pm(a, PM_PRESENT, PT_ALL));
	faults = pt_minflt();
	pt_fill(a, SEED_NEW, PT_ODD);
	faults = pt_minflt() - faults;
	/* A file's pages are read-only as long as they are clean. */
	if (mem != PT_FILE && faults >= 10)
		SKIP(return, "this kernel maps clean pages read-only");
}

/*
 * @swap: shared memory may have been in swap in between
 * @fresh: private memory has lost its copy in swap, all of it is written anew
 */
static void dirty_check(struct __test_metadata *_metadata, struct pt_area *a,
			bool swap, bool fresh)
{
	ssize_t n;
	int fd;

	/* The contents as they are now */
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));

	if (a->mem == PT_ANON) {
		long out = pt_vmstat("pswpout");

		ASSERT_EQ(0, pt_pageout(a));
		out = pt_vmstat("pswpout") - out;
		if (!fresh && !pt_swap_half_full())
			EXPECT_GE((long)a->nr / 2, out) {
				TH_LOG("dirty bits made up");
			}
		EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
		EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
		ksft_print_msg("%zu pages stored to, %ld written to swap\n",
			       a->nr / 2, out);
		return;
	}

	fd = a->fd;
	ASSERT_EQ(0, munmap(a->base, pt_len(a)));

	if (a->mem == PT_FILE) {
		ASSERT_EQ(0, fsync(fd));
		ASSERT_EQ(0, posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
		EXPECT_EQ(0, pt_wrong_file(a, fd, SEED_NEW, PT_ODD));
		EXPECT_EQ(0, pt_wrong_file(a, fd, SEED_OLD, PT_EVEN));
		return;
	}

	/* What is left is the page's own dirty flag. */
	ASSERT_EQ(0, pt_map_fixed(a, PROT_READ));
	pt_touch(a, PT_ALL);
	n = pt_count_kpf(a, KPF_DIRTY, PT_ODD);
	if (n >= 0 && !swap) {
		EXPECT_EQ((ssize_t)a->nr / 2, n) {
			TH_LOG("dirty bits lost");
		}
		EXPECT_EQ(0, pt_count_kpf(a, KPF_DIRTY, PT_EVEN)) {
			TH_LOG("dirty bits made up");
		}
	}
	ASSERT_EQ(0, munmap(a->base, pt_len(a)));

	/* Reclaim drops what is not marked dirty. */
	n = pt_reclaim(a);
	ASSERT_LE(0, n);
	n = pt_count_incore(a, PT_EVEN);
	EXPECT_GT((ssize_t)a->nr / 4, n) {
		TH_LOG("%zd of %zu clean pages stayed: nothing is proved", n,
		       a->nr / 2);
	}
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_nonzero(a, PT_EVEN));
	ksft_print_msg("%zu pages stored to, %zd of %zu clean ones dropped\n",
		       a->nr / 2, (ssize_t)(a->nr - a->nr / 2) - n,
		       a->nr - a->nr / 2);
}

#define DIRTY_CHECK()	\
	dirty_check(_metadata, &self->a, variant->swap == PT_SWAP_DIRECT, false)

FIXTURE(dirty) {
	struct pt_area a;
};

FIXTURE_VARIANT(dirty) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(dirty, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(dirty, memfd_swap) {
	.mem = PT_MEMFD, .swap = PT_SWAP_DIRECT
};

FIXTURE_VARIANT_ADD(dirty, anon_swapcache) {
	.mem = PT_ANON, .swap = PT_SWAP_CACHED
};

FIXTURE_VARIANT_ADD(dirty, file) { .mem = PT_FILE };

FIXTURE_SETUP(dirty)
{
	dirty_setup_area(_metadata, &self->a, variant->mem, variant->swap);
}

FIXTURE_TEARDOWN_PARENT(dirty)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/* Nothing but the munmap() of the check itself */
PT_TEST(dirty, munmap)
{
	DIRTY_CHECK();
}

PT_TEST(dirty, mprotect)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_NONE));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	DIRTY_CHECK();
}

PT_TEST(dirty, mremap)
{
	ASSERT_EQ(0, move_area(&self->a));
	DIRTY_CHECK();
}

PT_TEST(dirty, fork)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(!!pt_wrong(a, SEED_NEW, PT_ODD));
	ASSERT_EQ(0, reap(pid));
	DIRTY_CHECK();
}

PT_TEST(dirty, clear_soft_dirty)
{
	if (!soft_dirty_works())
		SKIP(return, "no soft-dirty tracking");
	ASSERT_EQ(0, pt_clear_refs("4"));
	DIRTY_CHECK();
}

PT_TEST(dirty, clear_young)
{
	ASSERT_EQ(0, pt_clear_refs("1"));
	DIRTY_CHECK();
}

PT_TEST(dirty, uffd_wp)
{
	struct pt_area *a = &self->a;
	int fd;

	fd = pt_uffd_register_wp(a, 0, O_NONBLOCK);
	if (fd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-fd));
	ASSERT_EQ(0, pt_uffd_wp(fd, a, true));
	ASSERT_EQ(0, pt_uffd_wp(fd, a, false));
	close(fd);
	DIRTY_CHECK();
}

PT_TEST(dirty, mlock)
{
	struct pt_area *a = &self->a;

	if (mlock(a->base, pt_len(a)))
		SKIP(return, "mlock: %s", strerror(errno));
	ASSERT_EQ(0, munlock(a->base, pt_len(a)));
	/* Locked pages give up their place in swap. */
	dirty_check(_metadata, a, variant->swap == PT_SWAP_DIRECT, true);
}

PT_TEST(dirty, cold)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_COLD));
	DIRTY_CHECK();
}

PT_TEST(dirty, pageout)
{
	ASSERT_LE(0, pt_pageout(&self->a));
	DIRTY_CHECK();
}

PT_TEST(dirty, pageout_twice)
{
	/* Stored to again after they came back */
	ASSERT_LE(0, pt_pageout(&self->a));
	pt_touch(&self->a, PT_ALL);
	pt_fill(&self->a, SEED_CHILD, PT_ODD);
	ASSERT_LE(0, pt_pageout(&self->a));
	EXPECT_EQ(0, pt_wrong(&self->a, SEED_CHILD, PT_ODD));
	pt_fill(&self->a, SEED_NEW, PT_ODD);
	DIRTY_CHECK();
}

PT_TEST(dirty, compact)
{
	if (pt_write_str("/proc/sys/vm/compact_memory", "1"))
		SKIP(return, "no compaction, or not root");
	DIRTY_CHECK();
}

/* The same where the entries go, and the memory is shared with somebody. */

FIXTURE(dirty_shared) {
	struct pt_area a;
};

FIXTURE_VARIANT(dirty_shared) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(dirty_shared, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(dirty_shared, memfd_swap) {
	.mem = PT_MEMFD, .swap = PT_SWAP_DIRECT
};

FIXTURE_VARIANT_ADD(dirty_shared, file) { .mem = PT_FILE };

FIXTURE_SETUP(dirty_shared)
{
	dirty_setup_area(_metadata, &self->a, variant->mem, variant->swap);
}

FIXTURE_TEARDOWN_PARENT(dirty_shared)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(dirty_shared, munmap_single)
{
	struct pt_area *a = &self->a;
	size_t i;

	for (i = 0; i < a->nr; i++)
		ASSERT_EQ(0, munmap(pt_page(a, i), PAGE_SIZE));
	ASSERT_EQ(0, pt_map_fixed(a, PROT_READ | PROT_WRITE));
	DIRTY_CHECK();
}

PT_TEST(dirty_shared, dontneed)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	DIRTY_CHECK();
}

PT_TEST(dirty_shared, map_over)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(a->base, mmap(a->base, pt_len(a), PROT_NONE, MAP_PRIVATE |
				MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	ASSERT_EQ(0, pt_map_fixed(a, PROT_READ | PROT_WRITE));
	DIRTY_CHECK();
}

PT_TEST(dirty_shared, child_exit)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	/* Only the child has entries, and leaves without unmapping. */
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	pid = fork();
	if (!pid) {
		pt_touch(a, PT_ALL);
		pt_fill(a, SEED_NEW, PT_ODD);
		_exit(0);
	}
	ASSERT_EQ(0, reap(pid));
	DIRTY_CHECK();
}

PT_TEST(dirty_shared, child_exec)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	pid = fork();
	if (!pid) {
		pt_touch(a, PT_ALL);
		pt_fill(a, SEED_NEW, PT_ODD);
		execl("/proc/self/exe", "pt_ops", "-x", NULL);
		_exit(1);
	}
	ASSERT_EQ(0, reap(pid));
	DIRTY_CHECK();
}

/* Pages of a file, cleaned by write-back and stored to again */

FIXTURE(dirty_file) {
	struct pt_area a;
};

FIXTURE_VARIANT(dirty_file) {
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(dirty_file, disk) { .swap = PT_SWAP_NONE };

FIXTURE_SETUP(dirty_file)
{
	dirty_setup_area(_metadata, &self->a, PT_FILE, variant->swap);
}

FIXTURE_TEARDOWN_PARENT(dirty_file)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(dirty_file, msync)
{
	struct pt_area *a = &self->a;

	/* Write-back cleans the entries; then the pages are stored to again. */
	ASSERT_EQ(0, msync(a->base, pt_len(a), MS_SYNC));
	pt_fill(a, SEED_CHILD, PT_ODD);
	ASSERT_EQ(0, fsync(a->fd));
	pt_fill(a, SEED_NEW, PT_ODD);
	DIRTY_CHECK();
}

/*
 * young: exactly the pages accessed after a clear count as referenced. They are
 * in one piece, because a processor may look ahead and set the bit of the page
 * behind the last one.
 */

#define YOUNG_FROM	200
#define YOUNG_PAGES	600
#define YOUNG_AHEAD	2

static void touch_young(const struct pt_area *a)
{
	struct pt_area part = *a;

	part.base = pt_page(a, YOUNG_FROM);
	part.nr = YOUNG_PAGES;
	pt_touch(&part, PT_ALL);
}

static bool is_young(size_t i)
{
	return i >= YOUNG_FROM && i < YOUNG_FROM + YOUNG_PAGES;
}

static void young_check(struct __test_metadata *_metadata,
			const struct pt_area *a)
{
	long n = pt_smaps(a->base, "Referenced") * 1024 / (long)PAGE_SIZE;

	ksft_print_msg("%d pages accessed, %ld referenced\n", YOUNG_PAGES, n);
	EXPECT_LE(YOUNG_PAGES, n);
	EXPECT_GE(YOUNG_PAGES + YOUNG_AHEAD, n);
}

FIXTURE(young) {
	struct pt_area a;
};

FIXTURE_VARIANT(young) {
	enum pt_mem mem;
};

FIXTURE_VARIANT_ADD(young, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(young, memfd) { .mem = PT_MEMFD };

FIXTURE_SETUP(young)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
	if (pt_smaps(self->a.base, "Referenced") < 0)
		SKIP(return, "no Referenced field in smaps");
}

FIXTURE_TEARDOWN_PARENT(young)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(young, clear_refs)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, pt_clear_refs("1"));
	pt_flush_tlb();
	EXPECT_EQ(0, pt_smaps(a->base, "Referenced"));
	touch_young(a);
	young_check(_metadata, a);
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(young, mprotect)
{
	struct pt_area *a = &self->a;

	/* Protection changes neither make a page young nor old. */
	ASSERT_EQ(0, pt_clear_refs("1"));
	pt_flush_tlb();
	touch_young(a);
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	young_check(_metadata, a);
}

PT_TEST(young, mremap)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, pt_clear_refs("1"));
	pt_flush_tlb();
	touch_young(a);
	ASSERT_EQ(0, move_area(a));
	young_check(_metadata, a);
}

PT_TEST(young, cold)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_COLD));
	pt_flush_tlb();
	EXPECT_EQ(0, pt_smaps(a->base, "Referenced"));
	touch_young(a);
	young_check(_metadata, a);
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/* PFNs of an area's pages, present ones only; NULL without privilege. */
static __u64 *get_pfns(const struct pt_area *a)
{
	__u64 *ent;
	size_t i;

	ent = malloc(a->nr * sizeof(*ent));
	if (!ent || pt_pagemap(a->base, a->nr, ent))
		return NULL;
	for (i = 0; i < a->nr; i++) {
		ent[i] &= PM_PFN_MASK;
		if (!ent[i]) {
			free(ent);
			return NULL;
		}
	}
	return ent;
}

static bool page_is_idle(int fd, __u64 pfn)
{
	__u64 word = 0;

	if (pread(fd, &word, sizeof(word), pfn / 64 * 8) != sizeof(word))
		return false;
	return word & BIT_ULL(pfn % 64);
}

PT_TEST(young, page_idle)
{
	struct pt_area *a = &self->a;
	size_t i, marked = 0, missed = 0, extra = 0;
	__u64 *pfn, word;
	int fd;

	fd = open("/sys/kernel/mm/page_idle/bitmap", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "page_idle: %s", strerror(errno));
	pfn = get_pfns(a);
	ASSERT_NE(NULL, pfn);
	for (i = 0; i < a->nr; i++) {
		word = BIT_ULL(pfn[i] % 64);
		/* 0 where the last word of memory is not a whole one */
		ASSERT_LE(0, pwrite(fd, &word, 8, pfn[i] / 64 * 8));
	}
	pt_flush_tlb();
	/* Pages that wait for their LRU list cannot be marked. */
	for (i = 0; i < a->nr; i++) {
		if (page_is_idle(fd, pfn[i]))
			marked++;
		else
			pfn[i] = 0;
	}
	touch_young(a);
	for (i = 0; i < a->nr; i++) {
		if (!pfn[i] || page_is_idle(fd, pfn[i]) == !is_young(i))
			continue;
		if (is_young(i))
			missed++;
		else
			extra++;
	}
	close(fd);
	ksft_print_msg("%zu of %zu pages marked idle\n", marked, a->nr);
	EXPECT_LT(a->nr / 2, marked);
	EXPECT_EQ(0, missed) {
		TH_LOG("pages that were accessed read as idle");
	}
	EXPECT_GE(YOUNG_AHEAD, extra) {
		TH_LOG("idle pages read as accessed");
	}
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/* The same once the entry is gone and only the page is left */

FIXTURE(young_page) {
	struct pt_area a;
};

FIXTURE_SETUP(young_page)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, PT_MEMFD));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
}

FIXTURE_TEARDOWN_PARENT(young_page)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(young_page, zap)
{
	struct pt_area *a = &self->a;
	size_t i, young = 0, extra = 0;
	__u64 *pfn, flags;

	pfn = get_pfns(a);
	if (!pfn)
		SKIP(return, "needs root");
	/* The accessed bit goes to the page, and nobody else's does. */
	ASSERT_EQ(0, pt_clear_refs("1"));
	pt_flush_tlb();
	touch_young(a);
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	for (i = 0; i < a->nr; i++) {
		ASSERT_EQ(0, pt_kpageflags(pfn[i], &flags));
		if (is_young(i))
			young += !!(flags & KPF_REFERENCED);
		else
			extra += !!(flags & KPF_REFERENCED);
	}
	EXPECT_EQ(YOUNG_PAGES, young);
	EXPECT_GE(YOUNG_AHEAD, extra);
}

/*
 * softdirty: exactly the pages stored to after a clear read as soft-dirty.
 */

FIXTURE(softdirty) {
	struct pt_area a;
};

FIXTURE_VARIANT(softdirty) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(softdirty, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(softdirty, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(softdirty, anon_swap) {
	.mem = PT_ANON, .swap = PT_SWAP_DIRECT
};

FIXTURE_SETUP(softdirty)
{
	int ret;

	if (!soft_dirty_works())
		SKIP(return, "no soft-dirty tracking");
	ret = pt_swap_on(variant->swap);
	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
	if (variant->swap)
		ASSERT_EQ(0, pt_pageout(&self->a));
	ASSERT_EQ(0, pt_clear_refs("4"));
	EXPECT_EQ(0, pt_count_pm(&self->a, PM_SOFT_DIRTY, PT_ALL));
	pt_fill(&self->a, SEED_NEW, PT_ODD);
}

FIXTURE_TEARDOWN_PARENT(softdirty)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static void softdirty_check(struct __test_metadata *_metadata,
			    const struct pt_area *a)
{
	EXPECT_EQ(a->nr / 2, pt_count_pm(a, PM_SOFT_DIRTY, PT_ODD));
	EXPECT_EQ(0, pt_count_pm(a, PM_SOFT_DIRTY, PT_EVEN));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
	EXPECT_EQ(0, pt_count_pm(a, PM_SOFT_DIRTY, PT_EVEN));
}

PT_TEST(softdirty, store)
{
	softdirty_check(_metadata, &self->a);
}

PT_TEST(softdirty, mprotect)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	softdirty_check(_metadata, a);
	/* Still tracked */
	pt_fill(a, SEED_NEW, PT_EVEN);
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_SOFT_DIRTY, PT_ALL));
}

PT_TEST(softdirty, fork)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(!!pt_wrong(a, SEED_NEW, PT_ODD));
	ASSERT_EQ(0, reap(pid));
	softdirty_check(_metadata, a);
}

PT_TEST(softdirty, mremap)
{
	struct pt_area *a = &self->a;

	/* A moved page counts as changed: all of them, none lost. */
	ASSERT_EQ(0, move_area(a));
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_SOFT_DIRTY, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

PT_TEST(softdirty, pageout)
{
	struct pt_area *a = &self->a;

	/* Without swap most of them stay; with it all go. */
	ASSERT_GE(variant->swap ? 0 : (int)a->nr, pt_pageout(a));
	/* Shared memory keeps no such bit for a page that is not mapped. */
	if (a->mem == PT_ANON)
		softdirty_check(_metadata, a);
	EXPECT_EQ(0, pt_count_pm(a, PM_SOFT_DIRTY, PT_EVEN));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

PT_TEST(softdirty, clear_again)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, pt_clear_refs("4"));
	EXPECT_EQ(0, pt_count_pm(a, PM_SOFT_DIRTY, PT_ALL));
	pt_fill(a, SEED_CHILD, PT_EVEN);
	EXPECT_EQ(a->nr - a->nr / 2,
		  pt_count_pm(a, PM_SOFT_DIRTY, PT_EVEN));
	EXPECT_EQ(0, pt_count_pm(a, PM_SOFT_DIRTY, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_CHILD, PT_EVEN));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
}

/*
 * uffdwp: userfaultfd write-protection, resolved by the kernel on the first
 * store (WP_ASYNC): exactly the pages not stored to since stay protected.
 */

FIXTURE(uffdwp) {
	struct pt_area a;
	int uffd;
};

FIXTURE_VARIANT(uffdwp) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(uffdwp, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(uffdwp, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(uffdwp, anon_swap) {
	.mem = PT_ANON, .swap = PT_SWAP_DIRECT
};

FIXTURE_VARIANT_ADD(uffdwp, memfd_swap) {
	.mem = PT_MEMFD, .swap = PT_SWAP_DIRECT
};

FIXTURE_SETUP(uffdwp)
{
	struct pt_area *a = &self->a;
	int ret;

	ret = pt_swap_on(variant->swap);
	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	ASSERT_EQ(0, pt_reserve(a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(a, variant->mem));
	pt_fill(a, SEED_OLD, PT_ALL);
	self->uffd = pt_uffd_register_wp(a, 0, O_NONBLOCK);
	if (self->uffd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-self->uffd));
	ASSERT_EQ(0, pt_uffd_wp(self->uffd, a, true));
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
	pt_fill(a, SEED_NEW, PT_ODD);
}

FIXTURE_TEARDOWN_PARENT(uffdwp)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static void uffdwp_check(struct __test_metadata *_metadata,
			 const struct pt_area *a)
{
	EXPECT_EQ(a->nr - a->nr / 2, pt_count_pm(a, PM_UFFD_WP, PT_EVEN));
	EXPECT_EQ(0, pt_count_pm(a, PM_UFFD_WP, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
	/* Reading does not unprotect, storing does. */
	EXPECT_EQ(a->nr - a->nr / 2, pt_count_pm(a, PM_UFFD_WP, PT_EVEN));
	pt_fill(a, SEED_CHILD, PT_EVEN);
	EXPECT_EQ(0, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_CHILD, PT_EVEN));
}

PT_TEST(uffdwp, store)
{
	uffdwp_check(_metadata, &self->a);
}

PT_TEST(uffdwp, mprotect)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	uffdwp_check(_metadata, a);
}

PT_TEST(uffdwp, fork)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(!!pt_wrong(a, SEED_NEW, PT_ODD));
	ASSERT_EQ(0, reap(pid));
	uffdwp_check(_metadata, a);
}

PT_TEST(uffdwp, unprotect)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, pt_uffd_wp(self->uffd, a, false));
	EXPECT_EQ(0, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
	ASSERT_EQ(0, pt_uffd_wp(self->uffd, a, true));
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
}

PT_TEST(uffdwp, dontneed)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT, PT_ALL));
	if (a->mem == PT_ANON) {
		EXPECT_EQ(0, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
		EXPECT_EQ(0, pt_nonzero(a, PT_ALL));
		return;
	}
	/* Shared memory keeps the protection, in markers. */
	uffdwp_check(_metadata, a);
}

PT_TEST(uffdwp, pageout)
{
	struct pt_area *a = &self->a;

	ASSERT_GE(variant->swap ? 0 : (int)a->nr, pt_pageout(a));
	uffdwp_check(_metadata, a);
}

PT_TEST(uffdwp, unregister)
{
	struct pt_area *a = &self->a;

	close(self->uffd);
	EXPECT_EQ(0, pt_count_pm(a, PM_UFFD_WP, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
	pt_fill(a, SEED_CHILD, PT_ALL);
	EXPECT_EQ(0, pt_wrong(a, SEED_CHILD, PT_ALL));
}

/* Take userfaultfd events, each of which somebody waits for, until killed. */
static void *take_events(void *arg)
{
	struct uffd_msg msg;
	int fd = *(int *)arg;

	while (read(fd, &msg, sizeof(msg)) == sizeof(msg))
		;
	return NULL;
}

PT_TEST(uffdwp, mremap)
{
	struct pt_area *a = &self->a;
	pthread_t thread;
	int fd;

	/* Protection moves along if the owner of the descriptor is told. */
	close(self->uffd);
	fd = pt_uffd_register_wp(a, UFFD_FEATURE_EVENT_REMAP, 0);
	if (fd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_events, &fd));
	pt_fill(a, SEED_OLD, PT_ALL);
	ASSERT_EQ(0, pt_uffd_wp(fd, a, true));
	pt_fill(a, SEED_NEW, PT_ODD);
	ASSERT_EQ(0, move_area(a));
	uffdwp_check(_metadata, a);
}

/*
 * uffdmove: UFFDIO_MOVE takes pages from one place to another.
 */

FIXTURE(uffdmove) {
	struct pt_area a;
};

FIXTURE_SETUP(uffdmove)
{
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, PT_ANON));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
}

FIXTURE_TEARDOWN_PARENT(uffdmove)
{
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(uffdmove, move)
{
	struct pt_area *a = &self->a, to;
	struct uffdio_register reg;
	struct uffdio_move mv;
	int fd;

	fd = pt_uffd_open(UFFD_FEATURE_MOVE, 0);
	if (fd < 0)
		SKIP(return, "UFFDIO_MOVE: %s", strerror(-fd));
	/* Somewhere else in a page table */
	ASSERT_EQ(0, pt_reserve(&to, PT_AREA_PAGES));
	to.base += 77 * PAGE_SIZE;
	to.mem = PT_ANON;
	ASSERT_EQ(0, pt_map_fixed(&to, PROT_READ | PROT_WRITE));
	reg = (struct uffdio_register) {
		.range = { .start = (__u64)to.base, .len = pt_len(&to) },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	ASSERT_EQ(0, ioctl(fd, UFFDIO_REGISTER, &reg));
	mv = (struct uffdio_move) {
		.dst = (__u64)to.base, .src = (__u64)a->base, .len = pt_len(a),
	};
	ASSERT_EQ(0, ioctl(fd, UFFDIO_MOVE, &mv));
	ASSERT_EQ((__s64)pt_len(a), mv.move);
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT | PM_SWAP, PT_ALL));
	EXPECT_EQ(to.nr, pt_count_pm(&to, PM_PRESENT, PT_ALL));
	EXPECT_EQ(0, pt_wrong(&to, SEED_OLD, PT_ALL));
	EXPECT_EQ(0, pt_nonzero(a, PT_ALL));
	pt_fill(a, SEED_NEW, PT_ALL);
	EXPECT_EQ(0, pt_wrong(&to, SEED_OLD, PT_ALL));
}

/*
 * scan: PAGEMAP_SCAN reports and re-protects exactly the pages written.
 */

FIXTURE(scan) {
	struct pt_area a;
	int uffd;
};

FIXTURE_VARIANT(scan) {
	enum pt_mem mem;
};

FIXTURE_VARIANT_ADD(scan, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(scan, memfd) { .mem = PT_MEMFD };

FIXTURE_SETUP(scan)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, pt_reserve(a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(a, variant->mem));
	pt_fill(a, SEED_OLD, PT_ALL);
	self->uffd = pt_uffd_register_wp(a, 0, O_NONBLOCK);
	if (self->uffd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-self->uffd));
}

FIXTURE_TEARDOWN_PARENT(scan)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/* Pages reported as written, by parity; they are protected again. */
static int scan(const struct pt_area *a, size_t count[2])
{
	static struct page_region vec[PT_AREA_PAGES];
	int fd, n, i;
	__u64 p;

	count[0] = 0;
	count[1] = 0;
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pt_scan_written(fd, a, vec, PT_AREA_PAGES);
	close(fd);
	for (i = 0; i < n; i++)
		for (p = vec[i].start; p < vec[i].end; p += PAGE_SIZE)
			count[((p - (__u64)a->base) >> PAGE_SHIFT) & 1]++;
	return n;
}

PT_TEST(scan, written)
{
	struct pt_area *a = &self->a;
	size_t n[2];
	int ret, round;

	ret = scan(a, n);
	if (ret == -ENOTTY)
		SKIP(return, "no PAGEMAP_SCAN");
	ASSERT_LE(0, ret);
	EXPECT_EQ(a->nr, n[0] + n[1]);

	/* Protected now: nothing is reported. */
	ASSERT_LE(0, scan(a, n));
	EXPECT_EQ(0, n[0] + n[1]);

	for (round = 0; round < 3; round++) {
		pt_fill(a, SEED_NEW + round, PT_ODD);
		ASSERT_LE(0, scan(a, n));
		EXPECT_EQ(a->nr / 2, n[1]);
		EXPECT_EQ(0, n[0]);
	}
	ASSERT_LE(0, scan(a, n));
	EXPECT_EQ(0, n[0] + n[1]);
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW + round - 1, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

/*
 * lazyfree: of what was given back by MADV_FREE, the pages stored to afterwards
 * must survive reclaim; the others must go.
 */

FIXTURE(lazyfree) {
	struct pt_area a;
};

FIXTURE_VARIANT(lazyfree) {
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(lazyfree, noswap) { .swap = PT_SWAP_NONE };

FIXTURE_VARIANT_ADD(lazyfree, swap) { .swap = PT_SWAP_DIRECT };

FIXTURE_SETUP(lazyfree)
{
	int ret = pt_swap_on(variant->swap);

	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, PT_ANON));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
}

FIXTURE_TEARDOWN_PARENT(lazyfree)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static size_t count_zero_pages(const struct pt_area *a, enum pt_which which)
{
	size_t i, n = 0;

	for (i = 0; i < a->nr; i++)
		n += pt_selected(i, which) && !pt_load(pt_page(a, i));
	return n;
}

PT_TEST(lazyfree, rewritten)
{
	struct pt_area *a = &self->a;
	size_t zero;
	long faults;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_FREE));
	faults = pt_minflt();
	pt_fill(a, SEED_NEW, PT_ODD);
	faults = pt_minflt() - faults;
	ASSERT_LE(0, pt_pageout(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));

	zero = count_zero_pages(a, PT_EVEN);
	EXPECT_EQ(a->nr - a->nr / 2, zero) {
		TH_LOG("pages given back were kept: is the dirty bit cleared?");
	}
	ksft_print_msg("%zu rewritten (%ld faults), %zu of %zu others freed\n",
		       a->nr / 2, faults, zero, a->nr - a->nr / 2);
}

PT_TEST(lazyfree, read_only_after)
{
	struct pt_area *a = &self->a;

	/* Reading what was given back does not save it. */
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_FREE));
	pt_touch(a, PT_ODD);
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_LE(0, pt_pageout(a));
	EXPECT_EQ(a->nr, count_zero_pages(a, PT_ALL));
}

PT_TEST(lazyfree, fork)
{
	struct pt_area *a = &self->a;
	pid_t pid;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_FREE));
	pt_fill(a, SEED_NEW, PT_ODD);
	pid = fork();
	if (!pid)
		_exit(!!pt_wrong(a, SEED_NEW, PT_ODD));
	ASSERT_EQ(0, reap(pid));
	ASSERT_LE(0, pt_pageout(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
}

/*
 * swap: what is paged out comes back.
 */

FIXTURE(swap) {
	struct pt_area a;
};

FIXTURE_VARIANT(swap) {
	enum pt_mem mem;
	enum pt_swap swap;
};

FIXTURE_VARIANT_ADD(swap, direct) { .mem = PT_ANON, .swap = PT_SWAP_DIRECT };

FIXTURE_VARIANT_ADD(swap, cached) { .mem = PT_ANON, .swap = PT_SWAP_CACHED };

FIXTURE_VARIANT_ADD(swap, private_file) {
	.mem = PT_PRIVFILE, .swap = PT_SWAP_DIRECT
};

FIXTURE_SETUP(swap)
{
	int ret = pt_swap_on(variant->swap);

	if (ret)
		SKIP(return, "swap on a RAM disk: %s", strerror(-ret));
	ASSERT_EQ(0, pt_reserve(&self->a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(&self->a, variant->mem));
	pt_fill(&self->a, SEED_OLD, PT_ALL);
	ASSERT_EQ(0, pt_pageout(&self->a));
	EXPECT_EQ(self->a.nr, pt_count_pm(&self->a, PM_SWAP, PT_ALL));
}

FIXTURE_TEARDOWN_PARENT(swap)
{
	pt_swap_off();
	EXPECT_EQ(0, pt_kmsg_complaints());
}

PT_TEST(swap, read_back)
{
	EXPECT_EQ(0, pt_wrong(&self->a, SEED_OLD, PT_ALL));
}

PT_TEST(swap, write_back)
{
	struct pt_area *a = &self->a;

	pt_fill(a, SEED_NEW, PT_ODD);
	ASSERT_EQ(0, pt_pageout(a));
	EXPECT_EQ(0, pt_wrong(a, SEED_NEW, PT_ODD));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_EVEN));
}

PT_TEST(swap, mremap)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, move_area(a));
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_SWAP, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

PT_TEST(swap, mprotect)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ODD));
	EXPECT_EQ(0, pt_count_writable(a));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/*
 * On Xen PV the entries are cleared by queued updates. Of a private file mapping
 * each is looked at right after it was cleared, because of uffd-wp markers.
 */
PT_TEST(swap, dontneed)
{
	struct pt_area *a = &self->a;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT | PM_SWAP, PT_ALL));
	EXPECT_EQ(0, pt_nonzero(a, PT_ALL));
}

PT_TEST(swap, munmap)
{
	struct pt_area *a = &self->a;

	pt_touch(a, PT_ODD);
	ASSERT_EQ(0, munmap(a->base, pt_len(a)));
	EXPECT_EQ(0, pt_count_readable(a));
	ASSERT_EQ(0, pt_map_fixed(a, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, pt_count_pm(a, PM_PRESENT | PM_SWAP, PT_ALL));
	EXPECT_EQ(0, pt_nonzero(a, PT_ALL));
}

PT_TEST(swap, swapoff)
{
	struct pt_area *a = &self->a;

	pt_swap_off();
	EXPECT_EQ(a->nr, pt_count_pm(a, PM_PRESENT, PT_ALL));
	EXPECT_EQ(0, pt_wrong(a, SEED_OLD, PT_ALL));
}

/*
 * ksm: merged pages keep their contents, and part on the first store.
 */

#define KSM	"/sys/kernel/mm/ksm/"

FIXTURE(ksm) {
	struct pt_area a;
	long run, sleep, scan;
};

FIXTURE_SETUP(ksm)
{
	struct pt_area *a = &self->a;
	size_t i;

	self->run = pt_read_long(KSM "run");
	self->sleep = pt_read_long(KSM "sleep_millisecs");
	self->scan = pt_read_long(KSM "pages_to_scan");
	if (self->run < 0)
		SKIP(return, "no KSM");
	if (access(KSM "run", W_OK))
		SKIP(return, "needs root");
	ASSERT_EQ(0, pt_reserve(a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(a, PT_ANON));
	for (i = 0; i < a->nr; i++)
		memset(pt_page(a, i), 0x5a, PAGE_SIZE);
}

FIXTURE_TEARDOWN_PARENT(ksm)
{
	pt_write_long(KSM "run", 2);
	pt_write_long(KSM "run", self->run);
	pt_write_long(KSM "sleep_millisecs", self->sleep);
	pt_write_long(KSM "pages_to_scan", self->scan);
	EXPECT_EQ(0, pt_kmsg_complaints());
}

static size_t ksm_wrong(const struct pt_area *a, unsigned char byte,
			enum pt_which which)
{
	static char page[PAGE_SIZE];
	size_t i, n = 0;

	memset(page, byte, sizeof(page));
	for (i = 0; i < a->nr; i++)
		n += pt_selected(i, which) &&
		     memcmp(pt_page(a, i), page, PAGE_SIZE);
	return n;
}

static int cmp_u64(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/*
 * Pages that share their frame with another page of the area. Not KPF_KSM: some
 * kernels report it for any anonymous page.
 */
static size_t count_merged(const struct pt_area *a, enum pt_which which)
{
	size_t i, k, nr = 0, n = 0;
	__u64 *ent;

	ent = malloc(a->nr * sizeof(*ent));
	if (!ent || pt_pagemap(a->base, a->nr, ent))
		return 0;
	for (i = 0; i < a->nr; i++)
		if (pt_selected(i, which))
			ent[nr++] = ent[i] & PM_PFN_MASK;
	qsort(ent, nr, sizeof(*ent), cmp_u64);
	for (i = 0; i < nr; i = k) {
		for (k = i + 1; k < nr && ent[k] == ent[i]; k++)
			;
		n += k - i > 1 ? k - i : 0;
	}
	free(ent);
	return n;
}

PT_TEST(ksm, merge_and_part)
{
	struct pt_area *a = &self->a;
	size_t i, merged = 0;

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_MERGEABLE));
	pt_write_long(KSM "sleep_millisecs", 0);
	pt_write_long(KSM "pages_to_scan", 10000);
	pt_write_long(KSM "run", 1);
	for (i = 0; i < 300 && merged < a->nr; i++) {
		usleep(20000);
		merged = count_merged(a, PT_ALL);
	}
	pt_write_long(KSM "run", 0);
	ksft_print_msg("%zu of %zu pages merged\n", merged, a->nr);
	EXPECT_EQ(a->nr, merged);
	EXPECT_EQ(0, ksm_wrong(a, 0x5a, PT_ALL));

	for (i = 1; i < a->nr; i += 2)
		memset(pt_page(a, i), 0xa5, PAGE_SIZE);
	EXPECT_EQ(0, ksm_wrong(a, 0x5a, PT_EVEN));
	EXPECT_EQ(0, ksm_wrong(a, 0xa5, PT_ODD));
	EXPECT_EQ(0, count_merged(a, PT_ODD));

	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_UNMERGEABLE));
	EXPECT_EQ(0, count_merged(a, PT_ALL));
	EXPECT_EQ(0, ksm_wrong(a, 0x5a, PT_EVEN));
	EXPECT_EQ(0, ksm_wrong(a, 0xa5, PT_ODD));
}

/*
 * migrate: compaction moves pages to other frames; contents and the dirty bit
 * go with them.
 */

FIXTURE(migrate) {
	struct pt_area a;
	long fraction;
};

FIXTURE_VARIANT(migrate) {
	enum pt_mem mem;
	bool clean;
};

FIXTURE_VARIANT_ADD(migrate, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(migrate, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(migrate, memfd_dirty_bit) { .mem = PT_MEMFD, .clean = true };

FIXTURE_SETUP(migrate)
{
	if (access("/proc/sys/vm/compact_memory", W_OK))
		SKIP(return, "no compaction, or not root");
	ASSERT_EQ(0, pt_reserve(&self->a, 12 * PT_AREA_PAGES));
	self->fraction = pt_read_long(PT_PCP_FRACTION);
	pt_write_long(PT_PCP_FRACTION, 10000);
}

FIXTURE_TEARDOWN_PARENT(migrate)
{
	pt_write_long(PT_PCP_FRACTION, self->fraction);
	EXPECT_EQ(0, pt_kmsg_complaints());
}

#define MIGRATE_STEP	8
#define MIGRATE_TRIES	6

/* Fill the area, free most of it, and compact; what moved is counted. */
static ssize_t compact(struct pt_area *a, enum pt_mem mem, bool clean)
{
	size_t i, moved = 0, len = pt_len(a) / 4;
	__u64 *before, *after;
	char *filler;

	before = malloc(a->nr * sizeof(*before));
	after = malloc(a->nr * sizeof(*after));
	filler = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		      MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (!before || !after || filler == MAP_FAILED || pt_map(a, mem))
		return -ENOMEM;

	if (clean)
		pt_touch(a, PT_ALL);
	pt_fill(a, SEED_OLD, PT_ODD);
	/* Leave something behind that can be compacted. */
	munmap(filler, len);
	for (i = 0; i < a->nr; i++) {
		if (i % MIGRATE_STEP == 1)
			continue;
		if (mem == PT_ANON)
			madvise(pt_page(a, i), PAGE_SIZE, MADV_DONTNEED);
		else
			fallocate(a->fd, FALLOC_FL_PUNCH_HOLE |
				  FALLOC_FL_KEEP_SIZE, i * PAGE_SIZE,
				  PAGE_SIZE);
	}
	if (pt_pagemap(a->base, a->nr, before) ||
	    pt_write_str("/proc/sys/vm/compact_memory", "1") ||
	    pt_pagemap(a->base, a->nr, after))
		return -EIO;
	for (i = 1; i < a->nr; i += MIGRATE_STEP)
		moved += (before[i] ^ after[i]) & PM_PFN_MASK &&
			 after[i] & PM_PRESENT;
	free(before);
	free(after);
	return moved;
}

PT_TEST(migrate, compact)
{
	struct pt_area *a = &self->a;
	size_t i, wrong = 0, kept = 0;
	ssize_t moved;
	int try;

	/* What compaction finds to do depends on what is where. */
	for (try = 0; try < MIGRATE_TRIES; try++) {
		moved = compact(a, variant->mem, variant->clean);
		ASSERT_LE(0, moved);
		if (moved)
			break;
		if (a->fd >= 0)
			close(a->fd);
	}
	if (!moved)
		SKIP(return, "the kernel moved none of the pages");

	if (a->mem == PT_MEMFD) {
		ASSERT_EQ(0, munmap(a->base, pt_len(a)));
		ASSERT_LE(0, pt_reclaim(a));
	}
	for (i = 1; i < a->nr; i += MIGRATE_STEP) {
		wrong += !pt_page_is(pt_page(a, i), SEED_OLD, i);
		kept++;
	}
	ksft_print_msg("%zd of %zu pages moved\n", moved, kept);
	EXPECT_EQ(0, wrong);
}

/*
 * Complaints that come late: a process's counters are checked when the last CPU
 * has let go of its address space.
 */

FIXTURE(log) {
};

FIXTURE_SETUP(log)
{
}

FIXTURE_TEARDOWN(log)
{
}

PT_TEST(log, late_complaints)
{
	usleep(200000);
	EXPECT_EQ(0, pt_kmsg_complaints());
}

int main(int argc, char **argv)
{
	/* What the exec tests execute */
	if (argc > 1 && !strcmp(argv[1], "-x"))
		return 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Entries are what is tested here: no huge pages. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	pt_scratch_setup();
	atexit(pt_scratch_cleanup);
	pt_kmsg_open();
	pt_print_env();
	return test_harness_run(argc, argv);
}
