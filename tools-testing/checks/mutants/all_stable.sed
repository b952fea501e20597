# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: pre-read value
# args: pt_races -r shared.dontneed
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=5000
# what: an entry that may become dirty is treated like one that may not
/^static __always_inline bool xen_pte_unstable(/,/^}/s/return /return !MUTANT(all_stable) \&\& /
