# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: index
# args: --mutant directed
# what: a chunk that cannot be read whole is refused whole
/^long do_mmu_update(/,/^}/s/^                if ( unlikely(__copy_from_guest_offset(reqs, ureqs, i, 1)) )$/                if ( PV_MUTANT(chunk_refused) ||\n                     unlikely(__copy_from_guest_offset(reqs, ureqs, i, 1)) )/
