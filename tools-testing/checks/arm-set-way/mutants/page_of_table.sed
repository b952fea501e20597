# SPDX-License-Identifier: GPL-2.0
# what: pages of a third-level table are flushed one off
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: rounds
/^static bool p2m_flush_second/,/^}/s/lpae_get_mfn\(table\[i\]\)/mfn_add(lpae_get_mfn(table[i]), 1)/
