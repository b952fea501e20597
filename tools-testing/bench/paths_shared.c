// SPDX-License-Identifier: GPL-2.0
/* Paths over shared memory and files. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ptbench.h"

static enum verdict open_memfd(struct run *r)
{
	r->fd = memfd_create("ptbench", MFD_CLOEXEC);
	if (r->fd < 0)
		return why_errno(errno == ENOSYS ? SKIP : FAIL, "memfd_create");
	if (ftruncate(r->fd, r->len))
		return why_errno(FAIL, "ftruncate");
	return OK;
}

static enum verdict map_shared(struct run *r)
{
	r->buf = map_aligned(r->len, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd);
	return r->buf ? OK : why_errno(FAIL, "mmap");
}

static enum verdict munmap_action(struct run *r)
{
	if (munmap(r->buf, r->len))
		return why_errno(FAIL, "munmap");
	return OK;
}

/* gone here, and the file still holds what was written */
static enum verdict munmap_shared_verify(struct run *r)
{
	enum verdict v = check_gone(r->buf, r->len);
	char *p;

	if (v != OK)
		return v;
	p = mmap(NULL, r->len, PROT_READ, MAP_SHARED, r->fd, 0);
	if (p == MAP_FAILED)
		return why_errno(FAIL, "mmap");
	v = check(p, r->pages, r->seed, "the file after munmap");
	munmap(p, r->len);
	return v;
}

/* munmap-shared-dirty */

static enum verdict munmap_shared_dirty_setup(struct run *r)
{
	enum verdict v = open_memfd(r);

	if (v == OK)
		v = map_shared(r);
	if (v == OK)
		fill(r->buf, r->pages, r->seed);
	return v;
}

const struct path path_munmap_shared_dirty = {
	.setup = munmap_shared_dirty_setup,
	.action = munmap_action,
	.verify = munmap_shared_verify,
	.teardown = unmap_range,
};

/*
 * munmap-shared-clean: pages written through another mapping, which stays; a
 * read fault maps them and their neighbours here (fault-around), writable but
 * never written. Both mappings at once keep the pages from being activated
 * in the section, which would be the page cache's cost and not the entries'.
 */

static enum verdict munmap_shared_clean_setup(struct run *r)
{
	enum verdict v = open_memfd(r);

	if (v != OK)
		return v;
	r->alt = map_aligned(r->len, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd);
	if (!r->alt)
		return why_errno(FAIL, "mmap");
	fill(r->alt, r->pages, r->seed);
	v = map_shared(r);
	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "read through the mapping");
	return v;
}

const struct path path_munmap_shared_clean = {
	.setup = munmap_shared_clean_setup,
	.action = munmap_action,
	.verify = munmap_shared_verify,
	.teardown = unmap_range,
};
