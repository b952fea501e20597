# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034	# sourced: what is unused here is used there
#
# What every script shares: places, messages with the time that has passed, exit
# statuses, clean-up on any way out, the lock. "lib NAME..." loads what stands
# beside it: series, kernel, boot, debian, xen, source,
# tally.

set -euo pipefail
export LC_ALL=C

# --help, of every script: the comment at its head.
case ${1:-} in
-h | --help)
	sed -n '4,/^[^#]\|^$/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac

# Places. BUILD may point elsewhere; the harness's own tests do that. What is made of
# a kernel source of the user's, KSRC=, is kept apart.
PROJECT=xen-pv-mmu
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# design.md is about the series for REFERENCE, and goals are set for it first.
REFERENCE=6.12
export KVER=${KVER:-$REFERENCE}
BUILD=${BUILD:-$TOP/build}
KB=$BUILD/$KVER${KSRC:+-own}
# Which series: linux-KVER, or one for the hypervisor, such as xen/x86-pv. The name of a
# sub-series of linux-KVER stands for linux-KVER, and for that PART of it.
SERIES=${SERIES:-linux-$KVER} PART=
[[ $SERIES = */* || ! -f ${PATCHES:-$TOP/patches/linux-$KVER}/parts/$SERIES ]] || PART=$SERIES SERIES=linux-$KVER
PATCHES=${PATCHES:-$TOP/patches/$SERIES}
RESULTS=${RESULTS:-$KB/results}
JOBS=${JOBS:-$(nproc)}

# Verdicts of a boot, and of everything that is made of boots.
PASS=0 FAIL=1 ERROR=3 SKIP=4 CRASH=5 TIMEDOUT=6
# Refusals: bad input or a machine that cannot do it; nothing was changed.
E_USAGE=2
E_NOTREE=10 E_VERSION=11 E_DIRTY=12 E_PATCHED=13 E_HUNK=14 E_NOTPATCHED=15
E_SERIES=16 E_NORESULT=17
E_ROOT=20 E_PACKAGE=21 E_DISK=22 E_QEMU=23 E_BUILD=24 E_SOURCE=25
E_INT=130
# set by boot_wait of boot.sh and by tally of tally.sh
boot_status=0 tally_failed=0

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

# The kernel versions that there are series for.
versions() { (cd "$TOP/patches" 2>/dev/null && printf '%s\n' linux-* | sed 's/^linux-//' | paste -sd' '); }

lib()
{
	local l

	for l; do
		# shellcheck source=/dev/null
		. "$TOP/scripts/lib/$l.sh"
	done
}
