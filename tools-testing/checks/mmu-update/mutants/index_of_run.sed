# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: index
# args: --mutant directed
# what: the index of an update that fails in a run is that of the one before it
/^long do_mmu_update(/,/^}/s/^                        run += !!rc;$/                        run += rc \&\& !PV_MUTANT(index_of_run);/
