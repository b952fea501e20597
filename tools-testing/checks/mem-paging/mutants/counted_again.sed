# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: what is paged out is counted again
/^static int populate_one(/,/^}/{/^    case p2m_ram_paged:$/,/return 0;/s/^        return 0;$/        if ( PAGING_MUTANT(counted_again) )\n            atomic_inc(\&d->paged_pages);\n        return 0;/}
