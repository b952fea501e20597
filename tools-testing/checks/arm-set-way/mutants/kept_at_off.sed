# SPDX-License-Identifier: GPL-2.0
# what: what was tracked is kept when caches are switched off, not on
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: figures
s/track_anew \|= !now_enabled/track_anew |= now_enabled/
