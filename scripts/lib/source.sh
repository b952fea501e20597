# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086	# sourced: what is unused here is used there
#
# A source that the user has: SPEC is a tarball, a git tree, or PATH@COMMIT of a git
# tree. What is taken of a git tree is what is committed.

# source_path SPEC, source_commit SPEC: its two halves
source_path() { if [ -e "$1" ]; then echo "$1"; else echo "${1%@*}"; fi; }
source_commit() { if [ -e "$1" ]; then echo HEAD; else echo "${1##*@}"; fi; }

# tar_top FILE: the folder that all is in
tar_top() { { tar -tf "$1" 2>/dev/null || :; } | sed -n '1s,/.*,,p;1q'; }

# source_id SPEC: says which it is, "git COMMIT" or "tar NAME SUM", or why it is none
source_id()
{
	local path commit id changed

	path=$(source_path "$1")
	[ -e "$path" ] || die $E_NOTREE "no $path; name a tarball, a git tree, or COMMIT of one as PATH@COMMIT"
	if [ -f "$path" ]; then
		[ -n "$(tar_top "$path")" ] ||
			die $E_SOURCE "$path is no tarball of a folder, or damaged; fetch it again"
		echo "tar ${path##*/} $(sha256sum <"$path" | cut -c1-12)"
		return
	fi
	git -C "$path" rev-parse --git-dir >/dev/null 2>&1 ||
		die $E_NOTREE "$path is no git tree; make it one, or a tarball"
	commit=$(source_commit "$1")
	id=$(git -C "$path" rev-parse -q --verify "$commit^{commit}" 2>/dev/null) ||
		die $E_SOURCE "$path has no commit '$commit'"
	if [ -e "$1" ]; then
		changed=$(git -C "$path" status --porcelain --untracked-files=no 2>/dev/null | head -n 1)
		[ -z "$changed" ] || die $E_DIRTY "$path has uncommitted changes (${changed:3}); commit or stash them, or name a commit by $path@COMMIT"
	fi
	echo "git ${id:0:12}"
}

# source_unpack SPEC DIR [NAME...]: all of it, or files and folders of these names, into
# the folder DIR, which is made
source_unpack()
{
	local path top how=() new=$2.new names=("${@:3}")

	path=$(source_path "$1")
	rm -rf "$new"
	at_exit rm -rf "'$new'"
	mkdir -p "$new"
	if [ -f "$path" ]; then
		top=$(tar_top "$path")
		names=("${names[@]/#/$top/}")
		[[ $path != *.xz ]] || how=(-I 'xz -T0')
		tar -C "$new" --strip-components=1 "${how[@]}" -xf "$path" "${names[@]}" 2>"$new.log" ||
			die $E_SOURCE "$path cannot be unpacked: $(tail -n 1 "$new.log")"
	else
		git -C "$path" archive "$(source_commit "$1")" "${names[@]}" 2>"$new.log" | tar -C "$new" -x ||
			die $E_SOURCE "$path cannot be unpacked: $(tail -n 1 "$new.log")"
	fi
	rm -f "$new.log"
	rm -rf "$2"
	mv "$new" "$2"
}
