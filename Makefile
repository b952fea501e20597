# SPDX-License-Identifier: GPL-2.0
#
# Every target is a script in scripts/; KVER chooses the kernel.

KVER	?= 6.12
export KVER

.NOTPARALLEL:
.DEFAULT_GOAL := help

## run: everything from nothing: packages, kernels, boots, verdict and table
run:
	@scripts/run

## deps: install the Debian packages that are missing
deps:
	@scripts/deps

## help: this list
help:
	@echo "KVER=$(KVER) make TARGET; in build/: everything that is made"
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' Makefile | awk -F'\t' '{ printf "  %-10s %s\n", $$1, $$2 }'

.PHONY: help run deps
