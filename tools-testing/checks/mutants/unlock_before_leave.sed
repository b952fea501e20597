# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# class: wrong lock order
# args: pt_races -r crowd.memory.madvise
# vcpus: 2
# kargs: PT_RACES_MS=20000
# what: zap: the page table lock is dropped before the queue is issued
/^static unsigned long zap_pte_range(/,/^}/s/^	arch_leave_lazy_mmu_mode();$/	if (MUTANT(unlock_before_leave)) {\n\t\tspin_unlock(ptl);\n\t\tfor (int n = 0; n < 10000; n++)\n\t\t\tcpu_relax();\n\t\tarch_leave_lazy_mmu_mode();\n\t\tspin_lock(ptl);\n\t} else {\n\t\tarch_leave_lazy_mmu_mode();\n\t}/
