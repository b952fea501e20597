// SPDX-License-Identifier: GPL-2.0
/*
 * Calls made from a seed. Nothing says what has to come of them but Xen: a sum of
 * all results, *done and entries is left to be compared with another Xen's. The
 * counts of the pages have to be what the entries hold.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

#define MOST	5000u

static uint64_t state;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % below;
}

static const uint64_t some_flags[] = {
	US, US, US | RW, US | RW, US | RW | A | D, US | A, US | RW | NX,
	US | NX | D, US | RW | AVAIL, US | RW | D, RW, US | RW | 1ull << 52,
};

static const uint64_t odd_flags[] = {
	US | RW | PCD | PWT, US | PCD, US | RW | PAT, US | 1ull << 53,
	US | PWT, US | RW | PAT | PWT,
};

/* Frames: theirs, ours, tables, I/O, none */
static uint64_t value(bool odd)
{
	static const uint64_t frames[] = { 0xb8, 0xfee00, 0x3ffffff, 0xa0 };
	uint64_t flags = some_flags[rnd(ARRAY_SIZE(some_flags))];

	if (!odd)
		return rnd(4) ? entry(D0 + rnd(6), flags | P) : 0;
	switch (rnd(6)) {
	case 0: return frames[rnd(ARRAY_SIZE(frames))] << 12 | flags | P;
	case 1: return entry(D0 + rnd(6), odd_flags[rnd(ARRAY_SIZE(odd_flags))] | P);
	case 2: return entry(P0 + rnd(4), odd_flags[rnd(ARRAY_SIZE(odd_flags))] | P);
	case 3: return entry(P0 + rnd(4), flags | P);
	default: return entry(rnd(NR_PAGES), flags | P);
	}
}

/* one call; returns how many updates were done */
static unsigned int one_call(struct mmu_update *u, uint64_t *s)
{
	static const unsigned int sizes[] = { 1, 2, 31, 32, 33, 64, 512, 513, MOST };
	bool ours = !rnd(4), clean = rnd(3);
	unsigned int nr = rnd(12) ? 1 + rnd(100) : sizes[rnd(ARRAY_SIZE(sizes))];
	unsigned int table = ours ? O0 + rnd(2) : T0 + rnd(2);
	unsigned int i, done, slot = rnd(ENTRIES), step = rnd(3);
	uint32_t whose = rnd(8) ? (ours ? DOMID_SELF : w.domid) :
		rnd(3) ? (ours ? w.domid : DOMID_SELF) : DOMID_IO;
	int rc;

	for (i = 0; i < nr; i++, slot += step) {
		bool odd = !clean && !rnd(40);

		if (!rnd(60))
			table ^= T0 ^ T1 ^ (ours ? T0 ^ T1 ^ O0 ^ O1 : 0);
		if (!rnd(30))
			slot = rnd(ENTRIES);
		u[i].ptr = at(table, slot) | (rnd(2) ? 0 : rnd(2) ?
			MMU_PT_UPDATE_PRESERVE_AD : MMU_PT_UPDATE_NO_TRANSLATE);
		/* mostly the same frame with other flags, as mprotect does */
		u[i].val = !odd && rnd(2) && w.page[table][slot % ENTRIES] & P ?
			(w.page[table][slot % ENTRIES] & ~(RW | A | D | NX | GLOBAL)) |
			some_flags[rnd(9)] : value(odd);
		if (ours && !odd && u[i].val && whose == DOMID_SELF &&
		    page_of(u[i].val) >= 0 && page_of(u[i].val) < NR_THEIRS)
			u[i].val = entry(P0 + rnd(4), u[i].val & ~FRAME_MASK);
		if (odd && !rnd(4))
			u[i].ptr = rnd(2) ? at(rnd(NR_PAGES), slot) : u[i].ptr | (3 + rnd(5));
		if (!ours && !rnd(100)) {
			u[i].ptr = at(L2, rnd(8));
			u[i].val = rnd(2) ? entry(T0 + rnd(2), P | RW | US | A | D) : 0;
		}
	}
	rc = mmu_update(u, nr, dom(ours ? DOMID_SELF : w.domid, whose), &done);
	*s = sum(sum(*s, (uint64_t)rc), done);
	return rc == -ESRCH ? 0 : done;
}

void run_random(unsigned long updates, unsigned long every, uint64_t seed)
{
	struct mmu_update *u = update_buffer(MOST);
	unsigned long did = 0, next = every, calls = 0;
	uint64_t s = seed;
	const char *why;
	unsigned int t;

	state = seed * 2 + 1;
	fresh();
	while (did < updates) {
		did += one_call(u, &s);
		calls++;
		/* tables stop being tables, and are pinned again */
		if (!rnd(20)) {
			t = tables[rnd(NR_TABLES)];
			s = sum(s, w.pinned[t] ? unpin(t) : pin(t));
		}
		if (!rnd(400))
			fresh();
		if (did < next && did < updates)
			continue;
		next += every * ((did - next) / every + 1);
		s = sum(s, sum_tables());
		why = check_counts();
		report(text("random, seed %llu: %lu updates", (unsigned long long)seed,
			    did), why, "%016llx after %lu calls",
		       (unsigned long long)s, calls);
		if (why)
			break;
	}
	fresh();
}
