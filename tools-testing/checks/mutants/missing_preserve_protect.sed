# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_pv.c
# class: missing preserve
# args: pt_races -r store.anon_swapcache.protected
# vcpus: 2
# kargs: mc_inject_window=500 PT_RACES_MS=60000
# what: mprotect: the new protection is set without preserving dirty bits
/^static void xen_ptep_modify_prot_commit(/,/^}/s/MMU_PT_UPDATE_PRESERVE_AD/(MUTANT(missing_preserve_protect) ? MMU_NORMAL_PT_UPDATE : MMU_PT_UPDATE_PRESERVE_AD)/
