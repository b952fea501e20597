/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test of XENMEM_paging_op_populate_evicted: makes domains and makes their
 * pages paged out. It takes a Xen with CONFIG_MEM_PAGING and nested paging.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem-paging.h"

void die(int status, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "test-mem-paging: ");
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    exit(status);
}

int main(int argc, char **argv)
{
    if ( argc == 1 )
        return run_cases(false);
    if ( argc == 2 && !strcmp(argv[1], "--unprivileged") )
        return run_unprivileged();
    fprintf(stderr,
            "usage: test-mem-paging [--unprivileged]\n"
            "In the control domain; in any other with --unprivileged.\n");
    return 2;
}
