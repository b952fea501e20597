// SPDX-License-Identifier: GPL-2.0
/* Paths of userfaultfd and of the scan that builds on it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ptbench.h"
#include "uapi.h"

static enum verdict open_uffd(struct run *r, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };

	r->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0)
		return why_errno(SKIP, "userfaultfd");
	if (ioctl(r->fd, UFFDIO_API, &api))
		return why(SKIP, "userfaultfd lacks feature %#llx: %s",
			   (unsigned long long)features, strerror(errno));
	return OK;
}

static enum verdict register_range(struct run *r, char *p, uint64_t mode)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)p, .len = r->len },
		.mode = mode,
	};

	if (ioctl(r->fd, UFFDIO_REGISTER, &reg))
		return why_errno(SKIP, "UFFDIO_REGISTER");
	return OK;
}

static enum verdict writeprotect(struct run *r, bool on)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)r->buf, .len = r->len },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	if (ioctl(r->fd, UFFDIO_WRITEPROTECT, &wp))
		return why_errno(FAIL, "UFFDIO_WRITEPROTECT");
	return OK;
}

static enum verdict expect_wp(struct run *r, size_t pages)
{
	long n = pagemap_count(r->buf, r->pages, PM_UFFD_WP, PM_UFFD_WP);

	if (n != (long)pages)
		return why(FAIL, "%ld pages are write-protected, not %zu", n,
			   pages);
	return OK;
}

/* uffd-wp, uffd-unwp */

static enum verdict uffd_wp_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	if (v == OK)
		v = open_uffd(r, UFFD_FEATURE_PAGEFAULT_FLAG_WP);
	if (v == OK)
		v = register_range(r, r->buf, UFFDIO_REGISTER_MODE_WP);
	return v;
}

static enum verdict uffd_wp_action(struct run *r)
{
	return writeprotect(r, true);
}

static enum verdict uffd_wp_verify(struct run *r)
{
	enum verdict v = expect_wp(r, r->pages);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "write-protected");
	return v;
}

static enum verdict uffd_unwp_setup(struct run *r)
{
	enum verdict v = uffd_wp_setup(r);

	return v == OK ? writeprotect(r, true) : v;
}

static enum verdict uffd_unwp_action(struct run *r)
{
	return writeprotect(r, false);
}

static enum verdict uffd_unwp_verify(struct run *r)
{
	enum verdict v = expect_wp(r, 0);

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "no more protected");
	if (v != OK)
		return v;
	/* a page still protected would make this wait for ever: see pagemap */
	fill(r->buf, r->pages, ~r->seed);
	return check(r->buf, r->pages, ~r->seed, "written again");
}

const struct path path_uffd_wp = {
	.setup = uffd_wp_setup,
	.action = uffd_wp_action,
	.verify = uffd_wp_verify,
	.teardown = unmap_range,
};

const struct path path_uffd_unwp = {
	.setup = uffd_unwp_setup,
	.action = uffd_unwp_action,
	.verify = uffd_unwp_verify,
	.teardown = unmap_range,
};

/* uffd-move */

static enum verdict uffd_move_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	if (v != OK)
		return v;
	r->alt = map_aligned(r->len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!r->alt)
		return why_errno(FAIL, "mmap");
	v = open_uffd(r, UFFD_FEATURE_MOVE);
	if (v == OK)
		v = register_range(r, r->alt, UFFDIO_REGISTER_MODE_MISSING);
	return v;
}

static enum verdict uffd_move_action(struct run *r)
{
	struct uffdio_move move = {
		.dst = (uintptr_t)r->alt,
		.src = (uintptr_t)r->buf,
		.len = r->len,
	};

	if (ioctl(r->fd, UFFDIO_MOVE, &move))
		return why_errno(FAIL, "UFFDIO_MOVE");
	return OK;
}

static enum verdict uffd_move_verify(struct run *r)
{
	long n = pagemap_count(r->alt, r->pages, PM_PRESENT, PM_PRESENT);
	enum verdict v;

	/* reading one that has not come would wait for it for ever */
	if (n >= 0 && n != (long)r->pages)
		return why(FAIL, "%ld of %zu pages have moved", n, r->pages);
	v = check(r->alt, r->pages, r->seed, "moved");
	return v == OK ? check_zero(r->buf, r->pages, "moved from") : v;
}

const struct path path_uffd_move = {
	.setup = uffd_move_setup,
	.action = uffd_move_action,
	.verify = uffd_move_verify,
	.teardown = unmap_range,
};

/*
 * pagemap-scan-wp: "which pages were written since I asked last?", the pages
 * protected again by the same call. A write takes the protection away without
 * anybody being asked.
 */

static enum verdict scan(struct run *r, int pagemap, size_t *written)
{
	struct page_region region[64];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
		.start = (uintptr_t)r->buf,
		.end = (uintptr_t)r->buf + r->len,
		.vec = (uintptr_t)region,
		.vec_len = 64,
		.category_mask = PAGE_IS_WRITTEN,
		.return_mask = PAGE_IS_WRITTEN,
	};
	long i, n;

	*written = 0;
	n = ioctl(pagemap, PAGEMAP_SCAN, &arg);
	if (n < 0)
		return why_errno(errno == ENOTTY ? SKIP : FAIL, "PAGEMAP_SCAN");
	for (i = 0; i < n; i++)
		*written += (region[i].end - region[i].start) / PAGE_SIZE;
	return OK;
}

static enum verdict pagemap_scan_setup(struct run *r)
{
	enum verdict v = map_anon_filled(r);

	if (v == OK)
		v = open_uffd(r, UFFD_FEATURE_WP_ASYNC |
			      UFFD_FEATURE_WP_UNPOPULATED |
			      UFFD_FEATURE_PAGEFAULT_FLAG_WP);
	if (v == OK)
		v = register_range(r, r->buf, UFFDIO_REGISTER_MODE_WP);
	if (v != OK)
		return v;
	r->to_child = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	return r->to_child < 0 ? why_errno(SKIP, "/proc/self/pagemap") : OK;
}

static enum verdict pagemap_scan_action(struct run *r)
{
	size_t written;
	enum verdict v = scan(r, r->to_child, &written);

	if (v == OK && written != r->pages)
		return why(FAIL, "%zu pages found written, not %zu", written,
			   r->pages);
	return v;
}

static enum verdict pagemap_scan_verify(struct run *r)
{
	enum verdict v = expect_wp(r, r->pages);
	size_t written, i;

	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "after the scan");
	if (v != OK)
		return v;
	/* every second page written: the next scan must find these */
	for (i = 0; i < 64 && i < r->pages; i += 2)
		r->buf[i * PAGE_SIZE + 64] = 1;
	v = scan(r, r->to_child, &written);
	if (v == OK && written != i / 2)
		return why(FAIL, "second scan: %zu pages, not %zu", written,
			   i / 2);
	return v;
}

static void pagemap_scan_teardown(struct run *r)
{
	if (r->to_child >= 0)
		close(r->to_child);
	r->to_child = -1;
	unmap_range(r);
}

const struct path path_pagemap_scan_wp = {
	.setup = pagemap_scan_setup,
	.action = pagemap_scan_action,
	.verify = pagemap_scan_verify,
	.teardown = pagemap_scan_teardown,
};
