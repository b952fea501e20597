# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086	# sourced: what is unused here is used there
#
# The patches: their order, what they touch and add, applying and checking them.

# Is it a series for the hypervisor?
of_xen() { [[ $SERIES = xen/* ]]; }
! of_xen || lib xen
# What the series is for, and the source that it is made for.
subject_of_series() { if of_xen; then echo Xen; else echo Linux; fi; }
base_tree() { if of_xen; then echo "$XEN_SRC"; else echo "$KB/stock/src"; fi; }
# get_base_tree: sees to it that it is there
get_base_tree()
{
	if of_xen; then "$TOP/scripts/build/xen" source; else "$TOP/scripts/build/tree" stock; fi
}

# The version a tree says it is: Linux 6.12.117, Xen 4.17.5; fails when it is no tree.
tree_version()
{
	if of_xen; then
		[ -d "$1/xen/arch/x86" ] || return 1
		awk '/^export XEN_VERSION/ { v = $4 } /^export XEN_SUBVERSION/ { v = v "." $4 }
			/^export XEN_EXTRAVERSION/ { sub(/[^.0-9].*/, "", $4); v = v $4 }
			END { if (v == "") exit 1; print v }' "$1/xen/Makefile"
		return
	fi
	[ -f "$1/Makefile" ] && [ -f "$1/Kbuild" ] && [ -d "$1/arch/x86/xen" ] ||
		return 1
	awk -F' *= *' '
		$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { p = $2 }
		$1 == "SUBLEVEL" { s = $2 } NR > 8 { exit }
		END { if (v == "" || p == "") exit 1; print v "." p "." s }' \
		"$1/Makefile"
}

# for_xen VERSION: takes the patches for it: those for the newest version that is not newer
for_xen()
{
	[ -d "$PATCHES" ] || return 0
	XEN=$(cd "$PATCHES" && printf '%s\n' series-* | sed -n 's/^series-\([0-9]\)/\1/p' |
		while read -r v; do [ "$(printf '%s\n' "$v" "$1" | sort -V | head -n 1)" != "$v" ] || echo "$v"; done |
		sort -V | tail -n 1)
}

# Names of the patches in series order. A series for the hypervisor may have another
# order, or other patches, for a version of Xen: series-VERSION.
series_file() { if [ -f "$PATCHES/series-${XEN:-}" ]; then echo "series-$XEN"; else echo series; fi; }
series_patches()
{
	local file

	file=$PATCHES/$(series_file)
	[ -f "$file" ] ||
		die $E_SERIES "no series file in ${PATCHES#"$TOP"/}; KVER is one of: $(versions); SERIES may be $(cd "$TOP/patches" && printf '%s\n' xen/* | paste -sd' ')"
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$file"
}

# Sub-series: a line "# NAME: what it is" of the series file begins one; parts/NAME is its
# cover letter. series_parts: their names in order
series_parts() { sed -n 's/^# \([a-z-]*\): .*/\1/p' "$PATCHES/$(series_file)"; }

# part_patches NAME: its patches; part_patches --before NAME: those of the earlier ones
part_patches()
{
	local before=0

	[ "$1" != --before ] || { before=1; shift; }
	series_parts | grep -qx -- "$1" ||
		die $E_USAGE "no sub-series '$1' in patches/$SERIES; there are: $(series_parts | paste -sd' ')"
	awk -v name="$1:" -v before=$before '
		/^# [a-z-]+: / { at = $2 == name ? 1 : at ? 2 : 0 }
		{ sub(/#.*/, "") } NF && at == !before && at < 2 { print $1 }' "$PATCHES/$(series_file)"
}

# with_parts NAMES: these, with the lines that begin sub-series where the series file has
# them: above a patch of the same name, whatever its number
with_parts()
{
	local file

	file=$PATCHES/$(series_file)
	[ -f "$file" ] || file=/dev/null
	awk 'FILENAME == ARGV[1] { if (/^#/) head = head $0 "\n"; else { sub(/^[0-9]+-/, ""); at[$0] = head; head = "" } next }
		{ name = $0; sub(/^[0-9]+-/, "", name); printf "%s%s\n", at[name], $0 }' "$file" "$1"
}

# patch_table: the file whose rows "| N | SUBJECT | what and why |" are of this series
patch_table()
{
	if [ "$KVER" = "$REFERENCE" ]; then echo "$TOP/Documentation/design.md"; else echo "$PATCHES/README.md"; fi
}

# patch_subject PATCH: its subject, in one line, without "[PATCH]".
patch_subject()
{
	sed -n '/^Subject: /,/^[^ ]/ { /^Subject: /s/^Subject: \(\[[^]]*\] \)*//p; /^ /p }; /^$/q' "$1" |
		paste -sd' ' | tr -s ' '
}

# patch_files PATCH...: the files that the patches touch.
patch_files()
{
	[ $# -gt 0 ] || return 0
	awk '
		/^diff --git / { head = 1 }
		head && /^(---|\+\+\+) [ab]\// {
			sub(/^(---|\+\+\+) [ab]\//, ""); sub(/\t.*/, ""); print
		}
		/^@@ / { head = 0 }' "$@" | sort -u
}

# Files that the series adds live once, in our own folders: both directions.
# Prints nothing for a path that has no such place.
ours_of()
{
	case $1 in
	arch/x86/xen/*) echo "arch-x86-xen/${1#arch/x86/xen/}" ;;
	include/*) echo "$1" ;;
	tools/testing/selftests/*) echo "tools-testing/selftests/${1#tools/testing/selftests/}" ;;
	Documentation/*) echo "$1" ;;
	tools/tests/*) echo "tools-testing/xen-tests/${1#tools/tests/}" ;;
	esac
}

# ours_copy FILE DEST: a file of the kernel that lives in our folders. They have it as in
# the series for REFERENCE; NAME.diff beside the patches of another kernel is what that
# has different.
ours_copy()
{
	local diff=$PATCHES/${1##*/}.diff

	cp "$TOP/$(ours_of "$1")" "$2"
	[ ! -f "$diff" ] || patch -s -f --fuzz=0 --no-backup-if-mismatch --reject-file=- "$2" "$diff" >/dev/null ||
		die $E_HUNK "${diff#"$TOP"/} does not fit $(ours_of "$1") any more; bring it up to date"
}

kernel_of()
{
	case $1 in
	arch-x86-xen/*) echo "arch/x86/xen/${1#arch-x86-xen/}" ;;
	include/*) echo "$1" ;;
	tools-testing/selftests/*) echo "tools/testing/selftests/${1#tools-testing/selftests/}" ;;
	Documentation/*) echo "$1" ;;
	tools-testing/xen-tests/*) echo "tools/tests/${1#tools-testing/xen-tests/}" ;;
	esac
}

# patch_new_files PATCH...: the files that the patches create.
patch_new_files()
{
	[ $# -gt 0 ] || return 0
	awk '
		/^diff --git / { head = 1; new = 0 }
		head && /^new file mode / { new = 1 }
		/^diff --git / { name = $4; sub(/^b\//, "", name) }
		head && /^new file mode / { print name }
		/^@@ / { head = 0 }' "$@" | sort -u
}

# copy_files FROM TO < names: those that exist, with their folders.
copy_files()
{
	local f

	while read -r f; do
		[ -e "$1/$f" ] || continue
		mkdir -p "$2/$(dirname "$f")"
		cp -p "$1/$f" "$2/$f"
	done
}

# series_code: a sum of what the series changes, without its changelogs.
series_code()
{
	(cd "$PATCHES" && series_patches | xargs -r sed -n '/^---$/,/^-- $/p') | sha256sum
}

# checkpatch_mail FILE NUMBER [signed]: what checkpatch --strict says of a patch
# beyond the exceptions in patches/KVER/checkpatch.ignore (patch number or *, type,
# reason). Patches here are not signed off: that is for the person who sends them.
checkpatch_mail()
{
	local types=FILE_PATH_CHANGES src=$KB/stock/src more

	[ "${3:-}" = signed ] || types+=,MISSING_SIGN_OFF
	if [ -f "$PATCHES/checkpatch.ignore" ]; then
		more=$(awk -v n="$2" '!/^#/ && NF >= 3 && ($1 == n || $1 == "*") { print $2 }' \
			"$PATCHES/checkpatch.ignore" | paste -sd,)
		types+=${more:+,$more}
	fi
	(cd "$SCRATCH" && perl "$src/scripts/checkpatch.pl" --strict --terse --no-summary --no-tree \
		--root="$src" --show-types --ignore "$types" "$1" 2>&1)
}

# style_of_xen PATCH: where a patch departs from Xen's style, as far as that can be told
# from lines alone; fails if it does.
style_of_xen()
{
	! awk -v name="${1##*/}" '
		/^diff --git / { c = $4 ~ /\.[ch]$/ }
		!/^\+/ || /^\+\+\+/ { next }
		/[ \t]$/ { print name ": white space at the end: " $0 }
		!c { next }
		length > 81 && !/"/ { print name ": longer than 80: " $0 }
		/\t/ { print name ": a tab: " $0 }
		/(^|[^a-z_])(if|for|while|switch) ?\([^ ]/ { print name ": no blank inside the brackets: " $0 }' "$1" | grep .
}

# apply_series DIR [PATCH...]: all patches onto DIR, or these, without fuzz. On failure
# prints which patch and which hunks of which file, and returns 1.
apply_series()
{
	local p out dir=$1 all

	shift
	all=("$@")
	[ $# -gt 0 ] || mapfile -t all < <(series_patches)
	for p in "${all[@]}"; do
		[ -f "$PATCHES/$p" ] || { echo "$p is in the series file but not in ${PATCHES#"$TOP"/}"; return 1; }
		out=$(patch -d "$dir" -p1 -f --fuzz=0 --no-backup-if-mismatch \
			--reject-file=- <"$PATCHES/$p" 2>&1) || {
			echo "$p does not apply: $(echo "$out" | patch_reason)"
			return 1
		}
	done
}

# What patch(1) said, in one line: file and hunks that failed.
patch_reason()
{
	awk '
		/^patching file / { file = $3 }
		/^Hunk #[0-9]+ FAILED/ {
			h = h sep "hunk " $2 " of " file " (line " $5 + 0 ")"; sep = ", "
		}
		/^can.t find file to patch/ { h = h sep "a file it patches is missing"; sep = ", " }
		/^The next patch would create the file/ { f = $8; sub(/,$/, "", f); h = h sep f " is there already"; sep = ", " }
		/^The next patch would delete the file/ { h = h sep "a file it deletes differs"; sep = ", " }
		{ last = $0 }
		END { print h == "" ? last : h }'
}

# overlay FROM DIR INCLUDE FILE...: sed scripts, patches and headers on top of what is
# in DIR, which gets the files of FROM that it lacks. A sed script names its file in its
# head; a header goes to the folder INCLUDE. If that holds a mutant.h, what sed changes
# includes it. Names of all files are in $SCRATCH/now.
overlay()
{
	local from=$1 dir=$2 include=$3 f file mutant=''

	shift 3
	mkdir -p "$dir"
	for f; do
		[ "${f##*/}" != mutant.h ] || mutant=${include##*include/}/mutant.h
	done
	for f; do
		case $f in
		*.h)
			file=$include/${f##*/}
			mkdir -p "$dir/$include"
			cp "$f" "$dir/$file"
			;;
		*.patch)
			patch_files "$f" | while read -r file; do [ -e "$dir/$file" ] || echo "$file"; done | copy_files "$from" "$dir"
			patch -d "$dir" -p1 -s -f --fuzz=0 --no-backup-if-mismatch <"$f" >/dev/null ||
				die $E_HUNK "${f#"$TOP"/} does not apply; bring it up to date"
			;;
		*.sed)
			file=$(sed -n 's/^# file: //p' "$f")
			[ -e "$dir/$file" ] || copy_files "$from" "$dir" <<<"$file"
			cp "$dir/$file" "$SCRATCH/before"
			sed -i -f "$f" "$dir/$file"
			! cmp -s "$SCRATCH/before" "$dir/$file" ||
				die $E_SERIES "${f#"$TOP"/} changes nothing in $file; bring it up to date"
			[ -z "$mutant" ] || grep -qF "$mutant" "$dir/$file" ||
				sed -i "0,/^#include/s||#include <$mutant>\n&|" "$dir/$file"
			;;
		esac
	done
	(cd "$dir" && find . -type f -printf '%P\n') >>"$SCRATCH/now"
	sort -u "$SCRATCH/now" -o "$SCRATCH/now"
}

# sync_tree FROM DIR TO NAMES: brings the files of $SCRATCH/now in TO, a copy of FROM, to
# what they are in DIR, and those that NAMES has from before back to what FROM has. Only
# what differs is written. Prints how many were written and removed.
sync_tree()
{
	local from=$1 dir=$2 to=$3 names=$4 f file new=0 back=0

	# From here on an interruption leaves names that hold too much, never
	# too little: the next run looks at all of them again.
	sort -u "$names" "$SCRATCH/now" >"$SCRATCH/all"
	cp "$SCRATCH/all" "$names"
	while read -r f; do
		if [ -e "$dir/$f" ]; then
			file=$dir/$f
		elif ! grep -qxF "$f" "$SCRATCH/now" && [ -e "$from/$f" ]; then
			file=$from/$f
		else
			[ -e "$to/$f" ] || continue
			rm -f "$to/$f"
			rmdir -p --ignore-fail-on-non-empty "$(dirname "$to/$f")"
			back=$((back + 1))
			continue
		fi
		if ! cmp -s "$file" "$to/$f"; then
			mkdir -p "$(dirname "$to/$f")"
			cp "$file" "$to/$f.$$"
			chmod --reference="$file" "$to/$f.$$"
			mv "$to/$f.$$" "$to/$f"
			new=$((new + 1))
		fi
	done <"$SCRATCH/all"
	cp "$SCRATCH/now" "$names"
	echo "$new $back"
}
