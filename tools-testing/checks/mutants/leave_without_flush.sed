# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_pv.c
# class: dropped flush
# args: pt_ops -r prot.anon.read_only -r prot.anon.none
# what: the queue is not issued when lazy MMU mode is left
/^static void xen_leave_lazy_mmu(/,/^}/s/^	xen_mc_flush();/	if (!MUTANT(leave_without_flush))\n\t\txen_mc_flush();/
