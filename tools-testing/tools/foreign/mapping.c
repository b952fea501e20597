// SPDX-License-Identifier: GPL-2.0
/* The ways to map another domain's pages, and how to tell that they are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "foreign.h"

#include <xen/grant_table.h>	/* relies on what xenctrl.h includes */

#define WORDS	(PAGE_SIZE / sizeof(uint64_t))

static uint64_t pattern(uint32_t seed, size_t page, size_t word)
{
	return ((uint64_t)seed << 40 | page << 16 | word) *
		0x9e3779b97f4a7c15ull;
}

static void fill(uint64_t *p, size_t first, size_t nr, uint32_t seed)
{
	size_t i, w;

	for (i = 0; i < nr; i++)
		for (w = 0; w < WORDS; w++)
			p[i * WORDS + w] = pattern(seed, first + i, w);
}

static bool holds(const uint64_t *p, size_t first, size_t nr, uint32_t seed)
{
	size_t i, w;

	for (i = 0; i < nr; i++)
		for (w = 0; w < WORDS; w++)
			if (p[i * WORDS + w] != pattern(seed, first + i, w)) {
				fprintf(stderr,
					"page %zu, word %zu: %#llx instead of %#llx\n",
					first + i, w,
					(unsigned long long)p[i * WORDS + w],
					(unsigned long long)pattern(seed, first + i, w));
				return false;
			}
	return true;
}

/*
 * Of a domain that runs nobody knows what a page holds: compare it with
 * another mapping of the same frame, as often as the domain may be writing.
 */
static bool same(const volatile uint64_t *a, const volatile uint64_t *b,
		 size_t nr)
{
	unsigned int tries;
	size_t i;

	for (i = 0; i < nr * WORDS; i++) {
		for (tries = 0; a[i] != b[i]; tries++)
			if (tries == 1000) {
				fprintf(stderr, "page %zu differs from another mapping of it\n",
					i / WORDS);
				return false;
			}
	}
	return true;
}

void fill_frames(struct domain *d, uint32_t seed)
{
	void *p = xenforeignmemory_map(d->fmem, d->domid,
				       PROT_READ | PROT_WRITE, d->nr_frames,
				       d->frame, NULL);

	if (!p)
		die(EXIT_CANNOT, "mapping the new domain's pages: %s",
		    strerror(errno));
	fill(p, 0, d->nr_frames, seed);
	d->seed = seed;
	xenforeignmemory_unmap(d->fmem, p, d->nr_frames);
}

bool check_frames(struct domain *d)
{
	bool good;
	void *p;

	if (!d->ours)
		return true;
	p = xenforeignmemory_map(d->fmem, d->domid, PROT_READ, d->nr_frames,
				 d->frame, NULL);
	if (!p) {
		perror("mapping all pages");
		return false;
	}
	good = holds(p, 0, d->nr_frames, d->seed);
	xenforeignmemory_unmap(d->fmem, p, d->nr_frames);
	return good;
}

/* pages by their frame numbers, as a toolstack and a device model do */

static size_t frames_of(const struct domain *d, const char **why)
{
	(void)why;
	return d->nr_frames;
}

static bool map_frames(struct domain *d, size_t first, size_t nr, int prot,
		       struct mapping *m)
{
	m->addr = xenforeignmemory_map(d->fmem, d->domid, prot, nr,
				       d->frame + first, NULL);
	return m->addr;
}

static bool map_ro(struct domain *d, size_t first, size_t nr,
		   struct mapping *m)
{
	return map_frames(d, first, nr, PROT_READ, m);
}

static bool map_rw(struct domain *d, size_t first, size_t nr,
		   struct mapping *m)
{
	return map_frames(d, first, nr, PROT_READ | PROT_WRITE, m);
}

static bool unmap_frames(struct domain *d, size_t nr, struct mapping *m)
{
	return !xenforeignmemory_unmap(d->fmem, m->addr, nr);
}

static bool check_other(struct domain *d, size_t first, size_t nr,
			const struct mapping *m)
{
	struct mapping other;
	bool good;

	if (!map_ro(d, first, nr, &other)) {
		perror("mapping the pages again");
		return false;
	}
	good = same(m->addr, other.addr, nr);
	unmap_frames(d, nr, &other);
	return good;
}

static bool check_ro(struct domain *d, size_t first, size_t nr,
		     const struct mapping *m)
{
	if (!d->ours)
		return check_other(d, first, nr, m);
	return holds(m->addr, first, nr, d->seed);
}

/* writes to the pages of our own domain only; check_frames() looks at it */
static bool check_rw(struct domain *d, size_t first, size_t nr,
		     const struct mapping *m)
{
	if (!d->ours)
		return check_other(d, first, nr, m);
	if (!holds(m->addr, first, nr, d->seed))
		return false;
	fill(m->addr, first, nr, d->seed + 1);
	return true;
}

/* the grant table, as a resource of the domain */

static size_t resource_of(const struct domain *d, const char **why)
{
	if (!d->nr_resource)
		*why = "Xen does not tell the size of the domain's grant table";
	return d->nr_resource;
}

static bool map_resource(struct domain *d, size_t first, size_t nr,
			 struct mapping *m)
{
	m->addr = NULL;
	m->resource = xenforeignmemory_map_resource(d->fmem, d->domid,
				XENMEM_resource_grant_table,
				XENMEM_resource_grant_table_id_shared,
				first, nr, &m->addr, PROT_READ, 0);
	return m->resource;
}

static bool unmap_resource(struct domain *d, size_t nr, struct mapping *m)
{
	(void)nr;
	return !xenforeignmemory_unmap_resource(d->fmem, m->resource);
}

static bool check_resource(struct domain *d, size_t first, size_t nr,
			   const struct mapping *m)
{
	const grant_entry_v1_t *last = m->addr;
	struct mapping other;
	bool good;
	size_t i;

	if (!d->ours) {
		if (!map_resource(d, first, nr, &other)) {
			perror("mapping the grant table again");
			return false;
		}
		good = same(m->addr, other.addr, nr);
		unmap_resource(d, nr, &other);
		return good;
	}
	/* the mark that domain.c has left in each frame */
	last += PAGE_SIZE / sizeof(*last) - 1;
	for (i = 0; i < nr; i++, last += PAGE_SIZE / sizeof(*last))
		if (last->frame != (uint32_t)~(first + i)) {
			fprintf(stderr, "frame %zu of the grant table: %#x instead of %#x\n",
				first + i, last->frame,
				(uint32_t)~(first + i));
			return false;
		}
	return true;
}

/* pages that the domain grants to us, as a backend maps them */

size_t grants_of(const struct domain *d, const char **why)
{
	if (!d->gnttab)
		*why = "no /dev/xen/gntdev (CONFIG_XEN_GNTDEV)";
	else if (!d->grant)
		*why = d->ours ? "Xen allows too small a grant table" :
			"a running domain grants pages to its backends only";
	else
		return d->nr_frames;
	return 0;
}

static bool map_grants(struct domain *d, size_t first, size_t nr,
		       struct mapping *m)
{
	m->addr = xengnttab_map_domain_grant_refs(d->gnttab, nr, d->domid,
						  d->grant + first,
						  PROT_READ | PROT_WRITE);
	return m->addr;
}

static bool unmap_grants(struct domain *d, size_t nr, struct mapping *m)
{
	return !xengnttab_unmap(d->gnttab, m->addr, nr);
}

const struct kind kinds[] = {
	{
		.name = "ro",
		.what = "pages by frame number, read-only",
		.pages = frames_of, .map = map_ro, .unmap = unmap_frames,
		.check = check_ro,
	}, {
		.name = "rw",
		.what = "pages by frame number, read-write",
		.pages = frames_of, .map = map_rw, .unmap = unmap_frames,
		.check = check_rw, .writes = true,
	}, {
		.name = "resource",
		.what = "frames of the grant table, read-only, as a resource",
		.pages = resource_of, .map = map_resource,
		.unmap = unmap_resource, .check = check_resource,
	}, {
		.name = "gnttab",
		.what = "granted pages, read-write, by gntdev",
		.pages = grants_of, .map = map_grants, .unmap = unmap_grants,
		.check = check_rw, .writes = true,
	},
};

const size_t nr_kinds = ARRAY_SIZE(kinds);
