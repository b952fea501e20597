/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test build has all mutants in it: "paging-mutant=NAME" on Xen's command line
 * picks the one that is in force. Included by arch/x86/mm/mem_paging.c alone.
 */
#ifndef XEN_MUTANT_H
#define XEN_MUTANT_H

#include <xen/init.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/string.h>

static char __read_mostly paging_mutant_name[32];
string_param("paging-mutant", paging_mutant_name);

#define PAGING_MUTANT(name) (!strcmp(paging_mutant_name, #name))

static int __init cf_check paging_mutant_init(void)
{
    printk("paging-mutant: %s\n", paging_mutant_name);

    return 0;
}
__initcall(paging_mutant_init);

#endif
