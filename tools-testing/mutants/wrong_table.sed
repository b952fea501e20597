# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.h
# class: wrong value
# tests: pt_ops -f prot -v anon
# what: an update goes into the page table that was updated last
s/^		   table == this_cpu_read(xen_mmu_queue.table) &&$/		   (MUTANT(wrong_table) || table == this_cpu_read(xen_mmu_queue.table)) \&\&/
