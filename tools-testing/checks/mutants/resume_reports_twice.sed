# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: no resume
# job: faults
# kargs: log_buf_len=8M PT_FAULTS_FIRST=1
# what: the refused update is issued again, with those behind it
/^static void xen_mc_resume_mmu_update(/,/^}/s/^		if (++pos == call->count\(.*\)$/		pos += !(MUTANT(resume_reports_twice) \&\& call->refused == 1);\n		if (pos == call->count\1/
