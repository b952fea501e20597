/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection, for a test build only: inject.sed has multicalls.c include
 * this and call mc_inject() for each mmu_update call that is about to be issued.
 *
 * Updates that the hypervisor has to refuse are put between those of the call,
 * in front of the first one, in the middle, behind the last one, as asked for.
 * All that the kernel wanted done can still be done, and has to be.
 *
 * debugfs, xen/mc_inject/:
 *   places	bit mask: 1 first, 2 middle, 4 last
 *   kind	0: page table in a frame that does not exist
 *		1: new value with a frame that does not exist
 *   min	only in calls of at least so many updates
 *   calls	in so many calls of the process that writes this
 *   done	updates injected since
 *
 * Command line:
 *   mc_inject_no_memory	the allocation of the large buffers fails
 *   mc_inject_window=N		updates are issued N turns of cpu_relax() later: what
 *				processors do between an entry being read and its
 *				update being issued is seldom otherwise
 */
#include <linux/mutant.h>
#include <linux/sched.h>

#define MC_INJECT_PLACES	3

static struct {
	u32 places, kind, min;
	atomic_t calls, done;
	pid_t owner;
} mc_inject_opt;

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
	struct mmu_update *first, *to;

	if (likely(!atomic_read(&mc_inject_opt.calls)) ||
	    READ_ONCE(mc_inject_opt.owner) != current->tgid ||
	    !n || n < mc_inject_opt.min ||
	    atomic_dec_if_positive(&mc_inject_opt.calls) < 0)
		return;

	/* A place of its own for each call of the batch */
	first = this_cpu_ptr(&mc_inject_buf)->u +
		((unsigned char *)req - mc_args(b)) / sizeof(*req) +
		MC_INJECT_PLACES * idx;

	for (i = 0, to = first; i <= n; i++) {
		for (place = 0; place < MC_INJECT_PLACES; place++) {
			const unsigned int at[] = { 0, n / 2, n };

			if (mc_inject_opt.places & BIT(place) && i == at[place])
				*to++ = mc_inject_bad(req + min(i, n - 1));
		}
		if (i < n)
			*to++ = req[i];
	}
	mc->args[0] = (unsigned long)first;
	mc->args[1] = to - first;
}

static int mc_inject_set(void *data, u64 val)
{
	WRITE_ONCE(mc_inject_opt.owner, current->tgid);
	atomic_set(&mc_inject_opt.done, 0);
	atomic_set(&mc_inject_opt.calls, val);
	return 0;
}

static int mc_inject_get(void *data, u64 *val)
{
	*val = atomic_read(&mc_inject_opt.calls);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(mc_inject_fops, mc_inject_get, mc_inject_set, "%llu\n");

static int __init mc_inject_init(void)
{
	struct dentry *dir;

	if (!xen_pv_domain())
		return 0;

	dir = debugfs_create_dir("mc_inject", xen_init_debugfs());
	debugfs_create_u32("places", 0600, dir, &mc_inject_opt.places);
	debugfs_create_u32("kind", 0600, dir, &mc_inject_opt.kind);
	debugfs_create_u32("min", 0600, dir, &mc_inject_opt.min);
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
