/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test build has all mutants in it: "mutant=NAME" on the command line picks the
 * one that is in force, in the processes of the tests: it is for them to notice,
 * not for the boot to fail. Defined in tools-testing/checks/faults/mc_inject.h.
 */
#ifndef _LINUX_MUTANT_H
#define _LINUX_MUTANT_H

#include <linux/sched.h>
#include <linux/string.h>

extern const char *mutant_name;

/* Before updates are issued, see mc_inject.h */
void mc_inject_window(void);

#define MUTANT(name)	(unlikely(mutant_name) &&			\
			 !strncmp(current->comm, "pt_", 3) &&		\
			 !strcmp(mutant_name, #name))

#endif
