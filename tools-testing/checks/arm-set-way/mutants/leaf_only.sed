# SPDX-License-Identifier: GPL-2.0
# what: the valid bits of tables are not looked at
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: untouched
/^static gfn_t p2m_flush_next/,/^}/s/!lpae_is_valid\(table\[offsets\[level\]\]\)/!p2m_is_valid(table[offsets[level]])/
