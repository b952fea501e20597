/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domains for tests: memory as the test wants it, no device, no kernel. What
 * runs in one, if anything, is guest.S.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "mem-paging.h"

#include <xen/hvm/save.h>

#define GONE_SECONDS 20 /* for a dying domain to be gone */

extern const char guest_begin[], guest_end[];

static void die_xen(const char *what)
{
    die(EXIT_CANNOT, "%s: %s", what, strerror(errno));
}

void open_handles(struct domain *d)
{
    xentoollog_logger *log = (xentoollog_logger *)xtl_createlogger_stdiostream(
        stderr, XTL_CRITICAL, 0);

    d->xch = xc_interface_open(log, log, 0);
    d->fmem = xenforeignmemory_open(log, 0);
    if ( !d->xch || !d->fmem )
        die_xen("opening Xen's interfaces, as root of the control domain");
}

void set_pool(struct domain *d, unsigned long kib)
{
    if ( xc_set_paging_mempool_size(d->xch, d->domid, kib << 10) )
        die_xen("setting the size of the paging pool");
}

/* Xen frees all that is free, and says that it is not enough */
void drain_pool(struct domain *d)
{
    if ( !xc_set_paging_mempool_size(d->xch, d->domid, 0) || errno != ENOMEM )
        die(EXIT_CANNOT, "the paging pool of a domain cannot be drained");
}

void create_domain(struct domain *d, enum kind kind, unsigned long max_pages,
                   unsigned long pool_kib)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1,
        .max_evtchn_port = 127,
        .max_grant_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };

    if ( kind != DOMAIN_PV )
    {
        config.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
        config.arch.emulation_flags = XEN_X86_EMU_LAPIC;
    }
    if ( kind == DOMAIN_HVM )
        config.arch.emulation_flags = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
    d->domid = 0;
    d->ring_page = NULL;
    if ( xc_domain_create(d->xch, &d->domid, &config) )
        die_xen("creating a domain; is there nested paging?");
    if ( xc_domain_max_vcpus(d->xch, d->domid, 1) )
        die_xen("giving the domain a CPU");
    if ( xc_domain_setmaxmem(d->xch, d->domid, max_pages * 4) )
        die_xen("setting the domain's memory limit");
    if ( kind != DOMAIN_PV )
        set_pool(d, pool_kib);
}

void kill_domain(struct domain *d)
{
    if ( d->ring_page )
        xenforeignmemory_unmap(d->fmem, d->ring_page, 1);
    d->ring_page = NULL;
    if ( xc_domain_destroy(d->xch, d->domid) )
        die_xen("destroying a domain");
}

void wait_gone(struct domain *d)
{
    const struct timespec moment = { .tv_nsec = 1000000 };
    unsigned int tries = GONE_SECONDS * 1000;
    xc_domaininfo_t info;

    while ( xc_domain_getinfolist(d->xch, d->domid, 1, &info) == 1 &&
            info.domain == d->domid )
    {
        if ( !tries-- )
            die(EXIT_WRONG,
                "domain %u is still there %d s after it was destroyed",
                d->domid, GONE_SECONDS);
        nanosleep(&moment, NULL);
    }
}

void destroy_domain(struct domain *d)
{
    kill_domain(d);
    wait_gone(d);
}

void populate(struct domain *d, uint64_t gfn, unsigned long nr,
              unsigned int order)
{
    xen_pfn_t list[512];
    unsigned long i, n;

    for ( ; nr; nr -= n )
    {
        n = nr < ARRAY_SIZE(list) ? nr : ARRAY_SIZE(list);
        for ( i = 0; i < n; i++, gfn += 1ul << order )
            list[i] = gfn;
        if ( xc_domain_populate_physmap_exact(d->xch, d->domid, n, order, 0,
                                              list) )
            die_xen("populating memory of the domain");
    }
}

void *map_page(struct domain *d, uint64_t gfn)
{
    xen_pfn_t pfn = gfn;
    void *page = xenforeignmemory_map(d->fmem, d->domid,
                                      PROT_READ | PROT_WRITE, 1, &pfn, NULL);

    if ( !page )
        die_xen("mapping a page of the domain");
    return page;
}

void fill_buffer(void *page, uint64_t gfn, uint32_t seed)
{
    uint32_t *word = page;
    size_t i;

    for ( i = 0; i < PAGE_SIZE / sizeof(*word); i++ )
        word[i] = (uint32_t)(gfn * PAGE_SIZE + i * sizeof(*word)) ^ seed;
}

void fill(struct domain *d, uint64_t gfn, unsigned long nr, uint32_t seed)
{
    for ( ; nr; nr--, gfn++ )
    {
        void *page = map_page(d, gfn);

        fill_buffer(page, gfn, seed);
        xenforeignmemory_unmap(d->fmem, page, 1);
    }
}

bool filled(struct domain *d, uint64_t gfn, unsigned long nr, uint32_t seed)
{
    char want[PAGE_SIZE];
    bool same = true;

    for ( ; nr && same; nr--, gfn++ )
    {
        void *page = map_page(d, gfn);

        fill_buffer(want, gfn, seed);
        same = !memcmp(page, want, PAGE_SIZE);
        xenforeignmemory_unmap(d->fmem, page, 1);
    }
    return same;
}

void get_info(struct domain *d, xc_domaininfo_t *info)
{
    if ( xc_domain_getinfolist(d->xch, d->domid, 1, info) != 1 ||
         info->domain != d->domid )
        die(EXIT_WRONG, "domain %u is gone", d->domid);
}

uint64_t free_pages(struct domain *d)
{
    xc_physinfo_t info = { 0 };

    if ( xc_physinfo(d->xch, &info) )
        die_xen("asking Xen for its free memory");
    return info.free_pages;
}

/* the state of a CPU at the entry of a PVH kernel, as far as it matters */
static void set_cpu(struct domain *d)
{
    struct {
        struct hvm_save_descriptor header_d;
        HVM_SAVE_TYPE(HEADER) header;
        struct hvm_save_descriptor cpu_d;
        HVM_SAVE_TYPE(CPU) cpu;
        struct hvm_save_descriptor end_d;
        HVM_SAVE_TYPE(END) end;
    } state = {
        .header_d = { HVM_SAVE_CODE(HEADER), 0, HVM_SAVE_LENGTH(HEADER) },
        .cpu_d = { HVM_SAVE_CODE(CPU), 0, HVM_SAVE_LENGTH(CPU) },
        .cpu = {
            .rip = GFN_CODE * PAGE_SIZE,
            .rflags = 2,
            .cr0 = 0x11, /* protected mode, an FPU */
            .dr6 = 0xffff0ff0u,
            .dr7 = 0x400,
            .cs_limit = ~0u, .cs_arbytes = 0xc9b,
            .ds_limit = ~0u, .ds_arbytes = 0xc93,
            .es_limit = ~0u, .es_arbytes = 0xc93,
            .ss_limit = ~0u, .ss_arbytes = 0xc93,
            .tr_limit = 0x67, .tr_arbytes = 0x8b,
        },
        .end_d = { HVM_SAVE_CODE(END), 0, HVM_SAVE_LENGTH(END) },
    };
    uint8_t *now;
    int size = xc_domain_hvm_getcontext(d->xch, d->domid, NULL, 0);

    now = size > 0 ? malloc(size) : NULL;
    if ( !now || xc_domain_hvm_getcontext(d->xch, d->domid, now, size) < 0 )
        die_xen("reading the domain's context");
    /* the header is of Xen and the processor */
    memcpy(&state.header, now + sizeof(state.header_d), sizeof(state.header));
    free(now);
    if ( xc_domain_hvm_setcontext(d->xch, d->domid, (uint8_t *)&state,
                                  sizeof(state)) )
        die_xen("setting the domain's context");
}

struct control *start_guest(struct domain *d, unsigned long pages,
                            uint32_t seed, uint32_t then)
{
    struct control *control;
    void *code;

    populate(d, GFN_CODE, 2, 0);
    code = map_page(d, GFN_CODE);
    memcpy(code, guest_begin, guest_end - guest_begin);
    xenforeignmemory_unmap(d->fmem, code, 1);
    control = map_page(d, GFN_CONTROL);
    memset(control, 0, PAGE_SIZE);
    control->first = GFN_TEST * PAGE_SIZE;
    control->pages = pages;
    control->seed[0] = seed;
    control->seed[1] = then;
    set_cpu(d);
    if ( xc_domain_unpause(d->xch, d->domid) )
        die_xen("starting the domain");
    return control;
}
