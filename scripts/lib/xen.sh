# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086	# sourced: what is unused here is used there
#
# Which hypervisor: XEN=VERSION is the one of a release of Debian (scripts/build/releases),
# XEN=/path/to/xen.gz one of the user, whose symbols are XEN_SYMS=. Without it, the one
# of the host's release.
#
# Set for this script and for those that it calls:
#   XEN		the version
#   XEN_GZ XEN_SYMS	image and symbols of the user's, else Debian's here only
#   XEN_SUFFIX	nothing for the version of the host, else -VERSION: what is made for
#		one, and linked with its libxenctrl, has it in its name
# And for this script:
#   XEN_RELEASE	code name of the release it is of
#   XEN_HOME	what is fetched and built of that version
#   XEN_SRC	its source: Debian's package, or what is in XENSRC=
#   GUEST INITRAMFS	programs for guests, and the archive of them

lib debian

# xen_version_of IMAGE: 4.17, from the configuration that Xen carries in itself
xen_version_of()
{
	python3 - "$1" <<-'END'
		import gzip, re, sys, zlib
		data = open(sys.argv[1], "rb").read()
		if data[:2] == b"\x1f\x8b":
		    data = gzip.decompress(data)
		for m in re.finditer(rb"\x1f\x8b\x08", data):
		    try:
		        head = zlib.decompressobj(31).decompress(data[m.start():], 400)
		    except zlib.error:
		        continue
		    found = re.search(rb"# Xen/\S+ (\d+\.\d+)", head)
		    if found:
		        print(found[1].decode())
		        break
	END
}

# xen_of_user: the version of XEN_GZ
xen_of_user()
{
	local all

	[ -f "$XEN_GZ" ] || die $E_QEMU "no hypervisor $XEN_GZ; XEN= is $(releases 3 '' 3 | paste -sd' '), or the path of one"
	XEN=$(xen_version_of "$XEN_GZ" 2>/dev/null) || XEN=
	all=$(releases 3 '' 3)
	grep -qxF "$XEN" <<<"$all" && return
	warn "$XEN_GZ is Xen ${XEN:-of unknown version}, not of ${all//$'\n'/ or }: it refuses programs that control domains, which are built for $(tail -n 1 <<<"$all")"
	XEN=$(tail -n 1 <<<"$all")
}

host_xen=$(releases 1 "$(host_release)" 3)
host_xen=${host_xen:-$(releases 3 '' 3 | head -n 1)}
case ${XEN:-} in
*/*) export XEN_GZ=$XEN XEN= ;;
esac
if [ -n "${XEN_GZ:-}" ]; then
	[ -n "${XEN:-}" ] || xen_of_user
	if [ -z "${XEN_SYMS:-}" ]; then
		warn "no symbols of $XEN_GZ (XEN_SYMS=): nothing of Xen's is counted"
		XEN_SYMS=none
	fi
	export XEN_GZ XEN_SYMS
fi
XEN=${XEN:-$host_xen}
XEN_RELEASE=$(releases 3 "$XEN" 1)
[ -n "$XEN_RELEASE" ] ||
	die $E_USAGE "no Xen '$XEN'; XEN= is $(releases 3 '' 3 | paste -sd' '), or the path of a hypervisor"
XEN_SUFFIX=
[ "$XEN" = "$host_xen" ] || XEN_SUFFIX=-$XEN
export XEN XEN_SUFFIX
XEN_HOME=$BUILD/xen${XEN_SUFFIX:+/$XEN}
XEN_SRC=$XEN_HOME/src${XENSRC:+-own}
XEN_SYMS=${XEN_SYMS:-$XEN_HOME/debian/xen-syms}
XEN_DEFAULT=$XEN_HOME/debian/xen.gz
XEN_GZ=${XEN_GZ:-$XEN_DEFAULT}
GUEST=$KB/guest$XEN_SUFFIX
INITRAMFS=$KB/initramfs$XEN_SUFFIX.cpio
