// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of grants with one that is none among good ones: such a batch is refused,
 * and none of the good ones stays mapped. (CVE-2021-26932: they did, and Linux took
 * the batch for mapped.) Xen shows in a grant's entry that it is mapped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "foreign.h"

#include <xen/grant_table.h>	/* relies on what xenctrl.h includes */

/* gntdev gives back what it has to in a while */
#define WAIT_MS		2000

/* domain.c leaves the first entries of the table empty */
#define NO_GRANT	8

static const size_t batches[] = { 2, 3, 16, 17, 70, 128 };

/* how many of the first @nr grants are mapped, or -1 */
static int count_mapped(struct domain *d, size_t nr)
{
	xenforeignmemory_resource_handle *res;
	grant_entry_v1_t *table = NULL;
	int n = 0;
	size_t i;

	res = xenforeignmemory_map_resource(d->fmem, d->domid,
					    XENMEM_resource_grant_table,
					    XENMEM_resource_grant_table_id_shared,
					    0, d->nr_resource, (void **)&table,
					    PROT_READ, 0);
	if (!res)
		return -1;
	for (i = 0; i < nr; i++)
		n += !!(__atomic_load_n(&table[d->grant[i]].flags, __ATOMIC_ACQUIRE) &
			(GTF_reading | GTF_writing));
	xenforeignmemory_unmap_resource(d->fmem, res);
	return n;
}

static int count_after_a_while(struct domain *d, size_t nr)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int n, tries = WAIT_MS / 10;

	while ((n = count_mapped(d, nr)) > 0 && tries--)
		nanosleep(&moment, NULL);
	return n;
}

static void *map_refs(struct domain *d, uint32_t *ref, size_t nr, int prot)
{
	return xengnttab_map_domain_grant_refs(d->gnttab, nr, d->domid, ref, prot);
}

/* all @nr good ones: what is looked at does tell when they are mapped */
static bool maps_good(struct domain *d, size_t nr, int prot)
{
	void *p = map_refs(d, d->grant, nr, prot);
	int n;

	if (!p) {
		printf("  FAIL  %zu good grants: %s\n", nr, strerror(errno));
		return false;
	}
	n = count_mapped(d, nr);
	xengnttab_unmap(d->gnttab, p, nr);
	if (n != (int)nr) {
		printf("  FAIL  %zu good grants: mapped, and Xen says %d are\n", nr, n);
		return false;
	}
	n = count_after_a_while(d, nr);
	if (n)
		printf("  FAIL  %zu good grants: unmapped, and Xen says %d are not\n", nr, n);
	return !n;
}

static bool refuses_bad(struct domain *d, size_t nr, size_t bad, int prot)
{
	uint32_t ref[128];
	void *p;
	int n;

	memcpy(ref, d->grant, nr * sizeof(*ref));
	ref[bad] = NO_GRANT;
	p = map_refs(d, ref, nr, prot);
	if (p) {
		printf("  FAIL  %zu grants, number %zu is none: mapped all the same\n",
		       nr, bad);
		xengnttab_unmap(d->gnttab, p, nr);
		return false;
	}
	n = count_after_a_while(d, nr);
	if (n)
		printf("  FAIL  %zu grants, number %zu is none: refused, but %d stay mapped\n",
		       nr, bad, n);
	return !n;
}

bool refuse_bad_grants(struct domain *d)
{
	static const int prots[] = { PROT_READ | PROT_WRITE, PROT_READ };
	const char *why = NULL;
	size_t b, w, bad, step;
	bool good = true;

	if (!grants_of(d, &why))
		die(EXIT_CANNOT, "there are no grants: %s", why);
	for (b = 0; b < ARRAY_SIZE(batches); b++) {
		size_t nr = batches[b], tried = 0;
		bool well = true;

		/* all places of a small batch; first, middle and last of a large one */
		step = nr <= 17 ? 1 : (nr - 1) / 2;
		for (w = 0; w < ARRAY_SIZE(prots) && well; w++) {
			well = maps_good(d, nr, prots[w]);
			for (bad = 0; bad < nr && well; bad += step, tried++)
				well = refuses_bad(d, nr, bad, prots[w]);
			well = well && maps_good(d, nr, prots[w]);
		}
		if (well)
			printf("  ok    %zu grants, one of them none: %zu batches refused, nothing stays mapped\n",
			       nr, tried);
		fflush(stdout);
		good = good && well;
	}
	return good;
}
