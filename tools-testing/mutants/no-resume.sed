# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# class: no resume
# with: tools-testing/faults/inject.sed
# job: faults
# what: the updates behind one that Xen refused are not issued
/^static void xen_mc_resume_mmu_update(/,/^}/s/^		if (!count)$/		if (true || !count)/
