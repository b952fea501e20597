# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped update
# args: pt_ops -r dirty_shared.memfd.munmap_single -r dirty_shared.memfd.dontneed
# what: clearing an entry returns its old value without the dirty bit
s/return native_make_pte(val);/return native_make_pte(MUTANT(lost_dirty) ? val \& ~(pteval_t)_PAGE_DIRTY : val);/
s/ptes\[i\] = native_make_pte(val);/ptes[i] = native_make_pte(MUTANT(lost_dirty) ? val \& ~(pteval_t)_PAGE_DIRTY : val);/
s/xen_pte_read(ptep + i) & XEN_PTE_AD;/xen_pte_read(ptep + i) \& (MUTANT(lost_dirty) ? _PAGE_ACCESSED : XEN_PTE_AD);/
