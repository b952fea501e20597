# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: pre-read value
# args: pt_races -r shared.dontneed
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=5000
# what: the bits that a clear leaves behind are not added to the old value
s/^		val |= xen_pte_read(ptep) & XEN_PTE_AD;/		val |= MUTANT(leftover_not_read) ? 0 : xen_pte_read(ptep) \& XEN_PTE_AD;/
s/^			ptes\[i\]\.pte |= /			ptes[i].pte |= MUTANT(leftover_not_read) ? 0 : /
