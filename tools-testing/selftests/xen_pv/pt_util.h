/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers of the Xen PV page-table selftests: memory areas of every kind,
 * what the kernel says about their pages, and scratch devices to swap to and
 * to keep files on.
 */
#ifndef __PT_UTIL_H
#define __PT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/types.h>

#include "pt_mem.h"

/* /proc/kpageflags */
#define KPF_REFERENCED	BIT_ULL(2)
#define KPF_DIRTY	BIT_ULL(4)

/* Values of linux/mman.h that the C library's headers may lack. */
#ifndef MADV_COLD
#define MADV_COLD	20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23
#endif

enum pt_mem {
	PT_ANON,	/* private anonymous */
	PT_SHM,		/* shared anonymous */
	PT_MEMFD,	/* shared mapping of a memfd */
	PT_FILE,	/* shared mapping of a file on a real file system */
	PT_PRIVFILE,	/* private mapping of such a file */
};

enum pt_swap {
	PT_SWAP_NONE,	/* do not touch swap */
	PT_SWAP_DIRECT,	/* RAM disk: synchronous, swap cache is bypassed */
	PT_SWAP_CACHED,	/* loop device: read back through the swap cache */
};

/* Which pages of an area: all, those with an odd or with an even number. */
enum pt_which { PT_ALL, PT_ODD, PT_EVEN };

/**
 * struct pt_area - pages under test
 * @base: first page
 * @nr: number of pages
 * @rsv: reserved address range around them, inaccessible outside the area
 * @rsv_len: its length
 * @mem: kind of memory
 * @fd: memory behind it, or -1
 *
 * The area begins in the middle of one page table, fills the next one and ends
 * in the middle of a third. The reservation reaches further on both sides, so
 * that the outer tables stay when the area is unmapped: a page that is still
 * mapped in them is found, not freed along with the table.
 */
struct pt_area {
	char *base;
	size_t nr;
	char *rsv;
	size_t rsv_len;
	enum pt_mem mem;
	int fd;
};

/* One page table in full, and parts of its two neighbours. */
#define PT_AREA_PAGES	1100
#define PT_AREA_HEAD	300

static inline bool pt_selected(size_t i, enum pt_which which)
{
	return which == PT_ALL || (i & 1) == (which == PT_ODD);
}

static inline char *pt_page(const struct pt_area *a, size_t i)
{
	return a->base + i * PAGE_SIZE;
}

static inline size_t pt_len(const struct pt_area *a)
{
	return a->nr * PAGE_SIZE;
}

/* Areas */
int pt_reserve(struct pt_area *a, size_t nr);
int pt_map(struct pt_area *a, enum pt_mem mem);
int pt_map_fixed(struct pt_area *a, int prot);
char *pt_elsewhere(const struct pt_area *a);
void pt_release(struct pt_area *a);

/* Contents */
void pt_touch(const struct pt_area *a, enum pt_which which);
void pt_fill(const struct pt_area *a, unsigned int seed, enum pt_which which);
size_t pt_wrong(const struct pt_area *a, unsigned int seed,
		enum pt_which which);
size_t pt_nonzero(const struct pt_area *a, enum pt_which which);
size_t pt_wrong_file(const struct pt_area *a, int fd, unsigned int seed,
		     enum pt_which which);
bool pt_page_is(const char *page, unsigned int seed, size_t i);
bool pt_can_read(char *p);
bool pt_can_write(char *p);
size_t pt_count_readable(const struct pt_area *a);
size_t pt_count_writable(const struct pt_area *a);

/* What the kernel says */
size_t pt_count_pm(const struct pt_area *a, __u64 bits,
		   enum pt_which which);
int pt_kpageflags(__u64 pfn, __u64 *flags);
ssize_t pt_count_kpf(const struct pt_area *a, __u64 bits,
		     enum pt_which which);
size_t pt_count_incore(const struct pt_area *a, enum pt_which which);
long pt_minflt(void);
void pt_write_long(const char *path, long val);
int pt_clear_refs(const char *what);
int pt_pageout(const struct pt_area *a);
int pt_reclaim(const struct pt_area *a);
void pt_flush_tlb(void);

/* Write-protection by userfaultfd */
struct page_region;
int pt_uffd_open(__u64 features, int flags);
int pt_uffd_register_wp(const struct pt_area *a, __u64 features, int flags);
int pt_uffd_wp(int fd, const struct pt_area *a, bool protect);
int pt_scan_written(int pagemap, const struct pt_area *a,
		    struct page_region *vec, size_t nr);

/* The kernel log since the last call: complaints about memory management */
char *pt_kmsg_next(int fd, unsigned int *lost);
void pt_kmsg_open(void);
int pt_kmsg_complaints(void);

/* Environment */
bool pt_is_root(void);
bool pt_is_xen_pv(void);
void pt_print_env(void);
bool pt_judge_traps(void);
int pt_swap_on(enum pt_swap kind);
void pt_swap_off(void);
bool pt_swap_half_full(void);
void pt_scratch_setup(void);
void pt_scratch_cleanup(void);
int pt_scratch_file(void);
const char *pt_scratch_why(void);
bool pt_scratch_is_disk(void);

#endif /* __PT_UTIL_H */
