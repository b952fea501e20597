# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: run
# args: --mutant directed
# what: a run goes on whatever the table of the next update is
/^static int mod_l1_entries(/,/^}/s/^        if ( ++i == nr || (reqs\[i\].ptr ^ reqs\[0\].ptr) >> PAGE_SHIFT ||$/        if ( ++i == nr || (!PV_MUTANT(any_table) \&\&\n                           (reqs[i].ptr ^ reqs[0].ptr) >> PAGE_SHIFT) ||/
