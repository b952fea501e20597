# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034	# sourced: what is unused here is used there
#
# What every script here shares: places, messages with the time that has passed,
# exit statuses, clean-up on any way out, the lock, and kernel-tree helpers.

set -euo pipefail
export LC_ALL=C

# Places. BUILD may point elsewhere; the harness's own tests do that.
PROJECT=xen-pv-mmu
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export KVER=${KVER:-6.12}
BUILD=${BUILD:-$TOP/build}
KB=$BUILD/$KVER
PATCHES=${PATCHES:-$TOP/patches/$KVER}
RESULTS=${RESULTS:-$KB/results}
XEN_GZ=${XEN_GZ:-/boot/xen-4.17-amd64.gz}
XEN_SYMS=${XEN_SYMS:-/usr/lib/debug/boot/xen-syms-4.17-amd64}
JOBS=${JOBS:-$(nproc)}

# Verdicts of a boot, and of everything that is made of boots.
PASS=0 FAIL=1 ERROR=3 SKIP=4 CRASH=5 TIMEDOUT=6
# Refusals: bad input or a machine that cannot do it; nothing was changed.
E_USAGE=2
E_NOTREE=10 E_VERSION=11 E_DIRTY=12 E_PATCHED=13 E_HUNK=14 E_NOTPATCHED=15
E_SERIES=16 E_NORESULT=17
E_ROOT=20 E_PACKAGE=21 E_DISK=22 E_QEMU=23 E_BUILD=24
E_INT=130

verdict_name()
{
	case $1 in
	0) echo PASS ;; 1) echo FAIL ;; 3) echo ERROR ;; 4) echo SKIP ;;
	5) echo CRASH ;; 6) echo TIMEOUT ;; 130) echo INTERRUPTED ;;
	*) echo "ERROR($1)" ;;
	esac
}

# worse A B: prints the worse of two verdicts. The harness knowing nothing is
# worst; then the ways the subject can go down; a skip is worse than a pass.
worse()
{
	local order=" 0 4 1 6 5 3 130 " a b
	a=${order%% "$1" *} b=${order%% "$2" *}
	if [ "${#a}" -ge "${#b}" ]; then echo "$1"; else echo "$2"; fi
}

# table_row TABLE HEADER KEYS VALUE...: a row of a TSV file. It takes the place of
# the one with the same in the columns KEYS ("1 2"), from an earlier run of a part.
table_row()
{
	local table=$1 header=$2 keys=$3 row

	shift 3
	row=$(IFS=$'\t'; echo "$*")
	[ "$(head -n 1 "$table" 2>/dev/null)" = "$header" ] || echo "$header" >"$table"
	{
		row=$row awk -F'\t' -v keys="$keys" '
			BEGIN { n = split(keys, k, " "); split(ENVIRON["row"], new, FS) }
			{
				same = 0
				for (i = 1; i <= n; i++) same += $k[i] == new[k[i]]
				if (NR == 1 || same < n) print
			}' "$table"
		echo "$row"
	} >"$table.new"
	mv "$table.new" "$table"
}

# Messages. Steps carry the time since the first script of the command began.
export RUN_T0=${RUN_T0:-$(date +%s)}

clock()
{
	local s=$(($(date +%s) - RUN_T0))

	printf '[%02d:%02d]' $((s / 60)) $((s % 60))
}

step() { printf '%s %s\n' "$(clock)" "$*"; }
info() { printf '        %s\n' "$*"; }
warn() { printf '%s: warning: %s\n' "${0##*/}" "$*" >&2; }

# die STATUS MESSAGE: one line that names the cause and the remedy.
die()
{
	local status=$1

	shift
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$status"
}

# Clean-up: at_exit COMMAND adds one; all run, last first, however we leave.
at_exit_list=()
at_exit() { at_exit_list=("$*" "${at_exit_list[@]}"); }
at_exit_run()
{
	exit_status=$?
	trap '' INT TERM HUP
	for command in "${at_exit_list[@]}"; do
		eval "$command" || :
	done
	exit "$exit_status"
}
trap at_exit_run EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Our own background jobs, and only these: a process number is used again soon
# after its process has ended, and may then be anybody's.
alive() { grep -qxF "$1" <<<"$(jobs -rp)"; }

# stop PID: ends one of them, with force if it does not go by itself.
stop()
{
	local i

	alive "$1" || return 0
	kill "$1" 2>/dev/null || :
	for ((i = 0; i < ${STOP_WAIT:-100}; i++)); do
		alive "$1" || break
		sleep 0.1
	done
	! alive "$1" || kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

scratch_dir()
{
	SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/$PROJECT.XXXXXX")
	at_exit rm -rf "$SCRATCH"
}

# One command at a time changes the build folder; held until the script ends,
# not taken again by the scripts it calls, never inherited by QEMU.
build_lock()
{
	[ -z "${BUILD_LOCKED:-}" ] || return 0
	mkdir -p "$KB"
	exec 8>"$KB/.lock"
	if ! flock -n 8; then
		step "waiting for another command that uses build/$KVER"
		flock 8
	fi
	export BUILD_LOCKED=1
}

build_unlock()
{
	exec 8>&-
	unset BUILD_LOCKED
}

# run_logged LOG COMMAND...: quiet when it works, the end of its log when not.
run_logged()
{
	local log=$1 status=0

	shift
	mkdir -p "${log%/*}"
	"$@" >"$log" 2>&1 </dev/null || status=$?
	[ "$status" -eq 0 ] && return 0
	[ "$status" -ge 128 ] && exit "$status"
	{
		echo "--- last lines of $log"
		tail -n 25 "$log"
		echo "---"
	} >&2
	return "$status"
}

# with_progress WHAT LOG COMMAND...: run_logged for a kernel build: tells how many
# objects there are, in place on a terminal, every two minutes elsewhere.
with_progress()
{
	local what=$1 log=$2 status=0 ticker every=120 start='' end='\n' s=0

	shift 2
	mkdir -p "${log%/*}"
	: >"$log"
	[ ! -t 1 ] || every=1 start='\r' end=''
	while sleep 1; do
		[ $((++s % every)) -eq 0 ] || continue
		# shellcheck disable=SC2059	# two constants
		printf "$start%s %s: %s objects$end" "$(clock)" "$what" \
			"$(grep -cE '^ +CC ' "$log" 2>/dev/null || :)"
	done &
	ticker=$!
	at_exit stop $ticker
	run_logged "$log" "$@" || status=$?
	stop "$ticker"
	[ ! -t 1 ] || printf '\r\033[K'
	return "$status"
}

# need_disk MIB DIR WHY
need_disk()
{
	local have dir=$2

	while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
	have=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	[ "$have" -ge "$1" ] ||
		die $E_DISK "only $have MiB free in $dir, $1 MiB needed to $3; free some, or set BUILD= to a folder on a larger disk"
}

# stamp_is FILE TEXT: does the stamp hold that text?  stamp_set writes it.
stamp_is() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
stamp_set() { mkdir -p "${1%/*}"; printf '%s\n' "$2" >"$1"; }

# The kernel version a tree says it is: 6.12.117; fails when it is no tree.
tree_version()
{
	[ -f "$1/Makefile" ] && [ -f "$1/Kbuild" ] && [ -d "$1/arch/x86/xen" ] ||
		return 1
	awk -F' *= *' '
		$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { p = $2 }
		$1 == "SUBLEVEL" { s = $2 } NR > 8 { exit }
		END { if (v == "" || p == "") exit 1; print v "." p "." s }' \
		"$1/Makefile"
}

# Names of the patches in series order.
series_patches()
{
	[ -f "$PATCHES/series" ] ||
		die $E_SERIES "no series file in patches/$KVER; KVER is one of: $(cd "$TOP/patches" 2>/dev/null && echo *)"
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$PATCHES/series"
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
	esac
}

kernel_of()
{
	case $1 in
	arch-x86-xen/*) echo "arch/x86/xen/${1#arch-x86-xen/}" ;;
	include/*) echo "$1" ;;
	tools-testing/selftests/*) echo "tools/testing/selftests/${1#tools-testing/selftests/}" ;;
	Documentation/*) echo "$1" ;;
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

# apply_series DIR: all patches onto DIR without fuzz. On failure prints which
# patch and which hunks of which file, and returns 1.
apply_series()
{
	local p out

	for p in $(series_patches); do
		[ -f "$PATCHES/$p" ] || { echo "$p is in the series file but not in patches/$KVER"; return 1; }
		out=$(patch -d "$1" -p1 -f --fuzz=0 --no-backup-if-mismatch \
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

# How kernels are built: everything that would make two builds of one source
# differ is pinned, and ccache sees the same names in every tree. Not its depend
# mode: it misses what is included by .incbin, the kernel in the image that boots.
export CCACHE_BASEDIR=$KB CCACHE_NOHASHDIR=1
export KBUILD_BUILD_USER=build KBUILD_BUILD_HOST=$PROJECT
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'

# A kernel is named TREE[+VARIANT...]: stock, series, stock+nopvops. Its source is
# TREE's; a variant is scripts/config/VARIANT.config, merged over the common one.
# In it may be lines
#	# make: NAME=VALUE	an argument of make
#	# base: TARGET		make's target for the configuration to merge over
#				instead of the common one: defconfig, allmodconfig
#	# objects: NAME...	what "make configs" builds of it
#	# adds: NAME...		objects that no kernel has but with options that are set here
source_of() { echo "$KB/${1%%+*}/src"; }

# config_files KERNEL: its configuration files, in the order of their merging
config_files()
{
	local v files=()

	for v in $(tr + ' ' <<<"$1+" | cut -s -d' ' -f2-); do
		[ -f "$TOP/scripts/config/$v.config" ] ||
			die $E_USAGE "no variant '$v'; there are: $(cd "$TOP/scripts/config" && echo *.config)"
		files+=("$TOP/scripts/config/$v.config")
	done
	[ ${#files[@]} -gt 0 ] && grep -q '^# base: ' "${files[@]}" ||
		echo "$TOP/scripts/config/x86-xen.config"
	[ ${#files[@]} -eq 0 ] || printf '%s\n' "${files[@]}"
}

# config_lines KERNEL KEY: what its files say in lines "# KEY: VALUE"
config_lines()
{
	local files

	files=$(config_files "$1")
	xargs sed -n "s/^# $2: //p" <<<"$files"
}

compiler_of()
{
	local cc

	cc=$(config_lines "$1" make | sed -n 's/^CC=//p' | tail -n 1)
	cc=${cc#ccache }
	echo "${cc:-${KCC:-gcc}}"
}

# kmake KERNEL ARGS...
kmake()
{
	local kernel=$1 lines how

	shift
	lines=$(config_lines "$kernel" make)
	mapfile -t how < <(sed '/^$/d' <<<"$lines")
	mkdir -p "$KB/$kernel/obj"
	make -C "$(source_of "$kernel")" O="$KB/$kernel/obj" CC="ccache ${KCC:-gcc}" \
		-j"$JOBS" LOCALVERSION="-${kernel//+/-}" ${HOSTCC:+"HOSTCC=$HOSTCC"} \
		"${how[@]}" "$@" 8>&-
}

# elf_with_libs PROGRAM...: lines for gen_init_cpio that put programs of this
# machine into an initramfs, at the same place, with the libraries they load
elf_with_libs()
{
	{
		printf '%s\n' "$@"
		ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }'
	} | sort -u | awk '
		{
			n = split($0, part, "/"); dir = ""
			for (i = 2; i < n; i++) {
				dir = dir "/" part[i]
				if (!(dir in seen)) print "dir " dir " 0755 0 0"
				seen[dir] = 1
			}
			print "file " $0 " " $0 " 0755 0 0"
		}'
}

# The test build, in a tree of its own, "mutant": a copy of the series, changed by
# sed scripts, whose second line names the file: faults can be injected, and it can
# be broken in many ways by "mutant=NAME" on its command line.
mutant_build()
{
	local src=$KB/mutant/src key sed file
	local seds=("$TOP"/tools-testing/faults/*.sed "$TOP"/tools-testing/mutants/*.sed)
	local extra=("$TOP"/tools-testing/faults/*.h "$TOP"/tools-testing/mutants/*.h)

	"$TOP/scripts/build" series
	key=$(cat "$KB/series/obj/.built" "${seds[@]}" "${extra[@]}" | sha256sum)
	stamp_is "$KB/mutant/.made" "$key" && return
	rm -f "$KB/mutant/.made"
	# also puts back what was changed here, as it differs from the patches
	"$TOP/scripts/build" mutant
	cp "${extra[@]}" "$src/include/linux/"
	for sed in "${seds[@]}"; do
		file=$(sed -n '2s/^# file: //p' "$sed")
		cp "$src/$file" "$KB/mutant/before"
		sed -i -f "$sed" "$src/$file"
		! cmp -s "$KB/mutant/before" "$src/$file" ||
			die $E_SERIES "${sed#"$TOP"/} changes nothing in $file; bring it up to date"
		grep -q 'linux/mutant.h' "$src/$file" ||
			sed -i '0,/^#include/s//#include <linux\/mutant.h>\n&/' "$src/$file"
	done
	rm -f "$KB/mutant/obj/.built"
	step "test build: compiling"
	run_logged "$KB/log/mutant.log" kmake mutant bzImage ||
		die $E_BUILD "the test build does not build; see $KB/log/mutant.log"
	stamp_set "$KB/mutant/.made" "$key"
}

# Arguments that load the counting plugin for a tree; nothing when it or Xen's
# symbols are missing. count_with TREE OUT [K=V...]
count_with()
{
	local tree=$1 out=$2 map plugin=$KB/host/ptcount.so

	shift 2
	map=$BUILD/tools/$(basename "$XEN_SYMS").map
	[ -f "$plugin" ] && [ -f "$XEN_SYMS" ] || return 0
	if [ ! -s "$map" ] || [ "$XEN_SYMS" -nt "$map" ]; then
		nm -n "$XEN_SYMS" >"$map.$$"
		mv "$map.$$" "$map"
	fi
	printf '%s,out=%s,xensyms=%s,ksyms=%s' "$plugin" "$out" "$map" \
		"$KB/$tree/obj/System.map"
	[ $# -eq 0 ] || printf ',%s' "$@"
}

# The tally: one line a check, on the terminal and in a file that "make check"
# adds up. tally pass|fail|skip NAME [WHY]
tally_open()
{
	TALLY=${TALLY:-$KB/tally.$$}
	[ -n "${TALLY_OPEN:-}" ] || {
		mkdir -p "${TALLY%/*}"
		: >"$TALLY"
		at_exit rm -f "'$TALLY'"
	}
	tally_failed=0
}

tally()
{
	local word

	case $1 in pass) word="ok  " ;; fail) word="FAIL"; tally_failed=1 ;; skip) word="skip" ;; esac
	printf '  %s  %s%s\n' "$word" "$2" "${3:+: $3}"
	printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$TALLY"
}

# tally_if NAME PROBLEM: passes when there is no problem
tally_if() { if [ -z "$2" ]; then tally pass "$1"; else tally fail "$1" "${2# }"; fi; }

tally_close() { exit "$tally_failed"; }

# Boots in the background, two at once on two cores; instruction counts do not
# notice. boot_bg NAME ARGS... starts one, boot_wait NAME shows what it said
# and sets boot_status. They die with this script.
boot_bg()
{
	local name=$1

	shift
	[ -n "${SCRATCH:-}" ] || scratch_dir
	"$TOP/scripts/boot" "$@" >"$SCRATCH/boot-$name" 2>&1 &
	printf '%s' $! >"$SCRATCH/pid-$name"
	at_exit stop $!
	[ "$JOBS" -gt 1 ] || wait $! || :
}

# toolstack_bg NAME TREE MIB ARGS...: the same with Xen's toolstack in dom0, and
# MIB of memory for guests. The script must have called scripts/toolstack TREE.
# Xen is told to save vector registers on every switch between guests, as it does
# by itself on most processors. When it saves them lazily, programs of dom0 crash
# at random in QEMU 7.2 while a guest runs, on the stock kernel as well.
toolstack_bg()
{
	local name=$1 tree=$2 mib=$3

	shift 3
	boot_bg "$name" --tree "$tree" --initramfs "$KB/toolstack-$tree.cpio" \
		--mem $((1300 + mib)) --dom0-mem 1024 --xenargs spec-ctrl=eager-fpu "$@"
}

boot_wait()
{
	boot_status=0
	wait "$(cat "$SCRATCH/pid-$1")" || boot_status=$?
	cat "$SCRATCH/boot-$1"
}
