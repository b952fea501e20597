# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# A test build of multicalls.c that injects faults: see mc_inject.h.
/^static inline unsigned int mc_args_mmu(/,/^}/s/^}$/&\n\n#include <linux\/mc_inject.h>/
/^static void xen_mc_prepare_mmu_update(/,/^}/s/^	call->req = /	mc_inject(b, mc, idx);\n&/
s/^	args = __alloc_percpu(.*/&\n	if (mc_inject_no_memory)\n		args = NULL;/
/^void xen_mc_flush(void)/,/^}/s/^	xen_mc_close_mmu_update(b);/&\n	if (b->mcidx)\n		mc_inject_window();/
