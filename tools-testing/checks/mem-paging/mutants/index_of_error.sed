# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: the index of an error is that of the entry behind it
/^static int populate_evicted(/,/^}/s/^        if ( ret )$/        if ( ret \&\& PAGING_MUTANT(index_of_error) )\n            ++*done;\n\n&/
