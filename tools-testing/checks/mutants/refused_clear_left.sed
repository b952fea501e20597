# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# class: dropped update
# job: faults
# kargs: log_buf_len=8M PT_FAULTS_FIRST=1
# what: an entry that Xen refused to clear exactly stays
/^static noinline void xen_get_and_clear_pte_array_slow(/,/^}/s/^		if (unlikely(left & ~XEN_PTE_AD))/		if (!MUTANT(refused_clear_left) \&\& left \& ~XEN_PTE_AD)/
