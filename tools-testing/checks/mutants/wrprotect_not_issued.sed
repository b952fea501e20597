# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/mm/pgtable.c
# class: pre-read value
# args: pt_races -r store.anon_swapcache.forked
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=20000
# what: fork: entries that may become dirty are write-protected by a queued update
/^void pv_wrprotect_ptes(/,/^}/s/if (unlikely(may_get_dirty))/if (unlikely(may_get_dirty \&\& !MUTANT(wrprotect_not_issued)))/
