# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: the access of a hole is kept
/^static int populate_one(/,/^}/s/p2m_ram_paged, p2m->default_access);/p2m_ram_paged,\n                            PAGING_MUTANT(hole_access) ? a : p2m->default_access);/
