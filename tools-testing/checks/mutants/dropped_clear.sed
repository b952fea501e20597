# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped update
# args: pt_ops -r zap.anon.dontneed -r zap.anon.munmap
# what: zap: the clear of an anonymous or special entry is not queued
/^void xen_clear_ptes(/,/^}/s/^{$/{\n\tif (MUTANT(dropped_clear))\n\t\treturn;\n/
