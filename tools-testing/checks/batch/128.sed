# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# what: a batch has room for 128 updates, not for those of a whole page table
s/^#define MC_ARGS_MMU	.*/#define MC_ARGS_MMU	(128 * sizeof(struct mmu_update))/
