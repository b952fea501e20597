# SPDX-License-Identifier: GPL-2.0
# what: the bound is the level of the root again
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: figures
/^(static )?void p2m_invalidate_root/,/^}/s/i < P2M_ROOT_PAGES/i < P2M_ROOT_LEVEL/
