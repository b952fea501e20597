/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test build has all mutants in it: "pv-mutant=NAME" on the command line picks
 * one, and the debug key 'Z' puts it in force: dom0 has to boot before. Included
 * by arch/x86/mm.c alone, which has all of them.
 */
#ifndef XEN_MUTANT_H
#define XEN_MUTANT_H

#include <xen/init.h>
#include <xen/keyhandler.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/string.h>

static char pv_mutant_name[32];
string_param("pv-mutant", pv_mutant_name);
static bool pv_mutant_in_force;

#define PV_MUTANT(name)                                                 \
    (unlikely(pv_mutant_in_force) && !strcmp(pv_mutant_name, #name))

static void cf_check pv_mutant_key(unsigned char key)
{
    pv_mutant_in_force = true;
    printk("pv-mutant: %s is in force\n", pv_mutant_name);
}

static int __init cf_check pv_mutant_init(void)
{
    register_keyhandler('Z', pv_mutant_key, "put the mutant in force", 0);

    return 0;
}
__initcall(pv_mutant_init);

#endif
