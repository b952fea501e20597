# SPDX-License-Identifier: GPL-2.0
# what: a table is made valid without making its entries invalid
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: untouched
s/if \( lpae_is_table\(pte, level\) \)$/if ( lpae_is_table(pte, level) \&\& level == 4 )/
