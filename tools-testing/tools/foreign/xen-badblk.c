// SPDX-License-Identifier: GPL-2.0
/*
 * xen-badblk: a frontend that hands a block backend bad grants
 *
 * Plays the frontend of a disk against the backend of the same kernel, in dom0.
 * Requests whose grants are all good have to read and write the disk; one with a
 * bad grant among good ones has to be answered with an error, change nothing, and
 * leave none of the good ones mapped (CVE-2021-26932). The kernel tells of a grant
 * that is still mapped when it is revoked ("deferring g.e."): its log is what the
 * caller has to look at in the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenstore.h>
#include <xen/gntalloc.h>

#include <xen/io/blkif.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#include "cli.h"
#include "pt_mem.h"

#define EXIT_WRONG	1
#define EXIT_CANNOT	3

#define VDEV		"51760"
#define FRONT		"/local/domain/0/pt-blk/" VDEV
#define BACK		"/local/domain/0/backend/vbd/0/" VDEV

#define WAIT_MS		20000

/* pages of a request; those of an indirect one are mapped in three goes */
#define DIRECT		8
#define INDIRECT	28

#define SECTORS		(PAGE_SIZE / 512)

static struct xs_handle *xs;
static xenevtchn_handle *xce;
static evtchn_port_t port;
static int gntalloc;
static blkif_front_ring_t ring;

/* pages that are granted to the backend */
struct pages {
	struct ioctl_gntalloc_alloc_gref *op;
	char *addr;
	size_t nr;
};

static struct pages shared, list, data;

static void grant_pages(struct pages *p, size_t nr)
{
	p->op = calloc(1, sizeof(*p->op) + nr * sizeof(uint32_t));
	if (!p->op)
		die(EXIT_CANNOT, "out of memory");
	p->nr = nr;
	p->op->count = nr;
	p->op->flags = GNTALLOC_FLAG_WRITABLE;
	if (ioctl(gntalloc, IOCTL_GNTALLOC_ALLOC_GREF, p->op))
		die(EXIT_CANNOT, "granting %zu pages: %s", nr, strerror(errno));
	p->addr = mmap(NULL, nr * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       gntalloc, p->op->index);
	if (p->addr == MAP_FAILED)
		die(EXIT_CANNOT, "mapping granted pages: %s", strerror(errno));
}

static void revoke_pages(struct pages *p)
{
	struct ioctl_gntalloc_dealloc_gref op = {
		.index = p->op->index,
		.count = p->nr,
	};

	munmap(p->addr, p->nr * PAGE_SIZE);
	if (ioctl(gntalloc, IOCTL_GNTALLOC_DEALLOC_GREF, &op))
		die(EXIT_CANNOT, "revoking grants: %s", strerror(errno));
	free(p->op);
}

static uint32_t ref_of(const struct pages *p, size_t i)
{
	return p->op->gref_ids[i];
}

/* a reference that was given back: it grants nothing */
static uint32_t bad_ref(void)
{
	struct pages p;
	uint32_t ref;

	grant_pages(&p, 1);
	ref = ref_of(&p, 0);
	revoke_pages(&p);
	return ref;
}

/* XenStore */

static void put(const char *dir, const char *key, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	if (!xs_write(xs, XBT_NULL, path, value, strlen(value)))
		die(EXIT_CANNOT, "writing %s: %s", path, strerror(errno));
}

static void put_number(const char *dir, const char *key, unsigned int n)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", n);
	put(dir, key, value);
}

static int backend_state(void)
{
	unsigned int len;
	char *value = xs_read(xs, XBT_NULL, BACK "/state", &len);
	int state = value ? atoi(value) : XenbusStateUnknown;

	free(value);
	return state;
}

static void wait_for_backend(int state)
{
	int ms;

	for (ms = 0; ms < WAIT_MS; ms += 10) {
		if (backend_state() == state)
			return;
		usleep(10000);
	}
	die(EXIT_CANNOT, "the backend is in state %d, not %d; is there one (CONFIG_XEN_BLKDEV_BACKEND)?",
	    backend_state(), state);
}

static void connect_backend(const char *dev)
{
	struct stat st;
	char number[16];

	if (stat(dev, &st) || !S_ISBLK(st.st_mode))
		die(EXIT_USAGE, "%s is no block device", dev);
	snprintf(number, sizeof(number), "%x:%x", major(st.st_rdev),
		 minor(st.st_rdev));
	put(FRONT, "backend", BACK);
	put(FRONT, "backend-id", "0");
	put(FRONT, "protocol", XEN_IO_PROTO_ABI_NATIVE);
	put_number(FRONT, "ring-ref", ref_of(&shared, 0));
	put_number(FRONT, "event-channel", port);
	put_number(FRONT, "state", XenbusStateInitialising);
	put(BACK, "frontend", FRONT);
	put(BACK, "frontend-id", "0");
	put(BACK, "online", "1");
	put(BACK, "dev", "pt");
	put(BACK, "type", "phy");
	put(BACK, "params", dev);
	put(BACK, "mode", "w");
	put(BACK, "physical-device", number);
	put_number(BACK, "state", XenbusStateInitialising);
	wait_for_backend(XenbusStateInitWait);
	put_number(FRONT, "state", XenbusStateInitialised);
	wait_for_backend(XenbusStateConnected);
	put_number(FRONT, "state", XenbusStateConnected);
}

static void disconnect_backend(void)
{
	put(BACK, "online", "0");
	put_number(FRONT, "state", XenbusStateClosing);
	wait_for_backend(XenbusStateClosing);
	put_number(FRONT, "state", XenbusStateClosed);
	wait_for_backend(XenbusStateClosed);
	xs_rm(xs, XBT_NULL, BACK);
	xs_rm(xs, XBT_NULL, FRONT);
}

/* requests */

static int send_and_wait(void)
{
	struct pollfd pfd = { .fd = xenevtchn_fd(xce), .events = POLLIN };
	blkif_response_t *rsp;
	int notify, status;

	ring.req_prod_pvt++;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring, notify);
	if (notify)
		xenevtchn_notify(xce, port);
	while (!RING_HAS_UNCONSUMED_RESPONSES(&ring)) {
		ring.sring->rsp_event = ring.rsp_cons + 1;
		xen_mb();
		if (RING_HAS_UNCONSUMED_RESPONSES(&ring))
			break;
		if (poll(&pfd, 1, WAIT_MS) != 1)
			die(EXIT_WRONG, "the backend does not answer a request");
		xenevtchn_unmask(xce, xenevtchn_pending(xce));
	}
	xen_rmb();
	rsp = RING_GET_RESPONSE(&ring, ring.rsp_cons);
	status = rsp->status;
	ring.rsp_cons++;
	return status;
}

/* all of the data pages, from the start of the disk; returns the answer */
static int request(int op, const uint32_t *ref, size_t nr)
{
	blkif_request_t *req = RING_GET_REQUEST(&ring, ring.req_prod_pvt);
	blkif_request_indirect_t *ind = (void *)req;
	struct blkif_request_segment *seg = req->seg;
	size_t i;

	memset(req, 0, sizeof(*req));
	if (nr > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		ind->operation = BLKIF_OP_INDIRECT;
		ind->indirect_op = op;
		ind->nr_segments = nr;
		ind->indirect_grefs[0] = ref_of(&list, 0);
		seg = (void *)list.addr;
	} else {
		req->operation = op;
		req->nr_segments = nr;
	}
	for (i = 0; i < nr; i++) {
		seg[i].gref = ref[i];
		seg[i].first_sect = 0;
		seg[i].last_sect = SECTORS - 1;
	}
	return send_and_wait();
}

static uint64_t pattern(unsigned int seed, size_t i)
{
	return ((uint64_t)seed << 32 | (i + 1)) * 0x9e3779b97f4a7c15ull;
}

static void fill(unsigned int seed, size_t nr)
{
	size_t i;

	for (i = 0; i < nr * PAGE_SIZE / 8; i++)
		((uint64_t *)data.addr)[i] = pattern(seed, i);
}

static bool holds(unsigned int seed, size_t nr)
{
	size_t i;

	for (i = 0; i < nr * PAGE_SIZE / 8; i++)
		if (((uint64_t *)data.addr)[i] != pattern(seed, i))
			return false;
	return true;
}

/* what is wrong with requests of that size, or NULL */
static const char *check(size_t nr, size_t *refused)
{
	uint32_t ref[INDIRECT], bad = bad_ref();
	unsigned int seed = nr;
	size_t i;

	for (i = 0; i < nr; i++)
		ref[i] = ref_of(&data, i);
	fill(seed, nr);
	if (request(BLKIF_OP_WRITE, ref, nr) != BLKIF_RSP_OKAY)
		return "a good write fails";
	for (i = 0; i < nr; i++) {
		ref[i] = bad;
		/* what a write would leave on the disk */
		fill(seed + 1000, nr);
		if (request(BLKIF_OP_WRITE, ref, nr) != BLKIF_RSP_ERROR)
			return "a write with a bad grant does not fail";
		if (request(BLKIF_OP_READ, ref, nr) != BLKIF_RSP_ERROR)
			return "a read with a bad grant does not fail";
		if (!holds(seed + 1000, nr))
			return "a read that failed has changed pages";
		*refused += 2;
		ref[i] = ref_of(&data, i);
		if (request(BLKIF_OP_READ, ref, nr) != BLKIF_RSP_OKAY)
			return "a good read fails";
		if (!holds(seed, nr))
			return "a write that failed has changed the disk";
	}
	return NULL;
}

static const char usage[] =
"usage: xen-badblk DEVICE\n"
"Hands the block backend of this kernel requests with a bad grant among good ones,\n"
"as the frontend of a disk that is DEVICE, which is overwritten. In dom0, with a\n"
"XenStore. Look into the kernel's log for \"g.e.\" afterwards: a grant that stayed\n"
"mapped.\n"
"  -h, --help     this\n"
"      --version  the version of this program\n"
"Exit status: 0 well, 1 a request was not answered as it must be, 2 bad usage, 3\n"
"cannot: no privilege, no backend, no XenStore.\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = { CLI_OPTIONS };
	static const size_t sizes[] = { 2, DIRECT, INDIRECT };
	size_t i;
	int bad = 0;

	/* has no option that returns */
	next_option(argc, argv, "+:h", longs, usage);
	if (argc - optind != 1)
		die(EXIT_USAGE, "wants a DEVICE, see --help");
	gntalloc = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC);
	if (gntalloc < 0)
		die(EXIT_CANNOT, "/dev/xen/gntalloc: %s", strerror(errno));
	xce = xenevtchn_open(NULL, 0);
	if (!xce)
		die(EXIT_CANNOT, "event channels: %s", strerror(errno));
	xs = xs_open(0);
	if (!xs)
		die(EXIT_CANNOT, "XenStore: %s", strerror(errno));

	grant_pages(&shared, 1);
	grant_pages(&list, 1);
	grant_pages(&data, INDIRECT);
	SHARED_RING_INIT((blkif_sring_t *)shared.addr);
	FRONT_RING_INIT(&ring, (blkif_sring_t *)shared.addr, PAGE_SIZE);
	port = xenevtchn_bind_unbound_port(xce, 0);
	if ((int)port < 0)
		die(EXIT_CANNOT, "an event channel: %s", strerror(errno));
	connect_backend(argv[optind]);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t refused = 0;
		const char *why = check(sizes[i], &refused);

		printf("  %-5s blkback, %zu pages a request: %zu with a bad grant refused%s%s\n",
		       why ? "FAIL" : "ok", sizes[i], refused, why ? "; " : "",
		       why ? why : "");
		bad += !!why;
	}
	/* the ring is mapped until then, these are not */
	revoke_pages(&data);
	revoke_pages(&list);
	disconnect_backend();
	revoke_pages(&shared);
	return bad ? EXIT_WRONG : EXIT_SUCCESS;
}
