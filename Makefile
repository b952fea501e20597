# SPDX-License-Identifier: GPL-2.0
#
# Each target is one call of a script in scripts/; "SCRIPT --help" explains it.
# KVER chooses the kernel; everything that is made lies in build/.

KVER	?= 6.12
export KVER

.DEFAULT_GOAL := help
.NOTPARALLEL:

suite	= @scripts/suite $(if $(ARGS),-a "$(ARGS)") $(if $(VARIANT),-k "$(VARIANT)")

run: ## packages, kernels, boots: kselftest verdict and before/after table
	@scripts/suite --reuse -a 'bench-*=--repeat 3' kselftest-xen 'bench-*'
check: ## lint, negative tests, kselftests under Xen and bare; what CI runs
	@scripts/suite -g check
suite: ## any suites: S="races-* domu", or G=group (ARGS=, VARIANT=)
	$(suite) $(addprefix -g ,$(G)) $(foreach s,$(S),'$(s)')
suites: ## the suites there are, a line each
	@scripts/suite --list
bench: ## all paths under Xen, stock and series: the table (ARGS= of ptbench)
	$(suite) bench-stock bench-series
profile: ## functions where a path's instructions go (P=munmap-anon)
	@scripts/boot/profile "$(P)"
report: ## all results so far as an HTML page with pictures
	@scripts/report/report html
boot: ## interactive shell on the series kernel (TREE=stock, MODE=bare)
	@scripts/boot/shell
lint: ## series integrity, checkpatch, shellcheck, files as rendered
	@scripts/series/lint
series: ## write the patches anew from the files in our folders
	@scripts/series/render
apply: ## apply the series to a kernel tree (KTREE=/path)
	@scripts/series/apply "$(KTREE)"
unapply: ## take it off again (KTREE=/path)
	@scripts/series/unapply "$(KTREE)"
mbox: ## the series as mails (FROM="Name <mail>" SIGNOFF=1)
	@scripts/series/mbox
deb: ## kernel packages (KTREE=, KCONFIG=, LSMOD=)
	@scripts/build/deb
xen: ## hypervisors from Debian's source (VARIANT=plain)
	@scripts/build/xen $(VARIANT)
hwtest: ## a tarball for a dom0 of yours: benchmark, counter, kselftests
	@scripts/build/hwtest
deps: ## install, by package name, what is missing
	@scripts/build/deps
clean: ## remove results, initramfs, programs; keep kernels
	@scripts/build/clean
distclean: ## remove build/ altogether
	@scripts/build/clean all
help: ## this list
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

# every target is a command
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\#.*/\1/p' $(firstword $(MAKEFILE_LIST)))
