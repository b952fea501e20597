/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mmu_update is tried on: a few pages of a domain made for it, which never
 * runs, and a few of this domain, which its kernel knows nothing of.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#include "cli.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ENTRIES		512u
#define PAGE_BYTES	4096ul

/* exit statuses, besides EXIT_USAGE */
enum { EXIT_OK = 0, EXIT_WRONG = 1, EXIT_CANNOT = 3 };

/* Flags of an entry. */
#define P		0x001ull
#define RW		0x002ull
#define US		0x004ull
#define PWT		0x008ull
#define PCD		0x010ull
#define A		0x020ull
#define D		0x040ull
#define PAT		0x080ull
#define GLOBAL		0x100ull
#define AVAIL		0xe00ull
#define NX		(1ull << 63)
/* what a Xen with assertions marks the entries of grants with; nobody may set it */
#define GRANTED		(1ull << 62)
#define FRAME_MASK	0x000ffffffffff000ull

/*
 * The pages, by number. Of the other domain: two L1 tables, an L2 table, and
 * data; less than ten, so that Xen's debug key 'q' shows each with its counts.
 * Of this domain: two L1 tables and data.
 */
enum {
	T0, T1, L2, D0, D1, D2, D3, D4, D5, NR_THEIRS,
	O0 = NR_THEIRS, O1, P0, P1, P2, P3, NR_PAGES,
	/* a frame of a domain with a table of its own for these, once it is known */
	H0 = NR_PAGES, NR_FRAMES
};

/* Tables, whose entries are looked at */
extern const unsigned int tables[];
#define NR_TABLES	5u

/* What Xen counts of a page. */
struct counts {
	uint32_t refs;
	uint32_t type_refs;
	uint32_t type;
};

struct world {
	xc_interface *xch;
	xencall_handle *call;
	xenforeignmemory_handle *fmem;
	uint32_t domid;			/* the other domain */
	xen_pfn_t mfn[NR_FRAMES];
	const volatile uint64_t *page[NR_PAGES];	/* read-only mappings */
	bool pinned[NR_PAGES];
	uint64_t own_pages;		/* of this domain, without ours */
};

extern struct world w;

/* What the argument foreigndom says: whose tables, whose pages. */
static inline uint32_t dom(uint32_t tables_of, uint32_t pages_of)
{
	return (tables_of == DOMID_SELF ? 0 : tables_of + 1) << 16 | pages_of;
}

/* the domain whose tables T0.. are, with pages of its own */
#define THEIRS		dom(w.domid, w.domid)
#define OURS		dom(DOMID_SELF, DOMID_SELF)

static inline uint64_t entry(unsigned int page, uint64_t flags)
{
	return (uint64_t)w.mfn[page] << 12 | flags;
}

/* the machine address of an entry, or'ed with the kind of update */
static inline uint64_t at(unsigned int table, unsigned int slot)
{
	return (uint64_t)w.mfn[table] << 12 | (slot % ENTRIES) * 8;
}

/* what Xen makes of a present entry of a 64-bit PV guest */
static inline uint64_t adjusted(uint64_t e)
{
	return e & P ? e | GLOBAL : e;
}

/* world.c: make and unmake it; the latter says what stayed, or returns NULL */
void world_open(bool log_dirty);
const char *world_close(void);

/* The hypercalls: 0 or -errno. The buffers of mmu_update() are from update_buffer(). */
struct mmu_update *update_buffer(size_t nr);
int mmu_update(struct mmu_update *u, size_t nr, uint32_t foreigndom,
	       unsigned int *done);
int mmuext(unsigned int cmd, uint64_t mfn, uint32_t domid);
int hypercall(unsigned int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
int set_entry(unsigned int table, unsigned int slot, uint64_t value,
	      uint32_t foreigndom);
int pin(unsigned int table);
int unpin(unsigned int table);

/* another mapping of a page, writable if wanted; NULL if it cannot be had */
void *map_page(unsigned int page, int prot);
void unmap_page(const volatile void *addr);

/* all tables empty, unpinned; then all pinned anew */
void fresh(void);

void read_counts(struct counts *c);
/* destroys a domain; NULL when it is gone, or what is left */
const char *destroy(uint32_t domid);

/* what the entries say that the counts have to be; NULL if they are that */
const char *check_counts(void);

/* the page of a frame: its number, or -1 */
int page_of(uint64_t e);
/* a sum of all tables' entries, the same whatever the frames' numbers are */
uint64_t sum_tables(void);
uint64_t sum(uint64_t seed, uint64_t value);

/* one line a case: what was found, and NULL or why it is wrong */
void report(const char *name, const char *why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
extern unsigned int failures;

/* printf() into one of a few buffers */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void run_directed(void);
void run_random(unsigned long updates, unsigned long every, uint64_t seed);
void run_race(unsigned long rounds);

#endif /* WORLD_H */
