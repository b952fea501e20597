# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.h
# class: NMI
# job: faults
# kargs: log_buf_len=8M PT_FAULTS_FIRST=1
# what: an NMI issues the batch of whomever it has interrupted
/^static inline void xen_flush_queued(/,/^}/s/!in_nmi()/(MUTANT(nmi_issues) || !in_nmi())/
