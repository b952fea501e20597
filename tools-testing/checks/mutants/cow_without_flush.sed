# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped flush
# args: pt_races -r copy.seen
# vcpus: 2
# kargs: PT_RACES_MS=5000
# what: COW: the old translation is not flushed before the new page is mapped
s/if (pte_accessible(vma->vm_mm, old))/if (!MUTANT(cow_without_flush) \&\& pte_accessible(vma->vm_mm, old))/
