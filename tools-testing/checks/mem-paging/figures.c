// SPDX-License-Identifier: GPL-2.0
/*
 * What a page costs: made paged out one by one, as a pager has to today, and by
 * XENMEM_paging_op_populate_evicted. The sections are marked for the counting
 * plugin, see tools-testing/tools/common/mark.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "figures.h"
#include "mark.h"
#include "mem-paging.h"

/* rows of the plugin: above those of xen-foreign */
#define FIRST_ID	224u

/* the most that the operation may cost, as a part of the old way */
#define GOAL		8

struct way {
	const char *name;
	const char *(*run)(struct domain *d, const uint64_t *gfn, uint32_t nr);
	bool populated;		/* before it begins */
	double cost;
};

static const char *one_by_one(struct domain *d, const uint64_t *gfn, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		xen_pfn_t pfn = gfn[i];

		if (xc_domain_populate_physmap_exact(d->xch, d->domid, 1, 0, 0, &pfn))
			return "populate";
		if (xc_mem_paging_nominate(d->xch, d->domid, pfn))
			return "nominate";
		if (xc_mem_paging_evict(d->xch, d->domid, pfn))
			return "evict";
	}
	return NULL;
}

static const char *evict_only(struct domain *d, const uint64_t *gfn, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (xc_mem_paging_nominate(d->xch, d->domid, gfn[i]) ||
		    xc_mem_paging_evict(d->xch, d->domid, gfn[i]))
			return "nominate, evict";
	return NULL;
}

static const char *at_once(struct domain *d, const uint64_t *gfn, uint32_t nr)
{
	uint32_t done = 0;

	if (xc_mem_paging_populate_evicted(d->xch, d->domid, gfn, nr, &done) ||
	    done != nr)
		return "populate_evicted";
	return NULL;
}

static struct way ways[] = {
	{ .name = "populate, nominate, evict", .run = one_by_one },
	{ .name = "populate_evicted", .run = at_once },
	{ .name = "nominate, evict: RAM", .run = evict_only, .populated = true },
	{ .name = "populate_evicted: RAM", .run = at_once, .populated = true },
};

static void measure(struct domain *d, struct way *way, unsigned int id,
		    unsigned long pages, enum unit unit)
{
	uint64_t *gfn = calloc(pages, sizeof(*gfn)), start, stop;
	xc_domaininfo_t info;
	unsigned long i;
	const char *what;

	if (!gfn)
		die(EXIT_CANNOT, "out of memory");
	for (i = 0; i < pages; i++)
		gfn[i] = GFN_TEST + i;
	create_domain(d, DOMAIN_PVH, (way->populated ? pages : 0) + 4096,
		      pages / 64 + 8192);
	start_paging(d);
	if (way->populated)
		populate(d, GFN_TEST, pages, 0);
	settle(unit);
	mark(MARK_BEGIN, id);
	start = clock_now();
	what = way->run(d, gfn, pages);
	stop = clock_now();
	mark(MARK_END, id);
	if (what)
		die(EXIT_WRONG, "%s: %s", what, strerror(errno));
	get_info(d, &info);
	if (info.paged_pages != pages)
		die(EXIT_WRONG, "%s: %lu of %lu pages are paged out", way->name,
		    (unsigned long)info.paged_pages, pages);
	mark_row(MARK_ROW, id, pages);
	way->cost = (double)(stop - start) / pages;
	destroy_domain(d);
	free(gfn);
}

int run_figures(unsigned long pages, const char *tsv)
{
	/* RAM of a guest, not more than what there is */
	unsigned long ram = pages < 16384 ? pages : 16384;
	FILE *f = tsv ? fopen(tsv, "w") : NULL;
	struct domain d = { 0 };
	enum unit unit;
	bool good;
	size_t i;

	if (tsv && !f)
		die(EXIT_CANNOT, "%s: %s", tsv, strerror(errno));
	open_handles(&d);
	pin_to_cpu();
	unit = detect_unit();
	if (f)
		fprintf(f, "id\tway\tpages\tunit\tcost\n");
	printf("%-28s %8s %12s\n", "", "pages",
	       unit == UNIT_INSN ? "insns/page" : "cycles/page");
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned long n = ways[i].populated ? ram : pages;

		measure(&d, &ways[i], FIRST_ID + i, n, unit);
		printf("%-28s %8lu %12.1f\n", ways[i].name, n, ways[i].cost);
		fflush(stdout);
		if (f)
			fprintf(f, "%zu\t%s\t%lu\t%s\t%.1f\n", FIRST_ID + i,
				ways[i].name, n, unit_name(unit), ways[i].cost);
	}
	if (f && fclose(f))
		die(EXIT_CANNOT, "%s: %s", tsv, strerror(errno));
	good = ways[1].cost * GOAL <= ways[0].cost;
	printf("  %-5s populate_evicted takes an eighth at most: a part in %.1f\n",
	       good ? "ok" : "FAIL", ways[0].cost / ways[1].cost);
	return good ? EXIT_OK : EXIT_WRONG;
}
