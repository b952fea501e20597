# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: one entry is left out where a chunk ends
/^static int populate_evicted(/,/^}/s/^        \*done += i;$/        *done += i + (PAGING_MUTANT(index_of_chunk) \&\& !ret \&\& *done + i < nr);/
