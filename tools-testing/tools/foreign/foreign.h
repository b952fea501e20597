/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of xen-foreign share. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xentoollog.h>

#include "cli.h"
#include "pt_mem.h"

/* most pages of a mapping, and of all mappings together */
#define MAX_BATCH	65536ul
#define MAX_PAGES	65536ul

/* exit statuses, besides EXIT_USAGE */
enum {
	EXIT_OK = 0,
	EXIT_WRONG = 1,		/* a mapping was not what it has to be */
	EXIT_CANNOT = 3,	/* no privilege, no such domain, Xen refuses */
};

/* handles to Xen, and the domain whose pages are mapped */
struct domain {
	xc_interface *xch;
	xenforeignmemory_handle *fmem;
	xengnttab_handle *gnttab;
	uint32_t domid;
	bool ours;		/* made here: paused, and nobody else's */
	bool hvm;
	xen_pfn_t *frame;	/* what is mapped, nr_frames of them */
	size_t nr_frames;
	size_t nr_resource;	/* frames of its grant table */
	uint32_t *grant;	/* the grant of each frame to us, or NULL */
	uint32_t seed;		/* of the pattern in the frames, if ours */
};

/* domain.c */
xc_interface *open_xen(void);
void open_handles(struct domain *d);
/* its number, if there is one that is not us */
void use_domain(struct domain *d, uint32_t domid, size_t pages);
void create_domain(struct domain *d, pid_t owner, size_t pages, size_t batch);
/* destroys the domains of @owner, and waits until they are gone; how many */
int destroy_domains(xc_interface *xch, pid_t owner);
/* those whose owner does not live any more, whatever killed it */
int destroy_orphans(xc_interface *xch);
void list_domains(xc_interface *xch);

/* one mapping call's outcome */
struct mapping {
	void *addr;
	xenforeignmemory_resource_handle *resource;
};

/* a way to map: all functions return NULL, or what is wrong */
struct kind {
	const char *name;
	const char *what;
	/* how many pages there are to map, at most; 0 with *why not any */
	size_t (*pages)(const struct domain *d, const char **why);
	bool (*map)(struct domain *d, size_t first, size_t nr,
		    struct mapping *m);
	bool (*unmap)(struct domain *d, size_t nr, struct mapping *m);
	bool (*check)(struct domain *d, size_t first, size_t nr,
		      const struct mapping *m);
	bool writes;		/* the check leaves a new pattern */
};

extern const struct kind kinds[];
extern const size_t nr_kinds;

/* mapping.c */
/* how many grants there are, or 0 with *why not any */
size_t grants_of(const struct domain *d, const char **why);
void fill_frames(struct domain *d, uint32_t seed);
/* do all frames of our own domain hold the pattern? */
bool check_frames(struct domain *d);

/* refuse.c: are batches with a bad grant refused, and nothing of them mapped? */
bool refuse_bad_grants(struct domain *d);

#endif /* FOREIGN_H */
