# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: dropped update
# args: pt_ops -r prot.anon.read_only -r prot.anon.none
# what: a mmu_update call of more than 32 is issued without its last update
/^static void xen_mc_close_mmu_update(/,/^}/s/^	mc->args\[1\] = size \/ sizeof(\*q->next);/&\n\tif (MUTANT(last_update_lost) \&\& mc->args[1] > 32)\n\t\tmc->args[1]--;/
