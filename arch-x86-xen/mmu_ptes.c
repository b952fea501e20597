// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the page table entries of a Xen PV guest.
 *
 * The page tables of a PV guest are read-only to it.  A write to an entry traps
 * into the hypervisor, which decodes and emulates the instruction.  This file
 * changes entries by hypercalls instead, and queues them where it can.
 *
 * No hypercall exchanges an entry, but MMU_PT_UPDATE_PRESERVE_AD comes to the
 * same.  It keeps the accessed and dirty bits of the entry, by a loop around
 * cmpxchg (Xen: mod_l1_entry(), update_intpte()).  An update to 0 therefore
 * clears the entry at one point in time, and leaves the bits it had then.  They
 * stay as they are, as the entry is not present any more.  The value read before
 * the update plus these bits is what xchg would have returned.  (An erratum has
 * some processors set them in an entry that is not present: a clean page is then
 * written once more.)
 *
 * pte_none() ignores these two bits for the sake of that erratum
 * (_PAGE_KNL_ERRATUM_MASK), so that such an entry is none.
 *
 * When may an update be queued?
 *
 * Software does not change the entry between its being read and the update being
 * issued: the page table lock is held, and lazy MMU mode is left before the lock
 * is dropped.  The processor may set the accessed and dirty bits.  The accessed
 * bit is a hint; one more or less is harmless.  The dirty bit is data.  A value
 * that was read before the update may be used only if
 *  - its dirty bit is set already, or
 *  - the entry is not writable.  The processor does not set the dirty bit of such
 *    an entry.  A writable translation may remain in a TLB; it is harmless:
 *    before the first write through it the processor looks at the entry again,
 *    and if the page was written to before, the dirty bit is set.
 *    try_to_unmap_one() relies on the same when it defers a TLB flush.  Or
 *  - the caller has no use for it.
 * All other entries are "unstable", and cleared exactly.
 *
 * Who may read an entry while its update is queued?
 *
 * In the same lazy section only fork does.  It looks at what it has
 * write-protected.  An entry that may have become dirty is not queued; any other
 * is as it was but for the write-protection, which fork adds by itself.  All
 * other callers visit an entry once, or issue the queue before they come back.
 * Other CPUs need the page table lock.  Lockless walkers (gup_fast, processors)
 * see the old entry, as if they had come a little earlier.
 *
 * An NMI may interrupt all this at any point.  It does not touch the queue: see
 * xen_flush_queued().
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/printk.h>

#include <asm/paravirt.h>
#include <asm/tlbflush.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include <xen/features.h>

#include "mmu_ptes.h"
#include "xen-ops.h"

#define XEN_PTE_AD	(_PAGE_ACCESSED | _PAGE_DIRTY)

/* Can the processor still set the dirty bit of this entry? */
static __always_inline bool xen_pte_unstable(pteval_t val)
{
	return (val & (_PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY)) ==
	       (_PAGE_PRESENT | _PAGE_RW);
}

static __always_inline pteval_t xen_pte_read(const pte_t *ptep)
{
	return READ_ONCE(ptep->pte);
}

/* Issue one update now.  Should the hypervisor refuse, it is not done. */
static bool xen_update_pte(pte_t *ptep, unsigned int cmd, pteval_t val)
{
	struct mmu_update u = {
		.ptr = xen_pte_maddr(ptep) | cmd,
		.val = val,
	};
	int ret = HYPERVISOR_mmu_update(&u, 1, NULL, DOMID_SELF);

	if (WARN_ON_ONCE(ret))
		pr_err_ratelimited("mmu_update failed: ptr=%llx val=%llx result=%d\n",
				   u.ptr, u.val, ret);

	return !ret;
}

/**
 * xen_ptep_get_and_clear - Clear an entry and return its old value.
 * @ptep: The entry.
 *
 * Immediate and exact: what is queued is issued first, and all bits are those
 * that the entry had when it was cleared.
 *
 * Context: Any in which nobody else changes the entry, that is, for user
 * mappings, with the page table lock held.
 * Return: The old value.
 */
__visible pte_t xen_ptep_get_and_clear(pte_t *ptep)
{
	pteval_t val;

	if (!xen_pte_page_pinned(ptep))
		return native_ptep_get_and_clear(ptep);

	xen_flush_queued();

	val = xen_pte_read(ptep);
	if (unlikely(!xen_update_pte(ptep, val & _PAGE_PRESENT ?
				     MMU_PT_UPDATE_PRESERVE_AD :
				     MMU_NORMAL_PT_UPDATE, 0)))
		return native_ptep_get_and_clear(ptep);

	if (val & _PAGE_PRESENT)
		val |= xen_pte_read(ptep) & XEN_PTE_AD;

	return native_make_pte(val);
}

PV_GET_AND_CLEAR_THUNK(xen_ptep_get_and_clear);

/*
 * Replace an entry by way of a flushed none entry, for a caller that does not
 * want its old value.
 *
 * The clear must not be queued: flush_tlb_page() looks which CPUs use the mm,
 * and a CPU that begins to after that must not find the old entry any more.
 * The flush and the set can share a multicall, the hypervisor does not return
 * from the former before all CPUs have flushed.
 *
 * flush_tlb_page() would invalidate secondary TLBs at once, but there are none:
 * a PV guest can't share its page tables with a device or with a guest.
 */
void xen_ptep_clear_flush_set(struct vm_area_struct *vma, unsigned long addr,
			      pte_t *ptep, pte_t pte)
{
	pte_t old;

	xen_flush_queued();

	old = native_make_pte(xen_pte_read(ptep));
	if (!xen_pte_page_pinned(ptep) ||
	    !xen_update_pte(ptep, MMU_NORMAL_PT_UPDATE, 0)) {
		old = native_ptep_get_and_clear(ptep);
		if (pte_accessible(vma->vm_mm, old))
			flush_tlb_page(vma, addr);
		native_set_pte(ptep, pte);
		return;
	}

	arch_enter_lazy_mmu_mode();
	if (pte_accessible(vma->vm_mm, old))
		flush_tlb_page(vma, addr);
	xen_queue_pte(ptep, MMU_NORMAL_PT_UPDATE, pte_val_ma(pte));
	arch_leave_lazy_mmu_mode();
}

void xen_queue_pte_slow(pte_t *ptep, unsigned int cmd, pteval_t val)
{
	unsigned int nr = 1;
	struct mmu_update *u;
	unsigned long flags;

	local_irq_save(flags);

	u = xen_mc_mmu_update(&nr);
	u->ptr = xen_queue_maddr(ptep) | cmd;
	u->val = val;
	xen_mc_mmu_update_filled(u + 1);

	xen_queue_issue(flags);
}

static noinline void xen_clear_ptes_slow(pte_t *ptep, unsigned int nr)
{
	if (!xen_pte_page_pinned(ptep)) {
		do {
			native_local_ptep_get_and_clear(ptep++);
		} while (--nr);
		return;
	}

	/* Interrupts are on in between as often as a batch is full. */
	while (nr) {
		unsigned int n = nr;
		struct mmu_update *u;
		unsigned long flags;
		u64 ptr;

		local_irq_save(flags);

		u = xen_mc_mmu_update(&n);
		ptr = xen_queue_maddr(ptep) | MMU_NORMAL_PT_UPDATE;
		for (nr -= n, ptep += n; n; n--, u++, ptr += sizeof(*ptep)) {
			u->ptr = ptr;
			u->val = 0;
		}
		xen_mc_mmu_update_filled(u);

		xen_queue_issue(flags);
	}
}

/* Clear entries of which the caller does not want to know the old value. */
void xen_clear_ptes(pte_t *ptep, unsigned int nr)
{
	if (likely(nr == 1 && xen_queue_pte_fast(ptep, MMU_NORMAL_PT_UPDATE, 0)))
		return;

	xen_clear_ptes_slow(ptep, nr);
}

/*
 * Clear @nr entries and store their old values in @ptes.  Without an unstable one
 * among them the clears are queued, otherwise they are issued at once, and the
 * bits that they left behind are added to the values.
 *
 * If the hypervisor refuses one of those, the entry is still there.  It is cleared
 * by the instruction then, as in xen_ptep_get_and_clear().
 */
static noinline void xen_get_and_clear_pte_array_slow(pte_t *ptep, pte_t *ptes,
						      unsigned int nr)
{
	bool unstable = false;
	unsigned int i = 0;

	if (!xen_pte_page_pinned(ptep)) {
		do {
			*ptes++ = native_ptep_get_and_clear(ptep++);
		} while (--nr);
		return;
	}

	while (i < nr) {
		unsigned int n = nr - i;
		struct mmu_update *u;
		unsigned long flags;
		u64 ptr;

		local_irq_save(flags);

		u = xen_mc_mmu_update(&n);
		ptr = xen_queue_maddr(ptep + i);
		for (; n; n--, u++, i++, ptr += sizeof(*ptep)) {
			pteval_t val = xen_pte_read(ptep + i);

			ptes[i] = native_make_pte(val);
			u->ptr = ptr | MMU_NORMAL_PT_UPDATE;
			u->val = 0;
			if (xen_pte_unstable(val)) {
				u->ptr = ptr | MMU_PT_UPDATE_PRESERVE_AD;
				unstable = true;
			}
		}
		xen_mc_mmu_update_filled(u);

		xen_queue_issue(flags);
	}

	if (!unstable)
		return;

	xen_flush_queued();
	for (i = 0; i < nr; i++) {
		pteval_t left = xen_pte_read(ptep + i);

		if (unlikely(left & ~XEN_PTE_AD))
			ptes[i] = native_ptep_get_and_clear(ptep + i);
		else
			ptes[i].pte |= left;
	}
}

static void xen_get_and_clear_pte_array(pte_t *ptep, pte_t *ptes,
					unsigned int nr)
{
	pteval_t val = xen_pte_read(ptep);

	if (likely(nr == 1 && !xen_pte_unstable(val) &&
		   xen_queue_pte_fast(ptep, MMU_NORMAL_PT_UPDATE, 0)))
		*ptes = native_make_pte(val);
	else
		xen_get_and_clear_pte_array_slow(ptep, ptes, nr);
}

/*
 * ptep_modify_prot_commit() for a range: dirty bits that the processor sets until
 * the updates are issued stay in the entries.
 */
static void xen_modify_prot_commit_ptes(pte_t *ptep, const pte_t *ptes,
					unsigned int nr)
{
	bool pinned = xen_pte_page_pinned(ptep);

	for (; nr; nr--, ptep++, ptes++) {
		if (pinned)
			xen_queue_pte(ptep, MMU_PT_UPDATE_PRESERVE_AD,
				      pte_val_ma(*ptes));
		else
			native_set_pte(ptep, *ptes);
	}
}

/* By the instruction, which the hypervisor emulates if the table is pinned. */
static int xen_plain_test_and_clear_young(pte_t *ptep)
{
	return test_and_clear_bit(_PAGE_BIT_ACCESSED,
				  (unsigned long *)&ptep->pte);
}

/*
 * Clear the accessed bit.  PRESERVE_AD keeps it, and a plain update loses a dirty
 * bit that is set in between.  An unstable entry is therefore write-protected
 * first, with PRESERVE_AD: after that its dirty bit is final.  Then it is set
 * again, writable and without the accessed bit.
 *
 * The entry is present all the time.  A write to the page in between faults, waits
 * for the page table lock, finds that the entry has changed, and is repeated.  With
 * page faults disabled it fails, as at any entry that is write-protected for a
 * while.  A read succeeds.
 *
 * A special entry may map a page of another domain.  The hypervisor refuses to
 * change its protection by an update that does not name that domain.  Nobody asks
 * for the age of such a page.
 */
static noinline int xen_ptep_test_and_clear_young_slow(pte_t *ptep)
{
	pteval_t val = xen_pte_read(ptep);

	if (!xen_pte_page_pinned(ptep))
		return xen_plain_test_and_clear_young(ptep);

	if (!xen_pte_unstable(val)) {
		xen_queue_pte_slow(ptep, MMU_NORMAL_PT_UPDATE,
				   val & ~_PAGE_ACCESSED);
		return 1;
	}

	if (val & _PAGE_SPECIAL)
		return 0;

	xen_flush_queued();
	if (!xen_update_pte(ptep, MMU_PT_UPDATE_PRESERVE_AD, val & ~_PAGE_RW))
		return xen_plain_test_and_clear_young(ptep);

	val |= xen_pte_read(ptep) & _PAGE_DIRTY;
	val &= ~_PAGE_ACCESSED;
	if (!xen_update_pte(ptep, MMU_NORMAL_PT_UPDATE, val))
		native_set_pte(ptep, native_make_pte(val));

	return 1;
}

int xen_ptep_test_and_clear_young(pte_t *ptep)
{
	pteval_t val = xen_pte_read(ptep);

	if (!(val & _PAGE_ACCESSED))
		return 0;

	if (likely(!xen_pte_unstable(val) &&
		   xen_queue_pte_fast(ptep, MMU_NORMAL_PT_UPDATE,
				      val & ~_PAGE_ACCESSED)))
		return 1;

	return xen_ptep_test_and_clear_young_slow(ptep);
}

/*
 * Clear the accessed and/or dirty bits of present entries.
 *
 * Clearing the dirty bit is what MADV_FREE does: it declares all data written
 * so far as disposable.  A write that sets the bit after it was read and before
 * the update is issued races with madvise(), and counts as one before it.  For
 * a write after madvise() the bit is set again, as the TLB is flushed before it
 * returns.  So a plain update will do.
 */
void xen_clear_young_dirty_ptes(pte_t *ptep, unsigned int nr, cydp_t flags)
{
	bool pinned = xen_pte_page_pinned(ptep);
	pteval_t clear;

	if (!(flags & CYDP_CLEAR_DIRTY)) {
		do {
			xen_ptep_test_and_clear_young(ptep++);
		} while (--nr);
		return;
	}

	clear = _PAGE_DIRTY_BITS;
	if (flags & CYDP_CLEAR_YOUNG)
		clear |= _PAGE_ACCESSED;

	for (; nr; nr--, ptep++) {
		pteval_t val = xen_pte_read(ptep) & ~clear;

		if (pinned)
			xen_queue_pte(ptep, MMU_NORMAL_PT_UPDATE, val);
		else
			native_set_pte(ptep, native_make_pte(val));
	}
}

static bool xen_pt_batch __initdata = true;

static int __init xen_parse_pt_batch(char *arg)
{
	return kstrtobool(arg, &xen_pt_batch);
}
early_param("xen_pt_batch", xen_parse_pt_batch);

/*
 * Called before alternatives are applied.  Without these operations the native
 * ones stay in place, which are correct, since the hypervisor emulates them.
 */
void __init xen_init_pte_ops(void)
{
	if (!xen_feature(XENFEAT_mmu_pt_update_preserve_ad)) {
		pr_info("Xen: batched page table updates: off, not supported by the hypervisor\n");
		return;
	}

	if (!xen_pt_batch) {
		pr_info("Xen: batched page table updates: off, by command line\n");
		return;
	}

	pv_ops.mmu.ptep_get_and_clear = PV_CALLEE_SAVE(xen_ptep_get_and_clear);
	pv_ops.mmu.modify_prot_commit_ptes = xen_modify_prot_commit_ptes;
	pv_ops.mmu.get_and_clear_pte_array = xen_get_and_clear_pte_array;
	static_branch_enable(&pv_pgtable_key);

	pr_info("Xen: batched page table updates: on\n");
}
