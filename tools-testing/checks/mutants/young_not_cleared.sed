# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: wrong value
# args: pt_ops -r young.anon.clear_refs -r young.anon.cold
# what: aging: the accessed bit is not cleared
/test_and_clear_young/,/^}/s/& ~_PAGE_ACCESSED/\& ~(MUTANT(young_not_cleared) ? 0 : _PAGE_ACCESSED)/
