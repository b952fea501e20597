# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.h
# An NMI comes between an update being stored and its being counted: see mc_inject.h.
/^static __always_inline bool xen_queue_pte_fast(/,/^}/s/^		u->val = val;/&\n		if (!((unsigned long)ptep >> 3 \& 15))\n			mc_inject_nmi(MC_INJECT_FAST);/
