// SPDX-License-Identifier: GPL-2.0
/* What two processors do at once; wants two of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "world.h"

#define BATCH	2000u

static atomic_bool stop;

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die(EXIT_CANNOT, "the races want two processors: %m");
}

static void start(pthread_t *thread, void *(*fn)(void *))
{
	atomic_store(&stop, false);
	if (pthread_create(thread, NULL, fn, NULL))
		die(EXIT_CANNOT, "no thread: %m");
}

static void join(pthread_t thread)
{
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

/* updates of both tables of theirs; a seed makes them differ from call to call */
static void fill(struct mmu_update *u, unsigned int table, unsigned int seed)
{
	unsigned int i, x;

	for (i = 0; i < BATCH; i++) {
		x = (i + seed) * 2654435761u >> 16;
		u[i].ptr = at(table, i * 7 + seed);
		u[i].val = x % 4 ? entry(D0 + x % 6, P | US | (x & 64 ? RW : 0)) : 0;
	}
}

/* ---- the table is unpinned, and pinned again, while it is updated */

static unsigned long unpinned;

static void *unpins(void *unused)
{
	on_cpu(1);
	while (!atomic_load(&stop)) {
		if (!unpin(T0))
			unpinned++;
		/* not while Xen writes it as data */
		while (pin(T0) && !atomic_load(&stop))
			;
	}
	return unused;
}

static void race_unpin(unsigned long rounds)
{
	struct mmu_update *u = update_buffer(BATCH);
	const char *why = NULL;
	unsigned long i, refused = 0;
	unsigned int done;
	pthread_t thread;
	int rc;

	fresh();
	unpinned = 0;
	start(&thread, unpins);
	for (i = 0; i < rounds && !why; i++) {
		fill(u, T0, i);
		rc = mmu_update(u, BATCH, THEIRS, &done);
		/* it may be found while it is neither a table nor not one */
		if (rc == -EINVAL && done < BATCH)
			refused++;
		else if (rc || done != BATCH)
			why = text("returns %d, did %u", rc, done);
	}
	join(thread);
	if (!why && !unpinned)
		why = "it was never unpinned";
	if (!why)
		why = check_counts();
	report("race: the table is unpinned", why, "%lu calls", rounds);
	printf("mmu-update: unpinned %lu times, %lu of %lu calls ended early\n",
	       unpinned, refused, rounds);
	fresh();
}

/* ---- two processors update the same table */

static void *updates(void *unused)
{
	struct mmu_update *u = update_buffer(BATCH);
	unsigned int seed = 1 << 20;

	on_cpu(1);
	while (!atomic_load(&stop)) {
		fill(u, T0, seed++);
		hypercall(__HYPERVISOR_mmu_update, (uintptr_t)u, BATCH, 0, THEIRS);
	}
	return unused;
}

static void race_updates(unsigned long rounds)
{
	struct mmu_update *u = update_buffer(BATCH);
	const char *why = NULL;
	unsigned int done;
	pthread_t thread;
	unsigned long i;
	int rc;

	fresh();
	start(&thread, updates);
	for (i = 0; i < rounds && !why; i++) {
		fill(u, T0, i);
		rc = mmu_update(u, BATCH, THEIRS, &done);
		if (rc || done != BATCH)
			why = text("returns %d, did %u", rc, done);
	}
	join(thread);
	report("race: two update one table", why ? why : check_counts(),
	       "%lu calls", rounds);
	fresh();
}

/*
 * ---- a page becomes a page table while another processor still has a writable
 * translation of it: Xen has to flush that, on the strength of the time stamp that
 * the drop of the last reference has left
 */

static volatile uint64_t *live;
static atomic_uint ask, answer;
static sigjmp_buf fault;
static unsigned long faults;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(fault, 1);
}

/* writes to the page, in steps of two: never a present entry, until it faults */
static void *writes(void *unused)
{
	/* a jump out of the handler of the fault has to find it as it was */
	static volatile unsigned int round;

	round = 0;
	on_cpu(1);
	for (;;) {
		while (atomic_load(&ask) == round)
			if (atomic_load(&stop))
				return unused;
		round = atomic_load(&ask);
		if (!sigsetjmp(fault, 1)) {
			*live += 2;
			answer = round;
			while (!atomic_load(&stop) && atomic_load(&ask) == round)
				*live += 2;
		} else {
			faults++;
			answer = ~round;
		}
	}
}

/*
 * The machine address of the live entry, by a walk from the other CPU's CR3, and
 * its value.
 */
static uint64_t find_entry(const volatile void *addr, xen_pfn_t want,
			   uint64_t *value)
{
	vcpu_guest_context_any_t context;
	const uint64_t *p;
	uint64_t ptr = 0, e = 0;
	unsigned int shift;
	xen_pfn_t mfn;

	if (xc_vcpu_getcontext(w.xch, 0, 1, &context))
		die(EXIT_CANNOT, "the registers of the other processor: %m");
	mfn = context.x64.ctrlreg[3] >> 12;
	for (shift = 39; shift >= 12; shift -= 9) {
		p = xenforeignmemory_map(w.fmem, DOMID_SELF, PROT_READ, 1, &mfn, NULL);
		if (!p)
			die(EXIT_CANNOT, "a page table cannot be mapped: %m");
		ptr = (uint64_t)mfn << 12 | ((uintptr_t)addr >> shift & 511) * 8;
		e = p[ptr / 8 % 512];
		unmap_page(p);
		if (!(e & P))
			return 0;
		mfn = (e & FRAME_MASK) >> 12;
	}
	*value = e;
	return mfn == want ? ptr : 0;
}

static void race_flush(unsigned long rounds)
{
	const struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct mmu_update *u = update_buffer(1);
	unsigned long i, j, written = 0;
	unsigned int done;
	const char *why = NULL;
	uint64_t ptr = 0, value = 0, before;
	pthread_t thread;

	fresh();
	live = map_page(P0, PROT_READ | PROT_WRITE);
	if (!live)
		die(EXIT_CANNOT, "mapping a page: %m");
	*live = 0;
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	start(&thread, writes);
	for (i = 1; i <= rounds && !why; i++) {
		atomic_store(&ask, i);
		while (atomic_load(&answer) != i && atomic_load(&answer) != ~(unsigned int)i)
			;
		for (j = 0; !ptr && j < 1000; j++)
			ptr = find_entry(live, w.mfn[P0], &value);
		if (!ptr)
			die(EXIT_CANNOT, "the entry of a mapping of ours is not found");
		u->ptr = ptr;
		u->val = 0;
		if (mmu_update(u, 1, OURS, &done))
			why = "the entry cannot be cleared";
		else if (mmuext(MMUEXT_PIN_L1_TABLE, w.mfn[P0], DOMID_SELF))
			why = "the page cannot be pinned";
		else {
			before = w.page[P0][0];
			for (j = 0; j < 20000 && w.page[P0][0] == before; j++)
				;
			written += w.page[P0][0] != before;
			mmuext(MMUEXT_UNPIN_TABLE, w.mfn[P0], DOMID_SELF);
		}
		/* let it fault, then give the page back */
		for (j = 0; !why && atomic_load(&answer) != ~(unsigned int)i; j++)
			;
		u->val = value;
		if (mmu_update(u, 1, OURS, &done) && !why)
			why = "the entry cannot be set again";
	}
	join(thread);
	unmap_page(live);
	if (!why && written)
		why = text("in %lu of %lu rounds a page table was written through an old translation",
			   written, rounds);
	if (!why && !faults)
		why = "no write has ever faulted";
	report("race: a page becomes a table", why, "%lu rounds", rounds);
	fresh();
}

void run_race(unsigned long rounds)
{
	on_cpu(0);
	race_updates(rounds);
	race_unpin(rounds);
	race_flush(rounds);
}
