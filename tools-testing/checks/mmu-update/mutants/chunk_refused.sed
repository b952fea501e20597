# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: index
# args: --mutant directed
# what: a chunk that cannot be read whole is refused whole
/^long do_mmu_update(/,/^}/s/^        else if ( unlikely(__copy_from_guest_offset(&req, ureqs, i, 1)) )$/        else if ( (PV_MUTANT(chunk_refused) \&\& i + 1 < count) ||\n                  unlikely(__copy_from_guest_offset(\&req, ureqs, i, 1)) )/
