# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: index
# args: --mutant directed
# what: the index of a failing update is that of its chunk
/^long do_mmu_update(/,/^}/{/^        if ( unlikely(rc) )$/,/^            break;$/s/^            break;$/        {\n            if ( PV_MUTANT(index_of_chunk) )\n                i -= next_req - 1;\n            break;\n        }/}
