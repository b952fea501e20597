# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: no resume
# job: faults
# kargs: log_buf_len=8M PT_FAULTS_FIRST=1
# what: a call that did not start counts as one whose first update was refused
/^static void xen_mc_resume_mmu_update(/,/^}/s/^		if (!done && call->count > 1)/		if (!MUTANT(first_skipped) \&\& !done \&\& call->count > 1)/
