# SPDX-License-Identifier: GPL-2.0
# The Makefile's targets, one line each.
BEGIN { FS = ":.*## " }
/^##@/ { print substr($0, 5) }
/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $1, $2 }
