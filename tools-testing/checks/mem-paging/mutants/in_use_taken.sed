# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: a frame that others use is taken out
/^static int take_frame(/,/^}/s/^         (2 | PGC_allocated) )$/         (2 | PGC_allocated) \&\& !PAGING_MUTANT(in_use_taken) )/
