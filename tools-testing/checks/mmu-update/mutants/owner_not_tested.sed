# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: owner
# args: --mutant directed
# what: a change of protection looks at no owner of the page
/^static always_inline bool l1e_maps_own_ram(/,/^}/s/^           page_get_owner(l1e_get_page(l1e)) == pt_dom;$/           (PV_MUTANT(owner_not_tested) ||\n            page_get_owner(l1e_get_page(l1e)) == pt_dom);/
