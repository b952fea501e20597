# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034	# sourced: what is unused here is used there
#
# Boots in the background, the counting plugin, tables of results.

# Arguments that load the counting plugin for a tree; nothing when it or Xen's
# symbols are missing. count_with TREE OUT [K=V...]
count_with()
{
	local tree=$1 out=$2 map plugin=$KB/host/ptcount.so

	shift 2
	map=$BUILD/tools/${XEN_SYMS//\//_}.map
	[ -f "$plugin" ] && [ -f "$XEN_SYMS" ] || return 0
	if [ ! -s "$map" ] || [ "$XEN_SYMS" -nt "$map" ]; then
		nm -n "$XEN_SYMS" >"$map.$$"
		mv "$map.$$" "$map"
	fi
	printf '%s,out=%s,xensyms=%s,ksyms=%s' "$plugin" "$out" "$map" \
		"$KB/$tree/obj/System.map"
	[ $# -eq 0 ] || printf ',%s' "$@"
}

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

# toolstack_bg NAME TREE MIB ARGS...: the same with Xen's toolstack in dom0, and
# MIB of memory for guests. The script must have called scripts/build/toolstack TREE.
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
