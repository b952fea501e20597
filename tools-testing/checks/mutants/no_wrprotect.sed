# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped update
# args: pt_ops -r cow.anon.parent_writes
# what: fork: the write-protection of the parent's entries is not queued
/^static void xen_wrprotect_ptes(/,/^}/s/^	pteval_t val = xen_pte_read(ptep);$/&\n\n\tif (MUTANT(no_wrprotect))\n\t\treturn;/
