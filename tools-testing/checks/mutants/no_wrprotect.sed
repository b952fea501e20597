# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/mm/pgtable.c
# class: dropped update
# args: pt_ops -r cow.anon.parent_writes
# what: fork: the write-protection of the parent's entries is not queued
/^void pv_wrprotect_ptes(/,/^}/s/^	bool may_get_dirty;$/&\n\n\tif (MUTANT(no_wrprotect))\n\t\treturn;/
