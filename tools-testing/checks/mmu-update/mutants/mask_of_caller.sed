# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: owner
# args: --mutant directed
# what: flags are those that the caller may have, not the domain of the table
/^static always_inline uint32_t l1_bad_flags(/,/^}/s/^    return flags & l1_disallow_mask(d);$/    if ( PV_MUTANT(mask_of_caller) )\n        d = current->domain;\n\n&/
