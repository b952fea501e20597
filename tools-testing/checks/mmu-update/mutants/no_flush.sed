# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: flush
# args: --mutant race
# what: the last reference to a writable page leaves no time stamp
/^static always_inline void put_writable_page_type(/,/^}/s/^            set_tlbflush_timestamp(page);$/        {\n            if ( !PV_MUTANT(no_flush) )\n                set_tlbflush_timestamp(page);\n        }/
