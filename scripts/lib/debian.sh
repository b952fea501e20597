# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086	# sourced: what is unused here is used there
#
# Debian's releases. What Debian's mirrors have, unpacked in the build folder. Nothing
# is installed, and no file of the system's apt is touched: its mirrors are asked through
# lists of our own.

# releases KEY VALUE WANTED: column WANTED of the line of scripts/build/releases whose
# column KEY is VALUE; without VALUE, of all lines.
releases()
{
	awk -v key="$1" -v value="$2" -v want="$3" \
		'!/^#/ && (value == "" || $key == value) { print $want }' "$TOP/scripts/build/releases"
}

# the code name of the host's release, or "none"
host_release()
{
	local name

	name=$(sed -n 's/^VERSION_CODENAME=//p' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null) || :
	echo "${name:-none}"
}

# kernel_release: the release whose linux-source-KVER the series is made on. It is fetched on a
# host of another, whose source has other fixes in the same lines.
kernel_release()
{
	cat "$TOP/patches/linux-$KVER/source" 2>/dev/null ||
		die $E_SERIES "no series for Linux $KVER; there are series for: $(versions)"
}

# debian_sources deb|deb-src RELEASE: lines of a sources.list: the mirrors of the host's apt,
# with RELEASE, a code name or trixie-backports, or "" for the releases that it is set up with
debian_sources()
{
	local lines

	# shellcheck disable=SC2016	# apt's own variables
	lines=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk -v kind="$1" -v release="$2" -v keys=/usr/share/keyrings/debian-archive-keyring.gpg '
			release != "" { sub(/^[a-z]+/, release, $2) }
			!seen[$0]++ { print kind, "[signed-by=" keys "]", $0, "main" }')
	[ -n "$lines" ] ||
		die $E_PACKAGE "apt knows no Debian mirror; check /etc/apt/sources.list (Debian 12 or 13, main) and run apt-get update"
	echo "$lines"
}

# debian_fetch deb|deb-src RELEASE DIR MIB PACKAGE...: the newest version that can be
# had of packages of one version, or of a source, unpacked into DIR; DIR/.version
# says which. RELEASE is a code name, or "" for the releases that apt is set up
# with. What is there stays; REFETCH=1 looks for a newer one. A PACKAGE "@NAME" is
# what NAME depends on first, "+NAME" is NAME and all that it depends on, of whatever
# version; DEBIAN_ARCH is another architecture than the host's.
debian_fetch()
{
	local kind=$1 release=$2 dir=$3 mib=$4 log=$BUILD/log/fetch-${3##*/}.log
	local new=$3.new version f apt show=show get=(download) unpack=(dpkg-deb -x) same=() any=()

	shift 4
	[ -n "${REFETCH:-}" ] || [ ! -s "$dir/.version" ] || return 0
	need_disk "$mib" "$BUILD" "fetch $1"
	[ "$kind" = deb ] ||
		show=showsrc get=(source --download-only) unpack=(dpkg-source --no-check --no-copy -x)
	rm -rf "$new"
	at_exit rm -rf "'$new'"
	mkdir -p "$new"/apt/{lists,archives}/partial "$new/files" "${log%/*}"
	debian_sources "$kind" "$release" >"$new/apt/sources.list"
	apt=("-oDir::Etc::sourcelist=$new/apt/sources.list" -oDir::Etc::sourceparts=/dev/null
		"-oDir::State::lists=$new/apt/lists" "-oDir::Cache=$new/apt" -oDir::State::status=/dev/null
		-oAPT::Sandbox::User= -oAcquire::Languages=none)
	[ -z "${DEBIAN_ARCH:-}" ] ||
		apt+=("-oAPT::Architecture=$DEBIAN_ARCH" "-oAPT::Architectures=$DEBIAN_ARCH")
	apt-get -q "${apt[@]}" update >"$log" 2>&1 </dev/null || :
	[ "${1#@}" = "$1" ] ||
		set -- "$(apt-cache "${apt[@]}" depends "${1#@}" 2>>"$log" | sed -n 's/^ *Depends: //p' | head -n 1)"
	for f; do
		if [ "${f#+}" = "$f" ]; then
			same+=("$f")
			continue
		fi
		mapfile -t -O ${#any[@]} any < <(apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests \
			--no-conflicts --no-breaks --no-replaces --no-enhances "${f#+}" 2>>"$log" | grep '^[a-z]')
	done
	for version in $(apt-cache "${apt[@]}" $show "$1" 2>>"$log" | sed -n 's/^Version: //p' | sort -rVu); do
		step "fetching ${same[*]} $version${any:+ and ${#any[@]} packages of libraries}"
		(cd "$new/files" && apt-get -q "${apt[@]}" "${get[@]}" "${same[@]/%/=$version}" "${any[@]}") \
			>>"$log" 2>&1 </dev/null && break
		info "not to be had"
		version=
	done
	[ -n "${version:-}" ] ||
		die $E_PACKAGE "cannot fetch $*: $(sed -n 's/^[EW]: \(.*[^.]\)\.*$/\1/p' "$log" | tail -n 1); see $log, try later or another mirror"
	for f in "$new"/files/*.d{eb,sc}; do
		[ -f "$f" ] || continue
		"${unpack[@]}" "$f" "$new/root" >>"$log" 2>&1 ||
			die $E_PACKAGE "${f##*/} cannot be unpacked; see $log"
	done
	echo "$version" >"$new/root/.version"
	rm -rf "$dir"
	mv "$new/root" "$dir"
	rm -rf "$new"
}
