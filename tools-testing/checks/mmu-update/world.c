// SPDX-License-Identifier: GPL-2.0
/* The pages that mmu_update is tried on, and the hypercalls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define GONE_SECONDS	20
#define RING_BYTES	(64 * 1024)

struct world w;
const unsigned int tables[NR_TABLES] = { T0, T1, L2, O0, O1 };

static const char * const names[NR_PAGES] = {
	"T0", "T1", "L2", "D0", "D1", "D2", "D3", "D4", "D5",
	"O0", "O1", "P0", "P1", "P2", "P3",
};

static uint32_t owner(unsigned int page)
{
	return page < NR_THEIRS ? w.domid : DOMID_SELF;
}

void *map_page(unsigned int page, int prot)
{
	return xenforeignmemory_map(w.fmem, owner(page), prot, 1, &w.mfn[page],
				    NULL);
}

void unmap_page(const volatile void *addr)
{
	if (xenforeignmemory_unmap(w.fmem, (void *)addr, 1))
		die(EXIT_CANNOT, "a mapping does not go: %m");
}

static void zero_page(unsigned int page)
{
	void *p = map_page(page, PROT_READ | PROT_WRITE);

	if (!p)
		die(EXIT_CANNOT, "mapping %s: %m", names[page]);
	memset(p, 0, PAGE_BYTES);
	unmap_page(p);
}

static uint64_t tot_pages(uint32_t domid)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(w.xch, domid, 1, &info) != 1 ||
	    info.domain != domid)
		return 0;
	return info.tot_pages;
}

void world_open(bool log_dirty)
{
	struct xen_domctl_createdomain config = {
		.max_vcpus = 1,
		.max_evtchn_port = 127,
		.max_grant_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	unsigned int i;

	w.xch = xc_interface_open(NULL, NULL, 0);
	w.call = xencall_open(NULL, 0);
	w.fmem = xenforeignmemory_open(NULL, 0);
	if (!w.xch || !w.call || !w.fmem)
		die(EXIT_CANNOT, "no interface to Xen, or no privilege: %m");

	/* pages of ours that the kernel knows nothing of */
	w.own_pages = tot_pages(0);
	if (xc_domain_setmaxmem(w.xch, 0, (w.own_pages + 64) * 4) ||
	    xc_domain_increase_reservation_exact(w.xch, DOMID_SELF,
						 NR_PAGES - O0, 0, 0,
						 &w.mfn[O0]))
		die(EXIT_CANNOT, "no more memory for this domain: %m");

	if (xc_domain_create(w.xch, &w.domid, &config))
		die(EXIT_CANNOT, "no domain can be made: %m");
	for (i = 0; i < NR_THEIRS; i++)
		w.mfn[i] = i;
	if (xc_domain_max_vcpus(w.xch, w.domid, 1) ||
	    xc_domain_setmaxmem(w.xch, w.domid, 64 * 4) ||
	    xc_domain_populate_physmap_exact(w.xch, w.domid, NR_THEIRS, 0, 0,
					     w.mfn))
		die(EXIT_CANNOT, "the other domain gets no memory: %m");
	/* in shadow mode from here on: Xen writes the tables in another way */
	if (log_dirty &&
	    xc_shadow_control(w.xch, w.domid,
			      XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, NULL, 0))
		die(EXIT_CANNOT, "this Xen does not log what is written: %m");
	for (i = 0; i < NR_PAGES; i++) {
		zero_page(i);
		w.page[i] = map_page(i, PROT_READ);
		if (!w.page[i])
			die(EXIT_CANNOT, "mapping %s: %m", names[i]);
	}
}

const char *destroy(uint32_t domid)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	xc_domaininfo_t info;
	unsigned int i;

	xc_domain_destroy(w.xch, domid);
	for (i = 0; i < GONE_SECONDS * 100; i++) {
		if (xc_domain_getinfolist(w.xch, domid, 1, &info) != 1 ||
		    info.domain != domid)
			return NULL;
		nanosleep(&moment, NULL);
	}
	return text("domain %u does not go, %llu pages of it stay", domid,
		    (unsigned long long)info.tot_pages);
}

const char *world_close(void)
{
	const char *why = NULL, *left;
	uint64_t stayed;
	unsigned int i;

	for (i = 0; i < NR_TABLES; i++)
		if (w.pinned[tables[i]])
			unpin(tables[i]);
	for (i = 0; i < NR_PAGES; i++)
		unmap_page(w.page[i]);
	if (xc_domain_decrease_reservation(w.xch, DOMID_SELF, NR_PAGES - O0, 0,
					   &w.mfn[O0]) != NR_PAGES - O0)
		why = "Xen does not take our pages back";
	stayed = tot_pages(0) - w.own_pages;
	if (!why && stayed)
		why = text("%lld pages more than before", (long long)stayed);
	xc_domain_setmaxmem(w.xch, 0, w.own_pages * 4);
	left = destroy(w.domid);

	return why ? why : left;
}

struct mmu_update *update_buffer(size_t nr)
{
	size_t pages = (nr * sizeof(struct mmu_update) + PAGE_BYTES - 1) / PAGE_BYTES;
	void *p = xencall_alloc_buffer_pages(w.call, pages);

	if (!p)
		die(EXIT_CANNOT, "no memory for %zu updates: %m", nr);
	memset(p, 0, pages * PAGE_BYTES);
	return p;
}

int hypercall(unsigned int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	int rc = xencall4(w.call, nr, a, b, c, d);

	return rc < 0 ? -errno : rc;
}

/* *done is what Xen has left of a number that no call leaves */
int mmu_update(struct mmu_update *u, size_t nr, uint32_t foreigndom,
	       unsigned int *done)
{
	static unsigned int *buffer;
	int rc;

	if (!buffer)
		buffer = xencall_alloc_buffer(w.call, sizeof(*buffer));
	*buffer = 77777;
	rc = hypercall(__HYPERVISOR_mmu_update, (uintptr_t)u, nr,
		       (uintptr_t)buffer, foreigndom);
	*done = *buffer;
	return rc;
}

int mmuext(unsigned int cmd, uint64_t mfn, uint32_t domid)
{
	static struct mmuext_op *op;

	if (!op)
		op = xencall_alloc_buffer(w.call, sizeof(*op));
	memset(op, 0, sizeof(*op));
	op->cmd = cmd;
	op->arg1.mfn = mfn;
	return hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)op, 1, 0, domid);
}

int pin(unsigned int table)
{
	int rc = mmuext(table == L2 ? MMUEXT_PIN_L2_TABLE : MMUEXT_PIN_L1_TABLE,
			w.mfn[table], owner(table));

	if (!rc)
		w.pinned[table] = true;
	return rc;
}

int unpin(unsigned int table)
{
	int rc = mmuext(MMUEXT_UNPIN_TABLE, w.mfn[table], owner(table));

	if (!rc)
		w.pinned[table] = false;
	return rc;
}

int set_entry(unsigned int table, unsigned int slot, uint64_t value,
	      uint32_t foreigndom)
{
	static struct mmu_update *u;
	unsigned int done;

	if (!u)
		u = update_buffer(1);
	u->ptr = at(table, slot);
	u->val = value;
	return mmu_update(u, 1, foreigndom, &done);
}

static bool typed(unsigned int table)
{
	unsigned int i;

	if (w.pinned[table] || (table != T0 && table != T1))
		return w.pinned[table];
	for (i = 0; i < ENTRIES && w.pinned[L2]; i++)
		if (w.page[L2][i] & P && page_of(w.page[L2][i]) == (int)table)
			return true;
	return false;
}

void fresh(void)
{
	static struct mmu_update *u;
	unsigned int i, j, t, nr, done;
	int rc;

	if (!u)
		u = update_buffer(ENTRIES);
	/* the L2 table first: a table is none without it, or pinned */
	for (i = 0; i < NR_TABLES; i++) {
		t = tables[(i + 2) % NR_TABLES];
		for (j = nr = 0; j < ENTRIES; j++)
			if (w.page[t][j])
				u[nr++] = (struct mmu_update){ at(t, j), 0 };
		rc = nr ? mmu_update(u, nr, dom(owner(t), owner(t)), &done) : 0;
		if (rc)
			die(EXIT_WRONG, "%s cannot be emptied: %s", names[t],
			    strerror(-rc));
		if (w.pinned[t])
			unpin(t);
	}
	for (i = 0; i < NR_TABLES; i++) {
		rc = pin(tables[i]);
		if (rc)
			die(EXIT_WRONG, "%s cannot be pinned: %s",
			    names[tables[i]], strerror(-rc));
	}
}

int page_of(uint64_t e)
{
	int i;

	for (i = 0; i < NR_FRAMES; i++)
		if (w.mfn[i] && (e & FRAME_MASK) >> 12 == w.mfn[i])
			return i;
	return -1;
}

uint64_t sum(uint64_t seed, uint64_t value)
{
	uint64_t x = (seed ^ value) * 0x9e3779b97f4a7c15ull;

	return x ^ x >> 29;
}

uint64_t sum_tables(void)
{
	uint64_t s = 0, e;
	unsigned int i, j;
	int page;

	for (i = 0; i < NR_TABLES; i++)
		for (j = 0; j < ENTRIES; j++) {
			e = w.page[tables[i]][j];
			page = page_of(e);
			e &= ~GRANTED;
			if (page >= 0)
				e = (e & ~FRAME_MASK) | (uint64_t)(page + 1) << 40;
			s = sum(s, e);
		}
	return s;
}

void read_counts(struct counts *c)
{
	static char *ring;
	unsigned long long mfn, caf, taf;
	unsigned int size = RING_BYTES, found = 0;
	char *line, *next;
	int i;

	if (!ring)
		ring = xencall_alloc_buffer(w.call, RING_BYTES + 1);
	xc_readconsolering(w.xch, ring, &size, 1, 0, NULL);
	if (xc_send_debug_keys(w.xch, "q"))
		die(EXIT_CANNOT, "Xen takes no debug keys: %m");
	size = RING_BYTES;
	if (xc_readconsolering(w.xch, ring, &size, 0, 0, NULL))
		die(EXIT_CANNOT, "Xen's console cannot be read: %m");
	ring[size] = 0;
	for (line = ring; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line = strstr(line, "DomPage ");
		if (!line || sscanf(line, "DomPage %llx: caf=%llx, taf=%llx",
				    &mfn, &caf, &taf) != 3)
			continue;
		for (i = 0; i < NR_THEIRS && w.mfn[i] != mfn; i++)
			;
		if (i == NR_THEIRS)
			continue;
		c[i] = (struct counts){ caf, taf, taf >> 61 };
		found |= 1u << i;
	}
	if (found != (1u << NR_THEIRS) - 1)
		die(EXIT_CANNOT, "Xen's debug key q shows the pages %#x only",
		    found);
}

const char *check_counts(void)
{
	struct counts want[NR_FRAMES] = {0}, have[NR_THEIRS];
	unsigned int i, j, t;
	int page;

	for (i = 0; i < NR_PAGES; i++) {
		want[i].refs = 2 + w.pinned[i];	/* allocated, and our mapping */
		want[i].type_refs = w.pinned[i];
	}
	for (i = 0; i < NR_TABLES; i++) {
		t = tables[i];
		if (!typed(t))
			continue;
		for (j = 0; j < ENTRIES; j++) {
			page = w.page[t][j] & P ? page_of(w.page[t][j]) : -1;
			if (page < 0)
				continue;
			want[page].refs++;
			want[page].type_refs += t == L2 || w.page[t][j] & RW;
		}
	}
	read_counts(have);
	for (i = 0; i < NR_THEIRS; i++)
		if (have[i].refs != want[i].refs ||
		    have[i].type_refs != want[i].type_refs)
			return text("%s has %u references, %u to its type, and its entries hold %u and %u",
				    names[i], have[i].refs, have[i].type_refs,
				    want[i].refs, want[i].type_refs);
	return NULL;
}
