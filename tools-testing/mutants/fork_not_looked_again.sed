# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# class: pre-read value
# tests: pt_races -r store.anon_swapcache.forked
# boot: --vcpus 2
# kargs: mc_inject_window=2000 PT_RACES_MS=20000
# what: fork: the entry is not looked at again once it is write-protected
s/if (!pte_dirty(pte) && any_pte_dirty(src_pte, nr))/if (!MUTANT(fork_not_looked_again) \&\& !pte_dirty(pte) \&\& any_pte_dirty(src_pte, nr))/
