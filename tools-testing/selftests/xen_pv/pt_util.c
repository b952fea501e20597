// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers of the Xen PV page-table selftests.
 *
 * Scratch devices: swap and the file system live on RAM disks (/dev/ramN). One
 * is taken only if nobody has it open exclusively, mounted or in use, and its
 * first 64 KiB read as zero, so that no data of anybody else can be on it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "pt_util.h"

#define DEV_MAX		16
#define DEV_CLEAN	(64 * 1024)

/* Shared by all processes of a run; not there without pt_scratch_setup() */
static struct {
	pid_t main;
	bool broken;		/* the kernel's memory management is */
	bool swap_on;
	char swap_ram[32];
	char swap_dev[32];
} *shared;

/*
 * A kernel that has found an entry on a page that is not its own hangs or dies
 * soon, and may take data with it: no further test.
 */
static void bail_out_if_broken(void)
{
	if (!shared || !shared->broken || getenv("PT_KEEP_GOING"))
		return;
	printf("Bail out! The kernel's page tables are corrupt (PT_KEEP_GOING=1 goes on)\n");
	fflush(stdout);
	kill(shared->main, SIGTERM);
	_exit(KSFT_FAIL);
}

/* Areas */

/**
 * pt_reserve() - reserve the address range of an area
 * @a: area to set up
 * @nr: number of pages
 *
 * Return: 0 or a negative error.
 */
int pt_reserve(struct pt_area *a, size_t nr)
{
	uintptr_t start;

	bail_out_if_broken();
	memset(a, 0, sizeof(*a));
	a->fd = -1;
	a->nr = nr;
	a->rsv_len = nr * PAGE_SIZE + 4 * PMD_SIZE;
	a->rsv = mmap(NULL, a->rsv_len, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->rsv == MAP_FAILED)
		return -errno;

	start = ((uintptr_t)a->rsv + PMD_SIZE - 1) & ~(PMD_SIZE - 1);
	a->base = (char *)start + PMD_SIZE - PT_AREA_HEAD * PAGE_SIZE;
	return 0;
}

/**
 * pt_map_fixed() - map the area's memory at its place
 * @a: area, with its memory chosen
 * @prot: protection
 *
 * Return: 0 or a negative error.
 */
int pt_map_fixed(struct pt_area *a, int prot)
{
	int flags = MAP_FIXED;
	void *p;

	switch (a->mem) {
	case PT_ANON:
		flags |= MAP_PRIVATE | MAP_ANONYMOUS;
		break;
	case PT_SHM:
		flags |= MAP_SHARED | MAP_ANONYMOUS;
		break;
	case PT_PRIVFILE:
		flags |= MAP_PRIVATE;
		break;
	default:
		flags |= MAP_SHARED;
		break;
	}
	p = mmap(a->base, pt_len(a), prot, flags, a->fd, 0);
	return p == MAP_FAILED ? -errno : 0;
}

/**
 * pt_map() - create memory of a kind and map it read-write at the area's place
 * @a: reserved area
 * @mem: kind of memory
 *
 * Return: 0 or a negative error.
 */
int pt_map(struct pt_area *a, enum pt_mem mem)
{
	a->mem = mem;
	if (mem == PT_MEMFD)
		a->fd = memfd_create("pt_area", MFD_CLOEXEC);
	else if (mem == PT_FILE || mem == PT_PRIVFILE)
		a->fd = pt_scratch_file();
	else
		a->fd = -1;

	if (mem != PT_ANON && mem != PT_SHM) {
		if (a->fd < 0)
			return -errno;
		if (ftruncate(a->fd, pt_len(a)))
			return -errno;
	}
	return pt_map_fixed(a, PROT_READ | PROT_WRITE);
}

/**
 * pt_elsewhere() - reserve a place to move an area to
 * @a: area
 *
 * It is not aligned to a page table as the area is: entries have to be moved,
 * not whole tables.
 *
 * Return: address, or NULL.
 */
char *pt_elsewhere(const struct pt_area *a)
{
	char *rsv;

	rsv = mmap(NULL, pt_len(a) + PMD_SIZE, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rsv == MAP_FAILED)
		return NULL;
	return rsv + ((a->base + 77 * PAGE_SIZE - rsv) & (PMD_SIZE - 1));
}

/**
 * pt_release() - unmap an area, its reservation and the memory behind it
 * @a: area
 */
void pt_release(struct pt_area *a)
{
	if (a->rsv)
		munmap(a->rsv, a->rsv_len);
	if (a->fd >= 0)
		close(a->fd);
	a->rsv = NULL;
	a->fd = -1;
}

/* Contents: each page carries two words that depend on its number and a seed */

static __u64 stamp(unsigned int seed, size_t i)
{
	return ((__u64)seed << 40) ^ ((i + 1) * 0x9e3779b97f4a7c15ULL);
}

static size_t second_word(size_t i)
{
	return (1 + i % (PAGE_SIZE / 8 - 1)) * 8;
}

/**
 * pt_touch() - read a word of the selected pages
 * @a: area
 * @which: pages
 */
void pt_touch(const struct pt_area *a, enum pt_which which)
{
	size_t i;

	for (i = 0; i < a->nr; i++)
		if (pt_selected(i, which))
			pt_load(pt_page(a, i));
}

/**
 * pt_fill() - store the contents that belong to a seed
 * @a: area
 * @seed: what to store
 * @which: pages
 */
void pt_fill(const struct pt_area *a, unsigned int seed, enum pt_which which)
{
	size_t i;

	for (i = 0; i < a->nr; i++) {
		char *p = pt_page(a, i);

		if (!pt_selected(i, which))
			continue;
		pt_store(p, stamp(seed, i));
		pt_store(p + second_word(i), stamp(seed, i) + 1);
	}
}

/**
 * pt_page_is() - check one page
 * @page: its contents
 * @seed: what was stored
 * @i: its number
 *
 * Return: whether the contents are those of the seed.
 */
bool pt_page_is(const char *page, unsigned int seed, size_t i)
{
	return pt_load(page) == stamp(seed, i) &&
	       pt_load(page + second_word(i)) == stamp(seed, i) + 1;
}

static void report_wrong(size_t i, const char *page, unsigned int seed)
{
	ksft_print_msg("page %zu: read %016llx %016llx, expected %016llx %016llx\n",
		       i, pt_load(page),
		       pt_load(page + second_word(i)),
		       stamp(seed, i),
		       stamp(seed, i) + 1);
}

/**
 * pt_wrong() - count the pages that do not hold what a seed stands for
 * @a: area
 * @seed: what was stored
 * @which: pages
 *
 * Return: number of pages with other contents; the first one is reported.
 */
size_t pt_wrong(const struct pt_area *a, unsigned int seed,
		enum pt_which which)
{
	size_t i, wrong = 0;

	for (i = 0; i < a->nr; i++) {
		if (!pt_selected(i, which) || pt_page_is(pt_page(a, i), seed, i))
			continue;
		if (!wrong++)
			report_wrong(i, pt_page(a, i), seed);
	}
	return wrong;
}

/**
 * pt_wrong_file() - as pt_wrong(), but by read(2) instead of through a mapping
 * @a: area that was mapped
 * @fd: file
 * @seed: what was stored
 * @which: pages
 *
 * Return: number of pages with other contents; the first one is reported.
 */
size_t pt_wrong_file(const struct pt_area *a, int fd, unsigned int seed,
		     enum pt_which which)
{
	size_t i, wrong = 0;
	char *buf;

	buf = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	for (i = 0; i < a->nr; i++) {
		ssize_t n;

		if (!pt_selected(i, which))
			continue;
		n = pread(fd, buf, PAGE_SIZE, i * PAGE_SIZE);
		if (n == (ssize_t)PAGE_SIZE && pt_page_is(buf, seed, i))
			continue;
		if (!wrong++)
			report_wrong(i, buf, seed);
	}
	free(buf);
	return wrong;
}

/**
 * pt_nonzero() - count the pages whose stamped words are not all zero
 * @a: area
 * @which: pages
 *
 * Return: number of pages; the first one is reported.
 */
size_t pt_nonzero(const struct pt_area *a, enum pt_which which)
{
	size_t i, n = 0;

	for (i = 0; i < a->nr; i++) {
		const char *p = pt_page(a, i);

		if (!pt_selected(i, which) ||
		    (!pt_load(p) && !pt_load(p + second_word(i))))
			continue;
		if (!n++)
			ksft_print_msg("page %zu: read %016llx, expected zero\n",
				       i, pt_load(p));
	}
	return n;
}

/* Protection, as the processor sees it */

/**
 * pt_can_read() - whether a load from an address succeeds
 * @p: address
 */
bool pt_can_read(char *p)
{
	return pt_accessible(p, 1, false);
}

/**
 * pt_can_write() - whether a store to an address succeeds; keeps the contents
 * @p: address
 */
bool pt_can_write(char *p)
{
	return pt_accessible(p, 1, true);
}

/**
 * pt_count_readable() - count the pages a load from which succeeds
 * @a: area
 */
size_t pt_count_readable(const struct pt_area *a)
{
	return pt_accessible(a->base, a->nr, false);
}

/**
 * pt_count_writable() - count the pages a store to which succeeds
 * @a: area
 */
size_t pt_count_writable(const struct pt_area *a)
{
	return pt_accessible(a->base, a->nr, true);
}

/* What the kernel says */

/**
 * pt_count_pm() - count pages by page-map bit
 * @a: area
 * @bits: any of these
 * @which: pages
 *
 * Return: number of pages with one of the bits, SIZE_MAX on failure.
 */
size_t pt_count_pm(const struct pt_area *a, __u64 bits, enum pt_which which)
{
	size_t i, n = 0;
	__u64 *ent;

	ent = malloc(a->nr * sizeof(*ent));
	if (!ent || pt_pagemap(a->base, a->nr, ent)) {
		free(ent);
		return SIZE_MAX;
	}
	for (i = 0; i < a->nr; i++)
		n += pt_selected(i, which) && (ent[i] & bits);
	free(ent);
	return n;
}

/**
 * pt_kpageflags() - flags of a page frame; root only
 * @pfn: page frame number
 * @flags: KPF_* flags
 *
 * Return: 0 or a negative error.
 */
int pt_kpageflags(__u64 pfn, __u64 *flags)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (pread(fd, flags, sizeof(*flags), pfn * sizeof(*flags)) !=
	    sizeof(*flags))
		return -EIO;
	return 0;
}

/**
 * pt_count_kpf() - count present pages by page flag; root only
 * @a: area
 * @bits: any of these KPF_* flags
 * @which: pages
 *
 * Return: number of pages, or a negative error.
 */
ssize_t pt_count_kpf(const struct pt_area *a, __u64 bits,
		     enum pt_which which)
{
	__u64 *ent, flags;
	ssize_t n = 0;
	size_t i;
	int ret;

	ent = malloc(a->nr * sizeof(*ent));
	if (!ent)
		return -ENOMEM;
	ret = pt_pagemap(a->base, a->nr, ent) ? -errno : 0;
	for (i = 0; !ret && i < a->nr; i++) {
		if (!pt_selected(i, which) || !(ent[i] & PM_PRESENT))
			continue;
		if (!(ent[i] & PM_PFN_MASK)) {
			ret = -EPERM;
			break;
		}
		ret = pt_kpageflags(ent[i] & PM_PFN_MASK, &flags);
		n += !!(flags & bits);
	}
	free(ent);
	return ret ? ret : n;
}

/**
 * pt_count_incore() - count the pages that mincore() calls resident
 * @a: area
 * @which: pages
 *
 * Return: number of pages, SIZE_MAX on failure.
 */
size_t pt_count_incore(const struct pt_area *a, enum pt_which which)
{
	unsigned char *vec;
	size_t i, n = 0;

	vec = malloc(a->nr);
	if (!vec || mincore(a->base, pt_len(a), vec)) {
		free(vec);
		return SIZE_MAX;
	}
	for (i = 0; i < a->nr; i++)
		n += pt_selected(i, which) && (vec[i] & 1);
	free(vec);
	return n;
}

/**
 * pt_minflt() - minor page faults of this process so far
 */
long pt_minflt(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_minflt;
}

/**
 * pt_write_long() - set a parameter
 * @path: file of procfs or sysfs
 * @val: value; one that pt_read_long() could not read before is left alone
 */
void pt_write_long(const char *path, long val)
{
	char buf[24];

	if (val < 0)
		return;
	snprintf(buf, sizeof(buf), "%ld", val);
	if (pt_write_str(path, buf))
		ksft_print_msg("%s: %s\n", path, strerror(errno));
}

/**
 * pt_clear_refs() - write to this process's clear_refs
 * @what: "1": accessed bits, "4": soft-dirty bits
 *
 * Return: 0, or -1 with errno set.
 */
int pt_clear_refs(const char *what)
{
	return pt_write_str("/proc/self/clear_refs", what);
}

/**
 * pt_pageout() - page out what is mapped in an area
 * @a: area
 *
 * A page that waits in a CPU's batch for its LRU list is skipped by the kernel,
 * which empties the batch of the CPU it runs on first: all CPUs are tried.
 *
 * Return: number of pages still mapped, or a negative error.
 */
int pt_pageout(const struct pt_area *a)
{
	size_t left = SIZE_MAX;
	cpu_set_t all, one;
	int try, cpu, ret = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return -errno;
	for (try = 0, cpu = 0; try < 20 && left && !ret; try++) {
		if (try) {
			do
				cpu = (cpu + 1) % CPU_SETSIZE;
			while (!CPU_ISSET(cpu, &all));
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof(one), &one);
			usleep(1000);
		}
		if (madvise(a->base, pt_len(a), MADV_PAGEOUT))
			ret = -errno;
		left = pt_count_pm(a, PM_PRESENT, PT_ALL);
	}
	if (try > 1)
		sched_setaffinity(0, sizeof(all), &all);
	return ret ?: (int)left;
}

/**
 * pt_reclaim() - map the area's memory read-only, reclaim it, and map it again
 * @a: area of shared memory whose mapping is gone
 *
 * Whatever entry is made here is clean: a page that is not marked dirty by now
 * is dropped, as any memory pressure might do at any time.
 *
 * Return: number of pages still mapped after the reclaim, or a negative error.
 */
int pt_reclaim(const struct pt_area *a)
{
	struct pt_area ro = *a;
	int ret;

	ret = pt_map_fixed(&ro, PROT_READ);
	if (ret)
		return ret;
	pt_touch(&ro, PT_ALL);
	return pt_pageout(&ro);
}

/**
 * pt_flush_tlb() - have every translation of this process flushed
 *
 * Clearing accessed bits does not flush: a processor that still caches the
 * translation does not set the bit again. Unmapping more pages than the kernel
 * cares to flush one by one flushes them all.
 */
void pt_flush_tlb(void)
{
	size_t len = 256 * PAGE_SIZE;
	char *p;
	size_t i;

	p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return;
	for (i = 0; i < len; i += PAGE_SIZE)
		pt_store(p + i, 1);
	munmap(p, len);
}

/* Write-protection by userfaultfd */

/**
 * pt_uffd_open() - open a userfaultfd that serves faults of user mode
 * @features: UFFD_FEATURE_*
 * @flags: O_NONBLOCK or 0
 *
 * Return: file descriptor, or a negative error.
 */
int pt_uffd_open(__u64 features, int flags)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd;

	fd = syscall(__NR_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY | flags);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -EOPNOTSUPP;
	}
	return fd;
}

/**
 * pt_uffd_register_wp() - register an area for asynchronous write-protection
 * @a: area
 * @features: more UFFD_FEATURE_*
 * @flags: O_NONBLOCK or 0
 *
 * Return: file descriptor, or a negative error.
 */
int pt_uffd_register_wp(const struct pt_area *a, __u64 features, int flags)
{
	struct uffdio_register reg = {
		.range = { .start = (__u64)a->base, .len = pt_len(a) },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	int fd;

	fd = pt_uffd_open(UFFD_FEATURE_WP_ASYNC |
			  UFFD_FEATURE_WP_HUGETLBFS_SHMEM |
			  UFFD_FEATURE_PAGEFAULT_FLAG_WP | features, flags);
	if (fd < 0)
		return fd;
	if (ioctl(fd, UFFDIO_REGISTER, &reg)) {
		close(fd);
		return -EOPNOTSUPP;
	}
	return fd;
}

/**
 * pt_uffd_wp() - write-protect a registered area, or end that
 * @fd: userfaultfd
 * @a: area
 * @protect: which of both
 *
 * Return: 0 or a negative error.
 */
int pt_uffd_wp(int fd, const struct pt_area *a, bool protect)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (__u64)a->base, .len = pt_len(a) },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ioctl(fd, UFFDIO_WRITEPROTECT, &wp) ? -errno : 0;
}

/**
 * pt_scan_written() - find the pages written since the last call, and protect
 * them again
 * @pagemap: /proc/self/pagemap
 * @a: area, registered for asynchronous write-protection
 * @vec: what was written
 * @nr: room there
 *
 * Return: number of regions, or a negative error: -ENOTTY without PAGEMAP_SCAN.
 */
int pt_scan_written(int pagemap, const struct pt_area *a,
		    struct page_region *vec, size_t nr)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
		.start = (__u64)a->base,
		.end = (__u64)a->base + pt_len(a),
		.vec = (__u64)vec,
		.vec_len = nr,
		.category_mask = PAGE_IS_WRITTEN,
		.return_mask = PAGE_IS_WRITTEN,
	};
	int n = ioctl(pagemap, PAGEMAP_SCAN, &arg);

	return n < 0 ? -errno : n;
}

/* The kernel log */

#define FATAL_WORDS	5

static int kmsg_fd = -1;

/**
 * pt_kmsg_next() - next message of the kernel log
 * @fd: /dev/kmsg, opened with O_NONBLOCK
 * @lost: counts how often messages were overwritten before they were read, or
 *	NULL
 *
 * Return: the message, valid until the next call, or NULL if there is none.
 */
char *pt_kmsg_next(int fd, unsigned int *lost)
{
	static char buf[8192];
	char *msg;
	ssize_t n;

	for (;;) {
		n = read(fd, buf, sizeof(buf) - 1);
		if (n < 0 && errno == EPIPE) {
			if (lost)
				(*lost)++;
			continue;
		}
		if (n <= 0)
			return NULL;
		buf[n] = '\0';
		msg = strchr(buf, ';');
		if (!msg)
			continue;
		msg[strcspn(msg, "\n")] = '\0';
		return msg + 1;
	}
}

/**
 * pt_kmsg_open() - start to watch the kernel log
 *
 * Children share the position: each complaint is reported once.
 */
void pt_kmsg_open(void)
{
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd < 0) {
		ksft_print_msg("/dev/kmsg: %s, the kernel log is not checked\n",
			       strerror(errno));
		return;
	}
	lseek(kmsg_fd, 0, SEEK_END);
}

/**
 * pt_kmsg_complaints() - count complaints in the kernel log since the last call
 *
 * Return: number of complaints; each is printed.
 */
int pt_kmsg_complaints(void)
{
	static const char * const words[] = {
		"Bad page", "Bad rss-counter", "BUG:", "Oops",
		"general protection",
		/* those above mean that it is dangerous to go on */
		"WARNING:", "Bad swap", "bad pmd", "bad pte", "swap_info_get",
		"swap_free:", "swap_dup:", "unrecognized swap",
		"non-zero pgtables_bytes", "Unused swap", "Xen: multicall",
		"mmu_update", "INFO: task", "I/O error",
	};
	int found = 0;
	char *msg;
	size_t i;

	if (kmsg_fd < 0)
		return 0;
	while ((msg = pt_kmsg_next(kmsg_fd, NULL))) {
		for (i = 0; i < ARRAY_SIZE(words); i++) {
			if (!strstr(msg, words[i]))
				continue;
			ksft_print_msg("kernel: %s\n", msg);
			found++;
			if (i < FATAL_WORDS)
				shared->broken = true;
			break;
		}
	}
	return found;
}

/* Environment */

/**
 * pt_is_root() - whether what needs privilege can be tried
 */
bool pt_is_root(void)
{
	return geteuid() == 0;
}

/**
 * pt_is_xen_pv() - whether this kernel runs as a Xen PV guest
 */
bool pt_is_xen_pv(void)
{
	char type[16];

	return !pt_read_text("/sys/hypervisor/guest_type", type, sizeof(type)) &&
	       !strcmp(type, "PV");
}

/**
 * pt_print_env() - print what the results were obtained on
 */
void pt_print_env(void)
{
	struct utsname u;

	uname(&u);
	ksft_print_msg("Linux %s, %s, %ld CPUs, %s\n", u.release,
		       pt_is_xen_pv() ? "Xen PV" : "not Xen PV",
		       sysconf(_SC_NPROCESSORS_ONLN),
		       pt_is_root() ? "root" : "unprivileged");
}

/* Take a RAM disk nobody uses; its name is stored. */
static int take_ramdisk(char *path, size_t size, const char *not_this)
{
	static char zero[DEV_CLEAN], buf[DEV_CLEAN];
	int fd, i;

	for (i = 0; i < DEV_MAX; i++) {
		ssize_t n;

		snprintf(path, size, "/dev/ram%d", i);
		if (not_this && !strcmp(path, not_this))
			continue;
		fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		close(fd);
		if (n == (ssize_t)sizeof(buf) && !memcmp(buf, zero, n))
			return 0;
	}
	path[0] = '\0';
	return -ENODEV;
}

/* Leave it as it was found. */
static void clean_ramdisk(const char *path)
{
	static const char zero[DEV_CLEAN];
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, zero, sizeof(zero)) < 0)
		ksft_print_msg("%s: %s\n", path, strerror(errno));
	fsync(fd);
	close(fd);
}

/*
 * Swap is turned on by a test, and turned off by the parent of its process.
 */

static int make_swap(const char *dev)
{
	int fd, ret = 0;

	fd = open(dev, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (pt_swap_format(fd, lseek(fd, 0, SEEK_END), "xen_pv"))
		ret = -errno;
	close(fd);
	return ret;
}

static int loop_on(const char *ram, char *dev, size_t size)
{
	struct loop_config cfg = {};
	int ctl, nr, fd, ret = 0;

	ctl = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (ctl < 0)
		return -errno;
	nr = ioctl(ctl, LOOP_CTL_GET_FREE);
	close(ctl);
	if (nr < 0)
		return -errno;
	snprintf(dev, size, "/dev/loop%d", nr);
	fd = open(dev, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	cfg.fd = open(ram, O_RDWR | O_CLOEXEC);
	if ((int)cfg.fd < 0 || ioctl(fd, LOOP_CONFIGURE, &cfg))
		ret = -errno;
	close(cfg.fd);
	close(fd);
	return ret;
}

static void loop_off(const char *dev)
{
	int fd = open(dev, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	ioctl(fd, LOOP_CLR_FD);
	close(fd);
}

/**
 * pt_swap_on() - swap to a RAM disk, preferred to any swap there may be
 * @kind: directly, or through a loop device
 *
 * Return: 0 or a negative error.
 */
int pt_swap_on(enum pt_swap kind)
{
	int ret;

	/* Left behind by a test that was skipped in the middle of its setup */
	pt_swap_off();
	if (kind == PT_SWAP_NONE)
		return 0;
	if (!pt_is_root())
		return -EPERM;
	if (take_ramdisk(shared->swap_ram, sizeof(shared->swap_ram), NULL))
		return -ENODEV;
	snprintf(shared->swap_dev, sizeof(shared->swap_dev), "%s", shared->swap_ram);
	if (kind == PT_SWAP_CACHED) {
		ret = loop_on(shared->swap_ram, shared->swap_dev, sizeof(shared->swap_dev));
		if (ret) {
			shared->swap_ram[0] = '\0';
			return ret;
		}
	}
	ret = make_swap(shared->swap_dev);
	if (!ret && swapon(shared->swap_dev, SWAP_FLAG_PREFER | 0x7fff))
		ret = -errno;
	shared->swap_on = !ret;
	if (ret)
		pt_swap_off();
	return ret;
}

/**
 * pt_swap_off() - undo pt_swap_on()
 */
void pt_swap_off(void)
{
	if (!shared->swap_ram[0])
		return;
	if (shared->swap_on && swapoff(shared->swap_dev))
		ksft_print_msg("swapoff %s: %s\n", shared->swap_dev, strerror(errno));
	shared->swap_on = false;
	if (strcmp(shared->swap_dev, shared->swap_ram))
		loop_off(shared->swap_dev);
	clean_ramdisk(shared->swap_ram);
	shared->swap_ram[0] = '\0';
}

/**
 * pt_swap_half_full() - whether swap is so full that the kernel frees the copy
 * of a page in swap as soon as it has been read back
 */
bool pt_swap_half_full(void)
{
	long total = 0, left = 0;
	char line[128];
	FILE *f;

	f = fopen("/proc/meminfo", "r");
	if (!f)
		return true;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "SwapTotal:", 10))
			total = atol(line + 10);
		else if (!strncmp(line, "SwapFree:", 9))
			left = atol(line + 9);
	}
	fclose(f);
	return left * 2 < total;
}

/* Files: on a file system of our own if we may mount one */

static char scratch_dir[PATH_MAX];
static char scratch_ram[32];
static char scratch_why[128];
static pid_t scratch_owner;

static int run(const char * const *argv)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		int fd = open("/dev/null", O_RDWR);

		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execvp(argv[0], (char * const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int make_fs(const char *dev)
{
	const char * const ext4[] = { "mkfs.ext4", "-q", "-F", dev, NULL };
	const char * const ext2[] = { "mke2fs", "-q", "-F", dev, NULL };
	const char * const bb[] = { "busybox", "mke2fs", "-F", dev, NULL };

	if (!run(ext4) || !run(ext2) || !run(bb))
		return 0;
	return -ENOENT;
}

static int mount_scratch(void)
{
	if (take_ramdisk(scratch_ram, sizeof(scratch_ram), NULL)) {
		snprintf(scratch_why, sizeof(scratch_why),
			 "no unused RAM disk");
		return -ENODEV;
	}
	if (make_fs(scratch_ram)) {
		snprintf(scratch_why, sizeof(scratch_why),
			 "no mkfs.ext4 or mke2fs");
		clean_ramdisk(scratch_ram);
		return -ENOENT;
	}
	/* The mount goes when the last process of this run has gone. */
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mount(scratch_ram, scratch_dir, "ext4", 0, NULL) &&
	     mount(scratch_ram, scratch_dir, "ext2", 0, NULL))) {
		snprintf(scratch_why, sizeof(scratch_why), "mount %s: %s",
			 scratch_ram, strerror(errno));
		clean_ramdisk(scratch_ram);
		return -EIO;
	}
	return 0;
}

/* Ended from outside, or by a test that bails out: leave no swap behind. */
static void on_signal(int sig)
{
	if (getpid() == shared->main && !shared->broken)
		pt_scratch_cleanup();
	_exit(sig == SIGTERM ? KSFT_FAIL : 128 + sig);
}

/**
 * pt_scratch_setup() - prepare for swap and files; once, before any test
 */
void pt_scratch_setup(void)
{
	const char *tmp = getenv("TMPDIR");

	shared = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	shared->main = getpid();
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);

	if (!tmp)
		tmp = access("/tmp", W_OK) ? "/" : "/tmp";
	snprintf(scratch_dir, sizeof(scratch_dir), "%s/xen_pv.XXXXXX", tmp);
	if (!mkdtemp(scratch_dir)) {
		snprintf(scratch_why, sizeof(scratch_why),
			 "no scratch directory: %s", strerror(errno));
		scratch_dir[0] = '\0';
		return;
	}
	scratch_owner = getpid();
	if (!pt_is_root() || mount_scratch())
		scratch_ram[0] = '\0';
}

/**
 * pt_scratch_cleanup() - undo pt_scratch_setup(); for atexit()
 */
void pt_scratch_cleanup(void)
{
	if (getpid() != scratch_owner)
		return;
	pt_swap_off();
	if (scratch_ram[0]) {
		umount2(scratch_dir, MNT_DETACH);
		clean_ramdisk(scratch_ram);
	}
	rmdir(scratch_dir);
}

/**
 * pt_scratch_is_disk() - whether files are on a file system on a RAM disk
 */
bool pt_scratch_is_disk(void)
{
	return scratch_ram[0];
}

/**
 * pt_scratch_why() - why they are not
 */
const char *pt_scratch_why(void)
{
	if (!pt_is_root())
		return "needs root";
	return scratch_why[0] ? scratch_why : "no scratch directory";
}

/**
 * pt_scratch_file() - create an unnamed file
 *
 * Return: file descriptor or -1 with errno set.
 */
int pt_scratch_file(void)
{
	char path[PATH_MAX + 16];
	int fd;

	if (!scratch_dir[0]) {
		errno = ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/f.XXXXXX", scratch_dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* Does the kernel say that it batches? 1 yes, 0 no, -1 it says nothing. */
static int kernel_batches(void)
{
	int fd, ret = -1;
	char *msg;

	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (ret < 0 && (msg = pt_kmsg_next(fd, NULL))) {
		msg = strstr(msg, "Xen: batched page table updates: ");
		if (!msg)
			continue;
		ksft_print_msg("kernel: %s\n", msg);
		ret = !strncmp(strrchr(msg, ':'), ": on", 4);
	}
	close(fd);
	return ret;
}

/**
 * pt_judge_traps() - whether no trapped writes to page tables are expected
 *
 * They are not where the kernel says at boot that it batches its updates. The
 * environment can say it instead: PT_TRAPS_EXPECT=none or PT_TRAPS_EXPECT=any.
 */
bool pt_judge_traps(void)
{
	const char *expect = getenv("PT_TRAPS_EXPECT");
	int batches = kernel_batches();
	bool judge = expect ? !strcmp(expect, "none") : batches == 1;

	ksft_print_msg("%s\n", judge ? "no trapped writes are expected" :
		       "trapped writes are counted, not judged");
	return judge;
}
