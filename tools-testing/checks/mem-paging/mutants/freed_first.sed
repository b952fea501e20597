# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: a frame is freed before the entry is set that refers to it
/^static int take_frame(/,/^}/s/^    ret = p2m_set_entry(p2m, gfn, INVALID_MFN, PAGE_ORDER_4K,$/    if ( PAGING_MUTANT(freed_first) )\n        put_page_alloc_ref(pg);\n&/
