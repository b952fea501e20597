/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the test of XENMEM_paging_op_populate_evicted share. */
#ifndef MEM_PAGING_H
#define MEM_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xen/vm_event.h>

#define PAGE_SIZE     4096ul
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* exit statuses */
enum {
    EXIT_OK = 0,
    EXIT_WRONG = 1,  /* a check failed */
    EXIT_CANNOT = 3, /* Xen refuses what the test needs */
};

/* One line on stderr, and out. The file with main() has it. */
__attribute__((noreturn, format(printf, 2, 3)))
void die(int status, const char *fmt, ...);

/* where things are in the guest, by number of the page */
#define GFN_CODE    0x10ul
#define GFN_CONTROL 0x11ul
#define GFN_RING    0x20ul
#define GFN_SHARED  0x30ul   /* a page of Xen's */
#define GFN_TEST    0x1000ul /* 16 MiB, and what is above it */

enum kind {
    DOMAIN_PVH,
    DOMAIN_HVM,
    DOMAIN_PV,
};

/* a domain made for a test, paused and without a CPU that runs */
struct domain {
    xc_interface *xch;
    xenforeignmemory_handle *fmem;
    uint32_t domid;
    void *ring_page;
    vm_event_back_ring_t ring;
};

/* what the guest and we tell each other, see guest.S */
struct control {
    uint32_t first; /* physical address */
    uint32_t pages;
    uint32_t seed[2];     /* of what has to be there, first and then */
    uint32_t go;          /* from us: check again, once or until it is not 2 */
    uint32_t phase;       /* from the guest: checks that are done */
    uint32_t bad;         /* words that were wrong */
    uint32_t where, what; /* the last of them */
    uint32_t rounds;      /* of the second check */
};

/* domain.c: what fails there ends the test */
void open_handles(struct domain *d);
void create_domain(struct domain *d, enum kind kind, unsigned long max_pages,
                   unsigned long pool_kib);
void destroy_domain(struct domain *d);
/* does not wait until it is gone: something of it may be kept */
void kill_domain(struct domain *d);
void wait_gone(struct domain *d);
void set_pool(struct domain *d, unsigned long kib);
void drain_pool(struct domain *d);
void populate(struct domain *d, uint64_t gfn, unsigned long nr,
              unsigned int order);
void fill(struct domain *d, uint64_t gfn, unsigned long nr, uint32_t seed);
/* is the pattern in these pages? */
bool filled(struct domain *d, uint64_t gfn, unsigned long nr, uint32_t seed);
void fill_buffer(void *page, uint64_t gfn, uint32_t seed);
void *map_page(struct domain *d, uint64_t gfn);
void get_info(struct domain *d, xc_domaininfo_t *info);
uint64_t free_pages(struct domain *d);
struct control *start_guest(struct domain *d, unsigned long pages,
                            uint32_t seed, uint32_t then);

/* pager.c */
void start_paging(struct domain *d);
/* the next request that the guest waits for, if there is one */
bool next_request(struct domain *d, vm_event_request_t *req);
void answer(struct domain *d, const vm_event_request_t *req);
/* put in what the guest waits for; false if that is not in the range */
bool page_in(struct domain *d, const vm_event_request_t *req, uint64_t first,
             unsigned long nr, uint32_t seed);

/* cases.c */
int run_cases(bool first_only);
/* in a domain that may not do any of it */
int run_unprivileged(void);

#endif /* MEM_PAGING_H */
