// SPDX-License-Identifier: GPL-2.0
/* Calls whose results are known: what Xen has always made of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "world.h"

#include <xen/grant_table.h>	/* relies on what xenctrl.h includes */

#define MOST		5000u
#define UNTOUCHED	77777u		/* of *done, see mmu_update() */
#define LONG_CALL	100000u

/* Frames that are nobody's RAM */
#define VGA_TEXT	0xb8ull
#define NO_RAM		0x3ffffffull	/* 256 GiB - 4 KiB: none in QEMU's guest */
#define SECRET_IO	0xfee00ull	/* the local APIC is Xen's */

static struct mmu_update *u;

/* one case: result, *done, the tables' sum and the counts have to be right */
static void expect(const char *name, int rc, unsigned int done, int want_rc,
		   unsigned int want_done, const char *why)
{
	if (rc != want_rc)
		why = text("returns %d, not %d", rc, want_rc);
	else if (done != want_done)
		why = text("did %u, not %u", done, want_done);
	else if (!why)
		why = check_counts();
	report(name, why, "%d after %u, tables %016llx", rc, done,
	       (unsigned long long)sum_tables());
}

/* ---- a bad update in a batch of good ones */

struct bad {
	const char *name;
	int rc;
	void (*make)(struct mmu_update *bad);
};

static void bad_other_frame(struct mmu_update *bad)
{
	bad->val = entry(P0, P | RW | US);
}

static void bad_no_frame(struct mmu_update *bad)
{
	bad->val = NO_RAM << 12 | P | RW | US;
}

static void bad_io_frame(struct mmu_update *bad)
{
	bad->val = VGA_TEXT << 12 | P | RW | US;
}

static void bad_table_writable(struct mmu_update *bad)
{
	bad->val = entry(T1, P | RW | US);
}

static void bad_flags(struct mmu_update *bad)
{
	bad->val = entry(D0, P | US | PCD);
}

static void bad_command(struct mmu_update *bad)
{
	bad->ptr |= 5;
}

static void bad_no_table(struct mmu_update *bad)
{
	bad->ptr = NO_RAM << 12;
}

static void bad_other_table(struct mmu_update *bad)
{
	bad->ptr = at(O0, 0);
}

static void bad_machphys(struct mmu_update *bad)
{
	bad->ptr = (uint64_t)w.mfn[D0] << 12 | MMU_MACHPHYS_UPDATE;
}

/* with the domain's own tables, and its frames */
static const struct bad bads[] = {
	{ "another domain's frame", -EBUSY, bad_other_frame },
	{ "no frame", -EPERM, bad_no_frame },
	{ "an I/O frame", -EPERM, bad_io_frame },
	{ "a table, writable", -EBUSY, bad_table_writable },
	{ "flags that are not for it", -EINVAL, bad_flags },
	{ "no such update", -ENOSYS, bad_command },
	{ "no table", -EINVAL, bad_no_table },
	{ "another domain's table", -EINVAL, bad_other_table },
	{ "another domain's machphys", -EPERM, bad_machphys },
};

static const unsigned int sizes[] = { 1, 2, 31, 32, 33, 512, 513, MOST };

/* update i of a batch: through both tables, so that there are runs of 512 */
static void good(unsigned int i, struct mmu_update *x)
{
	unsigned int table = i / ENTRIES % 2 ? T1 : T0;

	x->ptr = at(table, i) |
		(i % 3 == 1 ? MMU_PT_UPDATE_PRESERVE_AD :
		 i % 3 == 2 ? MMU_PT_UPDATE_NO_TRANSLATE : MMU_NORMAL_PT_UPDATE);
	x->val = i % 11 == 10 ? 0 :
		entry(D0 + i * 7 / 3 % 6, P | US | (i % 2 ? RW : 0) |
		      (i % 5 == 0 ? NX : 0) | (i % 4 == 0 ? A | D : 0));
}

/* is the table what the first @done updates have made of it? */
static const char *check_entries(const struct mmu_update *x, unsigned int done)
{
	static uint64_t want[2][ENTRIES];
	unsigned int i, t, slot;
	uint64_t e;

	memset(want, 0, sizeof(want));
	for (i = 0; i < done; i++) {
		t = (x[i].ptr & FRAME_MASK) >> 12 == w.mfn[T1];
		slot = x[i].ptr / 8 % ENTRIES;
		e = adjusted(x[i].val);
		if ((x[i].ptr & 7) == MMU_PT_UPDATE_PRESERVE_AD)
			e |= want[t][slot] & (A | D);
		want[t][slot] = e;
	}
	for (t = 0; t < 2; t++)
		for (i = 0; i < ENTRIES; i++)
			if (w.page[T0 + t][i] != want[t][i])
				return text("T%u[%u] is %#llx, not %#llx", t, i,
					    (unsigned long long)w.page[T0 + t][i],
					    (unsigned long long)want[t][i]);
	return NULL;
}

static void batch(unsigned int nr, unsigned int place, const struct bad *bad,
		  const char *where)
{
	unsigned int i, done, want = bad ? place : nr;
	int rc;

	fresh();
	for (i = 0; i < nr; i++)
		good(i, &u[i]);
	if (bad)
		bad->make(&u[place]);
	rc = mmu_update(u, nr, THEIRS, &done);
	expect(text("batch of %u, %s%s", nr, bad ? bad->name : "good", where),
	       rc, done, bad ? bad->rc : 0, want, check_entries(u, want));
}

static void batches(void)
{
	unsigned int i, j, nr;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		nr = sizes[i];
		batch(nr, 0, NULL, "");
		for (j = 0; j < ARRAY_SIZE(bads); j++) {
			batch(nr, 0, &bads[j], " first");
			if (nr > 2)
				batch(nr, nr / 2, &bads[j], " in the middle");
			if (nr > 1)
				batch(nr, nr - 1, &bads[j], " last");
		}
	}
	/* within a chunk and behind it, whatever its size is */
	for (i = 29; i < 100; i += i % 32 == 2 ? 27 : 1)
		batch(160, i, &bads[0], text(" at %u", i));
}

/* ---- one entry again and again: protections, flags, other frames */

static void one_entry(void)
{
	static const uint64_t flags[] = {
		P | US | RW | A | D, P | US | A, P | US, P | US | RW,
		P | US | RW | NX, P | US | NX | D, P | US | AVAIL, P | RW, P,
		P | US | RW | D, 0, RW, 0, P | US, 0, P | US | RW, 0,
	};
	static const char * const how[] = {
		"written", "accessed and dirty bits kept", "many frames",
	};
	unsigned int i, j, nr = 0, done;
	int rc;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		fresh();
		for (j = nr = 0; j < ARRAY_SIZE(flags) * 3; j++, nr++) {
			/* the frame changes with the round, or every fifth time */
			unsigned int page = D0 + (i == 2 ? j / 5 : j / 17) % 6;
			uint64_t f = flags[j % ARRAY_SIZE(flags)];

			u[nr].ptr = at(T0, 100) | (i == 1 ? MMU_PT_UPDATE_PRESERVE_AD : 0);
			u[nr].val = f & P ? entry(page, f) : f;
		}
		rc = mmu_update(u, nr, THEIRS, &done);
		expect(text("one entry, %u changes, %s", nr, how[i]), rc, done,
		       0, nr, NULL);
	}
}

/* ---- tables of all kinds */

static void untyped(void)
{
	unsigned int i, done;
	int rc;

	/* to a page that is no table anything is written */
	fresh();
	unpin(T0);
	for (i = 0; i < 100; i++)
		u[i] = (struct mmu_update){ at(T0, i), NO_RAM << 12 | P | RW | i << 5 };
	rc = mmu_update(u, 100, THEIRS, &done);
	for (i = 0; i < 100; i++)
		if (w.page[T0][i] != u[i].val)
			break;
	expect("a table that is not pinned", rc, done, 0, 100,
	       i == 100 ? NULL : "it was not written as data");

	/* it cannot become one with these entries */
	rc = pin(T0);
	expect("pinning it with such entries", rc, 0, -EPERM, 0, NULL);

	/* ours is the same; and it is data while another entry maps it writable */
	fresh();
	unpin(O0);
	u[0] = (struct mmu_update){ at(O1, 0), entry(O0, P | US | RW) };
	for (i = 1; i < 50; i++)
		u[i] = (struct mmu_update){ at(O0, i), NO_RAM << 12 | P | RW | i << 5 };
	u[50] = (struct mmu_update){ at(O1, 0), 0 };
	rc = mmu_update(u, 51, OURS, &done);
	for (i = 1; i < 50; i++)
		if (w.page[O0][i] != u[i].val)
			break;
	expect("our own table, mapped writable, not pinned", rc, done, 0, 51,
	       i == 50 ? NULL : "it was not written as data");

	/* an L1 table stops being one in the middle of a batch */
	fresh();
	unpin(T1);
	rc = set_entry(L2, 3, entry(T1, P | RW | US | A | D), THEIRS);
	if (rc)
		die(EXIT_WRONG, "no entry in the L2 table: %s", strerror(-rc));
	for (i = 0; i < 20; i++)
		u[i] = (struct mmu_update){ at(T1, i), entry(D0 + i % 6, P | US | RW) };
	u[20] = (struct mmu_update){ at(L2, 3), 0 };
	for (i = 21; i < 31; i++)
		u[i] = (struct mmu_update){ at(T1, i - 21), 0 };
	rc = mmu_update(u, 31, THEIRS, &done);
	expect("a table unhooked in the middle", rc, done, 0, 31,
	       w.page[T1][0] || !w.page[T1][10] ? "its entries are wrong" : NULL);

	/* and becomes one again */
	for (i = 0; i < 10; i++)
		u[i] = (struct mmu_update){ at(T1, i), entry(D5, P | US) };
	u[10] = (struct mmu_update){ at(L2, 7), entry(T1, P | RW | US | A | D) };
	for (i = 11; i < 21; i++)
		u[i] = (struct mmu_update){ at(T1, i - 11), entry(D4, P | US | RW) };
	u[21] = (struct mmu_update){ at(T1, 10), 0 };
	rc = mmu_update(u, 22, THEIRS, &done);
	expect("a table hooked up in the middle", rc, done, 0, 22, NULL);

	/* tables by turns, L1 and L2 */
	fresh();
	for (i = 0; i < 200; i++)
		u[i] = i % 7 == 3 ?
			(struct mmu_update){ at(L2, i), i % 2 ? entry(T0, P | RW | US | A | D) : 0 } :
			(struct mmu_update){ at(i % 2 ? T0 : T1, i), entry(D0 + i % 6, P | US | RW) };
	rc = mmu_update(u, 200, THEIRS, &done);
	expect("tables by turns", rc, done, 0, 200, NULL);
}

/* ---- whose frames, whose tables */

static void one(const char *name, unsigned int table, uint64_t value,
		uint32_t foreigndom, int want)
{
	unsigned int done;
	int rc;

	/* between two good ones, so that it is in a run */
	u[0] = (struct mmu_update){ at(table, 500), 0 };
	u[1] = (struct mmu_update){ at(table, 7), value };
	u[2] = (struct mmu_update){ at(table, 501), 0 };
	rc = mmu_update(u, 3, foreigndom, &done);
	expect(name, rc, done, want, want ? 1 : 3, NULL);
}

static void foreign(void)
{
	const uint32_t ours_theirs = dom(DOMID_SELF, w.domid);
	unsigned int done;
	int rc;

	fresh();
	one("foreign frame, right domid", O0, entry(D0, P | US | RW), ours_theirs, 0);
	one("foreign frame protected, right domid", O0, entry(D0, P | US), ours_theirs, 0);
	one("foreign frame made writable, wrong domid", O0, entry(D0, P | US | RW), OURS, -EBUSY);
	one("foreign frame's flags only, wrong domid", O0, entry(D0, P | US | A), OURS, 0);
	one("foreign frame made writable, right domid", O0, entry(D0, P | US | RW), ours_theirs, 0);
	one("foreign frame protected, wrong domid", O0, entry(D0, P | US), OURS, -EBUSY);
	one("own frame instead of it", O0, entry(P0, P | US | RW), OURS, 0);
	one("own frame, foreign domid", O0, entry(P1, P | US | RW), ours_theirs, -EBUSY);
	one("own frame protected, foreign domid", O0, entry(P0, P | US), ours_theirs, -EBUSY);
	one("own frame cleared, foreign domid", O0, 0, ours_theirs, 0);
	one("foreign table, read-only", O0, entry(T0, P | US), ours_theirs, 0);
	one("foreign table, writable", O0, entry(T0, P | US | RW), ours_theirs, -EBUSY);
	one("foreign table cleared", O0, 0, ours_theirs, 0);
	one("our frame in a foreign table", T0, entry(P0, P | US | RW),
	    dom(w.domid, DOMID_SELF), 0);
	one("our frame in it protected", T0, entry(P0, P | US),
	    dom(w.domid, DOMID_SELF), 0);
	one("our frame in it made writable as its own", T0, entry(P0, P | US | RW),
	    THEIRS, -EBUSY);
	one("our frame in it cleared", T0, 0, THEIRS, 0);

	u[0] = (struct mmu_update){ at(L2, 0), 0 };
	rc = mmu_update(u, 1, dom(w.domid, DOMID_SELF), &done);
	expect("an L2 table with another domain's domid", rc, done, -EINVAL, 0, NULL);
	u[0] = (struct mmu_update){ at(O0, 0), 0 };
	rc = mmu_update(u, 1, dom(DOMID_SELF, 77), &done);
	expect("frames of no domain", rc, done, -ESRCH, 0, NULL);
	rc = mmu_update(u, 1, dom(77, DOMID_SELF), &done);
	expect("tables of no domain", rc, done, -ESRCH, UNTOUCHED, NULL);
	rc = mmu_update(u, 0, OURS, &done);
	expect("no update", rc, done, 0, 0, NULL);
}

static void io(void)
{
	const uint32_t ours_io = dom(DOMID_SELF, DOMID_IO);

	fresh();
	one("I/O frame", O0, VGA_TEXT << 12 | P | RW | US, OURS, 0);
	one("I/O frame protected", O0, VGA_TEXT << 12 | P | US, OURS, 0);
	one("I/O frame made writable", O0, VGA_TEXT << 12 | P | US | RW | PCD, OURS, 0);
	one("I/O frame, write-combining", O0, VGA_TEXT << 12 | P | US | RW | PAT, ours_io, 0);
	one("RAM for the I/O frame", O0, entry(P0, P | US | RW), OURS, 0);
	one("I/O frame for RAM, as I/O", O0, VGA_TEXT << 12 | P | US | RW, ours_io, 0);
	one("RAM as I/O", O0, entry(P0, P | US | RW), ours_io, -EBUSY);
	one("I/O frame that is Xen's", O0, SECRET_IO << 12 | P | US | RW, OURS, -EPERM);
	one("I/O frame cleared", O0, 0, OURS, 0);
	one("RAM, uncached", O0, entry(P0, P | US | RW | PCD | PWT), OURS, 0);
	one("RAM, uncached, protected", O0, entry(P0, P | US | PCD | PWT), OURS, 0);
	one("RAM, uncached, made writable", O0, entry(P0, P | US | RW | PCD | PWT), OURS, 0);
	one("RAM, cached, protected", O0, entry(P0, P | US), OURS, 0);
	one("RAM, uncached, of a domain without devices", T0,
	    entry(D0, P | US | RW | PCD | PWT), THEIRS, -EINVAL);
}

static void grants(void)
{
	struct gnttab_map_grant_ref *map = xencall_alloc_buffer(w.call, sizeof(*map));
	struct gnttab_unmap_grant_ref *unmap = xencall_alloc_buffer(w.call, sizeof(*unmap));
	xenforeignmemory_resource_handle *res;
	grant_entry_v1_t *table = NULL;
	uint64_t e, ptr = at(O0, 7);
	struct counts c[NR_THEIRS];
	const char *why;
	unsigned int i;
	int rc;

	res = xenforeignmemory_map_resource(w.fmem, w.domid,
					    XENMEM_resource_grant_table,
					    XENMEM_resource_grant_table_id_shared,
					    0, 1, (void **)&table,
					    PROT_READ | PROT_WRITE, 0);
	if (!res || !map || !unmap)
		die(EXIT_CANNOT, "mapping the grant table: %m");
	table[20].domid = 0;
	table[20].frame = w.mfn[D3];
	__atomic_store_n(&table[20].flags, GTF_permit_access, __ATOMIC_RELEASE);
	fresh();
	for (i = 0; i < 2; i++) {
		memset(map, 0, sizeof(*map));
		map->host_addr = ptr;
		map->flags = GNTMAP_host_map | GNTMAP_contains_pte |
			     (i ? GNTMAP_readonly : 0);
		map->ref = 20;
		map->dom = w.domid;
		rc = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
			       (uintptr_t)map, 1, 0);
		if (rc || map->status)
			die(EXIT_CANNOT, "the grant cannot be mapped: %d, %d", rc,
			    map->status);
		e = w.page[O0][7] & ~GRANTED;
		one(text("%s grant: protection changed", i ? "read-only" : "writable"),
		    O0, e ^ RW, OURS, -EBUSY);
		one(text("%s grant: flags changed", i ? "read-only" : "writable"),
		    O0, e ^ A, OURS, 0);
		one(text("%s grant: flags changed back", i ? "read-only" : "writable"),
		    O0, e, OURS, 0);
		memset(unmap, 0, sizeof(*unmap));
		unmap->host_addr = ptr;
		unmap->handle = map->handle;
		rc = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref,
			       (uintptr_t)unmap, 1, 0);
		read_counts(c);
		why = c[D3].refs != 2 || c[D3].type_refs ?
			text("%u references and %u to the type stay", c[D3].refs,
			     c[D3].type_refs) :
			unmap->status ? "the grant cannot be unmapped" : NULL;
		report(text("%s grant unmapped", i ? "read-only" : "writable"),
		       why, "%d, status %d", rc, unmap->status);
	}
	table[20].flags = 0;
	xenforeignmemory_unmap_resource(w.fmem, res);
}

/* ---- frames of a domain that numbers them by itself */

static void translated(void)
{
	struct xen_domctl_createdomain config = {
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
		.max_vcpus = 1,
		.max_evtchn_port = 127,
		.max_grant_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
		.arch.emulation_flags = XEN_X86_EMU_LAPIC,
	};
	xen_pfn_t gfn[] = { 1, 2 };
	uint32_t domid = 0, whose;
	unsigned int i, done;
	int rc;

	if (xc_domain_create(w.xch, &domid, &config) ||
	    xc_set_paging_mempool_size(w.xch, domid, 4 << 20) ||
	    xc_domain_setmaxmem(w.xch, domid, 64 * 4) ||
	    xc_domain_populate_physmap_exact(w.xch, domid, ARRAY_SIZE(gfn), 0,
					     0, gfn))
		die(EXIT_CANNOT, "no HVM domain: %m");
	whose = dom(DOMID_SELF, domid);
	fresh();
	rc = set_entry(O0, 7, 1 << 12 | P | US, whose);
	if (rc)
		die(EXIT_WRONG, "a frame of an HVM domain: %s", strerror(-rc));
	w.mfn[H0] = (w.page[O0][7] & FRAME_MASK) >> 12;
	one("HVM frame by its number", O0, 1 << 12 | P | US | RW, whose, 0);
	one("HVM frame protected", O0, 1 << 12 | P | US, whose, 0);
	one("HVM frame made writable, wrong domid", O0, entry(H0, P | US | RW),
	    OURS, -EBUSY);
	one("HVM frame made writable", O0, 1 << 12 | P | US | RW, whose, 0);
	one("HVM frame's flags only", O0, 1 << 12 | P | US | RW | A, whose, 0);
	one("HVM frame that is none", O0, 99 << 12 | P | US, whose, -EINVAL);
	for (i = 0; i < 100; i++) {
		u[i].ptr = at(O0, i) | (i % 3 ? 0 : MMU_PT_UPDATE_NO_TRANSLATE);
		u[i].val = i % 3 ? 1 << 12 | P | US | (i % 2 ? RW : 0) :
			entry(H0, P | US | (i % 2 ? 0 : RW));
	}
	rc = mmu_update(u, 100, whose, &done);
	expect("HVM frames, many", rc, done, 0, 100, NULL);
	for (i = 0; i < 100; i++)
		u[i].val = i % 5 ? u[i].val ^ RW : 0;
	rc = mmu_update(u, 100, whose, &done);
	expect("HVM frames, many, changed", rc, done, 0, 100, NULL);
	fresh();
	w.mfn[H0] = 0;
	report("the HVM domain is gone", destroy(domid), "domain %u", domid);
}

/* ---- arguments that cannot be read or written */

static void arguments(void)
{
	static const unsigned int before[] = { 0, 1, 31, 32, 33, 40, 255, 256 };
	unsigned int i, j, nr, done;
	struct mmu_update *end, *last;
	unsigned int *ro;
	char *p;
	int rc;

	/* a page behind which there is none: the array ends in it, or goes on */
	p = mmap(NULL, 3 * PAGE_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED || mlock(p, 2 * PAGE_BYTES) ||
	    munmap(p + 2 * PAGE_BYTES, PAGE_BYTES))
		die(EXIT_CANNOT, "no memory: %m");
	end = (void *)(p + 2 * PAGE_BYTES);
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		fresh();
		last = end - before[i];
		for (j = 0; j < before[i]; j++)
			good(j, &last[j]);
		nr = before[i] + 33;
		rc = mmu_update(last, nr, THEIRS, &done);
		expect(text("updates end unmapped behind %u", before[i]), rc,
		       done, -EFAULT, before[i], check_entries(last, before[i]));
	}
	/* an update across the end: it is not read at all */
	fresh();
	last = (void *)(p + 2 * PAGE_BYTES - 40 * sizeof(*last) - 8);
	for (j = 0; j < 40; j++)
		good(j, &last[j]);
	rc = mmu_update(last, 50, THEIRS, &done);
	expect("an update half of which is unmapped", rc, done, -EFAULT, 40,
	       check_entries(last, 40));

	fresh();
	rc = mmu_update(NULL, 5, THEIRS, &done);
	expect("updates at NULL", rc, done, -EFAULT, 0, NULL);
	rc = hypercall(__HYPERVISOR_mmu_update, 0xffff800000000000ull, 5, 0, THEIRS);
	expect("updates in Xen", rc, 0, -EFAULT, 0, NULL);

	/* *done cannot be written: the updates are done all the same */
	ro = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (ro == MAP_FAILED)
		die(EXIT_CANNOT, "no memory: %m");
	*ro = 4711;
	if (mlock(ro, PAGE_BYTES) || mprotect(ro, PAGE_BYTES, PROT_READ))
		die(EXIT_CANNOT, "no memory: %m");
	fresh();
	for (i = 0; i < 100; i++)
		good(i, &u[i]);
	rc = hypercall(__HYPERVISOR_mmu_update, (uintptr_t)u, 100, (uintptr_t)ro, THEIRS);
	expect("*done is read-only", rc, *ro, 0, 4711, check_entries(u, 100));
	bad_other_frame(&u[50]);
	fresh();
	rc = hypercall(__HYPERVISOR_mmu_update, (uintptr_t)u, 100, (uintptr_t)ro, THEIRS);
	expect("*done is read-only, a bad update", rc, *ro, -EBUSY, 4711,
	       check_entries(u, 50));
	munmap(ro, PAGE_BYTES);
	munmap(p, 2 * PAGE_BYTES);
}

/* ---- a call that lasts for many ticks of the clock: it is preempted and goes on */

static void preempted(void)
{
	struct mmu_update *x = update_buffer(LONG_CALL);
	unsigned int i, done;
	int rc;

	fresh();
	for (i = 0; i < LONG_CALL; i++)
		good(i, &x[i]);
	rc = mmu_update(x, LONG_CALL, THEIRS, &done);
	expect("a long call", rc, done, 0, LONG_CALL, check_entries(x, LONG_CALL));
	fresh();
	bad_other_frame(&x[LONG_CALL - 77]);
	rc = mmu_update(x, LONG_CALL, THEIRS, &done);
	expect("a long call, bad in the end", rc, done, -EBUSY, LONG_CALL - 77,
	       check_entries(x, LONG_CALL - 77));
}

void run_directed(void)
{
	u = update_buffer(MOST);
	batches();
	one_entry();
	untyped();
	foreign();
	io();
	grants();
	translated();
	arguments();
	preempted();
	fresh();
}
