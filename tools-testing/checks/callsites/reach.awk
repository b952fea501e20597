# SPDX-License-Identifier: GPL-2.0
#
# Which call sites can be reached from the entries of their functions by jumping
# and going on, as the code in memory is now. Two files: RANGES of callsites, and
# the disassembly (objdump -d, one instruction a line) of these ranges. Prints
# "reached|unreached ADDRESS OPERATION FUNCTION" for each site. Functions whose names
# match SKIP (-v) are not entered: those that are called behind a test only.

FILENAME == ARGV[1] && $1 == "site" { op[$2] = $3; next }
FILENAME == ARGV[1] {
	# a part of a function that was moved away is entered by jumps only
	if ($4 !~ /\.cold/ && (SKIP == "" || $4 !~ SKIP))
		root[$2] = $4
	next
}

/^[ ]*[0-9a-f]+:\t/ {
	addr = $1
	sub(/:/, "", addr)
	if (last != "" && !(last in next_of))
		next_of[last] = addr
	last = addr
	for (i = 2; i <= NF; i++)	# prefixes that objdump spells out
		if ($i !~ /^(cs|ds|es|ss|lock|rep|repz|repnz|notrack|bnd|data16)$/)
			break
	insn[addr] = $i
	sub(/^0x/, "", $(i + 1))
	if ($i ~ /^(j|loop)/)
		target[addr] = $(i + 1)
	next
}
{ last = "" }

function visit(a,	stack, n)
{
	stack[n = 1] = a
	while (n > 0) {
		a = stack[n--]
		if (a in seen || !(a in insn))
			continue
		seen[a] = entry
		if (a in target)
			stack[++n] = target[a]
		if (insn[a] !~ /^(jmp|ret|ud2|int3|hlt|\(bad\))/ && a in next_of)
			stack[++n] = next_of[a]
	}
}

END {
	for (r in root) {
		entry = root[r]
		visit(r)
	}
	for (a in op) {
		if (!(a in insn))
			print "missing", a, op[a], "-"
		else
			print (a in seen ? "reached" : "unreached"), a, op[a], (a in seen ? seen[a] : "-")
	}
}
