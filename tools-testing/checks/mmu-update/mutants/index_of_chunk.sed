# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: index
# args: --mutant directed
# what: the index of a failing update is that of its chunk
/^long do_mmu_update(/,/^}/{
s/^    chunk.left = 0;$/&\n    chunk.next = 1;/
/^        if ( unlikely(rc) )$/,/^            break;$/s/^            break;$/        {\n            if ( PV_MUTANT(index_of_chunk) )\n                i -= chunk.next - 1;\n            break;\n        }/
}
