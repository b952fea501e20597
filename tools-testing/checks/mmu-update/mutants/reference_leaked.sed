# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: reference
# args: --mutant directed
# what: the reference to the table is kept behind a run
/^long do_mmu_update(/,/case MMU_MACHPHYS_UPDATE:/s/^            put_page(page);$/            if ( !PV_MUTANT(reference_leaked) )\n                put_page(page);/
