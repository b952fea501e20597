# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: none entry
# args: pt_races -r aged.read
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=5000
# what: aging: an entry that may become dirty is none for a while
/^static noinline int xen_ptep_test_and_clear_young_slow(/,/^}/s/MMU_PT_UPDATE_PRESERVE_AD, val & ~_PAGE_RW))/MMU_PT_UPDATE_PRESERVE_AD, MUTANT(young_gap) ? 0 : val \& ~_PAGE_RW))/
