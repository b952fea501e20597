# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086	# sourced: what is unused here is used there
#
# Kernels: what they are named, how they are configured and built.

lib debian

# How kernels are built: everything that would make two builds of one source
# differ is pinned, and ccache sees the same names in every tree. Not its depend
# mode: it misses what is included by .incbin, the kernel in the image that boots.
export CCACHE_BASEDIR=$KB CCACHE_NOHASHDIR=1
export KBUILD_BUILD_USER=build KBUILD_BUILD_HOST=$PROJECT
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'

# A kernel is named TREE[+VARIANT...]: stock, series, stock+nopvops. Its source is
# TREE's; a variant is scripts/build/config/VARIANT.config, merged over the common one.
# In it may be lines
#	# make: NAME=VALUE	an argument of make; @CLANG@ is the release's version of clang
#	# base: TARGET		make's target for the configuration to merge over
#				instead of the common one: defconfig, allmodconfig
#	# objects: NAME...	what scripts/build/configs builds of it
#	# adds: NAME...		objects that no kernel has but with options that are set here
source_of() { echo "$KB/${1%%+*}/src"; }

# config_files KERNEL: its configuration files, in the order of their merging
config_files()
{
	local v files=()

	for v in $(tr + ' ' <<<"$1+" | cut -s -d' ' -f2-); do
		[ -f "$TOP/scripts/build/config/$v.config" ] ||
			die $E_USAGE "no variant '$v'; there are: $(cd "$TOP/scripts/build/config" && echo *.config)"
		files+=("$TOP/scripts/build/config/$v.config")
	done
	[ ${#files[@]} -gt 0 ] && grep -q '^# base: ' "${files[@]}" ||
		echo "$TOP/scripts/build/config/x86-xen.config"
	[ ${#files[@]} -eq 0 ] || printf '%s\n' "${files[@]}"
}

# config_lines KERNEL KEY: what its files say in lines "# KEY: VALUE"
config_lines()
{
	local files clang

	files=$(config_files "$1")
	clang=$(releases 1 "$(host_release)" 4)
	xargs sed -n "s/^# $2: //p" <<<"$files" | sed "s/@CLANG@/${clang:-$(releases 4 '' 4 | tail -n 1)}/"
}

compiler_of()
{
	local cc

	cc=$(config_lines "$1" make | sed -n 's/^CC=//p' | tail -n 1)
	cc=${cc#ccache }
	echo "${cc:-${KCC:-gcc}}"
}

# local_version KERNEL: the kernel's name, and the commit if the source is a git tree's
local_version()
{
	local commit=

	[ -z "${KSRC:-}" ] || commit=$(sed -n 's/^git /-g/p' "$KB/.source" 2>/dev/null)
	echo "-${1//+/-}$commit"
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
		-j"$JOBS" LOCALVERSION="$(local_version "$kernel")" ${HOSTCC:+"HOSTCC=$HOSTCC"} \
		"${how[@]}" "$@" 8>&-
}
