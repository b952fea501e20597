# SPDX-License-Identifier: GPL-2.0
# what: the last page of a block is left out
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: rounds
/^static bool p2m_flush_second/,/^}/s/1U << SECOND_ORDER/(1U << SECOND_ORDER) - 1/
