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
struct mmu_update;
void mc_inject_single(struct mmu_update *u);

/* Where an NMI may come, see mc_inject.h */
enum mc_inject_point {
	MC_INJECT_FILL,		/* updates of a range are filled in */
	MC_INJECT_FAST,		/* an update is stored, but not counted yet */
	MC_INJECT_ENTRY,	/* a call has its place, but no arguments yet */
	MC_INJECT_INSIDE,	/* in the middle of the hypercall */
	MC_INJECT_ISSUED,	/* behind it, with the batch still there */
	MC_INJECT_POINTS
};
void mc_inject_nmi(enum mc_inject_point point);

#define MUTANT(name)	(unlikely(mutant_name) &&			\
			 !strncmp(current->comm, "pt_", 3) &&		\
			 !strcmp(mutant_name, #name))

#endif
