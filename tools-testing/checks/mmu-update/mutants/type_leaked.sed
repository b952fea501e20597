# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: reference
# args: --mutant directed
# what: an entry that becomes read-only keeps its reference to the type
/^static always_inline int __mod_l1_entry(/,/^}/s/^                put_writable_page_type(l1e_get_page(ol1e));$/            {\n                if ( is_hardware_domain(pt_dom) || !PV_MUTANT(type_leaked) )\n                    put_writable_page_type(l1e_get_page(ol1e));\n            }/
