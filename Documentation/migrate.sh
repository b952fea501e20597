#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# migrate.sh [RESULTS]: writes migrate.md, beside this script, from what "make
# migrate" has left in RESULTS (build/KVER/results). Every figure comes from
# there. Nothing is written if one is missing.

set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
results=${1:-${RESULTS:-${BUILD:-$top/build}/${KVER:-6.12}/results}}
out=$here/migrate.md

for f in migrate.tsv migrate-profile.txt migrate-series/console.log; do
	[ -s "$results/$f" ] || {
		echo "migrate.sh: no $results/$f: run \"make migrate\" first" >&2
		exit 3
	}
done
xen=$(sed -n 's/^(XEN) Xen version \([^ ]*\).*/\1/p' "$results/migrate-series/console.log" | head -n 1)

trap 'rm -f "$out.tmp"' EXIT
{
	cat <<-END
	<!-- Written by Documentation/migrate.sh from the files of "make migrate": do not edit. -->
	# Save, restore and live migration with xl

	\`\`\`
	make migrate
	Documentation/migrate.sh
	\`\`\`

	have made this page. A dom0 with Debian's toolstack, on Xen $xen in QEMU, creates a PV guest of 64 MiB with the same kernel as its own, which
	changes and checks its memory all the time. Each row is the whole machine from the start of the command to its end: dom0, guest, hypervisor.
	\`guest-runs\` is the guest alone, between the steps. "Emulated writes" are entries to Xen's \`ptwr_emulated_update()\`.

	END
	awk -F'\t' '
		NR == 1 {
			for (i = 1; i <= NF; i++) c[$i] = i
			print "| step | instructions, millions, stock | series | change | emulated writes, stock | series | hypercalls, stock | series |"
			print "|---|--:|--:|--:|--:|--:|--:|--:|"
			next
		}
		{
			a = $c["stock_insns"]; b = $c["series_insns"]
			printf "| %s | %.1f | %.1f | %+.1f %% | %d | %d | %d | %d |\n", $1, a / 1e6, b / 1e6, (b - a) * 100 / a,
				$c["stock_traps"], $c["series_traps"], $c["stock_hypercalls"], $c["series_hypercalls"]
		}' "$results/migrate.tsv"
	awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$1 == "checkpoint-null" {
			printf "\n## What page-table work is left in a checkpoint\n\n"
			printf "`xl save -c` to /dev/null makes %d calls of `mmu_update` on stock and %d on the series; on stock %d writes are emulated besides.\n", \
				$c["stock_mmu_update"], $c["series_mmu_update"], $c["stock_traps"]
			printf "In millions of instructions, stock and series: hypervisor %.1f and %.1f, kernel %.1f and %.1f, programs %.1f and %.1f.\n", \
				$c["stock_xen"] / 1e6, $c["series_xen"] / 1e6, $c["stock_kernel"] / 1e6, $c["series_kernel"] / 1e6, \
				$c["stock_user"] / 1e6, $c["series_user"] / 1e6
		}' "$results/migrate.tsv"
	cat <<-END

	Every page of the guest is mapped into the tool once and unmapped once. The functions that cost most on the series, in instructions a page of
	the guest:

	\`\`\`
	END
	cat "$results/migrate-profile.txt"
	echo '```'
} >"$out.tmp"
mv "$out.tmp" "$out"
echo "$out"
