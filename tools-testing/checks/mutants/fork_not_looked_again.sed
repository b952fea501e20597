# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# class: pre-read value
# args: pt_races -r store.anon_swapcache.forked
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=20000
# what: fork: the entry is not looked at again once it is write-protected
/^static __always_inline void __copy_present_ptes(/,/^}/s/if (unlikely(!pte_dirty(pte)))/if (!MUTANT(fork_not_looked_again) \&\& !pte_dirty(pte))/
