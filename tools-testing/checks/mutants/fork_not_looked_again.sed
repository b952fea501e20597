# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# class: pre-read value
# args: pt_races -r store.anon_swapcache.forked
# vcpus: 2
# kargs: mc_inject_window=2000 PT_RACES_MS=20000
# what: fork: the entry is not looked at again once it is write-protected
/^\t\twrprotect_ptes(src_mm, addr, src_pte, nr);$/,/^\t\t\/\* The write-protection/ {
	s/^\t\tpte = ptep_get(src_pte);$/\t\tif (!MUTANT(fork_not_looked_again))\n\t\t\tpte = ptep_get(src_pte);/
	s/if (nr > 1 \&\& !pte_dirty/if (!MUTANT(fork_not_looked_again) \&\& nr > 1 \&\& !pte_dirty/
}
