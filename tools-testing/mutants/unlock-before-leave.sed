# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# class: wrong lock order
# tests: pt_races -f crowd -v memory
# boot: --vcpus 2 --kargs PT_RACES_MS=5000
# what: zap: the page table lock is dropped before the queue is issued
/^static unsigned long zap_pte_range(/,/^}/{
	s/^	arch_leave_lazy_mmu_mode();$/	spin_unlock(ptl);\n	for (int i = 0; i < 1000; i++)\n		cpu_relax();\n	arch_leave_lazy_mmu_mode();\n	spin_lock(ptl);/
}
