# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: no resume
# job: faults
# kargs: log_buf_len=8M
# what: the refused update is issued again, with those behind it
/^static void xen_mc_resume_mmu_update(/,/^}/s/^		req += done + 1;$/		if (MUTANT(resume_reports_twice) \&\& call->done == done \&\& count == call->count \&\& done) {\n\t\t\treq += done;\n\t\t\tcount -= done;\n\t\t\tdone = 0;\n\t\t\tret = HYPERVISOR_mmu_update(req, count, \&done, DOMID_SELF);\n\t\t\tcontinue;\n\t\t}\n&/
