// SPDX-License-Identifier: GPL-2.0
/* Paths over shared memory and files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ptbench.h"

/* gone here, and the file still holds what was written */
static enum verdict munmap_shared_verify(struct run *r)
{
	enum verdict v = check_gone(r, r->buf);
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
	.action = munmap_range,
	.verify = munmap_shared_verify,
	.teardown = unmap_range,
};

/*
 * munmap-shared-clean: written through write(2), a read fault maps the pages
 * and their neighbours (fault-around), writable but never written. Read twice
 * before, they are active: to activate them would else be part of munmap(),
 * and is the page cache's business.
 */

static enum verdict transfer(struct run *r, char *data, bool out)
{
	size_t done = 0;
	ssize_t n;

	while (done < r->len) {
		if (out)
			n = pwrite(r->fd, data + done, r->len - done, done);
		else
			n = pread(r->fd, data + done, r->len - done, done);
		if (n <= 0)
			return why_errno(FAIL, out ? "write" : "read");
		done += n;
	}
	return OK;
}

static enum verdict munmap_shared_clean_setup(struct run *r)
{
	enum verdict v = open_memfd(r);
	char *data = malloc(r->len);
	int i;

	if (!data)
		return why(FAIL, "out of memory");
	fill(data, r->pages, r->seed);
	if (v == OK)
		v = transfer(r, data, true);
	for (i = 0; i < 2 && v == OK; i++)
		v = transfer(r, data, false);
	free(data);
	if (v == OK)
		v = map_shared(r);
	if (v == OK)
		v = check(r->buf, r->pages, r->seed, "read through the mapping");
	return v;
}

const struct path path_munmap_shared_clean = {
	.setup = munmap_shared_clean_setup,
	.action = munmap_range,
	.verify = munmap_shared_verify,
	.teardown = unmap_range,
};

/* file-fault: the pages are in the page cache, a fault maps 16 of them */

static enum verdict file_fault_setup(struct run *r)
{
	enum verdict v = open_memfd(r);

	if (v != OK)
		return v;
	r->alt = map_aligned(r->len, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd);
	if (!r->alt)
		return why_errno(FAIL, "mmap");
	fill(r->alt, r->pages, r->seed);
	return map_shared(r);
}

static enum verdict file_fault_verify(struct run *r)
{
	return check(r->buf, r->pages, r->seed, "second mapping");
}

const struct path path_file_fault = {
	.setup = file_fault_setup,
	.action = read_each,
	.verify = file_fault_verify,
	.teardown = unmap_range,
};

/* file-write-fault: a fault a page */

static enum verdict file_write_fault_verify(struct run *r)
{
	enum verdict v = check_each(r->alt, r->pages);

	return v == OK ? check(r->alt, r->pages, r->seed, "first mapping") : v;
}

const struct path path_file_write_fault = {
	.setup = file_fault_setup,
	.action = write_each,
	.verify = file_write_fault_verify,
	.teardown = unmap_range,
};

/* munmap-file */

static enum verdict munmap_file_setup(struct run *r)
{
	enum verdict v = open_memfd(r);

	if (v != OK)
		return v;
	r->alt = map_aligned(r->len, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd);
	if (!r->alt)
		return why_errno(FAIL, "mmap");
	fill(r->alt, r->pages, r->seed);
	r->buf = map_aligned(r->len, PROT_READ, MAP_PRIVATE, r->fd);
	if (!r->buf)
		return why_errno(FAIL, "mmap");
	return check(r->buf, r->pages, r->seed, "private mapping");
}

const struct path path_munmap_file = {
	.setup = munmap_file_setup,
	.action = munmap_range,
	.verify = munmap_shared_verify,
	.teardown = unmap_range,
};

/* punch-hole */

static enum verdict punch_hole_action(struct run *r)
{
	if (fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		      r->len))
		return why_errno(FAIL, "fallocate");
	return OK;
}

static enum verdict punch_hole_verify(struct run *r)
{
	return check_zero(r->buf, r->pages, "after the hole was punched");
}

const struct path path_punch_hole = {
	.setup = munmap_shared_dirty_setup,
	.action = punch_hole_action,
	.verify = punch_hole_verify,
	.teardown = unmap_range,
};

/*
 * mkclean: writing a page back takes the write permission and the dirty bit
 * from every mapping of it first. Needs a file system that wants to know of
 * each first write, which those in memory do not.
 */

static enum verdict mkclean_setup(struct run *r)
{
	char name[4096];
	struct statfs fs;
	enum verdict v;

	if (statfs(work_dir, &fs))
		return why(SKIP, "%s: %s", work_dir, strerror(errno));
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return why(SKIP, "%s is in memory: give --dir", work_dir);
	snprintf(name, sizeof(name), "%s/ptbench-XXXXXX", work_dir);
	r->fd = mkstemp(name);
	if (r->fd < 0)
		return why(SKIP, "%s: %s", name, strerror(errno));
	unlink(name);
	if (posix_fallocate(r->fd, 0, r->len))
		return why(SKIP, "%s: no room for %zu pages", work_dir,
			   r->pages);
	v = map_shared(r);
	if (v != OK)
		return v;
	/* blocks allocated and written once, then every page dirty again */
	fill(r->buf, r->pages, ~r->seed);
	if (fsync(r->fd))
		return why_errno(FAIL, "fsync");
	fill(r->buf, r->pages, r->seed);
	return OK;
}

static enum verdict mkclean_action(struct run *r)
{
	if (fsync(r->fd))
		return why_errno(FAIL, "fsync");
	return OK;
}

static enum verdict mkclean_verify(struct run *r)
{
	long kb = pt_smaps(r->buf, "Private_Dirty");
	enum verdict v;

	if (kb > 0)
		return why(FAIL, "%ld kB are still dirty", kb);
	v = check(r->buf, r->pages, r->seed, "after fsync");
	if (v != OK)
		return v;
	/* what is on the device now, not what the page cache holds */
	if (posix_fadvise(r->fd, 0, r->len, POSIX_FADV_DONTNEED) ||
	    munmap(r->buf, r->len) ||
	    posix_fadvise(r->fd, 0, r->len, POSIX_FADV_DONTNEED))
		return why_errno(FAIL, "dropping the page cache");
	if (mmap(r->buf, r->len, PROT_READ, MAP_SHARED | MAP_FIXED, r->fd,
		 0) != r->buf)
		return why_errno(FAIL, "mmap");
	return check(r->buf, r->pages, r->seed, "read back from the device");
}

const struct path path_mkclean = {
	.setup = mkclean_setup,
	.action = mkclean_action,
	.verify = mkclean_verify,
	.teardown = unmap_range,
};
