// SPDX-License-Identifier: GPL-2.0
/*
 * How many page-table writes per page does Xen have to trap and emulate?
 *
 * The count comes from Xen's trace buffers, so this needs root in dom0, a Xen
 * with trace buffers, and libxenctrl when it is built. Where the kernel says at
 * boot that it batches page-table updates, no operation here may be trapped
 * more than a few times in all: what else runs in dom0 is counted too. Where it
 * does not, the counts are printed and not judged. If the boot message is gone,
 * say what is expected: PT_TRAPS_EXPECT=none or PT_TRAPS_EXPECT=any.
 *
 * A Xen with performance counters counts the same for itself, and has to agree.
 */
#include <fcntl.h>
#include <sys/prctl.h>

#include "../kselftest_harness.h"
#include "pt_util.h"
#include "xentrace.h"

#define PT_TIMEOUT	60
#define PT_TEST(fixture, name)	TEST_F_TIMEOUT(fixture, name, PT_TIMEOUT)

/* What may come from elsewhere, in parts of a page */
#define NOISE		100

/* What Xen calls its counter ptwr_emulations */
#define PERFC_PTWR	"writable pt emulations"

static bool judge;

struct count {
	struct xentrace *xt;
	bool has_perfc;
	__u64 perfc;		/* before */
};

FIXTURE(traps) {
	struct pt_area a;
	struct count count;
};

FIXTURE_VARIANT(traps) {
	enum pt_mem mem;
	bool clean;
};

FIXTURE_VARIANT_ADD(traps, anon) { .mem = PT_ANON };

FIXTURE_VARIANT_ADD(traps, memfd) { .mem = PT_MEMFD };

FIXTURE_VARIANT_ADD(traps, memfd_clean) { .mem = PT_MEMFD, .clean = true };

FIXTURE_SETUP(traps)
{
	struct pt_area *a = &self->a;

	self->count.xt = xentrace_start(0);
	/* The first query allocates memory. */
	xentrace_perfc(self->count.xt, PERFC_PTWR, &self->count.perfc);
	ASSERT_TRUE(xentrace_ok(self->count.xt)) {
		TH_LOG("%s", xentrace_error(self->count.xt));
	}
	ASSERT_EQ(0, pt_reserve(a, PT_AREA_PAGES));
	ASSERT_EQ(0, pt_map(a, variant->mem));
	if (variant->clean)
		pt_touch(a, PT_ALL);
	else
		pt_fill(a, 1, PT_ALL);
}

FIXTURE_TEARDOWN(traps)
{
	xentrace_stop(self->count.xt);
	pt_release(&self->a);
}

static void count_start(struct __test_metadata *_metadata, struct count *n)
{
	n->has_perfc = !xentrace_perfc(n->xt, PERFC_PTWR, &n->perfc);
	ASSERT_EQ(0, xentrace_reset(n->xt));
}

/* @pages: how many pages the operation dealt with */
static void count_stop(struct __test_metadata *_metadata,
		       struct count *n, size_t pages)
{
	struct xentrace_counts c;
	__u64 perfc;

	ASSERT_EQ(0, xentrace_read(n->xt, &c));
	if (n->has_perfc)
		ASSERT_EQ(0, xentrace_perfc(n->xt, PERFC_PTWR, &perfc));

	ksft_print_msg("%s: %zu pages, %llu trapped writes: %.3f a page, %.3f hypercalls a page\n",
		       _metadata->name, pages, c.ptwr, (double)c.ptwr / pages,
		       (double)c.hypercalls / pages);
	EXPECT_EQ(0, c.lost);
	if (judge)
		EXPECT_GE(pages / NOISE, c.ptwr);
	if (!n->has_perfc)
		return;

	/* Read before we begin to count and after that: it may have seen more. */
	perfc -= n->perfc;
	ksft_print_msg("%s: %llu trapped writes, Xen's ptwr_emulations: %llu\n",
		       _metadata->name, c.ptwr, perfc);
	EXPECT_LE(c.ptwr, perfc);
	EXPECT_GE(pages / NOISE, perfc - c.ptwr);
}

PT_TEST(traps, munmap)
{
	struct pt_area *a = &self->a;

	count_start(_metadata, &self->count);
	ASSERT_EQ(0, munmap(a->base, pt_len(a)));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, munmap_single)
{
	struct pt_area *a = &self->a;
	size_t i;

	count_start(_metadata, &self->count);
	for (i = 0; i < a->nr; i++)
		ASSERT_EQ(0, munmap(pt_page(a, i), PAGE_SIZE));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, dontneed)
{
	struct pt_area *a = &self->a;

	count_start(_metadata, &self->count);
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_DONTNEED));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, mprotect)
{
	struct pt_area *a = &self->a;

	count_start(_metadata, &self->count);
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ));
	ASSERT_EQ(0, mprotect(a->base, pt_len(a), PROT_READ | PROT_WRITE));
	count_stop(_metadata, &self->count, a->nr * 2);
}

PT_TEST(traps, fork_exit)
{
	struct pt_area *a = &self->a;
	pid_t pid;
	int status;

	count_start(_metadata, &self->count);
	pid = fork();
	if (!pid)
		_exit(0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, fork_write)
{
	struct pt_area *a = &self->a;
	pid_t pid;
	int status;

	/* The parent has to copy, or to find out that it need not. */
	count_start(_metadata, &self->count);
	pid = fork();
	if (!pid) {
		pt_fill(a, 2, PT_ODD);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	pt_fill(a, 3, PT_ALL);
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, mremap)
{
	struct pt_area *a = &self->a;
	char *to;

	to = pt_elsewhere(a);
	ASSERT_NE(NULL, to);
	count_start(_metadata, &self->count);
	ASSERT_EQ(to, mremap(a->base, pt_len(a), pt_len(a),
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, free_cold)
{
	struct pt_area *a = &self->a;

	count_start(_metadata, &self->count);
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_COLD));
	if (a->mem == PT_ANON)
		ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_FREE));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, pageout)
{
	struct pt_area *a = &self->a;

	/* Without swap anonymous pages stay. */
	count_start(_metadata, &self->count);
	ASSERT_EQ(0, madvise(a->base, pt_len(a), MADV_PAGEOUT));
	count_stop(_metadata, &self->count, a->nr);
}

PT_TEST(traps, clear_refs)
{
	struct pt_area *a = &self->a;

	count_start(_metadata, &self->count);
	ASSERT_EQ(0, pt_clear_refs("1"));
	ASSERT_EQ(0, pt_clear_refs("4"));
	pt_fill(a, 2, PT_ALL);
	count_stop(_metadata, &self->count, a->nr * 2);
}

PT_TEST(traps, uffd_wp)
{
	struct pt_area *a = &self->a;
	int fd;

	fd = pt_uffd_register_wp(a, 0, 0);
	if (fd < 0)
		SKIP(return, "userfaultfd: %s", strerror(-fd));
	count_start(_metadata, &self->count);
	ASSERT_EQ(0, pt_uffd_wp(fd, a, true));
	pt_fill(a, 2, PT_ALL);
	count_stop(_metadata, &self->count, a->nr * 2);
}

int main(int argc, char **argv)
{
	struct xentrace *xt;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!pt_is_xen_pv())
		ksft_exit_skip("not a Xen PV guest: nothing is trapped\n");
	xt = xentrace_start(0);
	if (!xentrace_ok(xt))
		ksft_exit_skip("Xen's trace buffers: %s\n", xentrace_error(xt));
	xentrace_stop(xt);

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	pt_print_env();
	judge = pt_judge_traps();
	return test_harness_run(argc, argv);
}
