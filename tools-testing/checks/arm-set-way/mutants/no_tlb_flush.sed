# SPDX-License-Identifier: GPL-2.0
# what: the TLBs are not flushed when valid bits are cleared
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: rounds
/^static void p2m_invalidate_entry/,/^}/s/p2m->need_flush = true/p2m->need_flush = false/
