# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_pv.c
# class: dropped flush
# args: pt_races -r zap.dontneed -r zap.munmap
# vcpus: 4
# kargs: PT_RACES_MS=5000
# what: the TLBs of the other CPUs are not flushed
/^static void xen_flush_tlb_multi(/,/^}/s/if (cpumask_empty(cpus))/if (MUTANT(tlb_flush_dropped) || cpumask_empty(cpus))/
