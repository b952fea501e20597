# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: owner
# args: --mutant directed
# what: the drop of an entry for an I/O page drops references that it does not have
/^static always_inline void put_l1e_page(/,/^}/s/^        if ( pg_owner == dom_io )$/        if ( pg_owner == dom_io \&\& !PV_MUTANT(io_counted) )/
