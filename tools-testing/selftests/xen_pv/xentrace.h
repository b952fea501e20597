/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trapped page-table writes and hypercalls, counted by Xen itself.
 *
 * Xen's trace buffers receive a record for every write to a page table that
 * it emulates, for every hypercall and for every call inside a multicall. This
 * enables these events, reads the buffers and counts, for all PV guests of the
 * host together: the records do not name the guest. It needs root in the
 * control domain and a Xen built with trace buffers. A host has one set of
 * buffers, so there can be one user at a time.
 *
 *	struct xentrace *t = xentrace_start(0);
 *
 *	if (!xentrace_ok(t))
 *		error("%s", xentrace_error(t));
 *	xentrace_reset(t);
 *	...
 *	xentrace_read(t, &counts);	(often enough: buffers are finite)
 *	xentrace_stop(t);
 */
#ifndef __XENTRACE_H
#define __XENTRACE_H

#include <stdbool.h>
#include <linux/types.h>

struct xentrace;

enum xentrace_status {
	XENTRACE_OK,
	XENTRACE_NO_XEN,	/* not running on Xen */
	XENTRACE_DENIED,	/* not root, or not the control domain */
	XENTRACE_UNSUPPORTED,	/* a Xen without trace buffers */
	XENTRACE_BUSY,		/* another program uses them */
	XENTRACE_FAILED,	/* anything else */
};

/* since the last xentrace_reset() */
struct xentrace_counts {
	__u64 ptwr;		/* writes to page tables that were emulated */
	__u64 hypercalls;	/* hypercalls, a multicall being one */
	__u64 subcalls;	/* calls inside multicalls */
	__u64 mmu_update;	/* mmu_update, alone or in a multicall */
	__u64 faults;		/* page faults passed on to a guest */
	__u64 records;		/* records read */
	__u64 lost;		/* records Xen had no room for */
};

/* one record of any kind, see xen/trace.h */
struct xentrace_record {
	unsigned int cpu;	/* physical CPU */
	__u32 event;
	__u64 tsc;		/* 0 if it has none */
	const __u32 *extra;
	unsigned int nr;	/* words in extra */
};

typedef void (*xentrace_record_fn)(const struct xentrace_record *r, void *arg);

/* one emulated write */
struct xentrace_ptwr {
	__u64 pte;		/* value written */
	__u64 addr;		/* address of the entry */
	__u64 rip;		/* instruction that wrote it */
};

/*
 * Start tracing. @pages: size of each CPU's buffer, 0 for the default. Xen
 * keeps the first size it was ever given until it reboots. Never returns NULL:
 * ask xentrace_ok(), and stop it in any case.
 */
struct xentrace *xentrace_start(unsigned int pages);
bool xentrace_ok(const struct xentrace *t);
const char *xentrace_error(const struct xentrace *t);
enum xentrace_status xentrace_status(const struct xentrace *t);

/*
 * Start in two steps. In between nothing has been changed, and the caller may
 * ask whether tracing is on already: 1 if it is, 0, or -1 with an error. If it
 * is, the program that switched it on was killed, or Xen was told so at boot.
 * @events: more subclasses to be traced, for xentrace_on_record().
 */
struct xentrace *xentrace_open(void);
int xentrace_is_on(struct xentrace *t);
int xentrace_begin(struct xentrace *t, unsigned int pages, __u32 events);

/* bytes of each CPU's buffer: a record has 12 to 40 */
__u64 xentrace_buffer_size(const struct xentrace *t);

/* event mask that was set before us, and is again after xentrace_stop() */
__u32 xentrace_found_mask(const struct xentrace *t);

/*
 * Becomes readable when a buffer is half full, -1 if there is no such thing.
 * Read what is in the buffers, then rearm.
 */
int xentrace_fd(const struct xentrace *t);
void xentrace_rearm(struct xentrace *t);

/* call @fn for every record that xentrace_read() finds */
void xentrace_on_record(struct xentrace *t, xentrace_record_fn fn, void *arg);

/* what an emulated write is about; false if @r is not one of a 64-bit guest */
bool xentrace_ptwr(const struct xentrace_record *r, struct xentrace_ptwr *w);

/* drop what is in the buffers and count from 0; 0, or -1 with an error */
int xentrace_reset(struct xentrace *t);

/*
 * Add what has come since the last call and give the sums; 0, or -1 with an
 * error. With counts->lost not zero, all others are lower bounds.
 */
int xentrace_read(struct xentrace *t, struct xentrace_counts *counts);

/*
 * One of Xen's performance counters, all CPUs together and since Xen was booted.
 * @name: what Xen's perfc_defn.h says it counts. 0; 1 if Xen has no such counter
 * or was built without CONFIG_PERF_COUNTERS; or -1 with an error. The first call
 * allocates memory.
 */
int xentrace_perfc(struct xentrace *t, const char *name, __u64 *sum);

/* stop tracing, put the event mask back, free everything */
void xentrace_stop(struct xentrace *t);

#endif /* __XENTRACE_H */
