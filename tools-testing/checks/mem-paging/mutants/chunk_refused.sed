# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: a chunk that cannot be read whole is refused whole
/^static int populate_evicted(/,/^}/s/^             (n = 1, copy_from_guest_offset/             (n = 1, PAGING_MUTANT(chunk_refused) || copy_from_guest_offset/
