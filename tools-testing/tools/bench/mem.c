// SPDX-License-Identifier: GPL-2.0
/* Memory for the paths, the pattern in it, and ways to look at it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ptbench.h"

static size_t round_up(size_t len)
{
	return (len + PMD_SIZE - 1) & ~(PMD_SIZE - 1);
}

/*
 * A range that starts at a page table of its own and has nothing beside it,
 * so that the same number of tables is touched in every run: the mapping
 * stands in a PROT_NONE reservation that is one table larger on each side.
 */
void *map_aligned(size_t len, int prot, int flags, int fd)
{
	size_t used = round_up(len) + 2 * PMD_SIZE, room = used + PMD_SIZE;
	char *area, *first, *p;
	int err;

	area = mmap(NULL, room, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		return NULL;
	first = (char *)round_up((uintptr_t)area);
	if (first > area)
		munmap(area, first - area);
	if (first + used < area + room)
		munmap(first + used, area + room - first - used);

	p = first + PMD_SIZE;
	if (mmap(p, len, prot, flags | MAP_FIXED, fd, 0) != p) {
		err = errno;
		munmap(first, used);
		errno = err;
		return NULL;
	}
	return p;
}

/* the mapping and the reservation around it, whatever became of the former */
void unmap_aligned(void *p, size_t len)
{
	munmap((char *)p - PMD_SIZE, round_up(len) + 2 * PMD_SIZE);
}

enum verdict map_anon(struct run *r)
{
	r->buf = map_aligned(r->len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	return r->buf ? OK : why_errno(FAIL, "mmap");
}

enum verdict map_anon_filled(struct run *r)
{
	enum verdict v = map_anon(r);

	if (v == OK)
		fill(r->buf, r->pages, r->seed);
	return v;
}

enum verdict open_memfd(struct run *r)
{
	r->fd = memfd_create("ptbench", MFD_CLOEXEC);
	if (r->fd < 0)
		return why_errno(SKIP, "memfd_create");
	if (ftruncate(r->fd, r->len))
		return why_errno(FAIL, "ftruncate");
	return OK;
}

enum verdict map_shared(struct run *r)
{
	r->buf = map_aligned(r->len, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd);
	return r->buf ? OK : why_errno(FAIL, "mmap");
}

void unmap_range(struct run *r)
{
	if (r->buf)
		unmap_aligned(r->buf, r->len);
	if (r->alt)
		unmap_aligned(r->alt, r->len);
	if (r->fd >= 0)
		close(r->fd);
	r->buf = NULL;
	r->alt = NULL;
	r->fd = -1;
}

/* three words a page, at its start, middle and end, all pages different */
static const size_t spots[] = { 0, 257, 511 };

#define NR_SPOTS	ARRAY_SIZE(spots)

static uint64_t word(size_t page, size_t spot, uint32_t seed)
{
	uint64_t x = ((uint64_t)seed << 32 | (uint32_t)page) * 4 + spot + 1;

	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

void fill(char *p, size_t pages, uint32_t seed)
{
	volatile uint64_t *q;
	size_t i, s;

	for (i = 0; i < pages; i++) {
		q = (volatile uint64_t *)(p + i * PAGE_SIZE);
		for (s = 0; s < NR_SPOTS; s++)
			q[spots[s]] = word(i, s, seed);
	}
}

enum verdict check(const char *p, size_t pages, uint32_t seed, const char *what)
{
	const volatile uint64_t *q;
	size_t i, s;

	for (i = 0; i < pages; i++) {
		q = (const volatile uint64_t *)(p + i * PAGE_SIZE);
		for (s = 0; s < NR_SPOTS; s++)
			if (q[spots[s]] != word(i, s, seed))
				return why(FAIL,
					   "%s: page %zu holds %#llx, not %#llx",
					   what, i,
					   (unsigned long long)q[spots[s]],
					   (unsigned long long)word(i, s, seed));
	}
	return OK;
}

enum verdict check_zero(const char *p, size_t pages, const char *what)
{
	const volatile uint64_t *q;
	size_t i, s;

	for (i = 0; i < pages; i++) {
		q = (const volatile uint64_t *)(p + i * PAGE_SIZE);
		for (s = 0; s < NR_SPOTS; s++)
			if (q[spots[s]])
				return why(FAIL, "%s: page %zu is not zero",
					   what, i);
	}
	return OK;
}

enum verdict munmap_range(struct run *r)
{
	if (munmap(r->buf, r->len))
		return why_errno(FAIL, "munmap");
	return OK;
}

enum verdict read_each(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		(void)*(volatile char *)(r->buf + i * PAGE_SIZE);
	return OK;
}

enum verdict write_each(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		*(volatile char *)(r->buf + i * PAGE_SIZE + 64) = 1;
	return OK;
}

enum verdict check_each(const char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		if (p[i * PAGE_SIZE + 64] != 1)
			return why(FAIL, "the write to page %zu is lost", i);
	return OK;
}

/* An access to any of the pages must fault. Slow, so only in the warm-up. */
enum verdict check_faults(const struct run *r, char *p, bool write)
{
	size_t n = r->warmup ? pt_accessible(p, r->pages, write) : 0;

	if (n)
		return why(FAIL, "%zu pages can still be %s", n,
			   write ? "written" : "read");
	return OK;
}

/* nothing is mapped there any more */
enum verdict check_gone(const struct run *r, char *p)
{
	unsigned char vec;
	size_t i;

	for (i = 0; i < r->pages; i++)
		if (!mincore(p + i * PAGE_SIZE, PAGE_SIZE, &vec) ||
		    errno != ENOMEM)
			return why(FAIL, "page %zu is still mapped", i);
	return check_faults(r, p, false);
}

enum verdict pagemap_read(const char *p, size_t pages, __u64 *entries)
{
	if (pt_pagemap(p, pages, entries))
		return why_errno(errno == EIO ? FAIL : SKIP,
				 "/proc/self/pagemap");
	return OK;
}

long pagemap_count(const char *p, size_t pages, __u64 mask, __u64 value)
{
	__u64 *entries = malloc(pages * sizeof(*entries));
	long n = -1;
	size_t i;

	if (!entries) {
		why(FAIL, "out of memory");
		return -1;
	}
	if (pagemap_read(p, pages, entries) == OK)
		for (n = 0, i = 0; i < pages; i++)
			n += (entries[i] & mask) == value;
	free(entries);
	return n;
}

static char pcp_saved[32];

enum verdict pcp_fraction(const char *fraction)
{
	if (pt_read_text(PT_PCP_FRACTION, pcp_saved, sizeof(pcp_saved)) ||
	    pt_write_str(PT_PCP_FRACTION, fraction))
		return why_errno(SKIP, PT_PCP_FRACTION);
	return OK;
}

void pcp_restore(void)
{
	if (pcp_saved[0])
		pt_write_str(PT_PCP_FRACTION, pcp_saved);
	pcp_saved[0] = '\0';
}
