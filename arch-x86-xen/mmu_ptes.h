/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page table entries of Xen PV guests: what mmu_pv.c and mmu_ptes.c share.
 */
#ifndef _XEN_MMU_PTES_H
#define _XEN_MMU_PTES_H

#include <linux/jump_label.h>
#include <linux/mm.h>

#include <asm/xen/page.h>
#include <xen/interface/xen.h>

#include "xen-ops.h"

DECLARE_STATIC_KEY_FALSE(xen_struct_pages_ready);

/*
 * Is the page table @ptep is in known to the hypervisor?  If not, it is plain
 * memory, and so are its entries.  During early boot all page tables are
 * pinned, but there are no struct pages to tell.
 *
 * With the page table lock held the answer may be newer than the state of the
 * table, which is safe: xen_pin_page() and xen_unpin_page() change the flag first,
 * and then wait for the lock.  A write to a table that is pinned is emulated, and a
 * hypercall for one that is not takes the hypervisor's path for writable pages.
 */
static __always_inline bool xen_pte_page_pinned(const pte_t *ptep)
{
	if (!static_branch_likely(&xen_struct_pages_ready))
		return true;

	return test_bit(PG_pinned, &virt_to_page(ptep)->flags);
}

/* Machine address of a page table entry, which the command bits go into. */
static __always_inline u64 xen_pte_maddr(const pte_t *ptep)
{
	return virt_to_machine(ptep).maddr;
}

/*
 * The same with interrupts off, for an update that is being queued.  The table
 * that was looked up last is forgotten when the batch is issued, that is, as
 * long as the lock is held that keeps it from being freed.
 */
static __always_inline u64 xen_queue_maddr(const pte_t *ptep)
{
	struct xen_mmu_queue *q = this_cpu_ptr(&xen_mmu_queue);
	unsigned long table = (unsigned long)ptep & PAGE_MASK;

	if (unlikely(q->table != table)) {
		q->maddr = xen_pte_maddr((const pte_t *)table);
		q->table = table;
	}

	return q->maddr + ((unsigned long)ptep & ~PAGE_MASK);
}

/*
 * Issue what is queued, for an operation that must not overtake it.  Not
 * xen_get_lazy_mode(), which does not tell if bottom halves are disabled.
 *
 * An NMI may have interrupted somebody who is putting a batch together or is in
 * the middle of issuing one, so that it leaves the queue alone.  Nothing is
 * overtaken: what an NMI changes (a fixmap slot of its own) nobody else does.
 */
static inline void xen_flush_queued(void)
{
	if (this_cpu_read(xen_lazy_mode) == XEN_LAZY_MMU && !in_nmi()) {
		preempt_disable();
		xen_mc_flush();
		preempt_enable();
	}
}

/* End what began with local_irq_save(): issue the batch, if not in lazy mode. */
static __always_inline void xen_queue_issue(unsigned long flags)
{
	if (unlikely(in_interrupt() ||
		     this_cpu_read(xen_lazy_mode) != XEN_LAZY_MMU))
		xen_mc_flush();

	local_irq_restore(flags);
}

/*
 * Add an update to the open mmu_update call, if it is for the page table that
 * was updated last.  There is such a call in lazy MMU mode only, and the table
 * is pinned.
 *
 * An interrupt may come in at any time, and issues the batch if it makes an
 * update itself.  It does not leave one behind that is not issued, so that the
 * queue is closed afterwards, and a comparison with @next, which is read first,
 * tells whether it was left alone.  If not, what is stored goes to a place that
 * is free again, and nobody looks at.
 *
 * Return: false if this is not possible, and nothing was done.
 */
static __always_inline bool xen_queue_pte_fast(pte_t *ptep, unsigned int cmd,
					       pteval_t val)
{
	unsigned long table = (unsigned long)ptep & PAGE_MASK;
	struct mmu_update *u;
	bool done = false;

	preempt_disable();
	u = this_cpu_read(xen_mmu_queue.next);
	if (likely(u < this_cpu_read(xen_mmu_queue.end) &&
		   table == this_cpu_read(xen_mmu_queue.table) &&
		   !in_interrupt())) {
		u->ptr = this_cpu_read(xen_mmu_queue.maddr) |
			 ((unsigned long)ptep & ~PAGE_MASK) | cmd;
		u->val = val;
		done = this_cpu_cmpxchg(xen_mmu_queue.next, u, u + 1) == u;
	}
	preempt_enable();

	return done;
}

void xen_queue_pte_slow(pte_t *ptep, unsigned int cmd, pteval_t val);

/*
 * Queue one update of a pinned page table: it is issued when lazy MMU mode is
 * left, or at once if it is not active.
 */
static __always_inline void xen_queue_pte(pte_t *ptep, unsigned int cmd,
					  pteval_t val)
{
	if (!xen_queue_pte_fast(ptep, cmd, val))
		xen_queue_pte_slow(ptep, cmd, val);
}

void __init xen_init_pte_ops(void);

/* For PV_CALLEE_SAVE_REGS_THUNK(), to avoid warnings about prototypes. */
pte_t xen_ptep_get_and_clear(pte_t *ptep);

#endif /* _XEN_MMU_PTES_H */
