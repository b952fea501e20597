/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel and the processor say about pages of this process: pagemap,
 * smaps and vmstat, small files of procfs and sysfs, which accesses fault; and
 * the header of a swap device. For the tests, and for programs of their kind.
 */
#ifndef __PT_MEM_H
#define __PT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef BIT
#define BIT(nr)		(1UL << (nr))
#endif
#define BIT_ULL(nr)	(1ULL << (nr))

#define PAGE_SHIFT	12
#define PAGE_SIZE	BIT(PAGE_SHIFT)
#define PMD_SIZE	BIT(21)

/* /proc/<pid>/pagemap */
#define PM_PFN_MASK	(BIT_ULL(55) - 1)
#define PM_SOFT_DIRTY	BIT_ULL(55)
#define PM_EXCLUSIVE	BIT_ULL(56)
#define PM_UFFD_WP	BIT_ULL(57)
#define PM_SWAP		BIT_ULL(62)
#define PM_PRESENT	BIT_ULL(63)

/*
 * Compaction moves pages to where free ones are, and does not look for them on
 * the lists of the CPUs. A large number here keeps those short.
 */
#define PT_PCP_FRACTION	"/proc/sys/vm/percpu_pagelist_high_fraction"

static inline __u64 pt_load(const void *p)
{
	__u64 v;

	asm volatile("movq %1, %0" : "=r" (v) : "m" (*(const __u64 *)p) :
		     "memory");
	return v;
}

static inline void pt_store(void *p, __u64 v)
{
	asm volatile("movq %1, %0" : "=m" (*(__u64 *)p) : "r" (v) :
		     "memory");
}

size_t pt_accessible(char *p, size_t nr, bool write);
int pt_pagemap(const char *addr, size_t nr, __u64 *ent);
long pt_smaps(const void *addr, const char *field);
long pt_vmstat(const char *field);
int pt_read_text(const char *path, char *text, size_t size);
long pt_read_long(const char *path);
int pt_write_str(const char *path, const char *str);
int pt_swap_format(int fd, __u64 size, const char *label);

#endif /* __PT_MEM_H */
