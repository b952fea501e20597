# SPDX-License-Identifier: GPL-2.0
# Where C files store to page table entries by an instruction: "FILE FUNCTION OPERATION",
# "*N" behind it if the function has N of them, "=" is an assignment. On Xen PV that is a
# trapped write if the table is live. A table for another kernel begins with
#	cd TREE && find mm fs/proc kernel arch/x86 include/linux include/asm-generic \
#		-name '*.[ch]' -exec awk -f .../scripts/series/stores.awk {} + | sort
#
# With ROWS, such a table, only what that lacks and what it has too much. A column of it that
# ends in "*" matches any end. Behind these three stand a verdict and its reason:
#	traps		a live table is written to: open
#	rare		the same, but hardly ever
#	once-per-boot	only while booting
#	unpinned	the hypervisor does not know the table then: it is plain memory
#	pv-hypercall	what others do; Xen PV takes another branch, with a hypercall
#	callers		defines an operation; its callers have rows
#	not-on-pv	no PV guest gets there
#	no-table	a variable or an array that is no page table
#
# A store is
#   - an assignment, an atomic or a bulk operation whose target is an entry: by the type that
#     the function declares for a variable, or else by a name with pte, pmd, pud, p4d, pgd
#   - a call of a function that has no implementation on Xen PV: native below
BEGIN {
	table = "p(te|md|ud|4d|gd)"
	pointer_type = "(^|[^a-z])" table "(val)?_t +(const +)?[*]+ *(const +)?[A-Za-z_0-9]+"
	other_type = "(bool|int|char|pgtable_t|struct [a-z_0-9]+) [*]+[A-Za-z_0-9]+"
	native = "^(native_set_" table "(_atomic)?|native_" table "_clear|" \
		"native_(local_)?p(te|md|ud)p_(get_and_clear|set_wrprotect)|ptep_try_set|set_pud_at|" \
		"(ptep_get_and_clear|get_and_clear|clear)_full(_ptes)?|p[mu]dp_[a-z_]+)$"
	harmless = "^p[mu]dp_(get|get_lockless[a-z_]*|set_access_flags)$"
	pointer_cast = "[(]" table "(val)?_t [*]"
	atomic = "^(WRITE_ONCE|smp_store_[a-z]+|(try_)?cmpxchg[0-9a-z_]*|xchg[a-z_]*|set_64bit)$"
	bit = "^((__|arch_)*(test_and_)?(set|clear|change)_bit[a-z_]*|(arch_)?atomic[a-z0-9]*_(x|cmpx|and|or|set|fetch)[a-z_]*)$"
	verdict = "^(traps|rare|once-per-boot|unpinned|pv-hypercall|callers|not-on-pv|no-table)$"
	bulk = "^(memcpy|memmove|memset(64)?|clear_pages?|copy_page|clone_pgd_range)$"
}

FNR == 1 { head = func_ = text = body = ""; comment = macro = 0 }

function found(op) { places[FILENAME " " func_ " " op]++ }

# named(NAME): a pointer to entries, by its name?
function named(name) { return name ~ table && name !~ /pgdat|empte|val(p|_)?$/ || name ~ /_pgt$|pg_dir/ }

# entry(TEXT, ANY): does it name a pointer to entries, or an entry by it? ANY: or an array,
# which may be one of pointers
function entry(t, any,    name)
{
	while (match(t, /[A-Za-z_][A-Za-z_0-9]*((->|\.)[A-Za-z_][A-Za-z_0-9]*)*/)) {
		name = substr(t, RSTART, RLENGTH)
		t = substr(t, RSTART + RLENGTH)
		if (t ~ /^ *\(/) continue
		sub(/.*(->|\.)/, "", name)
		if (name in none ? any && named(name) : name in pointer || named(name)) return 1
	}
	return 0
}

# declare(TEXT): the pointers to entries that it declares, and what else has such names:
# other pointers, pointers to pointers, arrays on the stack
function declare(t,    name, rest, stars)
{
	rest = t
	while (match(rest, other_type)) {
		name = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/.*[*]/, "", name)
		none[name]
	}
	rest = t ~ "^[ {]*(const )?" table "_t " ? t : ""
	gsub(/=[^,;]*/, "", rest)
	while (match(rest, /[A-Za-z_0-9]+[[]/)) {
		none[substr(rest, RSTART, RLENGTH - 1)]
		rest = substr(rest, RSTART + RLENGTH)
	}
	while (match(t, pointer_type)) {
		name = substr(t, RSTART, RLENGTH)
		rest = t = substr(t, RSTART + RLENGTH)
		stars = gsub(/[*]/, "&", name)
		sub(/.*[^A-Za-z_0-9]/, "", name)
		if (stars > 1 || rest ~ /^ ?[[]/) none[name]
		else pointer[name]
		sub(/[;(){].*/, "", rest)
		while (match(rest, /, ?[*]+[A-Za-z_0-9]+/)) {
			name = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			sub(/.*[*]/, "", name)
			pointer[name]
		}
	}
}

# arguments(TEXT): what is in the brackets that it begins with
function arguments(t,    i, depth, c)
{
	for (i = 1; i <= length(t); i++) {
		c = substr(t, i, 1)
		if (c == "(") depth++
		else if (c == ")" && --depth == 0) break
	}
	return substr(t, 2, i - 2)
}

function statement(s,    t, to, call, cast, two)
{
	declare(s)
	# *p = x; *(pmdval_t *)p |= x; (*p).pte = x
	t = s
	while (match(t, /(^|[;{})]|else) *[(]*[*]+[(]*([a-z_ ]+[*]+[)])? *[A-Za-z_][^=;{}*&|]*[-+|&^]?=[^=]/)) {
		to = substr(t, RSTART, RLENGTH)
		t = substr(t, RSTART + RLENGTH - 1)
		cast = to ~ pointer_cast
		two = to ~ /[*][*]/
		sub(/.*[*]/, "", to)
		sub(/ *[-+|&^]?=.$/, "", to)
		if (cast || entry(to, two)) found("=")
	}
	# p[i] = x; p->pte = x; p[i].pte = x
	t = s
	while (match(t, /[A-Za-z_][A-Za-z_0-9.>-]*([[][^]=]*[]])?((->|\.)p(te|md|ud|4d|gd)(_low|_high)?)? *[-+|&^]?=[^=]/)) {
		to = substr(t, RSTART, RLENGTH)
		t = substr(t, RSTART + RLENGTH - 1)
		sub(/ *[-+|&^]?=.$/, "", to)
		if (!sub(/[[].*/, "", to) && !sub(/->p(te|md|ud|4d|gd)(_low|_high)?$/, "", to)) continue
		if (entry(to)) found("=")
	}
	# f(p)
	t = s
	while (match(t, /[A-Za-z_][A-Za-z_0-9]* ?\(/)) {
		call = substr(t, RSTART, RLENGTH)
		t = substr(t, RSTART + RLENGTH - 1)
		sub(/ ?\($/, "", call)
		if (call ~ native && call !~ harmless)
			found(call)
		else if (call ~ atomic || call ~ bulk || call ~ bit) {
			to = arguments(t)
			if (call !~ bit) sub(/,.*/, "", to)
			# a pointer is no entry
			if (call == "WRITE_ONCE" && to !~ /^ *\*|[[]|->p(te|md|ud|4d|gd)$/) continue
			if (entry(to, call ~ bulk)) found(call)
		}
	}
}

{
	line = $0
	if (comment) {
		if (!sub(/.*\*\//, "", line)) next
		comment = 0
	}
	gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
	while (match(line, /\/\*/)) {
		rest = substr(line, RSTART + 2)
		line = substr(line, 1, RSTART - 1)
		if (match(rest, /\*\//)) line = line " " substr(rest, RSTART + 2)
		else comment = 1
	}
	sub(/\/\/.*/, "", line)
	gsub(/[ \t]+/, " ", line)
	if (line ~ /^ ?$/) next
}

# a macro counts as a function
!macro && line ~ /^ ?# ?define / {
	outer = func_
	sub(/^ ?# ?define /, "", line)
	func_ = line
	sub(/[^A-Za-z_0-9].*/, "", func_)
	sub(/^[A-Za-z_0-9]+(\([^)]*\))?/, "", line)
	macro = 1
}
!macro && line ~ /^ ?#/ { next }
macro {
	macro = sub(/\\$/, "", line)
	body = body " " line
	if (macro) next
	statement(body ";")
	body = ""
	func_ = outer
	next
}

# a function begins where what began in the first column has brackets and comes to a "{"
func_ == "" {
	if (line ~ /^[A-Za-z_]/ && head !~ /\([^)]*$/) head = line
	else head = head " " line
	if (head ~ /\(.*[{]/) {
		func_ = head
		sub(/ ?\(.*/, "", func_)
		sub(/.*[^A-Za-z_0-9]/, "", func_)
		split("", pointer)
		split("", none)
		declare(head)
		if (line ~ /[}] ?$/) {
			sub(/^[^{]*/, "", head)
			statement(head)
			func_ = ""
		}
		head = ""
	} else if (line ~ /[;}] ?$/)
		head = ""
	next
}
line ~ /^[}]/ { func_ = text = ""; next }
{
	text = text line
	if (line !~ /[;{}:] ?$/) next
	statement(text)
	text = ""
}

# like(WORD, COLUMN): the same, or COLUMN ends in "*", which matches any end?
function like(word, column)
{
	return word == column || column ~ /[*]$/ && index(word, substr(column, 1, length(column) - 1)) == 1
}

END {
	while (rows != "" && (getline <rows) > 0)
		if (!/^#/ && NF) {
			n++
			for (i = 1; i <= 3; i++) row[n, i] = $i
			if (NF < 5 || $4 !~ verdict) print row[n, 1] " " row[n, 2] " " row[n, 3] ": no verdict, or no reason;"
		}
	for (p in places) {
		if (places[p] > 1) p = p "*" places[p]
		split(p, word, " ")
		seen = 0
		for (i = 1; i <= n; i++)
			if (like(word[1], row[i, 1]) && like(word[2], row[i, 2]) && like(word[3], row[i, 3]))
				seen = used[i] = 1
		if (rows == "") print p
		else if (!seen) print p ": no row;"
	}
	for (i = 1; i <= n; i++)
		if (!used[i]) print row[i, 1] " " row[i, 2] " " row[i, 3] ": no such place;"
}
