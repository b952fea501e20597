# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: run
# args: --mutant directed
# what: a run goes on whatever the table of the next update is
/^static int noinline mod_l1_entries(/,/^}/s/^        if ( reqs\[i\].ptr >> PAGE_SHIFT != mfn_x(mfn) ||$/        if ( (!PV_MUTANT(any_table) \&\&\n              reqs[i].ptr >> PAGE_SHIFT != mfn_x(mfn)) ||/
