# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# what: a batch has room for 256 updates, not for 128
s/^#define MC_MMU_UPDATES	.*/#define MC_MMU_UPDATES	256/
