# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: owner
# args: --mutant directed
# what: flags are those that the caller may have, not the domain of the table
/^long do_mmu_update(/,/^}/s/^    l1_mask = l1_disallow_mask(pt_owner);$/    l1_mask = PV_MUTANT(mask_of_caller) ? l1_disallow_mask(d)\n                                        : l1_disallow_mask(pt_owner);/
