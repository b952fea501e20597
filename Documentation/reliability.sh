#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# reliability.sh [RESULTS]: writes reliability.md, beside this script, from what
# the commands it names have left in RESULTS (build/KVER/results). A part whose
# command was not run says so.

set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
KVER=${KVER:-6.12}
BUILD=${BUILD:-$top/build}
results=${1:-${RESULTS:-$BUILD/$KVER/results}}
out=$here/reliability.md

trap 'rm -f "$out.tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# table FILE COMMAND: a TSV file as a table
table()
{
	if [ ! -s "$results/$1" ]; then
		printf "Not run (\`%s\`).\n\n" "$2"
		return
	fi
	awk -F'\t' '
		{
			gsub(/\|/, "\\|"); line = "|"
			for (i = 1; i <= NF; i++) line = line " " $i " |"
			print line
			if (NR == 1) { line = "|"; for (i = 1; i <= NF; i++) line = line "---|"; print line }
		}' "$results/$1"
	echo
}

# part TITLE COMMAND TEXT
part()
{
	printf "## %s\n\n\`\`\`\n%s\n\`\`\`\n\n%s\n\n" "$1" "$2" "$3"
}

{
	cat <<'END'
<!-- Written by Documentation/reliability.sh from the files of the commands it names: do not edit. -->
# Reliability

What has been tried to make the series lose a write, a dirty bit or an update, and
what came of it. Each table is what the command above it has left behind.

END
	part "The protocol, by a model" "make model" \
		"Spin searches every interleaving of CPUs that set accessed and dirty bits, the queue, its flush, the TLB flush and readers; wrong variants have to be refuted, by a violation of the property named. See tools-testing/checks/model/README.md."
	table model.tsv "make model"
	part "Races" "make races" \
		"Pages that were stored to by other threads while they were unmapped, protected, moved, copied, aged, written back, paged out or migrated. Every count but the first two has to be 0. Four vCPUs had two processors: each TLB flush waits for one that is not running, so they were given six seconds a test, not a number of pages."
	table races.tsv "make races"
	part "Faults" "make faults" \
		"refused: updates that Xen refuses stand in front of, amid and behind those of each batch; all others have to be done, and each refused one has to be reported once, with its place. debug: the same with xen_mc_debug. no-memory: the same and the kselftests on the small static multicall buffer. off: the kselftests without the operations of the series, as on a host without preserve-AD, which Linux $KVER would not boot on. hotplug: CPUs go and come back meanwhile."
	table faults.tsv "make faults"
	part "Kernels that are broken on purpose" "make mutants" \
		"Each has to be noticed by at least one test."
	table mutants.tsv "make mutants"
	part "Kernels that check themselves" "make debug" \
		"debug: lockdep, KFENCE, DEBUG_VM, DEBUG_VM_PGTABLE, DEBUG_PAGEALLOC, DEBUG_ATOMIC_SLEEP, full preemption. kasan: KASAN on top, bare only, as Linux has none for Xen PV guests. ptcheck: PAGE_TABLE_CHECK_ENFORCED. One complaint of the kernel is a failure."
	table debug.tsv "make debug"
	part "A hypervisor that checks itself" "make xen-debug" \
		"Debian's Xen, built with assertions and performance counters. pt_traps, a kselftest, counts trapped page-table writes from Xen's trace buffers; Xen's own counter ptwr_emulations has to agree, also with the series' batching off, where every write is trapped. Of Xen's messages about a guest's page tables there may be none."
	table xen-debug.tsv "make xen-debug"
	part "An unprivileged guest" "make domu" \
		"The kselftests in a PV guest that dom0 starts with xl, with the same kernel in both; before the guest is saved and, in the same guest, after it was restored."
	table domu.tsv "make domu"
	part "The kernel's own memory management tests" "make mm-tests" \
		"tools/testing/selftests/mm of the same tree: outcome of the program, and cases in it that pass of all. A test that is worse on the series than on stock is a failure."
	table mm-tests.tsv "make mm-tests"
	part "Stress" "make mm-stress" \
		"Memory stressors of stress-ng, which verify their data, on the series under Xen with swap on a RAM disk."
	table mm-stress-series-xen/stress.tsv "make mm-stress"
} >"$out.tmp"
mv "$out.tmp" "$out"
echo "$out"
