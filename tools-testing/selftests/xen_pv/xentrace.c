// SPDX-License-Identifier: GPL-2.0
/* Trapped page-table writes and hypercalls, counted by Xen itself. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/types.h>

#include "xentrace.h"

#ifdef WITH_XEN

#include <xencall.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xentoollog.h>
#include <xen/errno.h>
#include <xen/sysctl.h>
#include <xen/trace.h>
#include <xen/xen.h>

/*
 * A section of 2,048 pages leaves at most five records of 40 bytes a page,
 * 400 KiB: 256 pages are 1 MiB. All CPUs together get no more than MAX_TOTAL.
 */
#define DEFAULT_PAGES	256u
#define MAX_TOTAL	(64u << 20)

/* a buffer with less than this free may have lost a record */
#define ROOM_FOR_ONE	256u

/* only whole subclasses can be asked for: these two hold what is counted */
#define EVENTS		(TRC_PV_ENTRY | TRC_PV_SUBCALL)

struct xentrace {
	xc_interface *xch;
	xencall_handle *xcall;
	xenevtchn_handle *xce;
	xenforeignmemory_handle *fmem;
	xentoollog_logger *log;
	bool mask_set, enabled;
	unsigned int nr_cpus;
	struct xen_sysctl_tbuf_op found;	/* as it was before us */

	const struct t_info *info;
	size_t info_pages;
	struct t_buf **buf;	/* of each CPU, or NULL */
	__u32 data_size;
	bool was_full;		/* a buffer was, when last drained */

	struct xen_sysctl *perfc;	/* query of performance counters */
	xen_sysctl_perfc_desc_t *desc;
	xen_sysctl_perfc_val_t *val;

	struct xentrace_counts counts;
	xentrace_record_fn on_record;
	void *arg;
	enum xentrace_status status;
	char error[160];
};

/* stands in when there is no memory for a real one */
static struct xentrace no_memory = {
	.status = XENTRACE_FAILED,
	.error = "out of memory",
};

static int set_error(struct xentrace *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->error, sizeof(t->error), fmt, ap);
	va_end(ap);
	if (t->status == XENTRACE_OK)
		t->status = XENTRACE_FAILED;
	return -1;
}

static int set_errno(struct xentrace *t, const char *what)
{
	switch (errno) {
	case EPERM:
	case EACCES:
		t->status = XENTRACE_DENIED;
		return set_error(t, "%s: not root in the control domain", what);
	default:
		return set_error(t, "%s: %s", what, strerror(errno));
	}
}

/*
 * libxenctrl does not hand on the event mask, and its xc_tbuf_get_size() unmaps
 * as many pages as the buffers have bytes.
 */
static int get_info(struct xentrace *t, struct xen_sysctl_tbuf_op *info)
{
	struct xen_sysctl *op = xencall_alloc_buffer(t->xcall, sizeof(*op));
	int ret, err;

	if (!op)
		return set_error(t, "out of memory");
	memset(op, 0, sizeof(*op));
	op->cmd = XEN_SYSCTL_tbuf_op;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	op->u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_get_info;
	ret = xencall1(t->xcall, __HYPERVISOR_sysctl, (unsigned long)op);
	err = errno;
	if (!ret)
		*info = op->u.tbuf_op;
	xencall_free_buffer(t->xcall, op);
	if (ret >= 0)
		return 0;
	errno = err;
	switch (err) {
	case XEN_ENOSYS:
	case XEN_EOPNOTSUPP:
		t->status = XENTRACE_UNSUPPORTED;
		return set_error(t, "a Xen built without trace buffers");
	case EACCES:
		/* root passed the device's check: it is the version */
		t->status = XENTRACE_DENIED;
		return set_error(t, "not the control domain, or made for another Xen");
	default:
		return set_errno(t, "trace buffers");
	}
}

/*
 * Xen tells one program only that the buffers fill up. So who is told is who
 * uses them.
 */
static int lock_buffers(struct xentrace *t)
{
	t->xce = xenevtchn_open(t->log, 0);
	if (!t->xce || xenevtchn_bind_virq(t->xce, VIRQ_TBUF) >= 0)
		return 0;
	if (errno == EEXIST || errno == EBUSY) {
		t->status = XENTRACE_BUSY;
		return set_error(t, "Xen's trace buffers are in use, by xentrace or the like");
	}
	xenevtchn_close(t->xce);
	t->xce = NULL;
	return 0;
}

static int open_xen(struct xentrace *t)
{
	static const char * const node[] = {
		"/dev/xen/privcmd", "/proc/xen/privcmd"
	};
	int max;

	/* before libxenctrl, whose own complaint is longer and less clear */
	if (access(node[0], F_OK) && access(node[1], F_OK)) {
		t->status = XENTRACE_NO_XEN;
		return set_error(t, "no privcmd device: not running on Xen");
	}
	if (access(node[0], R_OK | W_OK) && access(node[1], R_OK | W_OK))
		return set_errno(t, "privcmd device");

	t->log = (xentoollog_logger *)
		xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
	t->xch = xc_interface_open(t->log, t->log, 0);
	if (!t->xch)
		return set_errno(t, "opening the Xen interface");
	t->xcall = xencall_open(t->log, 0);
	t->fmem = xenforeignmemory_open(t->log, 0);
	if (!t->xcall || !t->fmem)
		return set_errno(t, "opening the Xen interface");
	if (get_info(t, &t->found))
		return -1;
	max = xc_get_max_cpus(t->xch);
	if (max <= 0)
		return set_errno(t, "number of CPUs");
	t->nr_cpus = max;
	return lock_buffers(t);
}

static int set_masks(struct xentrace *t, __u32 events)
{
	xc_cpumap_t all;
	int ret, size;

	size = xc_get_cpumap_size(t->xch);
	all = xc_cpumap_alloc(t->xch);
	if (size <= 0 || !all) {
		free(all);
		return set_error(t, "out of memory");
	}
	memset(all, 0xff, size);
	ret = xc_tbuf_set_cpu_mask(t->xch, all);
	free(all);
	if (!ret) {
		t->mask_set = true;
		ret = xc_tbuf_set_evt_mask(t->xch, EVENTS | events);
	}
	return ret ? set_errno(t, "trace masks") : 0;
}

/* the list of a CPU's buffer pages stands in t_info, frame numbers of 32 bits */
static int map_buffer(struct xentrace *t, unsigned int cpu)
{
	unsigned int i, pages = t->info->tbuf_size;
	const __u32 *list;
	xen_pfn_t *frames;

	if (!t->info->mfn_offset[cpu])
		return 0;	/* an offline CPU */
	list = (const __u32 *)t->info + t->info->mfn_offset[cpu];
	frames = calloc(pages, sizeof(*frames));
	if (!frames)
		return set_error(t, "out of memory");
	for (i = 0; i < pages; i++)
		frames[i] = list[i];
	t->buf[cpu] = xenforeignmemory_map(t->fmem, DOMID_XEN,
					   PROT_READ | PROT_WRITE, pages,
					   frames, NULL);
	free(frames);
	return t->buf[cpu] ? 0 : set_errno(t, "mapping a trace buffer");
}

static int map_buffers(struct xentrace *t, unsigned long mfn,
		       unsigned long size)
{
	xen_pfn_t *frames;
	size_t i;
	unsigned int cpu;

	t->info_pages = (size + XC_PAGE_SIZE - 1) / XC_PAGE_SIZE;
	frames = calloc(t->info_pages, sizeof(*frames));
	t->buf = calloc(t->nr_cpus, sizeof(*t->buf));
	if (!frames || !t->buf) {
		free(frames);
		return set_error(t, "out of memory");
	}
	for (i = 0; i < t->info_pages; i++)
		frames[i] = mfn + i;
	t->info = xenforeignmemory_map(t->fmem, DOMID_XEN, PROT_READ,
				       t->info_pages, frames, NULL);
	free(frames);
	if (!t->info)
		return set_errno(t, "mapping the trace buffers");
	if (!t->info->tbuf_size)
		return set_error(t, "Xen gave no trace buffers");
	t->data_size = t->info->tbuf_size * XC_PAGE_SIZE -
		sizeof(struct t_buf);

	for (cpu = 0; cpu < t->nr_cpus; cpu++)
		if (map_buffer(t, cpu))
			return -1;
	return 0;
}

/* where all CPUs together have got to: moves while records are written */
static __u64 produced(const struct xentrace *t)
{
	unsigned int cpu;
	__u64 sum = 0;

	for (cpu = 0; cpu < t->nr_cpus; cpu++)
		if (t->buf[cpu])
			sum += __atomic_load_n(&t->buf[cpu]->prod,
					       __ATOMIC_RELAXED);
	return sum;
}

struct xentrace *xentrace_open(void)
{
	struct xentrace *t = calloc(1, sizeof(*t));

	if (!t)
		return &no_memory;
	open_xen(t);
	return t;
}

int xentrace_is_on(struct xentrace *t)
{
	struct xen_sysctl_tbuf_op info;
	__u64 before;

	if (!xentrace_ok(t))
		return -1;
	if (!t->found.buffer_mfn)
		return 0;
	if (!t->info && map_buffers(t, t->found.buffer_mfn, t->found.size))
		return -1;
	/* cause one of each: a hypercall, and a change of what runs */
	before = produced(t);
	if (get_info(t, &info))
		return -1;
	usleep(20000);
	return produced(t) != before;
}

int xentrace_begin(struct xentrace *t, unsigned int pages, __u32 events)
{
	unsigned long mfn, size;

	if (!xentrace_ok(t) || set_masks(t, events))
		return -1;
	if (!pages) {
		pages = MAX_TOTAL / XC_PAGE_SIZE / t->nr_cpus;
		if (pages > DEFAULT_PAGES)
			pages = DEFAULT_PAGES;
	}
	if (xc_tbuf_enable(t->xch, pages ? pages : 1, &mfn, &size))
		return set_errno(t, "enabling trace buffers");
	t->enabled = true;
	if (!t->info && map_buffers(t, mfn, size))
		return -1;
	return xentrace_reset(t);
}

struct xentrace *xentrace_start(unsigned int pages)
{
	struct xentrace *t = xentrace_open();

	if (xentrace_ok(t))
		xentrace_begin(t, pages, 0);
	return t;
}

bool xentrace_ok(const struct xentrace *t)
{
	return !t->error[0];
}

enum xentrace_status xentrace_status(const struct xentrace *t)
{
	return t->status;
}

const char *xentrace_error(const struct xentrace *t)
{
	return t->error;
}

__u64 xentrace_buffer_size(const struct xentrace *t)
{
	return t->data_size;
}

__u32 xentrace_found_mask(const struct xentrace *t)
{
	return t->found.evt_mask;
}

int xentrace_fd(const struct xentrace *t)
{
	return t->xce ? xenevtchn_fd(t->xce) : -1;
}

void xentrace_rearm(struct xentrace *t)
{
	xenevtchn_port_or_error_t port = xenevtchn_pending(t->xce);

	if (port >= 0)
		xenevtchn_unmask(t->xce, port);
}

void xentrace_on_record(struct xentrace *t, xentrace_record_fn fn, void *arg)
{
	t->on_record = fn;
	t->arg = arg;
}

bool xentrace_ptwr(const struct xentrace_record *r, struct xentrace_ptwr *w)
{
	if (r->event != (TRC_PV_PTWR_EMULATION | TRC_64_FLAG) || r->nr < 6)
		return false;
	w->pte = r->extra[0] | (__u64)r->extra[1] << 32;
	w->addr = r->extra[2] | (__u64)r->extra[3] << 32;
	w->rip = r->extra[4] | (__u64)r->extra[5] << 32;
	return true;
}

static void count_hypercall(struct xentrace *t, __u32 op)
{
	if ((op & ~TRC_PV_HYPERCALL_V2_ARG_MASK) == __HYPERVISOR_mmu_update)
		t->counts.mmu_update++;
}

static void count_record(struct xentrace *t, const struct xentrace_record *r)
{
	const __u32 *extra = r->extra;
	unsigned int nr = r->nr;

	switch (r->event & ~TRC_64_FLAG) {
	case TRC_PV_PTWR_EMULATION:
	case TRC_PV_PTWR_EMULATION_PAE:
		t->counts.ptwr++;
		break;
	case TRC_PV_HYPERCALL_V2:
		t->counts.hypercalls++;
		if (nr)
			count_hypercall(t, extra[0]);
		break;
	case TRC_PV_HYPERCALL_SUBCALL:
		t->counts.subcalls++;
		if (nr)
			count_hypercall(t, extra[0]);
		break;
	case TRC_PV_PAGE_FAULT:
		t->counts.faults++;
		break;
	case TRC_LOST_RECORDS:
		if (nr)
			t->counts.lost += extra[0];
		return;
	case TRC_TRACE_WRAP_BUFFER:
		return;		/* filling at the end of the buffer */
	}
	t->counts.records++;
	if (t->on_record)
		t->on_record(r, t->arg);
}

/*
 * Offsets run to twice the size of the data, so that full and empty differ.
 * No record wraps: Xen fills the rest of the buffer before it starts over.
 */
static int drain(struct xentrace *t, unsigned int cpu, bool count)
{
	struct t_buf *buf = t->buf[cpu];
	const __u8 *data = (const __u8 *)(buf + 1);
	__u32 cons, prod, size, head, extra[TRACE_EXTRA_MAX];
	struct xentrace_record r = { .cpu = cpu, .extra = extra };
	unsigned int skip;
	size_t at;

	cons = buf->cons;
	prod = __atomic_load_n(&buf->prod, __ATOMIC_ACQUIRE);
	if (cons >= 2 * t->data_size || prod >= 2 * t->data_size)
		return set_error(t, "trace buffer of CPU %u is corrupt", cpu);
	size = prod >= cons ? prod - cons : prod + 2 * t->data_size - cons;
	if (size + ROOM_FOR_ONE > t->data_size)
		t->was_full = true;

	while (count && cons != prod) {
		at = cons % t->data_size;
		if (t->data_size - at < sizeof(head))
			return set_error(t, "trace record out of place");
		memcpy(&head, data + at, sizeof(head));
		r.event = TRC_HD_TO_EVENT(head);
		r.nr = TRC_HD_EXTRA(head);
		skip = TRC_HD_INCLUDES_CYCLE_COUNT(head) ? 12 : 4;
		size = skip + r.nr * sizeof(__u32);
		if (t->data_size - at < size)
			return set_error(t, "trace record out of place");
		r.tsc = 0;
		if (skip > 4)
			memcpy(&r.tsc, data + at + 4, sizeof(r.tsc));
		memcpy(extra, data + at + skip, r.nr * sizeof(__u32));
		count_record(t, &r);
		cons += size;
		if (cons >= 2 * t->data_size)
			cons -= 2 * t->data_size;
	}
	__atomic_store_n(&buf->cons, prod, __ATOMIC_RELEASE);
	return 0;
}

static int drain_all(struct xentrace *t, bool count)
{
	unsigned int cpu;

	if (!xentrace_ok(t))
		return -1;
	for (cpu = 0; cpu < t->nr_cpus; cpu++)
		if (t->buf[cpu] && drain(t, cpu, count))
			return -1;
	return 0;
}

/*
 * How many records a CPU has lost it says before its next record. Where there
 * was room there is nothing to say. Else cause a record on this CPU, which is
 * where a pinned caller has lost them, and leave the others for later.
 */
static int drain_lost(struct xentrace *t, bool count)
{
	struct xen_sysctl_tbuf_op info;

	if (!t->was_full)
		return 0;
	t->was_full = false;
	return get_info(t, &info) || drain_all(t, count) ? -1 : 0;
}

int xentrace_reset(struct xentrace *t)
{
	/* first, because the write may itself break a copy-on-write page */
	memset(&t->counts, 0, sizeof(t->counts));
	return drain_all(t, false) || drain_lost(t, false) ? -1 : 0;
}

int xentrace_read(struct xentrace *t, struct xentrace_counts *counts)
{
	if (drain_all(t, true) || drain_lost(t, true))
		return -1;
	*counts = t->counts;
	return 0;
}

/*
 * Xen can't write where an entry is read-only, which is what clear_refs leaves
 * behind: a store of our own mends that.
 */
static int query_perfc(struct xentrace *t)
{
	struct xen_sysctl_perfc_op *op = &t->perfc->u.perfc_op;

	if (t->val) {
		memset(t->desc, 0, op->nr_counters * sizeof(*t->desc));
		memset(t->val, 0, op->nr_vals * sizeof(*t->val));
	}
	t->perfc->cmd = XEN_SYSCTL_perfc_op;
	t->perfc->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	op->cmd = XEN_SYSCTL_PERFCOP_query;
	return xencall1(t->xcall, __HYPERVISOR_sysctl, (unsigned long)t->perfc);
}

/* Memory for all of them, once: to read them must not change page tables. */
static int find_perfc(struct xentrace *t)
{
	struct xen_sysctl_perfc_op *op;

	t->perfc = xencall_alloc_buffer(t->xcall, sizeof(*t->perfc));
	if (!t->perfc)
		return set_error(t, "out of memory");
	memset(t->perfc, 0, sizeof(*t->perfc));
	op = &t->perfc->u.perfc_op;
	if (query_perfc(t) < 0)
		return errno == XEN_ENOSYS ? 1 :
			set_errno(t, "performance counters");

	t->desc = xencall_alloc_buffer(t->xcall,
				       op->nr_counters * sizeof(*t->desc));
	t->val = xencall_alloc_buffer(t->xcall, op->nr_vals * sizeof(*t->val));
	if (!t->desc || !t->val)
		return set_error(t, "out of memory");
	set_xen_guest_handle_raw(op->desc, t->desc);
	set_xen_guest_handle_raw(op->val, t->val);
	return 0;
}

int xentrace_perfc(struct xentrace *t, const char *name, __u64 *sum)
{
	struct xen_sysctl_perfc_op *op;
	const xen_sysctl_perfc_val_t *val;
	unsigned int i, k;
	int ret;

	if (!xentrace_ok(t))
		return -1;
	if (!t->perfc) {
		ret = find_perfc(t);
		if (ret)
			return ret;
	}
	if (!t->val)
		return 1;
	if (query_perfc(t) < 0)
		return set_errno(t, "performance counters");

	op = &t->perfc->u.perfc_op;
	for (i = 0, val = t->val; i < op->nr_counters; i++) {
		if (strcmp(t->desc[i].name, name)) {
			val += t->desc[i].nr_vals;
			continue;
		}
		for (k = 0, *sum = 0; k < t->desc[i].nr_vals; k++)
			*sum += val[k];
		return 0;
	}
	return 1;
}

void xentrace_stop(struct xentrace *t)
{
	unsigned int cpu;

	if (t == &no_memory)
		return;
	xencall_free_buffer(t->xcall, t->val);
	xencall_free_buffer(t->xcall, t->desc);
	xencall_free_buffer(t->xcall, t->perfc);
	if (t->enabled)
		xc_tbuf_disable(t->xch);
	if (t->mask_set)
		xc_tbuf_set_evt_mask(t->xch, t->found.evt_mask);
	for (cpu = 0; t->buf && cpu < t->nr_cpus; cpu++)
		if (t->buf[cpu])
			xenforeignmemory_unmap(t->fmem, t->buf[cpu],
					       t->info->tbuf_size);
	free(t->buf);
	if (t->info)
		xenforeignmemory_unmap(t->fmem, (void *)t->info,
				       t->info_pages);
	if (t->fmem)
		xenforeignmemory_close(t->fmem);
	if (t->xce)
		xenevtchn_close(t->xce);
	if (t->xcall)
		xencall_close(t->xcall);
	if (t->xch)
		xc_interface_close(t->xch);
	if (t->log)
		xtl_logger_destroy(t->log);
	free(t);
}

#else /* !WITH_XEN */

struct xentrace {
	char unused;
};

static struct xentrace none;

struct xentrace *xentrace_open(void)
{
	return &none;
}

int xentrace_is_on(struct xentrace *t)
{
	(void)t;
	return -1;
}

int xentrace_begin(struct xentrace *t, unsigned int pages, __u32 events)
{
	(void)t;
	(void)pages;
	(void)events;
	return -1;
}

struct xentrace *xentrace_start(unsigned int pages)
{
	(void)pages;
	return &none;
}

bool xentrace_ok(const struct xentrace *t)
{
	(void)t;
	return false;
}

enum xentrace_status xentrace_status(const struct xentrace *t)
{
	(void)t;
	return XENTRACE_FAILED;
}

const char *xentrace_error(const struct xentrace *t)
{
	(void)t;
	return "built without libxenctrl";
}

__u64 xentrace_buffer_size(const struct xentrace *t)
{
	(void)t;
	return 0;
}

__u32 xentrace_found_mask(const struct xentrace *t)
{
	(void)t;
	return 0;
}

int xentrace_fd(const struct xentrace *t)
{
	(void)t;
	return -1;
}

void xentrace_rearm(struct xentrace *t)
{
	(void)t;
}

void xentrace_on_record(struct xentrace *t, xentrace_record_fn fn, void *arg)
{
	(void)t;
	(void)fn;
	(void)arg;
}

bool xentrace_ptwr(const struct xentrace_record *r, struct xentrace_ptwr *w)
{
	(void)r;
	(void)w;
	return false;
}

int xentrace_reset(struct xentrace *t)
{
	(void)t;
	return -1;
}

int xentrace_read(struct xentrace *t, struct xentrace_counts *counts)
{
	(void)t;
	(void)counts;
	return -1;
}

int xentrace_perfc(struct xentrace *t, const char *name, __u64 *sum)
{
	(void)t;
	(void)name;
	(void)sum;
	return -1;
}

void xentrace_stop(struct xentrace *t)
{
	(void)t;
}

#endif /* WITH_XEN */
