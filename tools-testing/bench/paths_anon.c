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

static enum verdict munmap_action(struct run *r)
{
	if (munmap(r->buf, r->len))
		return why_errno(FAIL, "munmap");
	return OK;
}

static enum verdict munmap_verify(struct run *r)
{
	return check_gone(r->buf, r->len);
}

const struct path path_munmap_anon = {
	.setup = map_anon_filled,
	.action = munmap_action,
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
	return v == OK ? check_gone(r->buf, r->len) : v;
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
	enum verdict v;

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
	return check(r->buf, r->pages, r->seed, "after MADV_COLD");
}

const struct path path_madv_cold = {
	.setup = map_anon_filled,
	.action = madv_cold_action,
	.verify = madv_cold_verify,
	.teardown = unmap_range,
};
