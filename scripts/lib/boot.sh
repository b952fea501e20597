# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034	# sourced: what is unused here is used there
#
# Boots in the background.

# Boots in the background, two at once on two cores; instruction counts do not
# notice. boot_bg NAME ARGS... starts one, boot_wait NAME shows what it said
# and sets boot_status. They die with this script.
boot_bg()
{
	local name=$1

	shift
	[ -n "${SCRATCH:-}" ] || scratch_dir
	"$TOP/scripts/boot/qemu" "$@" >"$SCRATCH/boot-$name" 2>&1 &
	printf '%s' $! >"$SCRATCH/pid-$name"
	at_exit stop $!
	[ "$JOBS" -gt 1 ] || wait $! || :
}

boot_wait()
{
	boot_status=0
	wait "$(cat "$SCRATCH/pid-$1")" || boot_status=$?
	cat "$SCRATCH/boot-$1"
}
