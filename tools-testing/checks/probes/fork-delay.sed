# SPDX-License-Identifier: GPL-2.0
# file: mm/memory.c
# Fork takes its time between the read of an entry and its write-protection: what
# other processors store meanwhile must be dirty for the child, too.
0,/^#include/s//#include <linux\/delay.h>\n&/
/^static __always_inline void __copy_present_ptes(/,/^}/s/^		wrprotect_ptes(/		if (!strncmp(current->comm, "pt_", 3))\n			udelay(100);\n&/
