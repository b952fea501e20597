# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034	# sourced: what is unused here is used there
#
# The tally of a check.

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
