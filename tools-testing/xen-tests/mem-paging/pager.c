/* SPDX-License-Identifier: GPL-2.0 */
/* A pager: takes from the ring what a guest waits for, and puts it in. */
#include <errno.h>
#include <string.h>

#include "mem-paging.h"

#include <xen/hvm/params.h>

void start_paging(struct domain *d)
{
    uint32_t port;

    populate(d, GFN_RING, 1, 0);
    d->ring_page = map_page(d, GFN_RING);
    memset(d->ring_page, 0, PAGE_SIZE);
    SHARED_RING_INIT((vm_event_sring_t *)d->ring_page);
    BACK_RING_INIT(&d->ring, (vm_event_sring_t *)d->ring_page, PAGE_SIZE);
    if ( xc_hvm_param_set(d->xch, d->domid, HVM_PARAM_PAGING_RING_PFN,
                          GFN_RING) ||
         xc_mem_paging_enable(d->xch, d->domid, &port) )
        die(EXIT_CANNOT,
            "paging cannot be enabled: %s; it takes a Xen with CONFIG_MEM_PAGING and a processor with nested paging",
            strerror(errno));
}

bool next_request(struct domain *d, vm_event_request_t *req)
{
    RING_IDX i = d->ring.req_cons;

    if ( !RING_HAS_UNCONSUMED_REQUESTS(&d->ring) )
        return false;
    xen_rmb(); /* the request is read after the index */
    memcpy(req, RING_GET_REQUEST(&d->ring, i), sizeof(*req));
    d->ring.req_cons = ++i;
    d->ring.sring->req_event = i + 1;
    return true;
}

void answer(struct domain *d, const vm_event_request_t *req)
{
    vm_event_response_t *rsp = RING_GET_RESPONSE(&d->ring,
                                                 d->ring.rsp_prod_pvt);

    memset(rsp, 0, sizeof(*rsp));
    rsp->version = VM_EVENT_INTERFACE_VERSION;
    rsp->reason = req->reason;
    rsp->vcpu_id = req->vcpu_id;
    rsp->flags = req->flags;
    rsp->u.mem_paging.gfn = req->u.mem_paging.gfn;
    rsp->u.mem_paging.flags = req->u.mem_paging.flags;
    d->ring.rsp_prod_pvt++;
    RING_PUSH_RESPONSES(&d->ring);
    if ( xc_mem_paging_resume(d->xch, d->domid) )
        die(EXIT_CANNOT, "answering the guest: %s", strerror(errno));
}

bool page_in(struct domain *d, const vm_event_request_t *req, uint64_t first,
             unsigned long nr, uint32_t seed)
{
    static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    uint64_t gfn = req->u.mem_paging.gfn;

    if ( gfn < first || gfn >= first + nr )
        return false;
    fill_buffer(page, gfn, seed);
    if ( xc_mem_paging_load(d->xch, d->domid, gfn, page) )
        return false;
    answer(d, req);
    return true;
}
