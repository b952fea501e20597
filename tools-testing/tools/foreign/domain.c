// SPDX-License-Identifier: GPL-2.0
/*
 * The domain whose pages are mapped: one that runs, or one made for it, which
 * is paused, has no CPU and is known by its handle as ours.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "foreign.h"

/* these two rely on what xenctrl.h includes */
#include <xenguest.h>
#include <xen/grant_table.h>

#define GONE_SECONDS	10	/* for a dying domain to be gone */
#define DOMAINS_AT_ONCE	64

/*
 * Grants of a frame of the grant table: not the first ones, which are reserved
 * for a toolstack, and not the last, which shows what frame it is.
 */
#define GRANTS_TOTAL	(PAGE_SIZE / sizeof(grant_entry_v1_t))
#define GRANTS_SKIPPED	16
#define GRANTS_USED	480

/* frames of the table: those that Xen allows if it is not told otherwise */
#define GRANT_FRAMES	64

/* what the handle of a domain of ours begins with; its owner follows */
static const char our_handle[12] = "xen-foreign";

static void make_handle(xen_domain_handle_t handle, pid_t owner)
{
	int32_t pid = owner;

	memcpy(handle, our_handle, sizeof(our_handle));
	memcpy(handle + sizeof(our_handle), &pid, sizeof(pid));
}

static bool is_ours(const xen_domain_handle_t handle, pid_t *owner)
{
	int32_t pid;

	if (memcmp(handle, our_handle, sizeof(our_handle)))
		return false;
	memcpy(&pid, handle + sizeof(our_handle), sizeof(pid));
	*owner = pid;
	return true;
}

static xentoollog_logger *silent_log(void)
{
	return (xentoollog_logger *)
		xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
}

/* says why, for what every use of Xen's interfaces needs */
__attribute__((noreturn))
static void die_xen(const char *what)
{
	if (errno == EPERM || errno == EACCES)
		die(EXIT_CANNOT, "%s: not permitted; run it as root in the control domain (dom0)",
		    what);
	die(EXIT_CANNOT, "%s: %s", what, strerror(errno));
}

xc_interface *open_xen(void)
{
	static const char node[] = "/dev/xen/privcmd";
	xentoollog_logger *log = silent_log();
	xc_domaininfo_t info;
	xc_interface *xch;

	/* before libxenctrl, whose own complaint is longer and less clear */
	if (access(node, F_OK))
		die(EXIT_CANNOT, "no %s: this is no domain of Xen, or its kernel has no CONFIG_XEN_PRIVCMD",
		    node);
	if (access(node, R_OK | W_OK))
		die_xen(node);
	xch = xc_interface_open(log, log, 0);
	if (!xch)
		die_xen("opening Xen's interface");
	if (xc_domain_getinfolist(xch, 0, 1, &info) < 0)
		die_xen("asking Xen for its domains");
	return xch;
}

void open_handles(struct domain *d)
{
	d->xch = open_xen();
	d->fmem = xenforeignmemory_open(silent_log(), 0);
	if (!d->fmem)
		die_xen("opening the interface for foreign memory");
	/* without gntdev all but grants can be mapped */
	d->gnttab = xengnttab_open(silent_log(), 0);
}

typedef void (*domain_fn)(xc_interface *xch, const xc_domaininfo_t *info,
			  void *arg);

/* calls fn for all domains but this one */
static void for_each_domain(xc_interface *xch, domain_fn fn, void *arg)
{
	xc_domaininfo_t info[DOMAINS_AT_ONCE];
	uint32_t next = 1;
	int i, n;

	do {
		n = xc_domain_getinfolist(xch, next, DOMAINS_AT_ONCE, info);
		for (i = 0; i < n; i++) {
			fn(xch, &info[i], arg);
			next = info[i].domain + 1;
		}
	} while (n == DOMAINS_AT_ONCE);
}

static void print_domain(xc_interface *xch, const xc_domaininfo_t *info,
			 void *arg)
{
	pid_t owner;

	(void)xch;
	(void)arg;
	printf("%u %s %llu pages%s%s\n", info->domain,
	       info->flags & XEN_DOMINF_hvm_guest ? "hvm" : "pv",
	       (unsigned long long)info->tot_pages,
	       info->flags & XEN_DOMINF_dying ? ", dying" : "",
	       is_ours(info->handle, &owner) ? ", made by xen-foreign" : "");
}

void list_domains(xc_interface *xch)
{
	for_each_domain(xch, print_domain, NULL);
}

struct destroy {
	pid_t owner;		/* 0: all without a living owner */
	int found;
};

static void destroy_domain(xc_interface *xch, const xc_domaininfo_t *info,
			   void *arg)
{
	struct destroy *what = arg;
	pid_t owner;

	if (!is_ours(info->handle, &owner))
		return;
	if (what->owner && owner != what->owner)
		return;
	if (!what->owner && (!kill(owner, 0) || errno != ESRCH))
		return;
	what->found++;
	if (!(info->flags & XEN_DOMINF_dying))
		xc_domain_destroy(xch, info->domain);
}

static int destroy_matching(xc_interface *xch, pid_t owner)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct destroy what = { .owner = owner };
	int tries = GONE_SECONDS * 100, first;

	for_each_domain(xch, destroy_domain, &what);
	first = what.found;
	while (what.found && tries--) {
		nanosleep(&moment, NULL);
		what.found = 0;
		for_each_domain(xch, destroy_domain, &what);
	}
	if (what.found)
		die(EXIT_WRONG, "the domain was destroyed but is still there after %d s: something holds a page of it",
		    GONE_SECONDS);
	return first;
}

int destroy_domains(xc_interface *xch, pid_t owner)
{
	return destroy_matching(xch, owner);
}

int destroy_orphans(xc_interface *xch)
{
	return destroy_matching(xch, 0);
}

static uint32_t grant_ref(size_t i)
{
	return i / GRANTS_USED * GRANTS_TOTAL + GRANTS_SKIPPED +
		i % GRANTS_USED;
}

/*
 * Writes the grant table of a domain that never runs: what its kernel would
 * have done to share its pages with us.
 */
static void grant_frames(struct domain *d)
{
	xenforeignmemory_resource_handle *res;
	grant_entry_v1_t *table = NULL;
	size_t i;

	res = xenforeignmemory_map_resource(d->fmem, d->domid,
					    XENMEM_resource_grant_table,
					    XENMEM_resource_grant_table_id_shared,
					    0, d->nr_resource, (void **)&table,
					    PROT_READ | PROT_WRITE, 0);
	if (!res)
		die_xen("mapping the new domain's grant table");
	for (i = 0; i < d->nr_resource; i++)
		table[i * GRANTS_TOTAL + GRANTS_TOTAL - 1].frame = ~i;
	if (grant_ref(d->nr_frames - 1) < d->nr_resource * GRANTS_TOTAL)
		d->grant = calloc(d->nr_frames, sizeof(*d->grant));
	for (i = 0; d->grant && i < d->nr_frames; i++) {
		grant_entry_v1_t *e;

		d->grant[i] = grant_ref(i);
		e = &table[d->grant[i]];
		e->domid = 0;
		e->frame = d->frame[i];
		__atomic_store_n(&e->flags, GTF_permit_access,
				 __ATOMIC_RELEASE);
	}
	xenforeignmemory_unmap_resource(d->fmem, res);
}

void create_domain(struct domain *d, pid_t owner, size_t pages, size_t batch)
{
	struct xen_domctl_createdomain config = {
		.max_vcpus = 1,
		.max_evtchn_port = 127,
		.max_grant_frames = batch < GRANT_FRAMES ? GRANT_FRAMES : batch,
		.max_maptrack_frames = 0,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	size_t i;

	make_handle(config.handle, owner);
	while (xc_domain_create(d->xch, &d->domid, &config)) {
		/* more than gnttab_max_frames= of Xen's command line? */
		if (errno != EINVAL || config.max_grant_frames <= GRANT_FRAMES)
			die_xen("creating a domain");
		config.max_grant_frames = GRANT_FRAMES;
	}
	d->ours = true;
	d->nr_resource = config.max_grant_frames;
	d->nr_frames = pages;
	d->frame = calloc(pages, sizeof(*d->frame));
	if (!d->frame)
		die(EXIT_CANNOT, "out of memory");
	for (i = 0; i < pages; i++)
		d->frame[i] = i;
	if (xc_domain_setmaxmem(d->xch, d->domid,
				(pages + 256) * (PAGE_SIZE / 1024)))
		die_xen("setting the new domain's memory limit");
	if (xc_domain_populate_physmap_exact(d->xch, d->domid, pages, 0, 0,
					     d->frame))
		die(EXIT_CANNOT, "Xen has not the memory for a domain of %zu pages; use a smaller --pages or dom0_mem=",
		    pages);
	fill_frames(d, 1);
	grant_frames(d);
}

/* the frames of a PV domain, by its own table of them */
static void find_pv_frames(struct domain *d, size_t pages)
{
	struct xc_domain_meminfo mem = { 0 };
	unsigned long i;

	if (xc_map_domain_meminfo(d->xch, d->domid, &mem))
		die(EXIT_CANNOT, "domain %u has no list of its pages (yet): %s",
		    d->domid, strerror(errno));
	for (i = 0; i < mem.p2m_size && d->nr_frames < pages; i++) {
		xen_pfn_t type = mem.pfn_type[i];

		/* page tables and the like cannot be mapped writable */
		if (type == XEN_DOMCTL_PFINFO_NOTAB)
			d->frame[d->nr_frames++] = mem.p2m_table[i];
	}
	xc_unmap_domain_meminfo(d->xch, &mem);
}

static void find_hvm_frames(struct domain *d, size_t pages)
{
	xen_pfn_t last, i;

	if (xc_domain_maximum_gpfn(d->xch, d->domid, &last) < 0)
		die_xen("asking for the domain's last page");
	for (i = 0; i <= last && d->nr_frames < pages; i++)
		d->frame[d->nr_frames++] = i;
}

/* keep those that can be mapped and written to, and say if they are too few */
static void keep_mappable(struct domain *d, size_t pages)
{
	size_t i, kept = 0, found = d->nr_frames;
	int *err = calloc(found + 1, sizeof(*err));
	void *p;

	if (!err)
		die(EXIT_CANNOT, "out of memory");
	if (found) {
		p = xenforeignmemory_map(d->fmem, d->domid,
					 PROT_READ | PROT_WRITE, found,
					 d->frame, err);
		if (!p)
			die_xen("mapping the domain's pages");
		xenforeignmemory_unmap(d->fmem, p, found);
	}
	for (i = 0; i < found; i++)
		if (!err[i])
			d->frame[kept++] = d->frame[i];
	d->nr_frames = kept;
	free(err);
	if (kept < pages)
		die(EXIT_CANNOT, "domain %u has only %zu pages that can be mapped, %zu are wanted; use a smaller --pages and --batch",
		    d->domid, kept, pages);
}

void use_domain(struct domain *d, uint32_t domid, size_t pages)
{
	xc_domaininfo_t info;
	size_t size = 0;

	if (xc_domain_getinfolist(d->xch, domid, 1, &info) != 1 ||
	    info.domain != domid || info.flags & XEN_DOMINF_dying)
		die(EXIT_CANNOT, "there is no domain %u; xen-foreign --list shows which there are",
		    domid);
	d->domid = domid;
	d->hvm = info.flags & XEN_DOMINF_hvm_guest;
	/* some more than are wanted, as some cannot be mapped */
	d->frame = calloc(2 * pages, sizeof(*d->frame));
	if (!d->frame)
		die(EXIT_CANNOT, "out of memory");
	if (d->hvm)
		find_hvm_frames(d, 2 * pages);
	else
		find_pv_frames(d, 2 * pages);
	keep_mappable(d, pages);
	d->nr_frames = pages;
	if (!xenforeignmemory_resource_size(d->fmem, domid,
					    XENMEM_resource_grant_table,
					    XENMEM_resource_grant_table_id_shared,
					    &size))
		d->nr_resource = size / PAGE_SIZE;
}
