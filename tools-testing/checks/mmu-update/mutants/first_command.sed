# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: run
# args: --mutant directed
# what: all updates of a run are of the kind of its first
/^static int noinline mod_l1_entries(/,/^}/s/^                            l1e_from_intpte(reqs\[i\].val), mfn, cmd, pt_vcpu,$/                            l1e_from_intpte(reqs[i].val), mfn,\n                            PV_MUTANT(first_command) ? reqs[0].ptr \& 7 : cmd, pt_vcpu,/
