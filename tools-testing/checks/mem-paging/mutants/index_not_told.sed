# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: the caller is not told how far it got
/^int mem_paging_memop(/,/^}/s/^        if ( __copy_field_to_guest(arg, &mpo, gfn) )$/        if ( PAGING_MUTANT(index_not_told) ? 0 : __copy_field_to_guest(arg, \&mpo, gfn) )/
