#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# results.sh [RESULTS]: writes results.md, beside this script, from what
# "make bench" has left in RESULTS (build/KVER/results): bench.tsv and the
# headers of ptbench. Every figure comes from there. Nothing is written if one
# is missing. The part on bare metal is from "make bench-native", if that was run.

set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
KVER=${KVER:-6.12}
BUILD=${BUILD:-$top/build}
results=${1:-${RESULTS:-$BUILD/$KVER/results}}
tsv=$results/bench.tsv
paths=$top/tools-testing/tools/bench/paths.def
goals=$top/tools-testing/tools/bench/goals.tsv
out=$here/results.md

for f in "$tsv" "$results/bench-stock/ptbench.tsv" \
	"$results/bench-series/ptbench.tsv" "$results/bench-series/ptcount.tsv" \
	"$paths" "$goals"; do
	if [ ! -s "$f" ]; then
		echo "results.sh: no $f: run \"make bench\" first" >&2
		exit 3
	fi
done

trap 'rm -f "$out.tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

awk -F'\t' -v kver="$KVER" '
	function fail(why) { print "results.sh: " why >"/dev/stderr"; failed = 1; exit 3 }
	function get(name) {
		if (!(name in c)) fail("bench.tsv has no column " name)
		return $(c[name])
	}
	function has(v) { return v != "" && v != "-" }
	function fmt(v, f) { return has(v) ? sprintf(f, v) : "-" }
	function change(a, b,   d) {
		if (!has(a) || !has(b) || a + 0 == 0) return "-"
		d = (b - a) * 100 / a
		return d < 0.05 && d > -0.05 ? "0.0 %" : sprintf("%+.1f %%", d)
	}
	# the largest distance of a repeat from the median, in per cent of it
	function spread(med, lo, hi,   d) {
		if (!has(med) || med + 0 == 0) return ""
		d = hi - med > med - lo ? hi - med : med - lo
		return d * 100 / med
	}

	FNR == 1 { file++ }
	file == 1 {		# paths.def: names and what one page of each is
		if ($0 !~ /^PATH\(/) next
		n = split($0, part, "\"")
		if (n >= 5) { what[part[2]] = part[4]; gsub(/\|/, "\\|", what[part[2]]) }
		next
	}
	file == 2 || file == 3 {	# headers of the two ptbench runs
		if ($0 !~ /^# [a-z]+: /) next
		line = $0; sub(/^# /, "", line)
		key = line; sub(/: .*/, "", key)
		sub(/^[a-z]+: /, "", line)
		head[file, key] = line
		next
	}
	/^#/ { next }
	$1 == "path" { delete c; for (i = 1; i <= NF; i++) c[$i] = i; next }
	file == 4 {		# goals
		goals[++ngoals] = $1; brief[$1] = get("brief"); now[$1] = get("now")
		next
	}
	file == 5 {		# hypercalls of the series, by kind: one run of each path
		if (get("kind") != "plain" || get("repeat") != 1) next
		mmu[$1] = get("mmu_update"); ext[$1] = get("mmuext_op"); va[$1] = get("update_va")
		sub_calls[$1] = get("subcalls"); calls[$1] = get("hypercalls"); batch[$1] = get("pages")
		next
	}
	{
		p = get("path"); order[++rows] = p
		pages[p] = get("pages"); note[p] = get("note")
		a[p] = get("stock_insns"); b[p] = get("series_insns")
		alo[p] = get("stock_insns_min"); ahi[p] = get("stock_insns_max")
		blo[p] = get("series_insns_min"); bhi[p] = get("series_insns_max")
		ax[p] = get("stock_xen"); bx[p] = get("series_xen")
		ak[p] = get("stock_kernel"); bk[p] = get("series_kernel")
		at[p] = get("stock_traps"); bt[p] = get("series_traps")
		ah[p] = get("stock_hypercalls"); bh[p] = get("series_hypercalls")
		if (!has(a[p]) && !has(b[p])) next
		measured++
		if (has(bt[p])) { counted++; if (bt[p] + 0 == 0) clean++; else trapping = trapping " " p }
		if (has(a[p]) && has(b[p]) && b[p] > a[p] * 1.01) worse = worse " " p
		s = spread(a[p], alo[p], ahi[p]); if (s != "" && s > most) { most = s; where = p }
		s = spread(b[p], blo[p], bhi[p]); if (s != "" && s > most) { most = s; where = p }
	}
	END {
		if (failed) exit 3
		if (!measured) fail("bench.tsv has no measured path")
		print "<!-- Written by Documentation/results.sh from the files of \"make bench\": do not edit. -->"
		print "# Results\n"
		print "```"
		if (kver != "6.12") print "export KVER=" kver
		print "make bench"
		print "Documentation/results.sh"
		print "```\n"
		print "have made this page. Instructions, unless it says otherwise below, are those of guest and hypervisor together.\n"
		print "| | stock | series |"
		print "|---|---|---|"
		split("kernel hypervisor cpus unit pages", keys, " ")
		for (i = 1; i <= 5; i++)
			printf "| %s | %s | %s |\n", keys[i], fmt(head[2, keys[i]], "%s"), fmt(head[3, keys[i]], "%s")
		printf "\nPaths measured: %d of %d. ", measured, rows
		printf "Without a trapped page-table write on the series: %d of %d.", clean, counted
		if (trapping != "") printf " With:%s.", trapping
		printf "\nMore than 1 %% worse than stock:%s.", worse == "" ? " none" : worse
		if (where != "") printf " Largest distance of a repeat from the median: %.1f %% (%s).", most, where
		print "\n\n## Cost of a page\n"
		print "| path | stock | series | change | traps, stock | series | hypercalls, stock | series |"
		print "|---|--:|--:|--:|--:|--:|--:|--:|"
		for (i = 1; i <= rows; i++) {
			p = order[i]
			if (!has(a[p]) && !has(b[p])) continue
			printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", p, \
				fmt(a[p], "%.0f"), fmt(b[p], "%.0f"), change(a[p], b[p]), \
				fmt(at[p], "%.3f"), fmt(bt[p], "%.3f"), fmt(ah[p], "%.4f"), fmt(bh[p], "%.4f")
		}
		print "\n## Goals\n"
		print "Where the project set out to get, and, where that was beaten, what must be kept now: `make bench` fails above it."
		print "\n| path | stock | brief | goal now | series |\n|---|--:|--:|--:|--:|"
		for (i = 1; i <= ngoals; i++) {
			p = goals[i]
			printf "| %s | %s | %d | %d | %s |\n", p, fmt(a[p], "%.0f"), brief[p], now[p], fmt(b[p], "%.0f")
		}
		print "\n## Hypercalls of one call, by kind\n"
		print "What one call of a range operation asks the hypervisor for. Four page tables hold 2,048 pages: their updates are four `mmu_update`"
		print "calls, or a few more where entries have to be exact; the flush is one `mmuext_op`. The rest is the life of page tables, not of"
		print "entries: each one freed costs the clear of its PMD entry, which Xen continues once, and a multicall that unpins it and makes it"
		print "writable; each one allocated about the same. Calls inside a multicall are counted under their own kind."
		print "\n| path | pages | hypercalls | mmu_update | mmuext_op | update_va_mapping | of these in multicalls |"
		print "|---|--:|--:|--:|--:|--:|--:|"
		for (i = 1; i <= ngoals; i++) {
			p = goals[i]
			if (p in calls)
				printf "| %s | %d | %d | %d | %d | %d | %d |\n", p, batch[p], calls[p], mmu[p], ext[p], va[p], sub_calls[p]
		}
		print "\n## Where it is spent, and how far repeats differ\n"
		print "| path | hypervisor, stock | series | kernel, stock | series | stock, min to max | series, min to max |"
		print "|---|--:|--:|--:|--:|--:|--:|"
		for (i = 1; i <= rows; i++) {
			p = order[i]
			if (!has(a[p]) && !has(b[p])) continue
			printf "| %s | %s | %s | %s | %s | %s to %s | %s to %s |\n", p, \
				fmt(ax[p], "%.0f"), fmt(bx[p], "%.0f"), fmt(ak[p], "%.0f"), fmt(bk[p], "%.0f"), \
				fmt(alo[p], "%.0f"), fmt(ahi[p], "%.0f"), fmt(blo[p], "%.0f"), fmt(bhi[p], "%.0f")
		}
		print "\n## What the paths are\n"
		print "| path | pages | one page of it |"
		print "|---|--:|---|"
		for (i = 1; i <= rows; i++)
			printf "| %s | %s | %s |\n", order[i], pages[order[i]], order[i] in what ? what[order[i]] : "-"
		first = 1
		for (i = 1; i <= rows; i++) {
			p = order[i]
			if (!has(note[p])) continue
			if (first) { print "\n## Skipped or failed\n\n| path | outcome |\n|---|---|"; first = 0 }
			gsub(/\|/, "\\|", note[p])
			printf "| %s | %s |\n", p, note[p]
		}
	}' "$paths" "$results/bench-stock/ptbench.tsv" \
	"$results/bench-series/ptbench.tsv" "$goals" \
	"$results/bench-series/ptcount.tsv" "$tsv" >"$out.tmp"

if [ -s "$results/bench-native.tsv" ]; then
	awk -F'\t' '
		function ratio(r) { return r <= 1.02 || $1 == "text" ? r : "**" r "**" }
		BEGIN {
			print "\n## Bare metal\n"
			print "`make bench-native`: instructions a page without Xen, the least of its repeats, and the size of the kernel (text of `vmlinux`,"
			print "bytes). \"No pvops\" is the stock kernel without PARAVIRT_XXL. Bold: more than 2 % above it."
			print "\n| path | stock | series | no pvops | series / stock | series / no pvops | stock / no pvops |"
			print "|---|--:|--:|--:|--:|--:|--:|"
		}
		NR > 1 {
			f = $1 == "text" ? "%d" : "%.1f"
			printf "| %s | " f " | " f " | " f " | %.3f | %s | %.3f |\n", $1, $2, $3, $4, $5, ratio(sprintf("%.3f", $6)), $7
		}' "$results/bench-native.tsv" >>"$out.tmp"
	awk -F'\t' '
		FNR == 1 {
			n++
			name[n] = FILENAME
			sub(/.*bench-native-?/, "", name[n]); sub(/\.tsv$/, "", name[n]); gsub(/-/, "+", name[n])
			next
		}
		$1 == "text" { text[n] = sprintf("%+d", $3 - $2); next }
		{
			paths[n]++
			if ($6 > nopvops[n]) { nopvops[n] = $6; nopvops_at[n] = $1 }
			if ($5 > stock[n]) { stock[n] = $5; stock_at[n] = $1 }
		}
		END {
			print "\nThe same of other kernels, `make bench-native VARIANT=...`; page table isolation is on in those with `ibt`. A line of"
			print "kernels that were not measured this time stays as it was:\n"
			print "| kernels | paths | largest series / no pvops | largest series / stock | text, series - stock |"
			print "|---|--:|---|---|--:|"
			for (i = 1; i <= n; i++) {
				k = name[i] == "" ? "plain" : name[i]
				line[k] = sprintf("| %s | %d | %.3f (%s) | %.3f (%s) | %s |", k,
					paths[i], nopvops[i], nopvops_at[i], stock[i], stock_at[i], text[i])
			}
			while ((getline old <page) > 0) {
				split(old, word, " ")
				if (old ~ /^\| [^|]+ \| [0-9]+ \| [0-9.]+ \([^|]*\) \|/ && !(word[2] in line))
					line[word[2]] = old
			}
			for (k in line) print line[k] | "sort"
		}' page="$out" "$results"/bench-native*.tsv >>"$out.tmp"
fi
mv "$out.tmp" "$out"
echo "$out"
