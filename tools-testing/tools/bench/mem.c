// SPDX-License-Identifier: GPL-2.0
/* Memory for the paths, the pattern in it, and ways to look at it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
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

static sigjmp_buf faulted;

static void on_fault(int sig)
{
	siglongjmp(faulted, sig);
}

/*
 * An access to any of the pages must fault. The kernel's own view of a mapping
 * does not show an entry that was left behind, the processor does. Slow, so
 * only in the warm-up.
 */
enum verdict check_faults(const struct run *r, const char *p, bool write)
{
	struct sigaction sa = {
		.sa_handler = on_fault, .sa_flags = SA_NODEFER
	};
	struct sigaction old_segv, old_bus;
	volatile size_t i;
	size_t first_bad;

	if (!r->warmup)
		return OK;
	sigaction(SIGSEGV, &sa, &old_segv);
	sigaction(SIGBUS, &sa, &old_bus);
	for (i = 0; i < r->pages; i++) {
		volatile char *q = (volatile char *)(p + i * PAGE_SIZE + 128);

		if (sigsetjmp(faulted, 0))
			continue;
		if (write)
			*q = 1;
		else
			(void)*q;
		break;
	}
	first_bad = i;
	sigaction(SIGSEGV, &old_segv, NULL);
	sigaction(SIGBUS, &old_bus, NULL);
	if (first_bad < r->pages)
		return why(FAIL, "page %zu can still be %s", first_bad,
			   write ? "written" : "read");
	return OK;
}

/* nothing is mapped there any more */
enum verdict check_gone(const struct run *r, const char *p)
{
	unsigned char vec;
	size_t i;

	for (i = 0; i < r->pages; i++)
		if (!mincore((void *)(p + i * PAGE_SIZE), PAGE_SIZE, &vec) ||
		    errno != ENOMEM)
			return why(FAIL, "page %zu is still mapped", i);
	return check_faults(r, p, false);
}

enum verdict pagemap_read(const char *p, size_t pages, uint64_t *entries)
{
	ssize_t size = pages * sizeof(*entries), n;
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return why_errno(SKIP, "/proc/self/pagemap");
	n = pread(fd, entries, size,
		  (uintptr_t)p / PAGE_SIZE * sizeof(*entries));
	close(fd);
	return n == size ? OK : why(FAIL, "/proc/self/pagemap: short read");
}

long pagemap_count(const char *p, size_t pages, uint64_t mask, uint64_t value)
{
	uint64_t *entries = malloc(pages * sizeof(*entries));
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

long smaps_field(const void *p, const char *field)
{
	unsigned long start, end;
	bool inside = false;
	size_t len = strlen(field);
	char line[256];
	long kb = -1;
	FILE *f;

	f = fopen("/proc/self/smaps", "re");
	if (!f)
		return -1;
	while (kb < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (uintptr_t)p >= start && (uintptr_t)p < end;
		else if (inside && !strncmp(line, field, len) &&
			 line[len] == ':')
			kb = atol(line + len + 1);
	}
	fclose(f);
	return kb;
}

long vmstat_field(const char *field)
{
	size_t len = strlen(field);
	char line[128];
	long n = -1;
	FILE *f;

	f = fopen("/proc/vmstat", "re");
	if (!f)
		return -1;
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ' ')
			n = atol(line + len + 1);
	fclose(f);
	return n;
}

int write_file(const char *file, const char *text)
{
	ssize_t len = strlen(text), n;
	int fd, err;

	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, len);
	err = errno;
	close(fd);
	errno = err;
	return n == len ? 0 : -1;
}

int read_text(const char *file, char *text, size_t size)
{
	ssize_t n;
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

long long read_number(const char *file)
{
	char text[64];

	return read_text(file, text, sizeof(text)) ? -1 : atoll(text);
}

#define PCP_FRACTION	"/proc/sys/vm/percpu_pagelist_high_fraction"

static char pcp_saved[32];

enum verdict pcp_fraction(const char *fraction)
{
	if (read_text(PCP_FRACTION, pcp_saved, sizeof(pcp_saved)) ||
	    write_file(PCP_FRACTION, fraction))
		return why_errno(SKIP, PCP_FRACTION);
	return OK;
}

void pcp_restore(void)
{
	if (pcp_saved[0])
		write_file(PCP_FRACTION, pcp_saved);
	pcp_saved[0] = '\0';
}
