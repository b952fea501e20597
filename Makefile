# SPDX-License-Identifier: GPL-2.0
#
# Each target is one call of a script in scripts/, where its options stand.
# KVER chooses the kernel; everything that is made lies in build/.

KVER	?= 6.12
export KVER

.DEFAULT_GOAL := help
.NOTPARALLEL:

##@ everything
run: ## packages, kernels, boots: kselftest verdict and before/after table
	@scripts/run
check: ## lint, negative tests, kselftests under Xen and bare; what CI runs
	@scripts/check
deps: ## install, by package name, what is missing
	@scripts/build/deps

##@ test and measure
test: ## kselftests on the series kernel under Xen and bare (TESTS="name ...")
	@scripts/boot/test xen bare -- $(TESTS)
bench: ## benchmark of stock and series under Xen: the table (ARGS=for ptbench)
	@scripts/boot/bench $(ARGS)
bench-native: ## bare: stock, series and a kernel without PARAVIRT_XXL (VARIANT=, ARGS=)
	@scripts/boot/bench-native "$(VARIANT)" $(ARGS)
batch-size: ## what a batch costs with room for 32 to 512 updates (SIZES="64 512")
	@scripts/boot/batch-size $(SIZES)
counter: ## the live counter xen-pttop, against the plugin of QEMU; refusals
	@scripts/boot/counter $(ARGS)
foreign: ## pages of another domain, mapped and unmapped, against the goals
	@scripts/boot/foreign $(ARGS)
migrate: ## create, save, restore, live migration with xl: before and after
	@scripts/boot/migrate
domu: ## kselftests in an unprivileged guest, before and after save and restore
	@scripts/boot/domu $(TESTS)
profile: ## functions where a path's instructions go (P=munmap-anon)
	@scripts/boot/profile "$(P)"
report: ## HTML page and PNGs of all results so far (build/KVER/results/report)
	@scripts/report/html
boot: ## interactive shell on the series kernel (TREE=stock, MODE=bare)
	@scripts/boot/shell
bisect: ## every prefix of the series builds without a new warning and boots
	@scripts/series/bisect $(FIRST) $(LAST)
callsites: ## what running kernels have at their call sites (KERNEL=series)
	@scripts/boot/callsites $(KERNEL)
configs: ## other configurations do not notice (NAMES="name ...", QUICK=1)
	@scripts/build/configs $(NAMES)
mutants: ## the kselftests notice kernels broken on purpose (NAMES="name ...")
	@scripts/boot/mutants $(NAMES)
clean-record: ## clean_record_shared_mapping_range() cleans, and does not on stock
	@scripts/boot/clean-record
debug: ## kselftests on kernels that check themselves: lockdep, KASAN, ... (KERNELS="xen:debug ...")
	@scripts/boot/debug $(KERNELS)
faults: ## refused updates, no memory, CPU hotplug, kill switch (NAMES="name ...")
	@scripts/boot/faults $(NAMES)
mm-tests: ## the kernel's mm selftests, stock and series, Xen and bare (TESTS="word ...")
	@scripts/boot/mm-tests $(TESTS)
mm-stress: ## stress-ng's memory stressors with --verify (ARGS="SECONDS STRESSOR ...")
	@scripts/boot/mm-stress $(ARGS)
races: ## the long race: 10^7 raced pages at 2 and 4 vCPUs (ARGS="PAGES|10s VCPUS ...")
	@scripts/boot/races $(ARGS)
model: ## spin model of the clear protocol; wrong variants are refuted (ARGS="word ...")
	@scripts/boot/model $(ARGS)
harness: ## the harness's own negative tests (TESTS="name ...")
	@scripts/build/initramfs && tools-testing/harness/run $(TESTS)
xen: ## hypervisors from Debian's source: log-dirty mode, debug (VARIANT=plain)
	@scripts/build/xen $(VARIANT)
xen-debug: ## kselftests on a Xen with assertions; its trap counter against ours
	@scripts/boot/xen-debug $(TESTS)

##@ the series
lint: ## series integrity, checkpatch, shellcheck, files as rendered
	@scripts/series/lint
series: ## write the patches anew from the files in our folders
	@scripts/series/render
apply: ## put the series onto a kernel tree (KTREE=/path)
	@scripts/series/apply "$(KTREE)"
unapply: ## take it off again (KTREE=/path)
	@scripts/series/unapply "$(KTREE)"
mbox: ## the series as mails with a cover letter (FROM="Name <mail>" SIGNOFF=1)
	@scripts/series/mbox
deb: ## kernel packages, the distribution's configuration (KTREE=, KCONFIG=, LSMOD=)
	@scripts/build/deb
deb-test: ## the same of the small configuration, unpacked and booted under Xen
	@scripts/build/deb --boot

##@ tidy up
clean: ## remove results, initramfs, programs; keep kernels
	@scripts/build/clean
distclean: ## remove build/ altogether
	@scripts/build/clean all
help: ## this list
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

# every target is a command
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\#.*/\1/p' $(firstword $(MAKEFILE_LIST)))
