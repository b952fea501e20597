// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ptcount: what a marked section of a guest's program really costs
 *
 * A TCG plugin for QEMU. It counts, between the BEGIN and END marks that
 * tools-testing/tools/common/mark.h describes, the instructions executed in Xen, in
 * the kernel and in user space, by symbol, and the entries to a few functions
 * that tell what happened: trapped page-table writes, hypercalls, page faults;
 * on Arm pages flushed, translation faults resolved, tables invalidated. On x86 also
 * Xen's instructions that hardware takes longer for: locked and serialising ones.
 *
 * Every instruction adds one to the counter of its symbol, inline in the
 * translated code, so totals are exact also where an instruction faults in
 * the middle of a block. What a section counts as more than the guest's clock
 * under -icount shows: one instruction each time one faults, because it is
 * counted when it is tried and again when it is retried.
 *
 * Arguments: out=FILE          rows, one per section (TSV)
 *            xensyms=FILE      "address type name", as of nm -n xen-syms
 *            ksyms=FILE        the kernel's System.map
 *            profile=on        also FILE.prof: instructions by symbol
 *            total=on          a last row, id-255: all that ran
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin_api.h"
#include "../tools/common/mark.h"

/* read when the plugin is loaded, after its constructors have run */
PLUGIN_EXPORT int qemu_plugin_version = 1;

/*
 * QEMU refuses a plugin for a version of the interface that it no longer has,
 * and one for a version that it does not have yet.
 */
__attribute__((constructor))
static void find_version(void)
{
	if (qemu_plugin_write_register)
		qemu_plugin_version = 5;
	else if (qemu_plugin_read_memory_vaddr)
		qemu_plugin_version = 4;
	else if (qemu_plugin_scoreboard_new)
		qemu_plugin_version = 2;
}

/* address ranges of the x86-64 ABI of Linux and Xen PV */
#define USER_END	0x0000800000000000ull
#define XEN_START	0xffff800000000000ull
#define XEN_END		0xffff880000000000ull

enum where { IN_XEN, IN_KERNEL, IN_USER, NR_WHERE };

static const char * const where_name[NR_WHERE] = { "xen", "kernel", "user" };

struct sym {
	uint64_t addr;
	const char *name;
	enum where where;
	int event;		/* counted when entered: index, or -1 */
};

/* functions whose entries are counted, or kinds of instructions, one column each */
struct event {
	const char *column;
	enum where where;
	const char *symbol;
	bool (*kind)(const uint8_t *insn, size_t size);
};

/* the opcode, behind all prefixes; *locked says if LOCK is one of them */
static size_t x86_opcode(const uint8_t *b, size_t size, bool *locked)
{
	size_t i;

	*locked = false;
	for (i = 0; i < size; i++) {
		if (b[i] == 0xf0)
			*locked = true;
		else if ((b[i] & 0xf0) != 0x40 && (b[i] & 0xfc) != 0x64 &&
			 (b[i] & 0xe7) != 0x26 && b[i] != 0xf2 && b[i] != 0xf3)
			break;
	}
	return i;
}

/* the LOCK prefix, or an exchange with memory, which has it implied */
static bool x86_is_locked(const uint8_t *b, size_t size)
{
	bool locked;
	size_t i = x86_opcode(b, size, &locked);

	return locked || (i + 1 < size && (b[i] & 0xfe) == 0x86 && b[i + 1] < 0xc0);
}

/* LFENCE, MFENCE; CPUID, WRMSR, MOV to a control register, INVLPG; IRET */
static bool x86_is_serial(const uint8_t *b, size_t size)
{
	bool locked;
	size_t i = x86_opcode(b, size, &locked);

	if (i < size && b[i] == 0xcf)
		return true;
	if (i + 1 >= size || b[i] != 0x0f)
		return false;
	b += i + 1;
	size -= i + 1;
	switch (b[0]) {
	case 0xa2: case 0x30: case 0x22:
		return true;
	case 0xae:
		return size > 1 && (b[1] == 0xe8 || b[1] == 0xf0);
	case 0x01:
		return size > 1 && b[1] < 0xc0 && (b[1] >> 3 & 7) == 7;
	}
	return false;
}

static const struct event x86_events[] = {
	{ "traps",	IN_XEN,		"ptwr_emulated_update", NULL },
	{ "ro_faults",	IN_XEN,		"pv_ro_page_fault", NULL },
	{ "mmio_ro",	IN_XEN,		"mmio_ro_emulated_write", NULL },
	{ "hypercalls",	IN_XEN,		"pv_hypercall", NULL },
	{ "subcalls",	IN_XEN,		"pv_do_multicall_call", NULL },
	{ "mmu_update",	IN_XEN,		"do_mmu_update", NULL },
	{ "mmuext_op",	IN_XEN,		"do_mmuext_op", NULL },
	{ "update_va",	IN_XEN,		"do_update_va_mapping", NULL },
	{ "xen_faults",	IN_XEN,		"do_page_fault", NULL },
	{ "faults",	IN_KERNEL,	"exc_page_fault", NULL },
	{ "locked",	IN_XEN,		NULL, x86_is_locked },
	{ "serial",	IN_XEN,		NULL, x86_is_serial },
};

static const struct event arm64_events[] = {
	{ "flushed",	IN_XEN,		"flush_page_to_ram", NULL },
	{ "resolved",	IN_XEN,		"p2m_resolve_translation_fault", NULL },
	{ "invalidated", IN_XEN,	"p2m_invalidate_table", NULL },
	{ "set_way",	IN_XEN,		"p2m_set_way_flush", NULL },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_EVENTS	16		/* of any machine */
#define TOTAL_ID	255

static bool event_found[MAX_EVENTS];

/* what differs between the machines that are counted on */
struct target {
	const char *name;
	const struct event *events;
	int nr_events;
	const char * const *section_name;	/* 256, or none */
	enum where (*classify)(uint64_t addr);
	bool (*is_mark)(const struct qemu_plugin_insn *insn, uint32_t *imm);
};

static const struct target *target;

#define NR_EVENTS	target->nr_events

/* arm64: first and last function of Xen; all else is a guest's */
static uint64_t xen_first = ~0ull, xen_last;

static const char * const path_name[256] = {
#define PATH(id, name, symbol, what)	\
	[id] = name,
#include "../tools/bench/paths.def"
#undef PATH
#define STEP(id, name, what)	\
	[id] = name,
#include "../tools/bench/steps.def"
#undef STEP
};

static struct sym *syms;	/* sorted; the first NR_WHERE are catch-alls */
static size_t nr_syms, max_syms;

/* one counter a symbol, then one an event; base is their copy at BEGIN */
static uint64_t *count, *base, *delta;
static size_t nr_counts;
/* since version 2 of the interface QEMU has the counters, for each vCPU */
static struct qemu_plugin_scoreboard *score;
static bool data_is_copied;	/* since 3 */

static FILE *out, *prof;
static bool active, have_delta, total;
static unsigned int cur_id, cur_shift;
static uint32_t cur_pages;
static unsigned int repeats[256];

__attribute__((format(printf, 1, 2)))
static void complain(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	n = snprintf(text, sizeof(text), "ptcount: ");
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", text);
}

static int add_sym(uint64_t addr, const char *name, enum where where)
{
	struct sym *s;

	if (nr_syms == max_syms) {
		max_syms = max_syms ? 2 * max_syms : 65536;
		s = realloc(syms, max_syms * sizeof(*syms));
		if (!s)
			return -ENOMEM;
		syms = s;
	}
	s = &syms[nr_syms++];
	s->addr = addr;
	s->where = where;
	s->event = -1;
	s->name = strdup(name);
	return s->name ? 0 : -ENOMEM;
}

static int read_syms(const char *file, enum where where)
{
	char line[1024], name[768], type;
	unsigned long long addr;
	size_t before = nr_syms;
	FILE *f;

	f = fopen(file, "r");
	if (!f) {
		complain("%s: %s", file, strerror(errno));
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %767s", &addr, &type, name) != 3)
			continue;
		/* nor are "$x" and "$d" of arm64 functions */
		if (!strchr("tw", tolower((unsigned char)type)) || name[0] == '$')
			continue;
		/* per-CPU and absolute symbols of System.map are not code */
		if (target->classify(addr) == IN_USER)
			continue;
		if (where == IN_XEN && addr < xen_first)
			xen_first = addr;
		if (where == IN_XEN && addr > xen_last)
			xen_last = addr;
		if (add_sym(addr, name, where)) {
			complain("out of memory");
			fclose(f);
			return -1;
		}
	}
	fclose(f);
	if (nr_syms == before) {
		complain("%s: holds no text symbols", file);
		return -1;
	}
	return 0;
}

/* by address, then name: the same choice among aliases in every run */
static int cmp_syms(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return strcmp(x->name, y->name);
}

static enum where x86_classify(uint64_t addr)
{
	if (addr < USER_END)
		return IN_USER;
	if (addr >= XEN_START && addr < XEN_END)
		return IN_XEN;
	return IN_KERNEL;
}

/* what a guest runs is not told apart */
static enum where arm64_classify(uint64_t addr)
{
	return addr >= xen_first && addr <= xen_last ? IN_XEN : IN_KERNEL;
}

/* index of the symbol an address belongs to */
static size_t find_sym(uint64_t addr)
{
	enum where where = target->classify(addr);
	size_t lo = NR_WHERE, hi = nr_syms, mid;

	if (where == IN_USER)
		return IN_USER;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (syms[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == NR_WHERE || syms[lo - 1].where != where)
		return where;
	/* aliases count on the first name */
	while (lo - 1 > NR_WHERE && syms[lo - 2].addr == syms[lo - 1].addr)
		lo--;
	return lo - 1;
}

static void find_events(void)
{
	const struct event *e;
	size_t i, k;
	int ev;

	for (ev = 0; ev < NR_EVENTS; ev++) {
		e = &target->events[ev];
		event_found[ev] = !e->symbol;
		for (i = NR_WHERE; e->symbol && i < nr_syms; i++) {
			if (syms[i].where != e->where ||
			    strcmp(syms[i].name, e->symbol))
				continue;
			k = find_sym(syms[i].addr);
			syms[k].event = ev;
			event_found[ev] = true;
			break;
		}
	}
}

static void write_header(void)
{
	int ev;

	fprintf(out, "path\tid\trepeat\tkind\tpages\tinsns\txen\tkernel\tuser");
	for (ev = 0; ev < NR_EVENTS; ev++)
		fprintf(out, "\t%s", target->events[ev].column);
	fprintf(out, "\n");
	fflush(out);
	if (prof) {
		fprintf(prof,
			"path\tid\trepeat\tpages\twhere\tsymbol\tinsns\tper_page\n");
		fflush(prof);
	}
}

static void write_row(unsigned int id, unsigned int kind)
{
	const char *name = target->section_name ? target->section_name[id] : NULL;
	char by_id[16];
	uint64_t sum[NR_WHERE] = { 0 };
	unsigned int repeat;
	size_t i;
	int ev;

	/* sections of programs other than the benchmark */
	if (!name) {
		snprintf(by_id, sizeof(by_id), "id-%u", id);
		name = by_id;
	}
	for (i = 0; i < nr_syms; i++)
		sum[syms[i].where] += delta[i];

	repeat = kind == MARK_ROW ? ++repeats[id] : 0;
	fprintf(out, "%s\t%u\t%u\t%s\t%u\t%llu\t%llu\t%llu\t%llu", name, id,
		repeat, kind & MARK_WARMUP ? "warmup" :
		kind & MARK_TRACED ? "traced" : "plain", cur_pages,
		(unsigned long long)(sum[IN_XEN] + sum[IN_KERNEL] + sum[IN_USER]),
		(unsigned long long)sum[IN_XEN],
		(unsigned long long)sum[IN_KERNEL],
		(unsigned long long)sum[IN_USER]);
	for (ev = 0; ev < NR_EVENTS; ev++) {
		if (event_found[ev])
			fprintf(out, "\t%llu",
				(unsigned long long)delta[nr_syms + ev]);
		else
			fprintf(out, "\t-");
	}
	fprintf(out, "\n");
	fflush(out);

	if (!prof || kind != MARK_ROW)
		return;
	for (i = 0; i < nr_syms; i++) {
		if (!delta[i])
			continue;
		fprintf(prof, "%s\t%u\t%u\t%u\t%s\t%s\t%llu\t%.3f\n", name, id,
			repeat, cur_pages, where_name[syms[i].where],
			syms[i].name, (unsigned long long)delta[i],
			cur_pages ? (double)delta[i] / cur_pages : 0.0);
	}
	fflush(prof);
}

/* brings count up to date */
static void read_counts(void)
{
	const uint64_t *of_vcpu;
	int vcpu, n;
	size_t i;

	if (!score)
		return;
	memset(count, 0, nr_counts * sizeof(*count));
	n = qemu_plugin_num_vcpus();
	for (vcpu = 0; vcpu < n; vcpu++) {
		of_vcpu = qemu_plugin_scoreboard_find(score, vcpu);
		for (i = 0; i < nr_counts; i++)
			count[i] += of_vcpu[i];
	}
}

static void on_mark(unsigned int vcpu, void *data)
{
	unsigned int kind = ((uintptr_t)data >> 8) & 0xff;
	unsigned int value = (uintptr_t)data & 0xff;
	size_t i;

	(void)vcpu;
	switch (kind) {
	case MARK_BEGIN:
		read_counts();
		memcpy(base, count, nr_counts * sizeof(*count));
		active = true;
		have_delta = false;
		cur_id = value;
		cur_pages = 0;
		cur_shift = 0;
		break;
	case MARK_END:
		if (!active || value != cur_id)
			break;
		read_counts();
		for (i = 0; i < nr_counts; i++)
			delta[i] = count[i] - base[i];
		active = false;
		have_delta = true;
		break;
	case MARK_DATA:
		if (have_delta && cur_shift < 32) {
			cur_pages |= value << cur_shift;
			cur_shift += 8;
		}
		break;
	default:
		if ((kind & ~(MARK_WARMUP | MARK_TRACED)) != MARK_ROW ||
		    !have_delta || value != cur_id)
			break;
		write_row(value, kind);
		have_delta = false;
		break;
	}
}

/* the bytes of an instruction that has as many as dest */
static const uint8_t *insn_bytes(const struct qemu_plugin_insn *insn,
				 uint8_t *dest, size_t len)
{
	uintptr_t ret = qemu_plugin_insn_data(insn, dest, len);

	return data_is_copied ? dest : (const uint8_t *)ret;
}

/* only a program's NOP counts, and only one that carries the magic */
static bool x86_is_mark(const struct qemu_plugin_insn *insn, uint32_t *imm)
{
	uint8_t bytes[7];
	const uint8_t *b;

	if (qemu_plugin_insn_vaddr(insn) >= USER_END ||
	    qemu_plugin_insn_size(insn) != sizeof(bytes))
		return false;
	b = insn_bytes(insn, bytes, sizeof(bytes));
	if (b[0] != 0x0f || b[1] != 0x1f || b[2] != 0x80)
		return false;
	*imm = b[3] | b[4] << 8 | b[5] << 16 | (uint32_t)b[6] << 24;
	return *imm >> 16 == MARK_MAGIC;
}

/* "movz xzr, #imm16" does nothing, and no compiler makes one */
static bool arm64_is_mark(const struct qemu_plugin_insn *insn, uint32_t *imm)
{
	uint8_t bytes[4];
	const uint8_t *b;
	uint32_t op;

	if (qemu_plugin_insn_size(insn) != sizeof(bytes))
		return false;
	b = insn_bytes(insn, bytes, sizeof(bytes));
	op = b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
	*imm = op >> 5 & 0xffff;
	return (op & ~(0xffffu << 5)) == 0xd280001f;
}

static const struct target targets[] = {
	{ "x86_64", x86_events, ARRAY_SIZE(x86_events), path_name, x86_classify, x86_is_mark },
	{ "aarch64", arm64_events, ARRAY_SIZE(arm64_events), NULL, arm64_classify, arm64_is_mark },
};

static void count_insn(struct qemu_plugin_insn *insn, size_t counter)
{
	struct plugin_u64 entry = { score, counter * sizeof(*count) };

	if (score)
		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn,
				PLUGIN_OP_ADD_U64, entry, 1);
	else
		qemu_plugin_register_vcpu_insn_exec_inline(insn,
				PLUGIN_OP_ADD_U64, &count[counter], 1);
}

static void count_kinds(struct qemu_plugin_insn *insn, enum where where)
{
	const struct event *e;
	uint8_t bytes[16];
	const uint8_t *b;
	size_t size;
	int ev;

	size = qemu_plugin_insn_size(insn);
	if (size > sizeof(bytes))
		return;
	b = insn_bytes(insn, bytes, size);
	for (ev = 0; ev < NR_EVENTS; ev++) {
		e = &target->events[ev];
		if (e->kind && e->where == where && e->kind(b, size))
			count_insn(insn, nr_syms + ev);
	}
}

static void call_on_mark(struct qemu_plugin_insn *insn, uintptr_t mark)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, PLUGIN_REGS_NONE,
					       (void *)mark);
}

static void on_translate(plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb), s = 0;
	uint64_t start = 1, end = 0, addr;
	struct qemu_plugin_insn *insn;
	uint32_t imm;

	(void)id;
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		addr = qemu_plugin_insn_vaddr(insn);

		if (addr < start || addr >= end) {
			s = find_sym(addr);
			start = s < NR_WHERE ? addr : syms[s].addr;
			end = addr + 1;
			if (s >= NR_WHERE && s + 1 < nr_syms)
				end = syms[s + 1].addr;
			if (end <= addr)	/* an alias: look up each */
				end = addr + 1;
		}
		count_insn(insn, s);
		if (s >= NR_WHERE && syms[s].event >= 0 && addr == syms[s].addr)
			count_insn(insn, nr_syms + syms[s].event);
		count_kinds(insn, syms[s].where);
		if (target->is_mark(insn, &imm))
			call_on_mark(insn, imm & 0xffff);
	}
}

static void on_atexit(plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	if (active)
		fprintf(out, "# ended inside %s\n",
			target->section_name && target->section_name[cur_id] ?
			target->section_name[cur_id] : "a section");
	if (total) {
		read_counts();
		memcpy(delta, count, nr_counts * sizeof(*count));
		write_row(TOTAL_ID, MARK_ROW);
	}
	fprintf(out, "# end\n");
	fclose(out);
	if (prof)
		fclose(prof);
}

static FILE *create(const char *file, const char *suffix)
{
	char name[4096];
	FILE *f;

	if (snprintf(name, sizeof(name), "%s%s", file, suffix) >=
	    (int)sizeof(name)) {
		complain("%s: name too long", file);
		return NULL;
	}
	f = fopen(name, "w");
	if (!f)
		complain("%s: %s", name, strerror(errno));
	return f;
}

PLUGIN_EXPORT int qemu_plugin_install(plugin_id_t id,
				      const struct plugin_info *info,
				      int argc, char **argv)
{
	const char *out_file = NULL, *xen_file = NULL, *kernel_file = NULL;
	bool profile = false;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(targets); i++) {
		if (!strcmp(info->target_name, targets[i].name))
			target = &targets[i];
	}
	if (!target || !info->system_emulation) {
		complain("made for qemu-system-x86_64 and qemu-system-aarch64");
		return -1;
	}
	if (info->system.smp_vcpus != 1)
		complain("counters are exact with one vCPU, or one thread for all, only");

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			out_file = argv[i] + 4;
		} else if (!strncmp(argv[i], "xensyms=", 8)) {
			xen_file = argv[i] + 8;
		} else if (!strncmp(argv[i], "ksyms=", 6)) {
			kernel_file = argv[i] + 6;
		} else if (!strcmp(argv[i], "profile=on")) {
			profile = true;
		} else if (!strcmp(argv[i], "total=on")) {
			total = true;
		} else if (strcmp(argv[i], "profile=off")) {
			complain("unknown argument '%s'", argv[i]);
			return -1;
		}
	}
	if (!out_file) {
		complain("out=FILE is missing");
		return -1;
	}

	if (add_sym(0, "(xen)", IN_XEN) || add_sym(0, "(kernel)", IN_KERNEL) ||
	    add_sym(0, "(user)", IN_USER)) {
		complain("out of memory");
		return -1;
	}
	if (xen_file && read_syms(xen_file, IN_XEN))
		return -1;
	if (kernel_file && read_syms(kernel_file, IN_KERNEL))
		return -1;
	qsort(syms + NR_WHERE, nr_syms - NR_WHERE, sizeof(*syms), cmp_syms);
	find_events();

	nr_counts = nr_syms + NR_EVENTS;
	count = calloc(nr_counts, sizeof(*count));
	base = calloc(nr_counts, sizeof(*base));
	delta = calloc(nr_counts, sizeof(*delta));
	data_is_copied = info->version.cur >= 3;
	if (qemu_plugin_scoreboard_new)
		score = qemu_plugin_scoreboard_new(nr_counts * sizeof(*count));
	if (!count || !base || !delta ||
	    (qemu_plugin_scoreboard_new && !score)) {
		complain("out of memory");
		return -1;
	}

	out = create(out_file, "");
	if (!out)
		return -1;
	if (profile) {
		prof = create(out_file, ".prof");
		if (!prof)
			return -1;
	}
	write_header();

	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_atexit, NULL);
	return 0;
}
