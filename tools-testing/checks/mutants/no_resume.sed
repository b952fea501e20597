# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: no resume
# job: faults
# kargs: log_buf_len=8M PT_FAULTS_FIRST=1
# what: the updates behind one that Xen refused are not issued
/^static void xen_mc_resume_mmu_update(/,/^}/s/^		if (++pos == call->count)$/		if (++pos == call->count || MUTANT(no_resume))/
