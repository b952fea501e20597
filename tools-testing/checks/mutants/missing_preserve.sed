# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: missing preserve
# args: pt_races -r shared.dontneed
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=5000
# what: an entry is cleared without preserving what the processor sets
s/^	if (unlikely(!xen_update_pte(ptep, val & _PAGE_PRESENT ?/	if (unlikely(!xen_update_pte(ptep, val \& _PAGE_PRESENT \&\& !MUTANT(missing_preserve) ?/
s/u->ptr = ptr | MMU_PT_UPDATE_PRESERVE_AD;/u->ptr = ptr | (MUTANT(missing_preserve) ? MMU_NORMAL_PT_UPDATE : MMU_PT_UPDATE_PRESERVE_AD);/
