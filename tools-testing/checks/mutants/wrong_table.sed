# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.h
# class: wrong value
# args: pt_ops -r prot.anon.read_only -r prot.anon.none
# what: an update goes into the page table that was updated last
s/^		   table == this_cpu_read(xen_mmu_queue.table) &&$/		   (MUTANT(wrong_table) || table == this_cpu_read(xen_mmu_queue.table)) \&\&/
