# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.c
# Single updates wait, too, before they are issued: see mc_inject.h.
/^static bool xen_update_pte(/,/^}/s/^	int ret = HYPERVISOR_mmu_update(&u, 1, NULL, DOMID_SELF);/	int ret;\n\n	mc_inject_window();\n	ret = HYPERVISOR_mmu_update(\&u, 1, NULL, DOMID_SELF);/
