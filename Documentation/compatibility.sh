#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# compatibility.sh [RESULTS]: writes a row of compatibility.md, beside this
# script, for each run of "make test" in RESULTS (build/KVER/results): kernel,
# hypervisor, machine and the outcome of the kselftests come from its logs. A row
# of the same kernel, hypervisor and machine is replaced; nothing is written if
# no run has passed.

set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
KVER=${KVER:-6.12}
BUILD=${BUILD:-$(dirname "$here")/build}
results=${1:-${RESULTS:-$BUILD/$KVER/results}}
page=${PAGE:-$here/compatibility.md}

trap 'rm -f "$page.tmp" "$page.rows"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

: >"$page.rows"
for mode in xen bare; do
	dir=$results/series-$mode
	[ -s "$dir/console.log" ] && [ -s "$dir/kselftest.sum" ] || continue
	if ! grep -qx PASS "$dir/verdict"; then
		echo "compatibility.sh: $dir: $(cat "$dir/verdict"): no row" >&2
		continue
	fi
	kernel=$(grep -aoE 'Linux version [^ ]+' "$dir/console.log" | head -n 1 | cut -d ' ' -f 3)
	kernel=${kernel%-series}
	if [ $mode = xen ]; then
		xen=$(sed -n 's/^(XEN) Xen version \([^ ]*\).*/Xen \1/p' "$dir/console.log" | head -n 1)
		as="PV dom0"
	else
		xen=none
		as="bare"
	fi
	[ -n "$kernel" ] && [ -n "$xen" ] || continue
	machine=$(sed -n '1s/.*qemu-system-[^ ]* .*-smp \([0-9]*\) .*/QEMU, \1 CPU/p' "$dir/qemu.cmd")
	echo "| $kernel | $xen | $as | $machine | $(cat "$dir/kselftest.sum") |" >>"$page.rows"
done
if [ ! -s "$page.rows" ]; then
	echo "compatibility.sh: no run in $results that has passed: run \"make test\" first" >&2
	exit 3
fi

awk -F' [|] ' '
	function key() { return $1 SUBSEP $2 SUBSEP $3 SUBSEP $4 }
	FNR == NR { new[key()] = $0; order[++n] = key(); next }
	/^<!-- end of rows/ {
		for (i = 1; i <= n; i++) if (order[i] in new) print new[order[i]]
		rows = 0
	}
	/^<!-- rows/ { rows = 1 }
	rows && key() in new { print new[key()]; delete new[key()]; next }
	{ print }' "$page.rows" "$page" >"$page.tmp"
cat "$page.rows"
mv "$page.tmp" "$page"
