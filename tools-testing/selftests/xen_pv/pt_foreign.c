// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of another domain in a process of dom0: mapped by frame number through
 * /dev/xen/privcmd and by grant through /dev/xen/gntdev.
 *
 * The other domain is made here: a PV guest without a CPU, some hundred pages
 * and nobody's but ours. That a mapping has gone shows when it is destroyed:
 * Xen keeps a domain as long as anything refers to a page of it.
 *
 * Needs root in dom0, and libxenctrl when it is built, as the hypercalls that
 * make a domain differ from one version of Xen to the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "pt_util.h"
#include "xentrace.h"

#ifdef WITH_XEN

#include <xenctrl.h>
#include <xen/sys/privcmd.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define PT_TIMEOUT	60
#define PT_TEST(fixture, name)	TEST_F_TIMEOUT(fixture, name, PT_TIMEOUT)

/* Crosses the end of a batch of 256 frames twice, and of page tables. */
#define NR_PAGES	600
/* Grants of one page table, and across one */
#define NR_GRANTS	70

/* No machine has that frame. */
#define BAD_FRAME	((1ul << 39) - 7)

/* For a domain that was destroyed to be gone, or to still be there */
#define GONE_MS		5000
#define STAYS_MS	200

/* What may come from elsewhere, in parts of a page */
#define NOISE		100

static const xen_domain_handle_t our_handle = "xen_pv/foreign";

static bool judge;

static xc_interface *xen_open(void)
{
	xentoollog_logger *log = (xentoollog_logger *)
		xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);

	return xc_interface_open(log, log, 0);
}

/* Destroy what a test that was killed has left. */
static void destroy_ours(xc_interface *xch)
{
	xc_domaininfo_t info[64];
	int i, n = xc_domain_getinfolist(xch, 1, 64, info);

	for (i = 0; i < n; i++)
		if (!memcmp(info[i].handle, our_handle, sizeof(our_handle)))
			xc_domain_destroy(xch, info[i].domain);
}

static bool domain_exists(xc_interface *xch, __u32 domid)
{
	xc_domaininfo_t info;

	return xc_domain_getinfolist(xch, domid, 1, &info) == 1 &&
		info.domain == domid;
}

/* Is it gone within that time? */
static bool domain_gone(xc_interface *xch, __u32 domid, int ms)
{
	while (domain_exists(xch, domid)) {
		if (ms <= 0)
			return false;
		usleep(10000);
		ms -= 10;
	}
	return true;
}

FIXTURE(foreign) {
	xc_interface *xch;
	__u32 domid;
	bool created;
	int fd;				/* privcmd */
	xen_pfn_t frame[NR_PAGES];
	int err[NR_PAGES];
};

FIXTURE_SETUP(foreign)
{
	struct xen_domctl_createdomain config = {
		.max_vcpus = 1,
		.max_evtchn_port = 127,
		.max_grant_frames = 4,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	size_t i;

	memcpy(config.handle, our_handle, sizeof(our_handle));
	self->fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->xch = xen_open();
	ASSERT_NE(NULL, self->xch);
	ASSERT_EQ(0, xc_domain_create(self->xch, &self->domid, &config));
	self->created = true;
	ASSERT_EQ(0, xc_domain_setmaxmem(self->xch, self->domid,
					 (NR_PAGES + 64) * 4));
	for (i = 0; i < NR_PAGES; i++)
		self->frame[i] = i;
	ASSERT_EQ(0, xc_domain_populate_physmap_exact(self->xch, self->domid,
						      NR_PAGES, 0, 0,
						      self->frame));
}

FIXTURE_TEARDOWN(foreign)
{
	/* all mappings have to be gone by now: see the end of each test */
	if (self->created && domain_exists(self->xch, self->domid)) {
		EXPECT_EQ(0, xc_domain_destroy(self->xch, self->domid));
		EXPECT_TRUE(domain_gone(self->xch, self->domid, GONE_MS)) {
			TH_LOG("a reference to a page of the domain is left");
		}
	}
	close(self->fd);
	xc_interface_close(self->xch);
}

/* Map frames; @err gets an error a frame. NULL if nothing could be mapped. */
static char *map_frames(int fd, __u32 domid, const xen_pfn_t *frame,
			size_t nr, int prot, int *err)
{
	struct privcmd_mmapbatch_v2 batch = {
		.num = nr,
		.dom = domid,
		.arr = frame,
		.err = err,
	};
	void *p = mmap(NULL, nr * PAGE_SIZE, prot, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return NULL;
	memset(err, 0x55, nr * sizeof(*err));
	batch.addr = (unsigned long)p;
	if (ioctl(fd, IOCTL_PRIVCMD_MMAPBATCH_V2, &batch)) {
		munmap(p, nr * PAGE_SIZE);
		return NULL;
	}
	return p;
}

#define MAP(frame, nr, prot)						\
	map_frames(self->fd, self->domid, frame, nr, prot, self->err)

static size_t count_errors(const int *err, size_t nr)
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		n += err[i] != 0;
	return n;
}

/* Words at both ends of a page tell it from all others. */
static __u64 word(unsigned int seed, size_t i)
{
	return ((__u64)seed << 32 | (i + 1)) * 0x9e3779b97f4a7c15ull;
}

static void write_page(char *p, unsigned int seed, size_t i)
{
	pt_store(p, word(seed, i));
	pt_store(p + PAGE_SIZE - sizeof(__u64), ~word(seed, i));
}

static bool page_holds(const char *p, unsigned int seed, size_t i)
{
	return pt_load(p) == word(seed, i) &&
		pt_load(p + PAGE_SIZE - sizeof(__u64)) == ~word(seed, i);
}

static void write_pages(char *p, unsigned int seed, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		write_page(p + i * PAGE_SIZE, seed, i);
}

static size_t count_wrong(const char *p, unsigned int seed, size_t nr)
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		n += !page_holds(p + i * PAGE_SIZE, seed, i);
	return n;
}

/* What is written through one mapping is read through the next ones. */
PT_TEST(foreign, contents)
{
	static const size_t nr[] = { 1, 2, 15, 16, 17, 255, 256, 257, 511, 512,
				     513, NR_PAGES };
	xen_pfn_t reversed[NR_PAGES];
	char *p, *q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		p = MAP(self->frame, nr[i], PROT_READ | PROT_WRITE);
		ASSERT_NE(NULL, p);
		EXPECT_EQ(0, count_errors(self->err, nr[i]));
		write_pages(p, i + 1, nr[i]);
		ASSERT_EQ(0, munmap(p, nr[i] * PAGE_SIZE));

		p = MAP(self->frame, nr[i], PROT_READ);
		ASSERT_NE(NULL, p);
		EXPECT_EQ(0, count_errors(self->err, nr[i]));
		EXPECT_EQ(0, count_wrong(p, i + 1, nr[i]));
		ASSERT_EQ(0, munmap(p, nr[i] * PAGE_SIZE));
	}

	for (i = 0; i < NR_PAGES; i++)
		reversed[i] = self->frame[NR_PAGES - 1 - i];
	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	q = MAP(reversed, NR_PAGES, PROT_READ);
	ASSERT_NE(NULL, p);
	ASSERT_NE(NULL, q);
	for (i = 0; i < NR_PAGES; i++) {
		write_page(p + i * PAGE_SIZE, 77, i);
		EXPECT_TRUE(page_holds(q + (NR_PAGES - 1 - i) * PAGE_SIZE, 77,
				       i));
	}
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
	ASSERT_EQ(0, munmap(q, NR_PAGES * PAGE_SIZE));
}

/* Each frame that does not exist is reported, and no other. */
PT_TEST(foreign, invalid_frames)
{
	static const size_t bad[][8] = {
		/* how many, and which */
		{ 1, 0 },
		{ 1, 300 },
		{ 1, NR_PAGES - 1 },
		{ 2, 255, 256 },
		{ 3, 0, 300, NR_PAGES - 1 },
		{ 7, 0, 15, 16, 255, 256, 511, 512 },
	};
	xen_pfn_t frame[NR_PAGES];
	size_t i, b;
	char *p;

	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, p);
	write_pages(p, 3, NR_PAGES);
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));

	for (b = 0; b < ARRAY_SIZE(bad); b++) {
		bool is_bad[NR_PAGES] = { false };

		memcpy(frame, self->frame, sizeof(frame));
		for (i = 1; i <= bad[b][0]; i++) {
			frame[bad[b][i]] = BAD_FRAME;
			is_bad[bad[b][i]] = true;
		}
		p = MAP(frame, NR_PAGES, PROT_READ);
		ASSERT_NE(NULL, p);
		for (i = 0; i < NR_PAGES; i++) {
			char *page = p + i * PAGE_SIZE;

			if (is_bad[i]) {
				EXPECT_GT(0, self->err[i]);
				EXPECT_FALSE(pt_can_read(page));
			} else {
				EXPECT_EQ(0, self->err[i]);
				EXPECT_TRUE(page_holds(page, 3, i));
			}
		}
		ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
	}

	/* nothing but */
	for (i = 0; i < NR_PAGES; i++)
		frame[i] = BAD_FRAME;
	p = MAP(frame, NR_PAGES, PROT_READ);
	ASSERT_NE(NULL, p);
	EXPECT_EQ(NR_PAGES, count_errors(self->err, NR_PAGES));
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
}

PT_TEST(foreign, read_only)
{
	size_t i;
	char *p;

	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, p);
	write_pages(p, 4, NR_PAGES);
	for (i = 0; i < NR_PAGES; i += 97)
		EXPECT_TRUE(pt_can_write(p + i * PAGE_SIZE));
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));

	p = MAP(self->frame, NR_PAGES, PROT_READ);
	ASSERT_NE(NULL, p);
	for (i = 0; i < NR_PAGES; i += 97)
		EXPECT_FALSE(pt_can_write(p + i * PAGE_SIZE));
	EXPECT_EQ(0, count_wrong(p, 4, NR_PAGES));
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
}

/* The kernel does not split such a mapping. */
PT_TEST(foreign, no_split)
{
	const size_t half = NR_PAGES / 2 * PAGE_SIZE;
	char *p;

	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, p);
	write_pages(p, 5, NR_PAGES);
	EXPECT_EQ(-1, munmap(p, half));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, munmap(p + half, half));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, mprotect(p, half, PROT_READ));
	EXPECT_TRUE(errno == EINVAL || errno == EACCES);
	EXPECT_EQ(0, count_wrong(p, 5, NR_PAGES));
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
}

/* Of the pages that can be read, how many hold something else? */
static size_t count_readable_wrong(char *p, unsigned int seed, size_t nr)
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		n += pt_can_read(p + i * PAGE_SIZE) &&
			!page_holds(p + i * PAGE_SIZE, seed, i);
	return n;
}

static bool may_read(int prot)
{
	return prot & PROT_READ;
}

static bool may_write(int prot)
{
	return prot & PROT_WRITE;
}

/* How many pages can be accessed in another way than @prot says. */
static size_t count_other(char *p, size_t nr, int prot)
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		n += pt_can_read(p + i * PAGE_SIZE) != may_read(prot) ||
			pt_can_write(p + i * PAGE_SIZE) != may_write(prot);
	return n;
}

/* Another protection takes effect on each page, or the call fails. */
PT_TEST(foreign, protect)
{
	static const int prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
	};
	const size_t nr = 256;
	size_t i, j;
	int prot;
	char *p;

	pt_kmsg_open();
	for (i = 0; i < 2; i++)
		for (j = 0; j < ARRAY_SIZE(prots); j++) {
			p = MAP(self->frame, nr, PROT_READ | PROT_WRITE);
			ASSERT_NE(NULL, p);
			write_pages(p, 20 + i, nr);
			ASSERT_EQ(0, munmap(p, nr * PAGE_SIZE));

			prot = prots[i];
			p = MAP(self->frame, nr, prot);
			ASSERT_NE(NULL, p);
			if (!mprotect(p, nr * PAGE_SIZE, prots[j]))
				prot = prots[j];
			else
				EXPECT_NE(prot, prots[j]);
			EXPECT_EQ(0, count_other(p, nr, prot)) {
				TH_LOG("mapped %#x, mprotect(%#x), so it has to be %#x",
				       prots[i], prots[j], prot);
			}
			/* and back */
			if (!mprotect(p, nr * PAGE_SIZE, prots[i]))
				prot = prots[i];
			EXPECT_EQ(0, count_other(p, nr, prot)) {
				TH_LOG("mapped %#x, mprotect(%#x) and back",
				       prots[i], prots[j]);
			}
			EXPECT_EQ(0, count_readable_wrong(p, 20 + i, nr));
			ASSERT_EQ(0, munmap(p, nr * PAGE_SIZE));
		}
	EXPECT_EQ(0, pt_kmsg_complaints());
}

/* Before there is anything in it, a mapping gets the protection that is asked for. */
PT_TEST(foreign, protect_first)
{
	struct privcmd_mmapbatch_v2 batch = {
		.num = NR_PAGES,
		.dom = self->domid,
		.arr = self->frame,
		.err = self->err,
	};
	const size_t len = NR_PAGES * PAGE_SIZE;
	char *p;

	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, mprotect(p, len, PROT_READ));
	batch.addr = (unsigned long)p;
	ASSERT_EQ(0, ioctl(self->fd, IOCTL_PRIVCMD_MMAPBATCH_V2, &batch));
	EXPECT_EQ(0, count_other(p, NR_PAGES, PROT_READ));
	ASSERT_EQ(0, munmap(p, len));
}

/* Moved as a whole, the pages are where they were moved to, or mremap() fails. */
PT_TEST(foreign, move)
{
	const size_t len = NR_PAGES * PAGE_SIZE;
	char *p, *to, *moved;

	pt_kmsg_open();
	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, p);
	write_pages(p, 30, NR_PAGES);
	to = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, to);
	moved = mremap(p, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (moved == MAP_FAILED)
		moved = p;
	EXPECT_EQ(0, count_other(moved, NR_PAGES, PROT_READ | PROT_WRITE)) {
		TH_LOG("mremap() %s, and not all pages are there",
		       moved == p ? "fails" : "moves them");
	}
	EXPECT_EQ(0, count_readable_wrong(moved, 30, NR_PAGES));
	ASSERT_EQ(0, munmap(moved, len));
	EXPECT_EQ(0, pt_kmsg_complaints());

	/* nothing of it is left */
	ASSERT_EQ(0, xc_domain_destroy(self->xch, self->domid));
	EXPECT_TRUE(domain_gone(self->xch, self->domid, GONE_MS));
}

/* A page that is mapped keeps the domain, and one that is not does not. */
PT_TEST(foreign, reference)
{
	const size_t last = NR_PAGES - 1;
	char *p, *q;

	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	q = MAP(self->frame + last, 1, PROT_READ);
	ASSERT_NE(NULL, p);
	ASSERT_NE(NULL, q);
	write_pages(p, 6, NR_PAGES);

	ASSERT_EQ(0, xc_domain_destroy(self->xch, self->domid));
	EXPECT_FALSE(domain_gone(self->xch, self->domid, STAYS_MS));
	EXPECT_EQ(0, count_wrong(p, 6, NR_PAGES));

	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
	EXPECT_FALSE(domain_gone(self->xch, self->domid, STAYS_MS));
	EXPECT_TRUE(page_holds(q, 6, last));

	ASSERT_EQ(0, munmap(q, PAGE_SIZE));
	EXPECT_TRUE(domain_gone(self->xch, self->domid, GONE_MS));
}

/* A child does not inherit the mapping. */
PT_TEST(foreign, fork)
{
	int status;
	pid_t pid;
	char *p;

	p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, p);
	write_pages(p, 7, NR_PAGES);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(pt_can_read(p) ||
		      pt_can_read(p + (NR_PAGES - 1) * PAGE_SIZE));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(0, count_wrong(p, 7, NR_PAGES));
	ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
}

/* A process that ends with the pages mapped leaves none behind. */
PT_TEST(foreign, end_mapped)
{
	static const int how[] = { 0, SIGTERM, SIGKILL };
	size_t i;
	char *p;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		int status;
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid) {
			p = MAP(self->frame, NR_PAGES, PROT_READ | PROT_WRITE);
			if (!p || count_errors(self->err, NR_PAGES))
				_exit(1);
			write_pages(p, 8 + i, NR_PAGES);
			if (how[i])
				raise(how[i]);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(how[i], status);

		p = MAP(self->frame, NR_PAGES, PROT_READ);
		ASSERT_NE(NULL, p);
		EXPECT_EQ(0, count_wrong(p, 8 + i, NR_PAGES));
		ASSERT_EQ(0, munmap(p, NR_PAGES * PAGE_SIZE));
	}
	ASSERT_EQ(0, xc_domain_destroy(self->xch, self->domid));
	EXPECT_TRUE(domain_gone(self->xch, self->domid, GONE_MS));
}

/* Unmapping is not trapped, in whatever pieces. */
PT_TEST(foreign, traps)
{
	static const size_t batch[] = { 1, 30, NR_PAGES };
	struct xentrace *xt = xentrace_start(0);
	struct xentrace_counts map, unmap;
	char *p[NR_PAGES];
	size_t b, i, n;

	if (!xentrace_ok(xt))
		SKIP(return, "Xen's trace buffers: %s", xentrace_error(xt));
	for (b = 0; b < ARRAY_SIZE(batch); b++) {
		n = NR_PAGES / batch[b];
		ASSERT_EQ(0, xentrace_reset(xt));
		for (i = 0; i < n; i++)
			p[i] = MAP(self->frame + i * batch[b], batch[b],
				   PROT_READ | PROT_WRITE);
		ASSERT_EQ(0, xentrace_read(xt, &map));
		for (i = 0; i < n; i++) {
			ASSERT_NE(NULL, p[i]);
			write_pages(p[i], 9, batch[b]);
		}

		ASSERT_EQ(0, xentrace_reset(xt));
		for (i = 0; i < n; i++)
			munmap(p[i], batch[b] * PAGE_SIZE);
		ASSERT_EQ(0, xentrace_read(xt, &unmap));
		ksft_print_msg("batches of %zu: %.3f trapped writes a page mapped, %.3f unmapped\n",
			       batch[b], (double)map.ptwr / NR_PAGES,
			       (double)unmap.ptwr / NR_PAGES);
		EXPECT_EQ(0, map.lost + unmap.lost);
		if (judge) {
			EXPECT_GE(NR_PAGES / NOISE, map.ptwr);
			EXPECT_GE(NR_PAGES / NOISE, unmap.ptwr);
		}
	}
	xentrace_stop(xt);
}

/* Pages of our own that we grant to ourselves, and map a second time. */
PT_TEST(foreign, grants)
{
	struct ioctl_gntalloc_alloc_gref *alloc;
	struct ioctl_gntdev_map_grant_ref *map;
	struct ioctl_gntdev_unmap_grant_ref unmap = { .count = NR_GRANTS };
	struct ioctl_gntalloc_dealloc_gref dealloc = { .count = NR_GRANTS };
	int alloc_fd, dev_fd, prot;
	struct xentrace *xt;
	struct xentrace_counts c;
	char *own, *p;
	size_t i;

	alloc_fd = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC);
	if (alloc_fd < 0)
		SKIP(return, "/dev/xen/gntalloc: %s", strerror(errno));
	dev_fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	if (dev_fd < 0)
		SKIP(return, "/dev/xen/gntdev: %s", strerror(errno));

	alloc = calloc(1, sizeof(*alloc) + NR_GRANTS * sizeof(__u32));
	map = calloc(1, sizeof(*map) + NR_GRANTS * sizeof(map->refs[0]));
	ASSERT_NE(NULL, alloc);
	ASSERT_NE(NULL, map);

	alloc->flags = GNTALLOC_FLAG_WRITABLE;
	alloc->count = NR_GRANTS;
	ASSERT_EQ(0, ioctl(alloc_fd, IOCTL_GNTALLOC_ALLOC_GREF, alloc));
	own = mmap(NULL, NR_GRANTS * PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED, alloc_fd, alloc->index);
	ASSERT_NE(MAP_FAILED, own);
	write_pages(own, 10, NR_GRANTS);

	map->count = NR_GRANTS;
	for (i = 0; i < NR_GRANTS; i++) {
		map->refs[i].domid = 0;
		map->refs[i].ref = alloc->gref_ids_flex[i];
	}
	ASSERT_EQ(0, ioctl(dev_fd, IOCTL_GNTDEV_MAP_GRANT_REF, map));
	p = mmap(NULL, NR_GRANTS * PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_SHARED, dev_fd, map->index);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, count_wrong(p, 10, NR_GRANTS));
	write_pages(p, 11, NR_GRANTS);
	EXPECT_EQ(0, count_wrong(own, 11, NR_GRANTS));

	/* another protection takes effect, or the call fails */
	prot = mprotect(p, NR_GRANTS * PAGE_SIZE, PROT_READ) ?
		PROT_READ | PROT_WRITE : PROT_READ;
	EXPECT_EQ(0, count_other(p, NR_GRANTS, prot));
	EXPECT_EQ(0, mprotect(p, NR_GRANTS * PAGE_SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, count_other(p, NR_GRANTS, PROT_READ | PROT_WRITE));

	xt = xentrace_start(0);
	if (xentrace_ok(xt))
		ASSERT_EQ(0, xentrace_reset(xt));
	ASSERT_EQ(0, munmap(p, NR_GRANTS * PAGE_SIZE));
	if (xentrace_ok(xt)) {
		ASSERT_EQ(0, xentrace_read(xt, &c));
		ksft_print_msg("%llu trapped writes for %u grants unmapped\n",
			       c.ptwr, NR_GRANTS);
		if (judge)
			EXPECT_EQ(0, c.ptwr);
	}
	xentrace_stop(xt);

	unmap.index = map->index;
	ASSERT_EQ(0, ioctl(dev_fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap));
	EXPECT_EQ(0, count_wrong(own, 11, NR_GRANTS));
	ASSERT_EQ(0, munmap(own, NR_GRANTS * PAGE_SIZE));
	dealloc.index = alloc->index;
	ASSERT_EQ(0, ioctl(alloc_fd, IOCTL_GNTALLOC_DEALLOC_GREF, &dealloc));
	free(map);
	free(alloc);
	close(dev_fd);
	close(alloc_fd);
}

int main(int argc, char **argv)
{
	xc_domaininfo_t info;
	xc_interface *xch;
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (access("/dev/xen/privcmd", F_OK))
		ksft_exit_skip("no /dev/xen/privcmd: not on Xen\n");
	if (access("/dev/xen/privcmd", R_OK | W_OK))
		ksft_exit_skip("/dev/xen/privcmd: not root\n");
	xch = xen_open();
	if (!xch || xc_domain_getinfolist(xch, 0, 1, &info) != 1)
		ksft_exit_skip("not the control domain (dom0): %s\n",
			       strerror(errno));

	pt_print_env();
	judge = pt_judge_traps();
	destroy_ours(xch);
	ret = test_harness_run(argc, argv);
	destroy_ours(xch);
	return ret;
}

#else /* !WITH_XEN */

int main(void)
{
	ksft_exit_skip("built without libxenctrl\n");
}

#endif /* WITH_XEN */
