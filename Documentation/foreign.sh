#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# foreign.sh: writes foreign.md, beside this script, from what "make foreign" has
# left in build/KVER/results. Every figure comes from there.

set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
results=${RESULTS:-${BUILD:-$top/build}/${KVER:-6.12}/results}
out=$here/foreign.md
prof=$results/foreign-series/ptcount.tsv.prof

[ -s "$prof" ] || {
	echo "foreign.sh: no $prof: run \"make foreign\" first" >&2
	exit 3
}
trap 'rm -f "$out.tmp"' EXIT
{
	cat <<-END
	<!-- Written by Documentation/foreign.sh from the files of "make foreign": do not edit. -->
	# Mappings of another domain's pages

	\`\`\`
	make foreign
	Documentation/foreign.sh
	\`\`\`

	have made this page: pages of a paused domain, mapped and unmapped by dom0 through Xen's libraries, a batch a call. "poc" is stock with the proof of
	concept of the report to xen-devel, which reads an entry and queues its clear. Instructions are those of the whole call, the library's included.

	\`\`\`
	END
	"$top/scripts/boot/foreign" --report || :
	cat <<-END
	\`\`\`

	"short" is a batch of 32, which cannot reach what a batch of 512 does: of each page, a part is its share of the call, of the flush and of the page
	table that is made and freed. What is spent on a page of such a batch:

	\`\`\`
	END
	for step in unmap map; do
		id=$(awk -F'\t' -v step="$step" '$2 == "ro" && $3 == step && $4 == 32 { print $1 }' "$results/foreign-series/foreign.tsv")
		echo "ro, $step, batch of 32"
		"$top/tools-testing/qemu-plugin/ptprof" -n 14 -p "id-$id" "$prof"
		echo
	done
	echo '```'
} >"$out.tmp"
mv "$out.tmp" "$out"
echo "$out"
