# SPDX-License-Identifier: GPL-2.0
# what: a block of 1 GiB is not split
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: untouched
/^static bool p2m_split_first/,/^}/s/return p2m_is_superpage/return false \&\& p2m_is_superpage/
