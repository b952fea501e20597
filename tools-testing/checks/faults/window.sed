# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# Single updates wait, too, before they are issued, and may be refused; NMIs come
# while a batch is filled: see mc_inject.h.
/^static bool xen_update_pte(/,/^}/s/^	int ret = HYPERVISOR_mmu_update(&u, 1, NULL, DOMID_SELF);/	int ret;\n\n	mc_inject_window();\n	mc_inject_single(\&u);\n	ret = HYPERVISOR_mmu_update(\&u, 1, NULL, DOMID_SELF);/
/^static noinline void xen_.*_slow(/,/^}/s/^			u->val = 0;/			if (!(n % 16))\n				mc_inject_nmi(MC_INJECT_FILL);\n&/
