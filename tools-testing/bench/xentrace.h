/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trapped page-table writes and hypercalls, counted by Xen itself.
 *
 * Xen's trace buffers receive a record for every write to a page table that
 * it emulates, and for every hypercall and part of a multicall. This enables
 * just these events, reads the buffers and counts, for all PV guests of the
 * host. It needs root in the control domain and a Xen built with trace
 * buffers; there is one set of them on a host, so only one user at a time.
 *
 *	struct xentrace *t = xentrace_start(0);
 *
 *	if (!xentrace_ok(t))
 *		error("%s", xentrace_error(t));
 *	xentrace_reset(t);
 *	...
 *	xentrace_read(t, &counts);	(often enough: the buffers are finite)
 *	xentrace_stop(t);
 */
#ifndef PT_XENTRACE_H
#define PT_XENTRACE_H

#include <stdbool.h>
#include <stdint.h>

struct xentrace;

/* since the last xentrace_reset() */
struct xentrace_counts {
	uint64_t ptwr;		/* writes to page tables that were emulated */
	uint64_t hypercalls;	/* hypercalls, a multicall being one */
	uint64_t subcalls;	/* calls inside multicalls */
	uint64_t mmu_update;	/* mmu_update, alone or in a multicall */
	uint64_t records;	/* records read */
	uint64_t lost;		/* records Xen had no room for: see Notes */
};

/*
 * Start tracing. @pages: buffer of each CPU, 0 for the default; Xen keeps the
 * first size it was given until it reboots. Never returns NULL: ask
 * xentrace_ok(), and stop it in any case.
 */
struct xentrace *xentrace_start(unsigned int pages);
bool xentrace_ok(const struct xentrace *t);
const char *xentrace_error(const struct xentrace *t);

/* throw away what is in the buffers and count from 0; 0, or -1 with an error */
int xentrace_reset(struct xentrace *t);

/*
 * Count what has come since and add it up; 0, or -1 with an error. Lost
 * records are counted when Xen says so, with the next record that fits.
 */
int xentrace_read(struct xentrace *t, struct xentrace_counts *counts);

/* stop tracing and free everything */
void xentrace_stop(struct xentrace *t);

#endif /* PT_XENTRACE_H */
