# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: a gfn beyond the physical addresses is not refused
/^static int populate_one(/,/^}/s/^    if ( !gfn_valid(d, gfn) )$/    if ( !gfn_valid(d, gfn) \&\& !PAGING_MUTANT(any_gfn) )/
