/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection, for a test build only: inject.sed has multicalls.c include
 * this and call mc_inject() for each mmu_update call that is about to be issued.
 *
 * debugfs, xen/mc_inject/:
 *   kind	0: page table in a frame that does not exist
 *		1: new value with a frame that does not exist
 *		2: the call does not start, -EFAULT
 *		3: the call does not start, -ESRCH
 *		4: exact clears, and single updates, are refused
 *		5: NMIs
 *   places	bit mask: 1 first, 2 middle, 4 last; of single updates 1 those that
 *		preserve bits, 4 the others; of NMIs see enum mc_inject_point
 *   min	only in calls of at least so many updates
 *   calls	in so many calls of the process that writes this
 *   limit	0: every failure is reported, 1: rate-limited, as in any kernel
 *   done	updates injected since
 *   singles	single updates refused since
 *   nmis	NMIs that came at each point since
 *   nmi_bad	what these found wrong
 *
 * Kinds 0 and 1 add updates that the hypervisor has to refuse between those of the
 * call: all that the kernel wanted done can still be done, and has to be. So it
 * can for all others.
 *
 * An NMI is a real one, sent by the hypervisor on request. Its handler does what an
 * NMI may do: it maps a page in a fixmap slot and by set_pte(), flushes the TLB,
 * looks at the page, and takes it away again.
 *
 * Command line:
 *   mc_inject_no_memory	the allocation of the large buffers fails
 *   mc_inject_window=N		updates are issued N turns of cpu_relax() later: what
 *				processors do between an entry being read and its
 *				update being issued is seldom otherwise
 */
#include <linux/mutant.h>
#include <linux/nmi.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#include <asm/nmi.h>
#include <asm/tlbflush.h>
#include <asm/xen/page.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>

#define MC_INJECT_PLACES	3

enum { MC_INJECT_TABLE, MC_INJECT_FRAME, MC_INJECT_EFAULT, MC_INJECT_ESRCH,
       MC_INJECT_CLEAR, MC_INJECT_NMI };

static struct {
	u32 places, kind, min, limit;
	atomic_t calls, done, singles, nmi_bad;
	u32 nmis[MC_INJECT_POINTS];
	pid_t owner;
} mc_inject_opt = { .limit = 1 };

static bool mc_inject_armed(unsigned int kind)
{
	return unlikely(atomic_read(&mc_inject_opt.calls)) &&
		mc_inject_opt.kind == kind &&
		READ_ONCE(mc_inject_opt.owner) == current->tgid;
}

struct mc_inject_buf {
	struct mmu_update u[MC_ARGS / sizeof(struct mmu_update) + 1 +
			    MC_INJECT_PLACES * MC_BATCH];
};

static DEFINE_PER_CPU(struct mc_inject_buf, mc_inject_buf);

static struct mmu_update mc_inject_bad(const struct mmu_update *like)
{
	struct mmu_update bad = *like;

	if (mc_inject_opt.kind)
		bad.val = BIT_ULL(50) | _PAGE_PRESENT | _PAGE_USER;
	else
		bad.ptr = BIT_ULL(50) | (like->ptr & ~PAGE_MASK);

	atomic_inc(&mc_inject_opt.done);
	return bad;
}

static void mc_inject(struct mc_buffer *b, struct multicall_entry *mc,
		      unsigned int idx)
{
	const struct mmu_update *req = (struct mmu_update *)mc->args[0];
	unsigned int i, place, n = mc->args[1];
	bool instead = mc_inject_opt.kind == MC_INJECT_CLEAR;
	struct mmu_update *first, *to;

	if (likely(!atomic_read(&mc_inject_opt.calls)) ||
	    READ_ONCE(mc_inject_opt.owner) != current->tgid ||
	    !n || n < mc_inject_opt.min || mc_inject_opt.kind == MC_INJECT_NMI ||
	    atomic_dec_if_positive(&mc_inject_opt.calls) < 0)
		return;

	if (mc_inject_opt.kind == MC_INJECT_EFAULT ||
	    mc_inject_opt.kind == MC_INJECT_ESRCH)
		return;

	/* A place of its own for each call of the batch */
	first = this_cpu_ptr(&mc_inject_buf)->u +
		((unsigned char *)req - mc_args(b)) / sizeof(*req) +
		MC_INJECT_PLACES * idx;

	for (i = 0, to = first; i <= n; i++) {
		for (place = 0; place < MC_INJECT_PLACES; place++) {
			const unsigned int at[] = { 0, n / 2, n - instead };

			if (!(mc_inject_opt.places & BIT(place)) || i != at[place])
				continue;
			if (!instead)
				*to++ = mc_inject_bad(req + min(i, n - 1));
			else if (!req[i].val && req[i].ptr & MMU_PT_UPDATE_PRESERVE_AD)
				break;
		}
		if (i == n)
			break;
		*to++ = place < MC_INJECT_PLACES ? mc_inject_bad(req + i) : req[i];
	}
	mc->args[0] = (unsigned long)first;
	mc->args[1] = to - first;
}

/* What was asked for is noted: now the call can be spoilt as a whole. */
static void mc_inject_start(struct multicall_entry *mc)
{
	if (mc->args[1] < 2 || mc->args[1] < mc_inject_opt.min)
		return;

	if (mc_inject_armed(MC_INJECT_EFAULT))
		mc->args[0] = HYPERVISOR_VIRT_START;
	else if (mc_inject_armed(MC_INJECT_ESRCH))
		mc->args[3] = DOMID_FIRST_RESERVED - 1;
	else
		return;

	atomic_inc(&mc_inject_opt.done);
}

/* Before a single update that does not go through a batch */
void mc_inject_single(struct mmu_update *u)
{
	unsigned int place = u->ptr & MMU_PT_UPDATE_PRESERVE_AD ? 1 : 4;

	if (mc_inject_armed(MC_INJECT_CLEAR) && mc_inject_opt.places & place) {
		u->ptr |= BIT_ULL(50);
		atomic_inc(&mc_inject_opt.singles);
	}
}

static unsigned long mc_inject_addr;
static pte_t *mc_inject_ptep;
static struct page *mc_inject_pages[2];
static DEFINE_PER_CPU(int, mc_inject_point) = -1;

static void mc_inject_nmi_map(unsigned int i)
{
	struct page *page = mc_inject_pages[i];
	const u64 *slot = (u64 *)__fix_to_virt(FIX_PARAVIRT_BOOTMAP);
	bool ok;

	__set_fixmap(FIX_PARAVIRT_BOOTMAP, virt_to_machine(page_address(page)).maddr,
		     PAGE_KERNEL);
	ok = READ_ONCE(*slot) == i + 1;
	clear_fixmap(FIX_PARAVIRT_BOOTMAP);

	set_pte(mc_inject_ptep, mk_pte(page, PAGE_KERNEL));
	flush_tlb_one_kernel(mc_inject_addr);
	ok &= READ_ONCE(*(u64 *)mc_inject_addr) == i + 1;
	ok &= pte_page(ptep_get_and_clear(&init_mm, mc_inject_addr,
					  mc_inject_ptep)) == page;
	flush_tlb_one_kernel(mc_inject_addr);

	if (!ok)
		atomic_inc(&mc_inject_opt.nmi_bad);
}

static int mc_inject_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	int point = this_cpu_read(mc_inject_point);

	if (point < 0)
		return NMI_DONE;

	this_cpu_write(mc_inject_point, -1);
	mc_inject_opt.nmis[point]++;
	mc_inject_nmi_map(0);
	mc_inject_nmi_map(1);
	return NMI_HANDLED;
}

static bool mc_inject_nmi_wanted(enum mc_inject_point point)
{
	return mc_inject_armed(MC_INJECT_NMI) && mc_inject_ptep &&
		mc_inject_opt.places & BIT(point) && !in_interrupt() && irqs_disabled();
}

/* An NMI, here and now */
void mc_inject_nmi(enum mc_inject_point point)
{
	unsigned long flags;

	if (!mc_inject_armed(MC_INJECT_NMI) || in_interrupt())
		return;

	local_irq_save(flags);
	if (mc_inject_nmi_wanted(point)) {
		this_cpu_write(mc_inject_point, point);
		HYPERVISOR_vcpu_op(VCPUOP_send_nmi, xen_vcpu_nr(smp_processor_id()),
				   NULL);
	}
	local_irq_restore(flags);
}

static DEFINE_PER_CPU(struct multicall_entry [MC_BATCH + 2], mc_inject_list);

/*
 * An NMI in the middle of the multicall that issues the batch: a call that gives up
 * the processor has the hypervisor continue with the next one later, with an NMI
 * pending. Returns false if the batch has to be issued in the normal way.
 */
static bool mc_inject_inside(struct mc_buffer *b, int *failed)
{
	struct multicall_entry *mc = *this_cpu_ptr(&mc_inject_list);
	unsigned int i, at = b->mcidx / 2;

	if (!b->mcidx || !mc_inject_nmi_wanted(MC_INJECT_INSIDE))
		return false;

	this_cpu_write(mc_inject_point, MC_INJECT_INSIDE);
	memcpy(mc, b->entries, at * sizeof(*mc));
	mc[at] = (struct multicall_entry) {
		.op = __HYPERVISOR_vcpu_op,
		.args = { VCPUOP_send_nmi, xen_vcpu_nr(smp_processor_id()) },
	};
	mc[at + 1] = (struct multicall_entry) {
		.op = __HYPERVISOR_sched_op,
		.args = { SCHEDOP_yield },
	};
	memcpy(mc + at + 2, b->entries + at, (b->mcidx - at) * sizeof(*mc));

	if (HYPERVISOR_multicall(mc, b->mcidx + 2))
		BUG();

	*failed = 0;
	for (i = 0; i < b->mcidx; i++) {
		b->entries[i].result = mc[i < at ? i : i + 2].result;
		*failed += b->entries[i].result < 0;
	}
	return true;
}

static int mc_inject_save_pte(pte_t *ptep, unsigned long addr, void *data)
{
	mc_inject_ptep = ptep;
	return 0;
}

static int __init mc_inject_nmi_init(void)
{
	struct vm_struct *area = get_vm_area(PAGE_SIZE, VM_MAP);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mc_inject_pages); i++) {
		mc_inject_pages[i] = alloc_page(GFP_KERNEL);
		if (!mc_inject_pages[i] || !area)
			return -ENOMEM;
		*(u64 *)page_address(mc_inject_pages[i]) = i + 1;
	}
	mc_inject_addr = (unsigned long)area->addr;
	return register_nmi_handler(NMI_LOCAL, mc_inject_nmi_handler, 0, "mc_inject") ?:
		apply_to_page_range(&init_mm, mc_inject_addr, PAGE_SIZE,
				    mc_inject_save_pte, NULL);
}

static int mc_inject_set(void *data, u64 val)
{
	WRITE_ONCE(mc_inject_opt.owner, current->tgid);
	atomic_set(&mc_inject_opt.done, 0);
	atomic_set(&mc_inject_opt.singles, 0);
	atomic_set(&mc_inject_opt.nmi_bad, 0);
	memset(mc_inject_opt.nmis, 0, sizeof(mc_inject_opt.nmis));
	atomic_set(&mc_inject_opt.calls, val);
	return 0;
}

static int mc_inject_get(void *data, u64 *val)
{
	*val = atomic_read(&mc_inject_opt.calls);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(mc_inject_fops, mc_inject_get, mc_inject_set, "%llu\n");

static struct debugfs_u32_array mc_inject_nmis = {
	.array = mc_inject_opt.nmis,
	.n_elements = MC_INJECT_POINTS,
};

static int __init mc_inject_init(void)
{
	struct dentry *dir;

	if (!xen_pv_domain())
		return 0;

	if (mc_inject_nmi_init())
		pr_err("mc_inject: no NMIs\n");

	dir = debugfs_create_dir("mc_inject", xen_init_debugfs());
	debugfs_create_u32("places", 0600, dir, &mc_inject_opt.places);
	debugfs_create_u32("kind", 0600, dir, &mc_inject_opt.kind);
	debugfs_create_u32("min", 0600, dir, &mc_inject_opt.min);
	debugfs_create_u32("limit", 0600, dir, &mc_inject_opt.limit);
	debugfs_create_atomic_t("singles", 0400, dir, &mc_inject_opt.singles);
	debugfs_create_atomic_t("nmi_bad", 0400, dir, &mc_inject_opt.nmi_bad);
	debugfs_create_u32_array("nmis", 0400, dir, &mc_inject_nmis);
	debugfs_create_atomic_t("done", 0400, dir, &mc_inject_opt.done);
	debugfs_create_file_unsafe("calls", 0600, dir, NULL, &mc_inject_fops);
	return 0;
}
late_initcall(mc_inject_init);

static unsigned int mc_inject_turns __ro_after_init;

/* With updates ready to be issued: for the tests only, or booting takes ages */
void mc_inject_window(void)
{
	unsigned int i;

	if (likely(!mc_inject_turns) || strncmp(current->comm, "pt_", 3))
		return;

	for (i = 0; i < mc_inject_turns; i++)
		cpu_relax();
}

static int __init mc_inject_parse_window(char *arg)
{
	return kstrtouint(arg, 0, &mc_inject_turns);
}
early_param("mc_inject_window", mc_inject_parse_window);

static bool mc_inject_no_memory __initdata;

static int __init mc_inject_parse(char *arg)
{
	mc_inject_no_memory = true;
	return 0;
}
early_param("mc_inject_no_memory", mc_inject_parse);

/* Which mutant is in force, see tools-testing/checks/mutants/mutant.h */
const char *mutant_name __ro_after_init;

static int __init mutant_parse(char *arg)
{
	static char name[32] __ro_after_init;

	strscpy(name, arg ?: "", sizeof(name));
	mutant_name = name;
	pr_info("Xen: mutant: %s\n", name);
	return 0;
}
early_param("mutant", mutant_parse);
