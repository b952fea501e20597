// SPDX-License-Identifier: GPL-2.0
/* Paths over anonymous memory that one system call works on. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "ptbench.h"

/* mprotect-ro, mprotect-rw */

static enum verdict mprotect_ro_action(struct run *r)
{
	if (mprotect(r->buf, r->len, PROT_READ))
		return why_errno(FAIL, "mprotect");
	return OK;
}

static enum verdict mprotect_rw_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	return v == OK ? mprotect_ro_action(r) : v;
}

static enum verdict mprotect_rw_action(struct run *r)
{
	if (mprotect(r->buf, r->len, PROT_READ | PROT_WRITE))
		return why_errno(FAIL, "mprotect");
	return OK;
}

static enum verdict mprotect_ro_verify(struct run *r)
{
	enum verdict v = check_faults(r, r->buf, true);

	if (v != OK)
		return v;
	return check(r->buf, r->pages, r->seed, "after mprotect(PROT_READ)");
}

static enum verdict mprotect_rw_verify(struct run *r)
{
	enum verdict v;

	v = check(r->buf, r->pages, r->seed, "after mprotect(PROT_WRITE)");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	return check(r->buf, r->pages, ~r->seed, "written again");
}

const struct path path_mprotect_ro = {
	.setup = map_anon_filled,
	.action = mprotect_ro_action,
	.verify = mprotect_ro_verify,
	.teardown = unmap_range,
};

const struct path path_mprotect_rw = {
	.setup = mprotect_rw_setup,
	.action = mprotect_rw_action,
	.verify = mprotect_rw_verify,
	.teardown = unmap_range,
};

/* munmap-anon, also behind other paths that end in a plain munmap() */

static enum verdict munmap_verify(struct run *r)
{
	return check_gone(r, r->buf);
}

const struct path path_munmap_anon = {
	.setup = map_anon_filled,
	.action = munmap_range,
	.verify = munmap_verify,
	.teardown = unmap_range,
};

/* dontneed-anon */

static enum verdict dontneed_action(struct run *r)
{
	if (madvise(r->buf, r->len, MADV_DONTNEED))
		return why_errno(FAIL, "MADV_DONTNEED");
	return OK;
}

static enum verdict dontneed_verify(struct run *r)
{
	return check_zero(r->buf, r->pages, "after MADV_DONTNEED");
}

const struct path path_dontneed_anon = {
	.setup = map_anon_filled,
	.action = dontneed_action,
	.verify = dontneed_verify,
	.teardown = unmap_range,
};

/*
 * mremap: whole tables would move by their entry in the level above, so the
 * target stands one page off, which makes the kernel move entry by entry.
 */

static size_t mremap_room(const struct run *r)
{
	return r->len + PMD_SIZE;
}

static enum verdict mremap_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	if (v != OK)
		return v;
	r->alt = map_aligned(mremap_room(r), PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	return r->alt ? OK : why_errno(FAIL, "mmap");
}

static enum verdict mremap_action(struct run *r)
{
	if (mremap(r->buf, r->len, r->len, MREMAP_MAYMOVE | MREMAP_FIXED,
		   r->alt + PAGE_SIZE) == MAP_FAILED)
		return why_errno(FAIL, "mremap");
	return OK;
}

static enum verdict mremap_verify(struct run *r)
{
	enum verdict v;

	v = check(r->alt + PAGE_SIZE, r->pages, r->seed, "moved");
	return v == OK ? check_gone(r, r->buf) : v;
}

static void mremap_teardown(struct run *r)
{
	if (r->alt)
		unmap_aligned(r->alt, mremap_room(r));
	r->alt = NULL;
	unmap_range(r);
}

const struct path path_mremap = {
	.setup = mremap_setup,
	.action = mremap_action,
	.verify = mremap_verify,
	.teardown = mremap_teardown,
};

/* madv-free: pages written again afterwards must survive, others may go */

static enum verdict madv_free_action(struct run *r)
{
	if (madvise(r->buf, r->len, MADV_FREE))
		return why_errno(FAIL, "MADV_FREE");
	return OK;
}

static enum verdict madv_free_verify(struct run *r)
{
	long kb = pt_smaps(r->buf, "LazyFree");
	enum verdict v;

	/* clean in the page table; the last may still wait in a batch */
	if (kb >= 0 && kb < (long)(r->len - r->len / 16) / 1024)
		return why(FAIL, "only %ld kB are free to be taken", kb);
	/* nothing reclaims here, so what was freed lazily is still there */
	v = check(r->buf, r->pages, r->seed, "after MADV_FREE");
	if (v != OK)
		return v;
	fill(r->buf, r->pages, ~r->seed);
	return check(r->buf, r->pages, ~r->seed, "written after MADV_FREE");
}

const struct path path_madv_free = {
	.setup = map_anon_filled,
	.action = madv_free_action,
	.verify = madv_free_verify,
	.teardown = unmap_range,
};

/* madv-cold */

static enum verdict madv_cold_action(struct run *r)
{
	if (madvise(r->buf, r->len, MADV_COLD))
		return why_errno(FAIL, "MADV_COLD");
	return OK;
}

static enum verdict madv_cold_verify(struct run *r)
{
	long kb = pt_smaps(r->buf, "Referenced");

	if (kb > 0)
		return why(FAIL, "%ld kB are still referenced", kb);
	return check(r->buf, r->pages, r->seed, "after MADV_COLD");
}

const struct path path_madv_cold = {
	.setup = map_anon_filled,
	.action = madv_cold_action,
	.verify = madv_cold_verify,
	.teardown = unmap_range,
};

/* mlock, munlock */

static enum verdict mlock_action(struct run *r)
{
	if (mlock(r->buf, r->len))
		return why_errno(errno == EPERM || errno == ENOMEM ?
				 SKIP : FAIL, "mlock");
	return OK;
}

static enum verdict munlock_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	return v == OK ? mlock_action(r) : v;
}

static enum verdict munlock_action(struct run *r)
{
	if (munlock(r->buf, r->len))
		return why_errno(FAIL, "munlock");
	return OK;
}

static enum verdict expect_locked(struct run *r, bool locked)
{
	long kb = pt_smaps(r->buf, "Locked");

	if (kb >= 0 && kb != (locked ? (long)r->len / 1024 : 0))
		return why(FAIL, "%ld kB are locked", kb);
	return check(r->buf, r->pages, r->seed, "locked or unlocked");
}

static enum verdict mlock_verify(struct run *r)
{
	return expect_locked(r, true);
}

static enum verdict munlock_verify(struct run *r)
{
	return expect_locked(r, false);
}

const struct path path_mlock = {
	.setup = map_anon_filled,
	.action = mlock_action,
	.verify = mlock_verify,
	.teardown = unmap_range,
};

const struct path path_munlock = {
	.setup = munlock_setup,
	.action = munlock_action,
	.verify = munlock_verify,
	.teardown = unmap_range,
};

/* munmap-single, mprotect-single, dontneed-single: one call a page */

static enum verdict munmap_single_action(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		if (munmap(r->buf + i * PAGE_SIZE, PAGE_SIZE))
			return why_errno(FAIL, "munmap");
	return OK;
}

static enum verdict mprotect_single_action(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		if (mprotect(r->buf + i * PAGE_SIZE, PAGE_SIZE, PROT_READ))
			return why_errno(FAIL, "mprotect");
	return OK;
}

static enum verdict dontneed_single_action(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		if (madvise(r->buf + i * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED))
			return why_errno(FAIL, "MADV_DONTNEED");
	return OK;
}

const struct path path_munmap_single = {
	.setup = map_anon_filled,
	.action = munmap_single_action,
	.verify = munmap_verify,
	.teardown = unmap_range,
};

const struct path path_mprotect_single = {
	.setup = map_anon_filled,
	.action = mprotect_single_action,
	.verify = mprotect_ro_verify,
	.teardown = unmap_range,
};

const struct path path_dontneed_single = {
	.setup = map_anon_filled,
	.action = dontneed_single_action,
	.verify = dontneed_verify,
	.teardown = unmap_range,
};

/* populate, map-populate */

static enum verdict populate_action(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		*(volatile char *)(r->buf + i * PAGE_SIZE) = 1;
	return OK;
}

static enum verdict populate_verify(struct run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++) {
		if (r->buf[i * PAGE_SIZE] != 1)
			return why(FAIL, "the write to page %zu is lost", i);
		r->buf[i * PAGE_SIZE] = 0;
	}
	return check_zero(r->buf, r->pages, "a new page");
}

const struct path path_populate = {
	.setup = map_anon,
	.action = populate_action,
	.verify = populate_verify,
	.teardown = unmap_range,
};

static enum verdict map_populate_setup(struct run *r)
{
	r->buf = map_aligned(r->len, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	return r->buf ? OK : why_errno(FAIL, "mmap");
}

static enum verdict map_populate_action(struct run *r)
{
	if (mmap(r->buf, r->len, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		 MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) != r->buf)
		return why_errno(FAIL, "mmap");
	return OK;
}

static enum verdict map_populate_verify(struct run *r)
{
	long n = pagemap_count(r->buf, r->pages, PM_PRESENT, PM_PRESENT);

	if (n >= 0 && n != (long)r->pages)
		return why(FAIL, "%ld pages are there, not %zu", n, r->pages);
	return check_zero(r->buf, r->pages, "a new page");
}

const struct path path_map_populate = {
	.setup = map_populate_setup,
	.action = map_populate_action,
	.verify = map_populate_verify,
	.teardown = unmap_range,
};

/* populate-read: the zero page, no memory is allocated or cleared */

static enum verdict populate_read_verify(struct run *r)
{
	return check_zero(r->buf, r->pages, "a page never written");
}

const struct path path_populate_read = {
	.setup = map_anon,
	.action = read_each,
	.verify = populate_read_verify,
	.teardown = unmap_range,
};
