/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What XENMEM_paging_op_populate_evicted has to do with each kind of page,
 * what it has to say of bad input, and that nothing is lost or leaked by it.
 * A line a case: "  ok    NAME" or "  FAIL  NAME: WHY".
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xencall.h>

#include "mem-paging.h"

/* more than two chunks of Xen's, and no multiple of one */
#define MANY          150u
#define LONG_LIST     65536u
#define GUEST_PAGES   64u
#define POOL_KIB      8192ul
#define NO_DOMAIN     32000
#define GUEST_SECONDS 300
#define RACE_ROUNDS   8
#define TAKE_US       10000
#define HUGE_NR       UINT32_MAX

static unsigned int failed;
static bool first_only; /* the first case that fails ends the test */
static xencall_handle *calls;
static struct xen_mem_paging_op *raw; /* memory that Xen may be given */
static uint64_t *list;                /* LONG_LIST gfns, also that */

__attribute__((format(printf, 2, 3)))
static void result(const char *name, const char *fmt, ...)
{
    va_list ap;

    if ( !fmt )
    {
        printf("  ok    %s\n", name);
    }
    else
    {
        printf("  FAIL  %s: ", name);
        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        printf("\n");
        failed++;
    }
    fflush(stdout);
    if ( failed && first_only )
        exit(EXIT_WRONG);
}

static const char *name_of(int err)
{
    return err ? strerrorname_np(err) : "success";
}

/* gfns one after the other, in the shared list */
static void name_range(uint64_t gfn, uint32_t nr)
{
    uint32_t i;

    for ( i = 0; i < nr; i++ )
        list[i] = gfn + i;
}

/* what a call is expected to do: all that it changes, and nothing else */
struct expect {
    int err;
    uint32_t done;
    int tot, paged; /* changes of the domain's pages, of those paged out */
};

static bool as_expected(struct domain *d, const char *name,
                        const xc_domaininfo_t *before, int err, uint32_t done,
                        struct expect want)
{
    xc_domaininfo_t now;
    int tot, paged;

    get_info(d, &now);
    tot = (int)(now.tot_pages - before->tot_pages);
    paged = (int)(now.paged_pages - before->paged_pages);
    if ( err == want.err && done == want.done && tot == want.tot &&
         paged == want.paged )
    {
        result(name, NULL);
        return true;
    }
    result(name,
           "%s at %u, pages %+d, paged out %+d; expected %s at %u, %+d, %+d",
           name_of(err), done, tot, paged, name_of(want.err), want.done,
           want.tot, want.paged);
    return false;
}

/* the gfns of the list from @start on, by the function of libxenctrl */
static bool op(struct domain *d, const char *name, uint32_t nr, uint32_t start,
               struct expect want)
{
    xc_domaininfo_t before;
    uint32_t done = start;
    int err;

    get_info(d, &before);
    err = 0;
    if ( xc_mem_paging_populate_evicted(d->xch, d->domid, list, nr, &done) )
        err = errno;
    return as_expected(d, name, &before, err, done, want);
}

static int hypercall(uintptr_t arg)
{
    if ( xencall2(calls, __HYPERVISOR_memory_op, XENMEM_paging_op, arg) )
        return errno;
    return 0;
}

static int raw_call(domid_t domid, const uint64_t *gfns, uint32_t nr,
                    uint64_t start)
{
    memset(raw, 0, sizeof(*raw));
    raw->op = XENMEM_paging_op_populate_evicted;
    raw->domain = domid;
    raw->nr = nr;
    raw->gfn = start;
    set_xen_guest_handle_raw(raw->u.gfns, gfns);
    return hypercall((uintptr_t)raw);
}

/* the same by the hypercall itself: what the library would not pass on */
static void raw_op(struct domain *d, const char *name, const uint64_t *gfns,
                   uint32_t nr, uint64_t start, struct expect want)
{
    xc_domaininfo_t before;
    int err;

    get_info(d, &before);
    err = raw_call(d->domid, gfns, nr, start);
    as_expected(d, name, &before, err, raw->gfn, want);
}

/* an error before anything was looked at: the index stays */
static void refused(domid_t domid, const char *name, int want)
{
    int err;

    name_range(GFN_TEST, MANY);
    err = raw_call(domid, list, MANY, 3);
    if ( err != want || raw->gfn != 3 )
        result(name, "%s at %llu, expected %s at 3", name_of(err),
               (unsigned long long)raw->gfn, name_of(want));
    else
        result(name, NULL);
}

/* ---- what a page can be */

static void kinds_of_pages(struct domain *d)
{
    uint64_t gfn = GFN_TEST;
    unsigned int i;
    void *mapped;

    name_range(gfn, MANY);
    op(d, "not populated", MANY, 0,
       (struct expect){ .done = MANY, .paged = MANY });
    op(d, "paged out already", MANY, 0, (struct expect){ .done = MANY });

    name_range(gfn += MANY, MANY);
    populate(d, gfn, MANY, 0);
    op(d, "populated", MANY, 0,
       (struct expect){ .done = MANY, .tot = -(int)MANY, .paged = MANY });

    name_range(gfn += MANY, MANY);
    populate(d, gfn, MANY, 0);
    for ( i = 0; i < MANY; i++ )
        if ( xc_mem_paging_nominate(d->xch, d->domid, gfn + i) )
            die(EXIT_CANNOT, "nominate: %s", strerror(errno));
    op(d, "nominated", MANY, 0,
       (struct expect){ .done = MANY, .tot = -(int)MANY, .paged = MANY });

    /* every third populated, nothing, and paged out */
    name_range(gfn += MANY, MANY);
    for ( i = 0; i < MANY; i += 3 )
    {
        populate(d, gfn + i, 1, 0);
        list[i / 3] = gfn + i + 2;
    }
    op(d, "each third", MANY / 3, 0,
       (struct expect){ .done = MANY / 3, .paged = MANY / 3 });
    name_range(gfn, MANY);
    op(d, "mixed", MANY, 0,
       (struct expect){
           .done = MANY, .tot = -(int)MANY / 3, .paged = 2 * MANY / 3 });

    gfn += MANY;
    for ( i = 0; i < MANY; i++ )
        list[i] = gfn + i / 2;
    op(d, "each twice", MANY, 0,
       (struct expect){ .done = MANY, .paged = MANY / 2 });

    name_range(gfn += MANY, MANY);
    op(d, "none", 0, 0, (struct expect){ 0 });
    op(d, "the last one only", MANY, MANY - 1,
       (struct expect){ .done = MANY, .paged = 1 });
    op(d, "nothing left", MANY, MANY, (struct expect){ .done = MANY });

    /* 40 is within the second chunk of Xen's */
    name_range(gfn += MANY, MANY);
    populate(d, gfn + 40, 1, 0);
    mapped = map_page(d, gfn + 40);
    op(d, "mapped by another domain", MANY, 0,
       (struct expect){ .err = EBUSY, .done = 40, .paged = 40 });
    op(d, "still mapped", MANY, 40,
       (struct expect){ .err = EBUSY, .done = 40 });
    xenforeignmemory_unmap(d->fmem, mapped, 1);
    op(d, "unmapped, the rest", MANY, 40,
       (struct expect){ .done = MANY, .tot = -1, .paged = MANY - 40 });

    if ( xc_domain_add_to_physmap(d->xch, d->domid, XENMAPSPACE_shared_info, 0,
                                  GFN_SHARED) )
        die(EXIT_CANNOT, "mapping the shared info page: %s", strerror(errno));
    name_range(gfn += MANY, MANY);
    list[7] = GFN_SHARED;
    op(d, "a page of Xen's", MANY, 0,
       (struct expect){ .err = EBUSY, .done = 7, .paged = 7 });
    list[0] = GFN_RING;
    op(d, "the ring of the pager", 1, 0, (struct expect){ .err = EBUSY });
}

/*
 * Whoever maps what is paged out makes Xen ask the pager for it, and waits: a
 * process of its own does.
 */
static void being_paged_in(struct domain *d)
{
    const uint64_t gfn = GFN_TEST + 20;
    const uint32_t seed = 0x5a5a0000;
    vm_event_request_t req;
    time_t end = time(NULL) + GUEST_SECONDS;
    int status = -1;
    pid_t pid = fork();

    if ( !pid )
    {
        struct domain mine = *d;

        open_handles(&mine);
        _exit(!filled(&mine, gfn, 1, seed));
    }
    while ( !next_request(d, &req) && time(NULL) < end )
        usleep(1000);
    name_range(GFN_TEST, MANY);
    op(d, "being paged in", MANY, 0,
       (struct expect){ .err = EBUSY, .done = 20 });
    if ( !page_in(d, &req, gfn, 1, seed) )
        result("paged in for another domain", "no request for it");
    else if ( waitpid(pid, &status, 0) != pid || status )
        result("paged in for another domain", "wrong contents");
    else
        result("paged in for another domain", NULL);
    op(d, "paged in, then out", MANY, 0,
       (struct expect){ .done = MANY, .tot = -1, .paged = 1 });
}

static void on_demand(struct domain *d)
{
    xen_pfn_t pfn[8];
    unsigned int i;

    name_range(GFN_TEST, MANY);
    for ( i = 0; i < ARRAY_SIZE(pfn); i++ )
        pfn[i] = GFN_TEST + 33 + i;
    if ( xc_domain_populate_physmap(d->xch, d->domid, ARRAY_SIZE(pfn), 0,
                                    XENMEMF_populate_on_demand,
                                    pfn) != ARRAY_SIZE(pfn) )
        die(EXIT_CANNOT, "populating on demand: %s", strerror(errno));
    op(d, "to be populated on demand", MANY, 0,
       (struct expect){ .err = EBUSY, .done = 33, .paged = 33 });
}

/* ---- bad input */

/* a domain has no more of them than the processor */
static unsigned int physical_bits(void)
{
    unsigned int a, b, c, d;

    return __get_cpuid(0x80000008, &a, &b, &c, &d) ? a & 0xff : 52;
}

static void bad_input(struct domain *d)
{
    uint64_t gfn = GFN_TEST + 16 * MANY;
    char *two = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    /* its last 45 entries can be read: a chunk of Xen's, and a part of one */
    uint64_t *end = (uint64_t *)(two + PAGE_SIZE) - 45;
    unsigned int i;
    int err;

    if ( two == MAP_FAILED || munmap(two + PAGE_SIZE, PAGE_SIZE) )
        die(EXIT_CANNOT, "mmap: %s", strerror(errno));
    for ( i = 0; i < 45; i++ )
        end[i] = gfn + i;
    raw_op(d, "a list that ends early", end, MANY, 0,
           (struct expect){ .err = EFAULT, .done = 45, .paged = 45 });
    raw_op(d, "again from its end", end, MANY, 45,
           (struct expect){ .err = EFAULT, .done = 45 });
    gfn += 45;
    for ( i = 0; i < 45; i++ )
        end[i] = gfn + i;
    raw_op(d, "a number beyond all lists", end, HUGE_NR, 0,
           (struct expect){ .err = EFAULT, .done = 45, .paged = 45 });
    raw_op(d, "no list", NULL, MANY, 0, (struct expect){ .err = EFAULT });
    raw_op(d, "a list in Xen", (uint64_t *)0xffff828000000000ul, MANY, 0,
           (struct expect){ .err = EFAULT });
    munmap(two, PAGE_SIZE);
    err = hypercall(8);
    if ( err == EFAULT )
        result("no argument", NULL);
    else
        result("no argument", "%s", name_of(err));

    name_range(gfn += 45, MANY);
    list[50] = ~0ull;
    op(d, "no gfn at all", MANY, 0,
       (struct expect){ .err = EINVAL, .done = 50, .paged = 50 });
    list[50] = 1ull << (physical_bits() - 12);
    op(d, "beyond the physical addresses", MANY, 50,
       (struct expect){ .err = EINVAL, .done = 50 });
    raw_op(d, "an index behind the end", list, MANY, MANY + 1,
           (struct expect){ .err = EINVAL, .done = MANY + 1 });

    refused(0, "the caller's own domain", EPERM);
    refused(NO_DOMAIN, "no such domain", ESRCH);
}

/* ---- the pool for tables */

static void pool(struct domain *d)
{
    uint64_t gfn = GFN_TEST + 512, big = gfn + 1024 * 512;
    const uint32_t seed = 0xabcd1234;
    xc_domaininfo_t before, now;
    unsigned int i;
    uint32_t done = 0, stopped = 0, rounds = 0;
    int err;

    /* each needs a table of its own */
    for ( i = 0; i < 1000; i++ )
        list[i] = gfn + i * 512;
    get_info(d, &before);
    set_pool(d, 1024);
    for ( ; ; )
    {
        err = 0;
        if ( xc_mem_paging_populate_evicted(d->xch, d->domid, list, 1000,
                                            &done) )
            err = errno;
        if ( err != ENOMEM )
            break;
        get_info(d, &now);
        if ( now.paged_pages - before.paged_pages != done || done < stopped ||
             ++rounds > 20 )
            break;
        stopped = done;
        set_pool(d, 1024 * (rounds + 1));
    }
    if ( rounds < 2 )
        result("pool exhausted, enlarged, and on", "it was exhausted %u times",
               rounds);
    else
        as_expected(d, "pool exhausted, enlarged, and on", &before, err, done,
                    (struct expect){ .done = 1000, .paged = 1000 });

    /* a frame within a large page: taking it out takes a table */
    populate(d, big, 1, 9);
    fill(d, big, 8, seed);
    drain_pool(d);
    name_range(big + 3, 1);
    if ( op(d, "no memory to take out a frame", 1, 0,
            (struct expect){ .err = ENOMEM }) )
    {
        if ( filled(d, big, 8, seed) )
            result("the frame is as it was", NULL);
        else
            result("the frame is as it was", "its contents differ");
    }
    set_pool(d, POOL_KIB);
    op(d, "with memory it works", 1, 0,
       (struct expect){ .done = 1, .tot = -1, .paged = 1 });
    if ( filled(d, big, 3, seed) && filled(d, big + 4, 4, seed) )
        result("its neighbours are as they were", NULL);
    else
        result("its neighbours are as they were", "their contents differ");
}

/* ---- preemption */

static volatile bool stop_watching;
static unsigned int seen_between;

/* what is behind the index is for others while Xen lets them run */
static void *watch(void *arg)
{
    volatile uint64_t *done = &raw->gfn;
    uint64_t last = 0;

    (void)arg;
    while ( !stop_watching )
    {
        uint64_t now = *done;

        if ( now != last && now > 0 && now < LONG_LIST )
        {
            seen_between++;
            last = now;
        }
        sched_yield();
    }
    return NULL;
}

static void preempted(struct domain *d)
{
    pthread_t watcher;
    uint64_t last[2];

    name_range(GFN_TEST, LONG_LIST);
    raw->gfn = 0;
    if ( pthread_create(&watcher, NULL, watch, NULL) )
        die(EXIT_CANNOT, "no thread");
    raw_op(d, "a long list", list, LONG_LIST, 0,
           (struct expect){ .done = LONG_LIST, .paged = LONG_LIST });
    stop_watching = true;
    pthread_join(watcher, NULL);
    if ( seen_between )
        printf("  ok    it is preempted and continued: %u times seen\n",
               seen_between);
    else
        result("it is preempted and continued", "not seen");
    /* the first and the last of them are what they should be */
    last[0] = list[0];
    last[1] = list[LONG_LIST - 1];
    memcpy(list, last, sizeof(last));
    populate(d, GFN_TEST + LONG_LIST, 1, 0);
    list[2] = GFN_TEST + LONG_LIST;
    op(d, "no page of it is left out", 3, 0,
       (struct expect){ .done = 3, .tot = -1, .paged = 1 });
}

/* ---- a guest that runs */

/* serves the guest until it has come to a phase; what is wrong */
static const char *serve(struct domain *d, struct control *control,
                         uint32_t phase, uint32_t seed, unsigned int *served)
{
    volatile uint32_t *now = &control->phase;
    time_t end = time(NULL) + GUEST_SECONDS;
    vm_event_request_t req;

    *served = 0;
    while ( *now < phase )
    {
        if ( next_request(d, &req) )
        {
            if ( !page_in(d, &req, GFN_TEST, GUEST_PAGES, seed) )
                return "a request that cannot be served";
            ++*served;
        }
        else if ( time(NULL) > end )
        {
            return "the guest does not get on";
        }
        else
        {
            usleep(100);
        }
    }
    return NULL;
}

static void running(struct domain *d)
{
    const uint32_t seed = 0x11110000, then = 0x22220000;
    struct control *control;
    unsigned int served;
    const char *why;

    name_range(GFN_TEST, GUEST_PAGES);
    op(d, "all memory of a guest", GUEST_PAGES, 0,
       (struct expect){ .done = GUEST_PAGES, .paged = GUEST_PAGES });
    control = start_guest(d, GUEST_PAGES, seed, then);
    why = serve(d, control, 1, seed, &served);
    if ( !why && served != GUEST_PAGES )
        why = "not each page was asked for";
    if ( !why && control->bad )
        why = "the guest found wrong contents";
    result("the guest pages all in on demand", why ? "%s" : NULL, why);
    if ( why )
        goto out;

    /* now it runs, and has translations of all of them */
    op(d, "the memory of a guest that runs", GUEST_PAGES, 0,
       (struct expect){ .done = GUEST_PAGES,
                        .tot = -(int)GUEST_PAGES,
                        .paged = GUEST_PAGES });
    control->go = 1;
    why = serve(d, control, 2, then, &served);
    if ( !why && served != GUEST_PAGES )
        why = "not each page was asked for";
    if ( !why && control->bad )
        why = "the guest found stale contents";
    result("the guest sees none of the old contents", why ? "%s" : NULL, why);
 out:
    xenforeignmemory_unmap(d->fmem, control, 1);
}

/* takes out all that can be, again and again, while it is paged in */
static volatile bool stop_taking;
static unsigned int taken_rounds;
static int taking_failed;

static void *take_out(void *arg)
{
    struct domain *d = arg;
    uint64_t start;
    int err;

    for ( ; !stop_taking; taken_rounds++, usleep(TAKE_US) )
        for ( start = 0; start < GUEST_PAGES; start = raw->gfn + 1 )
        {
            err = raw_call(d->domid, list, GUEST_PAGES, start);
            if ( !err )
                break;
            if ( err != EBUSY )
                taking_failed = err;
        }
    return NULL;
}

/* serves the guest until it has done some rounds; what is wrong */
static const char *serve_race(struct domain *d, struct control *control,
                              uint32_t seed)
{
    volatile uint32_t *rounds = &control->rounds;
    time_t end = time(NULL) + GUEST_SECONDS;
    const char *why = NULL;
    vm_event_request_t req;
    pthread_t taker;

    if ( pthread_create(&taker, NULL, take_out, d) )
        die(EXIT_CANNOT, "no thread");
    control->go = 2;
    while ( !why && *rounds < RACE_ROUNDS )
    {
        if ( next_request(d, &req) )
        {
            if ( !page_in(d, &req, GFN_TEST, GUEST_PAGES, seed) )
                why = "a request that cannot be served";
        }
        else if ( time(NULL) > end )
        {
            why = "the guest does not get on";
        }
        else
        {
            usleep(100);
        }
    }
    stop_taking = true;
    pthread_join(taker, NULL);
    control->go = 1;
    if ( !why && taking_failed )
        why = strerror(taking_failed);
    return why;
}

static void racing(struct domain *d)
{
    const uint32_t seed = 0x33330000;
    struct control *control;
    unsigned int served;
    xc_domaininfo_t info;
    const char *why;

    name_range(GFN_TEST, GUEST_PAGES);
    op(d, "all memory of another guest", GUEST_PAGES, 0,
       (struct expect){ .done = GUEST_PAGES, .paged = GUEST_PAGES });
    control = start_guest(d, GUEST_PAGES, seed, seed);
    why = serve(d, control, 1, seed, &served);
    if ( !why )
        why = serve_race(d, control, seed);
    if ( !why )
        why = serve(d, control, 2, seed, &served);
    if ( !why && control->bad )
        why = "the guest found wrong contents";
    /* code, control and ring are not paged out */
    get_info(d, &info);
    if ( !why && info.tot_pages + info.paged_pages != GUEST_PAGES + 3 )
        why = "pages are lost";
    printf("# %u times taken out, %u rounds of the guest\n", taken_rounds,
           control->rounds);
    result("taken out while they are paged in", why ? "%s" : NULL, why);
    xenforeignmemory_unmap(d->fmem, control, 1);
}

/* ---- domains */

static uint64_t free_before;

static void begin(struct domain *d, enum kind kind, unsigned long max_pages,
                  bool paging)
{
    /* what the last domain leaves to RCU */
    do
    {
        free_before = free_pages(d);
        usleep(20000);
    } while ( free_pages(d) != free_before );
    create_domain(d, kind, max_pages, POOL_KIB);
    if ( paging )
        start_paging(d);
}

/* what Xen has free is what it had before, now or when RCU has run */
static void nothing_leaked(struct domain *d, const char *name)
{
    char what[80];
    int tries = 1000;

    while ( free_pages(d) != free_before && tries-- )
        usleep(1000);
    snprintf(what, sizeof(what), "nothing is leaked: %s", name);
    if ( free_pages(d) == free_before )
        printf("  ok    %s\n", what);
    else
        result(what, "%lld pages", (long long)(free_before - free_pages(d)));
}

static void end(struct domain *d, const char *name)
{
    destroy_domain(d);
    nothing_leaked(d, name);
}

/* what is mapped by another domain keeps it from being gone */
static void dying(struct domain *d)
{
    void *mapped;

    populate(d, GFN_TEST, 1, 0);
    mapped = map_page(d, GFN_TEST);
    kill_domain(d);
    refused(d->domid, "a dying domain", EINVAL);
    xenforeignmemory_unmap(d->fmem, mapped, 1);
    wait_gone(d);
}

static void with_domains(struct domain *d)
{
    /* what the first domain makes Xen allocate for good */
    create_domain(d, DOMAIN_PVH, 4096, POOL_KIB);
    destroy_domain(d);

    begin(d, DOMAIN_PVH, 4096, true);
    kinds_of_pages(d);
    being_paged_in(d);
    bad_input(d);
    end(d, "PVH");

    begin(d, DOMAIN_HVM, 4096, true);
    printf("# the same in an HVM domain\n");
    kinds_of_pages(d);
    end(d, "HVM");

    begin(d, DOMAIN_PVH, 4096, true);
    on_demand(d);
    end(d, "populate on demand");

    begin(d, DOMAIN_PVH, 4096, true);
    pool(d);
    end(d, "pool exhausted");

    begin(d, DOMAIN_PVH, 4096, true);
    preempted(d);
    end(d, "preempted");

    begin(d, DOMAIN_PVH, 4096, true);
    running(d);
    end(d, "a guest that runs");

    begin(d, DOMAIN_PVH, 4096, true);
    racing(d);
    end(d, "a guest that races");

    begin(d, DOMAIN_PVH, 4096, false);
    refused(d->domid, "a domain without paging", ENODEV);
    end(d, "without paging");

    begin(d, DOMAIN_PV, 4096, false);
    refused(d->domid, "a PV domain", ENODEV);
    end(d, "PV");

    begin(d, DOMAIN_PVH, 4096, true);
    dying(d);
    nothing_leaked(d, "dying");
}

static void open_calls(void)
{
    calls = xencall_open(NULL, 0);
    raw = calls ? xencall_alloc_buffer(calls, sizeof(*raw)) : NULL;
    list = calls ? xencall_alloc_buffer(calls, LONG_LIST * sizeof(*list))
                 : NULL;
    if ( !raw || !list )
        die(EXIT_CANNOT, "no memory for hypercalls");
}

int run_cases(bool stop)
{
    struct domain d = { 0 };

    first_only = stop;
    open_handles(&d);
    open_calls();
    with_domains(&d);
    return failed ? EXIT_WRONG : EXIT_OK;
}

int run_unprivileged(void)
{
    struct domain d = { 0 };
    xc_domaininfo_t info;

    open_handles(&d);
    open_calls();
    if ( xc_domain_getinfolist(d.xch, 0, 1, &info) >= 0 )
        die(EXIT_CANNOT, "this domain has privileges");
    refused(0, "without privilege: the control domain", EPERM);
    refused(NO_DOMAIN, "without privilege: no such domain", ESRCH);
    return failed ? EXIT_WRONG : EXIT_OK;
}
