# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped flush
# args: pt_races -r shared.dontneed
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=5000
# what: entries that may become dirty are cleared by a queued update
/^static noinline void xen_get_and_clear_pte_array_slow(/,/^}/s/^	if (!unstable)$/	if (!unstable || MUTANT(unstable_not_flushed))/
