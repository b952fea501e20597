# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: the reference of the allocation is not dropped
/^static void release_frame(/,/^}/s/^    put_page_alloc_ref(page);$/    if ( !PAGING_MUTANT(frame_leaked) )\n        put_page_alloc_ref(page);/
