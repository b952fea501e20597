# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/multicalls.c
# A test build of multicalls.c that injects faults: see mc_inject.h.
/^static inline unsigned int mc_args_mmu(/,/^}/s/^}$/&\n\n#include <linux\/mc_inject.h>/
/^static void xen_mc_prepare_mmu_update(/,/^}/s/^	call->req = /	mc_inject(b, mc, idx);\n&/
s/^	args = __alloc_percpu(.*/&\n	if (mc_inject_no_memory)\n		args = NULL;/
/^void xen_mc_flush(void)/,/^}/s/^	xen_mc_close_mmu_update(b);/&\n	if (b->mcidx)\n		mc_inject_window();/
/^void xen_mc_flush(void)/,/^}/s/^	switch (b->mcidx) {/	if (mc_inject_inside(b, \&ret))\n		goto mc_inject_done;\n\n&/
/^void xen_mc_flush(void)/,/^}/s/^	if (unlikely(ret))/mc_inject_done:\n	if (b->mcidx)\n		mc_inject_nmi(MC_INJECT_ISSUED);\n\n&/
/^void xen_mc_flush(void)/,/^}/s/if (WARN_ON_ONCE(in_nmi()))/if (!MUTANT(nmi_issues) \&\& WARN_ON_ONCE(in_nmi()))/
/^static void xen_mc_prepare_mmu_update(/,/^}/s/^	trace_xen_mc_mmu_update(.*/	mc_inject_start(mc);\n&/
/^static noinline void xen_mc_failed(/,/^}/s/^	if (!__ratelimit(/	report.interval = mc_inject_opt.limit ? DEFAULT_RATELIMIT_INTERVAL : 0;\n&/
/^struct multicall_space __xen_mc_entry(/,/^}/s/^	b->mcidx++;/&\n	mc_inject_nmi(MC_INJECT_ENTRY);/
