// SPDX-License-Identifier: GPL-2.0
/* Paths of reclaim, aging and merging: what the kernel does by itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <time.h>
#include <unistd.h>

#include "ptbench.h"

/*
 * Swap on a RAM disk: ours for the time of a run, preferred over any other.
 * What is on the disk must be nothing, or what an earlier run has left.
 */
#define RAM_DISK	"/dev/ram0"
#define SWAP_LABEL	"ptbench"

static enum verdict format_swap(int fd, uint64_t size)
{
	if (!pt_swap_format(fd, size, SWAP_LABEL))
		return OK;
	if (errno == EEXIST)
		return why(SKIP, RAM_DISK " holds data");
	return why_errno(FAIL, RAM_DISK);
}

static enum verdict swap_on(struct run *r)
{
	enum verdict v;
	uint64_t size;
	int fd;

	swapoff(RAM_DISK);	/* a run that was killed */
	fd = open(RAM_DISK, O_RDWR | O_EXCL | O_CLOEXEC);
	if (fd < 0)
		return why_errno(SKIP, RAM_DISK);
	if (ioctl(fd, BLKGETSIZE64, &size))
		v = why_errno(SKIP, RAM_DISK);
	else if (size < r->len + r->len / 4)
		v = why(SKIP, RAM_DISK " is too small for %zu pages", r->pages);
	else
		v = format_swap(fd, size);
	close(fd);
	if (v != OK)
		return v;
	if (swapon(RAM_DISK, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK))
		return why_errno(SKIP, "swapon " RAM_DISK);
	return OK;
}

static void swap_teardown(struct run *r)
{
	unmap_range(r);
	swapoff(RAM_DISK);
}

static enum verdict expect_swapped(struct run *r, size_t least)
{
	long n = pagemap_count(r->buf, r->pages, PM_SWAP | PM_PRESENT, PM_SWAP);

	if (n < 0)
		return SKIP;
	if ((size_t)n < least)
		return why(FAIL, "only %ld pages are swapped out", n);
	r->work = n;
	return OK;
}

/* swap-out; what the kernel may leave behind is a batch it has not drained */

static enum verdict swap_out_setup(struct run *r)
{
	enum verdict v = swap_on(r);

	return v == OK ? map_anon_filled(r) : v;
}

static enum verdict pageout_action(struct run *r)
{
	if (madvise(r->buf, r->len, MADV_PAGEOUT))
		return why_errno(errno == EINVAL ? SKIP : FAIL,
				 "MADV_PAGEOUT");
	return OK;
}

static enum verdict swap_out_verify(struct run *r)
{
	enum verdict v = expect_swapped(r, r->pages - r->pages / 16);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "read back from swap");
	return v;
}

const struct path path_swap_out = {
	.setup = swap_out_setup,
	.action = pageout_action,
	.verify = swap_out_verify,
	.teardown = swap_teardown,
};

/* swap-in */

static enum verdict swap_in_setup(struct run *r)
{
	enum verdict v = swap_out_setup(r);

	if (v == OK)
		v = pageout_action(r);
	if (v == OK)
		v = expect_swapped(r, r->pages - r->pages / 16);
	return v;
}

static enum verdict swap_in_verify(struct run *r)
{
	enum verdict v = check(r->buf, r->pages, r->seed, "swapped in");

	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	return check(r->buf, r->pages, ~r->seed, "written again");
}

const struct path path_swap_in = {
	.setup = swap_in_setup,
	.action = read_each,
	.verify = swap_in_verify,
	.teardown = swap_teardown,
};

/* pageout-shmem: pages of a file, unmapped through the reverse map */

static enum verdict pageout_shmem_setup(struct run *r)
{
	enum verdict v = swap_on(r);

	if (v == OK)
		v = open_memfd(r);
	if (v == OK)
		v = map_shared(r);
	if (v == OK)
		fill(r->buf, r->pages, r->seed);
	return v;
}

static enum verdict pageout_shmem_verify(struct run *r)
{
	long n = pagemap_count(r->buf, r->pages, PM_PRESENT, 0);

	if (n < 0)
		return SKIP;
	if ((size_t)n < r->pages - r->pages / 16)
		return why(FAIL, "only %ld pages are paged out", n);
	r->work = n;
	return check(r->buf, r->pages, r->seed, "read back from swap");
}

const struct path path_pageout_shmem = {
	.setup = pageout_shmem_setup,
	.action = pageout_action,
	.verify = pageout_shmem_verify,
	.teardown = swap_teardown,
};

/*
 * ksm-merge, ksm-unmerge: pairs of equal pages. The daemon makes one pass to
 * learn which pages keep still, and merges in the next.
 */
#define KSM	"/sys/kernel/mm/ksm/"

static const struct {
	const char *file;
	const char *value;
} ksm_settings[] = {
	{ KSM "pages_to_scan",	 "100000" },
	{ KSM "sleep_millisecs", "0" },
	{ KSM "smart_scan",	 "0" },
	{ KSM "use_zero_pages",	 "0" },
};

#define NR_KSM	ARRAY_SIZE(ksm_settings)

static long long ksm_saved[NR_KSM];
static bool ksm_changed;

static enum verdict ksm_setup(struct run *r)
{
	enum verdict v;
	size_t i;

	if (pt_read_long(KSM "run") < 0)
		return why(SKIP, "the kernel has no KSM");
	if (pt_read_long(KSM "run") == 1)
		return why(SKIP, "KSM is in use");
	for (i = 0; i < NR_KSM; i++)
		ksm_saved[i] = pt_read_long(ksm_settings[i].file);
	ksm_changed = true;
	for (i = 0; i < NR_KSM; i++)
		if (ksm_saved[i] >= 0 &&
		    pt_write_str(ksm_settings[i].file, ksm_settings[i].value))
			return why_errno(SKIP, ksm_settings[i].file);

	if (r->pages < 2 || r->pages % 2)
		return why(SKIP, "needs an even number of pages");
	v = map_anon(r);
	if (v != OK)
		return v;
	/* both halves have the same contents */
	fill(r->buf, r->pages / 2, r->seed);
	fill(r->buf + r->len / 2, r->pages / 2, r->seed);
	if (madvise(r->buf, r->len, MADV_MERGEABLE))
		return why_errno(SKIP, "MADV_MERGEABLE");
	return OK;
}

static enum verdict ksm_verify(struct run *r)
{
	enum verdict v;

	v = check(r->buf, r->pages / 2, r->seed, "first half");
	if (v != OK)
		return v;
	return check(r->buf + r->len / 2, r->pages / 2, r->seed, "second half");
}

/* before others, as soon as they give the CPU away */
static void run_first(bool first)
{
	struct sched_param p = { .sched_priority = first ? 1 : 0 };

	sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &p);
}

/*
 * The daemon has the CPU all the time, but for a look now and then. It begins
 * another pass at once, and to stop it is to wait for the end of that: nothing
 * of what is measured.
 */
static enum verdict merge_pairs(struct run *r, bool measure)
{
	long long want = r->pages / 2, got;
	time_t end = time(NULL) + 120;
	enum verdict v;

	if (measure)
		section_begin(r);
	if (pt_write_str(KSM "run", "1")) {
		v = why_errno(SKIP, KSM "run");
		if (measure)
			section_end(r);
		return v;
	}
	run_first(true);
	do {
		usleep(500);
		got = pt_read_long(KSM "pages_sharing");
	} while (got < want && time(NULL) < end);
	if (measure)
		section_end(r);
	run_first(false);
	if (pt_write_str(KSM "run", "0"))
		return why_errno(FAIL, KSM "run");
	if (got < want)
		return why(FAIL, "%lld pages were merged, not %lld", got, want);
	return OK;
}

static enum verdict ksm_merge_action(struct run *r)
{
	return merge_pairs(r, true);
}

static enum verdict ksm_verify_write(struct run *r)
{
	enum verdict v = ksm_verify(r);

	if (v != OK)
		return v;
	/* writing to one of a pair must leave the other alone */
	fill(r->buf, r->pages / 2, ~r->seed);
	v = check(r->buf, r->pages / 2, ~r->seed, "first half, written");
	if (v != OK)
		return v;
	return check(r->buf + r->len / 2, r->pages / 2, r->seed,
		     "second half, not written");
}

static enum verdict ksm_merge_verify(struct run *r)
{
	long n = pagemap_count(r->buf, r->pages, PM_EXCLUSIVE, 0);

	if (n >= 0 && n != (long)r->pages)
		return why(FAIL, "%ld of %zu pages are merged", n, r->pages);
	return ksm_verify_write(r);
}

static enum verdict ksm_unmerge_setup(struct run *r)
{
	enum verdict v = ksm_setup(r);

	return v == OK ? merge_pairs(r, false) : v;
}

static enum verdict ksm_unmerge_action(struct run *r)
{
	if (madvise(r->buf, r->len, MADV_UNMERGEABLE))
		return why_errno(FAIL, "MADV_UNMERGEABLE");
	return OK;
}

static enum verdict ksm_unmerge_verify(struct run *r)
{
	long n = pagemap_count(r->buf, r->pages, PM_EXCLUSIVE, PM_EXCLUSIVE);

	if (n >= 0 && n != (long)r->pages)
		return why(FAIL, "%ld of %zu pages are unmerged", n, r->pages);
	return ksm_verify_write(r);
}

static void ksm_teardown(struct run *r)
{
	char text[32];
	size_t i;

	unmap_range(r);
	if (!ksm_changed)
		return;
	/* 2 has the daemon forget what it knows of the pages */
	pt_write_str(KSM "run", "2");
	pt_write_str(KSM "run", "0");
	for (i = 0; i < NR_KSM; i++) {
		if (ksm_saved[i] < 0)
			continue;
		snprintf(text, sizeof(text), "%lld", ksm_saved[i]);
		pt_write_str(ksm_settings[i].file, text);
	}
	ksm_changed = false;
}

const struct path path_ksm_merge = {
	.setup = ksm_setup,
	.action = ksm_merge_action,
	.verify = ksm_merge_verify,
	.teardown = ksm_teardown,
	.own_section = true,
};

const struct path path_ksm_unmerge = {
	.setup = ksm_unmerge_setup,
	.action = ksm_unmerge_action,
	.verify = ksm_unmerge_verify,
	.teardown = ksm_teardown,
};

/*
 * migrate: every second page of a larger range given back leaves memory full
 * of holes; compaction then moves what is between them, and pages of others as
 * well, so that the kernel's count of pages is what the cost is divided by. That it
 * moved ours, their frame numbers tell. Looking through memory is part of the cost,
 * which more pages than elsewhere make a small one. How many are moved depends on
 * where they are: a run with few does not count.
 */
#define MIGRATE_MORE	4

#define COMPACT		"/proc/sys/vm/compact_memory"

static __u64 *frames_before;
static long migrated_before;

static long pages_migrated(void)
{
	return pt_vmstat("pgmigrate_success");
}

static enum verdict migrate_setup(struct run *r)
{
	enum verdict v;
	char *other;
	size_t i;

	if (access(COMPACT, W_OK))
		return why_errno(SKIP, COMPACT);
	if (pages_migrated() < 0)
		return why(SKIP, "no pgmigrate_success in /proc/vmstat");
	/* pages that wait in the lists of a CPU are no holes: short lists */
	v = pcp_fraction("1000000");
	if (v != OK)
		return v;
	r->pages *= MIGRATE_MORE;
	r->len *= MIGRATE_MORE;
	v = map_anon(r);
	if (v != OK)
		return v;
	other = mmap(NULL, r->len, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	frames_before = malloc(r->pages * sizeof(*frames_before));
	if (other == MAP_FAILED || !frames_before)
		return why(FAIL, "out of memory");
	for (i = 0; i < r->pages; i++) {
		r->buf[i * PAGE_SIZE] = 1;
		other[i * PAGE_SIZE] = 1;
	}
	fill(r->buf, r->pages, r->seed);
	munmap(other, r->len);

	v = pagemap_read(r->buf, r->pages, frames_before);
	if (v == OK && !(frames_before[0] & PM_PFN_MASK))
		v = why(SKIP, "frame numbers are hidden: not root");
	migrated_before = pages_migrated();
	return v;
}

static enum verdict migrate_action(struct run *r)
{
	(void)r;
	return pt_write_str(COMPACT, "1") ? why_errno(FAIL, COMPACT) : OK;
}

static enum verdict migrate_verify(struct run *r)
{
	long all = pages_migrated() - migrated_before;
	__u64 *now = malloc(r->pages * sizeof(*now));
	size_t i, ours = 0;
	enum verdict v;

	if (!now)
		return why(FAIL, "out of memory");
	v = pagemap_read(r->buf, r->pages, now);
	for (i = 0; v == OK && i < r->pages; i++)
		ours += !!((now[i] ^ frames_before[i]) & PM_PFN_MASK);
	free(now);
	r->work = all;
	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "migrated");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	v = check(r->buf, r->pages, ~r->seed, "written again");
	if (v == OK && (!ours || all < (long)r->pages / 5))
		return why(AGAIN, "%ld pages were migrated, %zu of ours, which is too few",
			   all, ours);
	return v;
}

static void migrate_teardown(struct run *r)
{
	free(frames_before);
	frames_before = NULL;
	unmap_range(r);
	pcp_restore();
}

const struct path path_migrate = {
	.setup = migrate_setup,
	.action = migrate_action,
	.verify = migrate_verify,
	.teardown = migrate_teardown,
};

/* clear-refs: smaps counts the pages whose accessed bit is set */

static enum verdict expect_unreferenced(struct run *r)
{
	long kb = pt_smaps(r->buf, "Referenced");

	if (kb > 0)
		return why(FAIL, "%ld kB are still referenced", kb);
	return check(r->buf, r->pages, r->seed, "not referenced");
}

static enum verdict clear_refs_setup(struct run *r)
{
	if (access("/proc/self/clear_refs", W_OK))
		return why_errno(SKIP, "/proc/self/clear_refs");
	return map_anon_filled(r);
}

static enum verdict clear_refs_action(struct run *r)
{
	(void)r;
	if (pt_write_str("/proc/self/clear_refs", "1"))
		return why_errno(FAIL, "/proc/self/clear_refs");
	return OK;
}

const struct path path_clear_refs = {
	.setup = clear_refs_setup,
	.action = clear_refs_action,
	.verify = expect_unreferenced,
	.teardown = unmap_range,
};

/* soft-dirty, soft-dirty-fault */

static enum verdict expect_soft_dirty(struct run *r, bool on)
{
	long n = pagemap_count(r->buf, r->pages, PM_SOFT_DIRTY, PM_SOFT_DIRTY);

	if (n < 0)
		return SKIP;
	if (n != (on ? (long)r->pages : 0))
		return why(FAIL, "%ld of %zu pages are soft-dirty", n,
			   r->pages);
	return OK;
}

static enum verdict soft_dirty_setup(struct run *r)
{
	enum verdict v = clear_refs_setup(r);

	if (v == OK && expect_soft_dirty(r, true) != OK)
		v = why(SKIP, "the kernel does not track soft-dirty pages");
	return v;
}

static enum verdict soft_dirty_action(struct run *r)
{
	(void)r;
	if (pt_write_str("/proc/self/clear_refs", "4"))
		return why_errno(FAIL, "/proc/self/clear_refs");
	return OK;
}

static enum verdict soft_dirty_verify(struct run *r)
{
	enum verdict v = expect_soft_dirty(r, false);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "soft-dirty cleared");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	v = expect_soft_dirty(r, true);
	if (v != OK)
		return v;
	return check(r->buf, r->pages, ~r->seed, "written again");
}

const struct path path_soft_dirty = {
	.setup = soft_dirty_setup,
	.action = soft_dirty_action,
	.verify = soft_dirty_verify,
	.teardown = unmap_range,
};

static enum verdict soft_dirty_fault_setup(struct run *r)
{
	enum verdict v = soft_dirty_setup(r);

	return v == OK ? soft_dirty_action(r) : v;
}

static enum verdict soft_dirty_fault_verify(struct run *r)
{
	enum verdict v = expect_soft_dirty(r, true);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "after the fault");
	return v;
}

const struct path path_soft_dirty_fault = {
	.setup = soft_dirty_fault_setup,
	.action = write_each,
	.verify = soft_dirty_fault_verify,
	.teardown = unmap_range,
};

/* new pages wait in a batch before they are on an LRU list: have them go */
static void drain_lru(struct run *r)
{
	if (!mlock(r->buf, r->len))
		munlock(r->buf, r->len);
}

/*
 * page-idle: one bit a frame, in words of 64. Setting it clears the accessed
 * bit in every mapping. Runs of words are written at once. The kernel looks at
 * each bit of a word, so words that are not all ours, of which there are more or
 * less as it happens, are left out if most are.
 */
#define IDLE_BITMAP	"/sys/kernel/mm/page_idle/bitmap"

static uint64_t *idle_map;
static size_t idle_first, idle_words, idle_pages;

static enum verdict page_idle_setup(struct run *r)
{
	__u64 *entries, pfn, last = 0;
	enum verdict v;
	size_t i;

	r->fd = open(IDLE_BITMAP, O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		return why_errno(SKIP, IDLE_BITMAP);
	v = map_anon_filled(r);
	if (v != OK)
		return v;
	drain_lru(r);
	entries = malloc(r->pages * sizeof(*entries));
	if (!entries)
		return why(FAIL, "out of memory");
	v = pagemap_read(r->buf, r->pages, entries);
	if (v == OK && !(entries[0] & PM_PFN_MASK))
		v = why(SKIP, "frame numbers are hidden: not root");
	if (v == OK) {
		idle_first = SIZE_MAX;
		for (i = 0; i < r->pages; i++) {
			pfn = entries[i] & PM_PFN_MASK;
			if (pfn / 64 < idle_first)
				idle_first = pfn / 64;
			if (pfn / 64 > last)
				last = pfn / 64;
		}
		idle_words = last - idle_first + 1;
		idle_map = calloc(idle_words, sizeof(*idle_map));
		if (!idle_map)
			v = why(FAIL, "out of memory");
	}
	for (i = 0; v == OK && i < r->pages; i++) {
		pfn = entries[i] & PM_PFN_MASK;
		idle_map[pfn / 64 - idle_first] |= 1ull << pfn % 64;
	}
	free(entries);
	if (v != OK)
		return v;

	idle_pages = 0;
	for (i = 0; i < idle_words; i++)
		if (idle_map[i] == UINT64_MAX)
			idle_pages += 64;
	if (idle_pages <= r->pages / 2) {
		idle_pages = r->pages;
		return OK;
	}
	for (i = 0; i < idle_words; i++)
		if (idle_map[i] != UINT64_MAX)
			idle_map[i] = 0;
	return OK;
}

static enum verdict page_idle_action(struct run *r)
{
	size_t i, n;
	ssize_t size;

	for (i = 0; i < idle_words; i += n) {
		n = 1;
		if (!idle_map[i])
			continue;
		while (i + n < idle_words && idle_map[i + n])
			n++;
		size = n * sizeof(*idle_map);
		/* the word that memory ends in is used but not counted */
		if (pwrite(r->fd, idle_map + i, size,
			   (idle_first + i) * sizeof(*idle_map)) <
		    size - (ssize_t)sizeof(*idle_map))
			return why_errno(FAIL, IDLE_BITMAP);
	}
	return OK;
}

static enum verdict page_idle_verify(struct run *r)
{
	size_t i, idle = 0, unknown = 0;
	uint64_t now;

	for (i = 0; i < idle_words; i++) {
		if (!idle_map[i])
			continue;
		if (pread(r->fd, &now, sizeof(now),
			  (idle_first + i) * sizeof(now)) != sizeof(now)) {
			/* that last word again */
			unknown += __builtin_popcountll(idle_map[i]);
			continue;
		}
		idle += __builtin_popcountll(now & idle_map[i]);
	}
	if (!idle || idle + unknown < idle_pages - idle_pages / 16)
		return why(FAIL, "%zu of %zu pages are idle, %zu can't be told",
			   idle, idle_pages, unknown);
	r->work = idle;
	return check(r->buf, r->pages, r->seed, "idle");
}

static void page_idle_teardown(struct run *r)
{
	free(idle_map);
	idle_map = NULL;
	unmap_range(r);
}

const struct path path_page_idle = {
	.setup = page_idle_setup,
	.action = page_idle_action,
	.verify = page_idle_verify,
	.teardown = page_idle_teardown,
};

/* mglru-age: one generation more of the first node, forced to look at all */
#define LRU_GEN		"/sys/kernel/debug/lru_gen"
#define LRU_ENABLED	"/sys/kernel/mm/lru_gen/enabled"

static char lru_saved[32];
static char lru_command[64];

static enum verdict mglru_setup(struct run *r)
{
	unsigned int memcg = 0, node = 0, seen = 0, id;
	unsigned long seq, age, last = 0;
	enum verdict v;
	char line[256];
	FILE *f;

	if (pt_read_text(LRU_ENABLED, lru_saved, sizeof(lru_saved)))
		return why_errno(SKIP, LRU_ENABLED);
	if (pt_write_str(LRU_ENABLED, "7"))
		return why_errno(SKIP, LRU_ENABLED);
	f = fopen(LRU_GEN, "re");
	if (!f)
		return why_errno(SKIP, LRU_GEN);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "memcg %u", &id) == 1) {
			if (seen++)
				break;
			memcg = id;
		} else if (sscanf(line, " node %u", &id) == 1) {
			if (seen++ > 1)
				break;
			node = id;
		} else if (sscanf(line, "%lu %lu", &seq, &age) == 2) {
			last = seq;
		}
	}
	fclose(f);
	if (seen < 2)
		return why(SKIP, LRU_GEN " lists no node");
	snprintf(lru_command, sizeof(lru_command), "+ %u %u %lu 1 1\n", memcg,
		 node, last);
	v = map_anon_filled(r);
	if (v == OK)
		drain_lru(r);
	return v;
}

static enum verdict mglru_action(struct run *r)
{
	(void)r;
	if (pt_write_str(LRU_GEN, lru_command))
		return why_errno(FAIL, LRU_GEN);
	return OK;
}

static void mglru_teardown(struct run *r)
{
	unmap_range(r);
	if (lru_saved[0])
		pt_write_str(LRU_ENABLED, lru_saved);
	lru_saved[0] = '\0';
}

const struct path path_mglru_age = {
	.setup = mglru_setup,
	.action = mglru_action,
	.verify = expect_unreferenced,
	.teardown = mglru_teardown,
};
