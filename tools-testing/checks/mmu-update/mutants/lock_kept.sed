# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: lock
# args: --mutant directed
# timeout: 180
# what: the lock of the table is not released when an update of a run fails: the next one spins
/^long do_mmu_update(/,/case MMU_MACHPHYS_UPDATE:/s/^                page_unlock(page);$/                if ( !rc || !PV_MUTANT(lock_kept) )\n                    page_unlock(page);/
