// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the page table entries of a Xen PV guest.
 *
 * A page table that is in use is mapped read-only, and a write to it traps
 * into the hypervisor, which decodes and emulates the instruction.  What is in
 * this file does the same by hypercall, queued where the caller allows it.
 *
 * There is no hypercall to exchange an entry, but there is one that comes to
 * the same.  MMU_PT_UPDATE_PRESERVE_AD keeps the accessed and dirty bits of an
 * entry, and the hypervisor sees to that with a loop around cmpxchg on the
 * entry (update_intpte(), called by mod_l1_entry() for present and non-present
 * new values alike).  So an update to 0 clears the entry at one point in time
 * and leaves behind the accessed and dirty bits it had at that point: they
 * can't change any more, as the entry is not present.  (Where an erratum makes
 * the processor set them regardless, a clean page is written once more.)  The
 * value before, together with these bits, is the value an xchg would have
 * returned.
 *
 * An entry with nothing but these bits is none for pte_none(), which has to
 * ignore them for the sake of a processor erratum (_PAGE_KNL_ERRATUM_MASK).
 *
 * When may an update be queued?
 *
 * Between an entry being read and its queued update being issued the processor
 * may set its accessed and dirty bits.  Others can't change it: the page table
 * lock is held, and lazy MMU mode is left before it is dropped.  The accessed
 * bit is a hint, one more or less does not matter.  The dirty bit is data, so
 * that a value that was read before the update may be used only
 *  - if its dirty bit is set already, or
 *  - if the entry is not writable: the processor does not set the dirty bit of
 *    such an entry.  That it may still have a writable translation in its TLB
 *    does not matter.  As long as that translation is not dirty, the processor
 *    looks at the entry in memory again before it writes to the page, and if
 *    it is, so is the entry (see try_to_unmap_one(), which relies on the same
 *    when it defers a TLB flush), or
 *  - if the caller has no use for it.
 * All other entries are "unstable", and cleared exactly.
 *
 * Who may read an entry while its update is queued?  In the same lazy section
 * only fork, which looks at what it has write-protected: at an entry that may
 * have become dirty, and of these nothing is queued, or at one which is as it
 * was but for the write-protection, that fork adds by itself.  All other callers
 * visit an entry once, or issue what is queued before.  Other CPUs need the page
 * table lock, apart from the lockless walkers (gup_fast and the processors),
 * which see the old entry, the same way as they could have seen it before.
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
static void xen_ptep_clear_flush_set(struct vm_area_struct *vma,
				     unsigned long addr, pte_t *ptep, pte_t pte)
{
	pte_t old;

	xen_flush_queued();

	old = native_make_pte(xen_pte_read(ptep));
	if (!xen_pte_page_pinned(ptep) ||
	    !xen_update_pte(ptep, MMU_NORMAL_PT_UPDATE, 0)) {
		native_ptep_clear_flush_set(vma, addr, ptep, pte);
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

	xen_queue_issue(flags);
}

/* Queue the same update for @nr entries. */
static __always_inline void xen_queue_ptes(pte_t *ptep, unsigned int nr,
					   unsigned int cmd,
					   pteval_t (*update)(pteval_t val))
{
	unsigned long flags;

	local_irq_save(flags);

	while (nr) {
		unsigned int n = nr;
		struct mmu_update *u = xen_mc_mmu_update(&n);
		u64 ptr = xen_queue_maddr(ptep) | cmd;

		for (nr -= n; n; n--, u++, ptep++, ptr += sizeof(*ptep)) {
			u->ptr = ptr;
			u->val = update(xen_pte_read(ptep));
		}
	}

	xen_queue_issue(flags);
}

static __always_inline pteval_t xen_pteval_clear(pteval_t val)
{
	return 0;
}

static __always_inline pteval_t xen_pteval_wrprotect(pteval_t val)
{
	return pte_val_ma(pte_wrprotect(native_make_pte(val)));
}

static noinline void xen_clear_ptes_slow(pte_t *ptep, unsigned int nr)
{
	if (!xen_pte_page_pinned(ptep)) {
		do {
			native_local_ptep_get_and_clear(ptep++);
		} while (--nr);
		return;
	}

	xen_queue_ptes(ptep, nr, MMU_NORMAL_PT_UPDATE, xen_pteval_clear);
}

/* Clear entries of which the caller does not want to know the old value. */
static void xen_clear_ptes(pte_t *ptep, unsigned int nr)
{
	if (likely(nr == 1 && xen_queue_pte_fast(ptep, MMU_NORMAL_PT_UPDATE, 0)))
		return;

	xen_clear_ptes_slow(ptep, nr);
}

static noinline void xen_wrprotect_ptes_slow(pte_t *ptep, unsigned int nr)
{
	bool unstable = false;
	unsigned int i;

	if (!xen_pte_page_pinned(ptep)) {
		native_wrprotect_ptes(ptep, nr);
		return;
	}

	for (i = 0; i < nr; i++)
		unstable |= xen_pte_unstable(xen_pte_read(ptep + i));

	xen_queue_ptes(ptep, nr, MMU_PT_UPDATE_PRESERVE_AD,
		       xen_pteval_wrprotect);

	if (unstable)
		xen_flush_queued();
}

/*
 * Write-protect entries.  Dirty bits that the processor sets until the update
 * is issued stay in the entries, but fork looks for them when this returns, so
 * it is not queued if there can be any.
 */
static void xen_wrprotect_ptes(pte_t *ptep, unsigned int nr)
{
	pteval_t val = xen_pte_read(ptep);

	if (likely(nr == 1 && !xen_pte_unstable(val) &&
		   xen_queue_pte_fast(ptep, MMU_PT_UPDATE_PRESERVE_AD,
				      xen_pteval_wrprotect(val))))
		return;

	xen_wrprotect_ptes_slow(ptep, nr);
}

/*
 * Clear the entries exactly that are unstable.  As long as there is none the
 * clears are queued, otherwise they all are issued at once, and the bits that
 * they left behind are added to the values.
 */
static void xen_get_and_clear_pte_array(pte_t *ptep, pte_t *ptes,
					unsigned int nr)
{
	bool unstable = false;
	unsigned int i = 0;
	unsigned long flags;

	if (!xen_pte_page_pinned(ptep)) {
		native_get_and_clear_pte_array(ptep, ptes, nr);
		return;
	}

	local_irq_save(flags);

	while (i < nr) {
		unsigned int n = nr - i;
		struct mmu_update *u = xen_mc_mmu_update(&n);
		u64 ptr = xen_queue_maddr(ptep + i);

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
	}

	if (unstable)
		xen_mc_flush();
	xen_queue_issue(flags);

	if (unstable) {
		for (i = 0; i < nr; i++)
			ptes[i].pte |= xen_pte_read(ptep + i) & XEN_PTE_AD;
	}
}

static noinline pte_t xen_get_and_clear_ptes_slow(pte_t *ptep, unsigned int nr)
{
	pte_t pte, ptes[16];
	unsigned int i, n;

	for (pte.pte = 0; nr; nr -= n, ptep += n) {
		n = min_t(unsigned int, nr, ARRAY_SIZE(ptes));
		xen_get_and_clear_pte_array(ptep, ptes, n);

		if (!pte.pte)
			pte = ptes[0];
		for (i = 0; i < n; i++)
			pte = pte_merge_young_dirty(pte, ptes[i]);
	}

	return pte;
}

/* The same, for a caller that wants all accessed and dirty bits in one value. */
static pte_t xen_get_and_clear_ptes(pte_t *ptep, unsigned int nr)
{
	pteval_t val = xen_pte_read(ptep);

	if (likely(nr == 1 && !xen_pte_unstable(val) &&
		   xen_queue_pte_fast(ptep, MMU_NORMAL_PT_UPDATE, 0)))
		return native_make_pte(val);

	return xen_get_and_clear_ptes_slow(ptep, nr);
}

/*
 * Clear the accessed bit.  PRESERVE_AD is of no use for that.  A plain update
 * would lose a dirty bit that is set in between, so that an unstable entry is
 * cleared exactly and then set again.  A page fault that runs into the gap waits
 * for the page table lock and then finds the entry changed; an access with page
 * faults disabled fails and is repeated with them enabled, as always.
 *
 * A special entry may map a page of another domain, which the hypervisor does
 * not map again by a plain update.  Nobody asks for the age of such a page.
 */
static noinline int xen_ptep_test_and_clear_young_slow(pte_t *ptep)
{
	pteval_t val = xen_pte_read(ptep);

	if (!xen_pte_page_pinned(ptep))
		return native_ptep_test_and_clear_young(ptep);

	if (!xen_pte_unstable(val)) {
		xen_queue_pte_slow(ptep, MMU_NORMAL_PT_UPDATE,
				   val & ~_PAGE_ACCESSED);
		return 1;
	}

	if (val & _PAGE_SPECIAL)
		return 0;

	val = pte_val_ma(xen_ptep_get_and_clear(ptep)) & ~_PAGE_ACCESSED;
	if (!xen_update_pte(ptep, MMU_NORMAL_PT_UPDATE, val))
		native_set_pte(ptep, native_make_pte(val));

	return 1;
}

static int xen_ptep_test_and_clear_young(pte_t *ptep)
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
static void xen_clear_young_dirty_ptes(pte_t *ptep, unsigned int nr,
				       unsigned int flags)
{
	pteval_t clear = 0;

	if (!xen_pte_page_pinned(ptep)) {
		native_clear_young_dirty_ptes(ptep, nr, flags);
		return;
	}

	if (!(flags & PV_CYDP_CLEAR_DIRTY)) {
		do {
			xen_ptep_test_and_clear_young(ptep++);
		} while (--nr);
		return;
	}

	clear = _PAGE_DIRTY_BITS;
	if (flags & PV_CYDP_CLEAR_YOUNG)
		clear |= _PAGE_ACCESSED;

	do {
		xen_queue_pte(ptep, MMU_NORMAL_PT_UPDATE,
			      xen_pte_read(ptep) & ~clear);
	} while (ptep++, --nr);
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
	pv_ops.mmu.ptep_clear_flush_set = xen_ptep_clear_flush_set;
	pv_ops.mmu.ptep_test_and_clear_young = xen_ptep_test_and_clear_young;
	pv_ops.mmu.get_and_clear_ptes = xen_get_and_clear_ptes;
	pv_ops.mmu.get_and_clear_pte_array = xen_get_and_clear_pte_array;
	pv_ops.mmu.clear_ptes = xen_clear_ptes;
	pv_ops.mmu.wrprotect_ptes = xen_wrprotect_ptes;
	pv_ops.mmu.clear_young_dirty_ptes = xen_clear_young_dirty_ptes;

	pr_info("Xen: batched page table updates: on\n");
}
