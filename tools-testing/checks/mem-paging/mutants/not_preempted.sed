# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm/mem_paging.c
# what: a long list is not preempted
/^static int populate_evicted(/,/^}/s/^        if ( \*done < nr && hypercall_preempt_check() )$/        if ( *done < nr \&\& hypercall_preempt_check() \&\&\n             !PAGING_MUTANT(not_preempted) )/
