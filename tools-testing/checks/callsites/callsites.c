// SPDX-License-Identifier: GPL-2.0
/*
 * callsites - what a running kernel has at its paravirt call sites
 *
 *	callsites VMLINUX OPS native|xen [IMAGE BASE [RANGES]]
 *
 * VMLINUX	the kernel; its .altinstructions section names the sites
 * OPS		names of the members of pv_ops in their order, one a word
 * IMAGE	the memory of the running kernel from address BASE on; VMLINUX itself
 *		when left out: a kernel that nobody has patched
 * RANGES	file to write: what to disassemble for tools-testing/checks/callsites/reach.awk
 *
 * At each site of a page table operation of the series there has to be
 *	native	the instructions of the operation, or a call behind a test for
 *		X86_FEATURE_XENPV, which is a NOP or an instruction of use there
 *	xen	a direct call of the Xen function; the test has become a jump to it.
 *		The exchange that begins a change of an entry has become a load
 *
 * Exit status: 0 all as it should be, 1 not so, 3 cannot tell.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR		3
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* struct alt_instr of arch/x86/include/asm/alternative.h */
struct alt_instr {
	int32_t instr_offset;
	int32_t repl_offset;
	uint16_t cpuid;
	uint16_t flags;
	uint8_t instrlen;
	uint8_t replacementlen;
} __attribute__((packed));

#define ALT_FLAG_NOT		1
#define ALT_FLAG_DIRECT_CALL	2
#define FEATURE_ALWAYS		(3 * 32 + 21)
#define FEATURE_XENPV		(8 * 32 + 16)

#define SITE_LEN	6	/* call *pv_ops.op(%rip) */

/*
 * The operations, and what they are natively: these bytes, as PV_ALT_* in
 * arch/x86/include/asm/paravirt_types.h say it in assembler; or, without bytes, a
 * call behind a test.
 */
#define CONVERT		"\x66\x0f\x1f\x44\x00\x00"	/* one NOP: %rax stays as it is */
#define NOPS		"\x90\x90\x90\x90\x90"
#define NOP5		"\x0f\x1f\x44\x00\x00"
#define SET_ENTRY	"\x2e\x2e\x48\x89\x47\x00"	/* cs, twice; mov %rax,0(%rdi) */
#define GET_AND_CLEAR	"\x31\xc0\x2e\x48\x87\x06"	/* xor %eax,%eax; cs xchg %rax,(%rsi) */

static struct op {
	const char *name;
	const char *native;
	int slot;
	unsigned int sites, init, bad;
	const char *callee;		/* under Xen */
} ops[] = {
	{ .name = "pte_val", .native = CONVERT },
	{ .name = "make_pte", .native = CONVERT },
	{ .name = "pmd_val", .native = CONVERT },
	{ .name = "make_pmd", .native = CONVERT },
	{ .name = "pud_val", .native = CONVERT },
	{ .name = "make_pud", .native = CONVERT },
	{ .name = "pgd_val", .native = CONVERT },
	{ .name = "make_pgd", .native = CONVERT },
	{ .name = "set_pte", .native = SET_ENTRY },
	{ .name = "set_pmd", .native = SET_ENTRY },
	{ .name = "set_pud", .native = SET_ENTRY },
	{ .name = "ptep_get_and_clear", .native = GET_AND_CLEAR },
	{ .name = "ptep_modify_prot_commit" },
	{ .name = "modify_prot_commit_ptes" },
	{ .name = "get_and_clear_pte_array" },
};

/* Tests for Xen PV: a NOP natively, or instructions that are needed there */
static struct op guards = { .name = "test for XENPV" };
static struct op used_guards = { .name = "test, by an instruction" };
static struct op starts = { .name = "ptep_modify_prot_start()" };

static const uint8_t *elf, *image;
static size_t image_len;
static uint64_t image_base;
static bool native;
static const Elf64_Shdr *sections, *altinstr;
static unsigned int nr_sections;
static const Elf64_Sym *syms;
static size_t nr_syms;
static const char *strings, *section_names;
static uint64_t pv_ops, pv_ops_size;

static const uint8_t *map(const char *name, size_t *len)
{
	struct stat st;
	void *p;
	int fd = open(name, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		err(ERROR, "%s", name);
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		err(ERROR, "%s", name);
	close(fd);
	*len = st.st_size;
	return p;
}

/* What VMLINUX holds at an address. */
static const uint8_t *in_elf(uint64_t addr, size_t len)
{
	unsigned int i;

	for (i = 0; i < nr_sections; i++) {
		const Elf64_Shdr *s = sections + i;

		if ((s->sh_flags & SHF_ALLOC) && s->sh_type != SHT_NOBITS && s->sh_addr &&
		    addr >= s->sh_addr && addr + len <= s->sh_addr + s->sh_size)
			return elf + s->sh_offset + (addr - s->sh_addr);
	}
	errx(ERROR, "VMLINUX has nothing at %#lx", addr);
}

/* What the running kernel holds there. */
static const uint8_t *in_image(uint64_t addr, size_t len)
{
	if (!image)
		return in_elf(addr, len);
	if (addr < image_base || addr + len > image_base + image_len)
		errx(ERROR, "IMAGE has nothing at %#lx", addr);
	return image + (addr - image_base);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static int32_t load32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool is_text(const Elf64_Sym *s)
{
	return s->st_shndx < nr_sections && (sections[s->st_shndx].sh_flags & SHF_EXECINSTR) &&
	       s->st_shndx && s->st_name && ELF64_ST_TYPE(s->st_info) <= STT_FUNC;
}

/* The function that covers an address; of several the largest that starts last. */
static const Elf64_Sym *function_at(uint64_t addr)
{
	const Elf64_Sym *best = NULL, *s;

	for (s = syms; s < syms + nr_syms; s++) {
		if (!is_text(s) || s->st_value > addr || addr >= s->st_value + s->st_size)
			continue;
		if (!best || s->st_value > best->st_value)
			best = s;
	}
	return best;
}

/* The name of what starts at an address; one without a prefix if there is one. */
static const char *symbol(uint64_t addr)
{
	const char *name = NULL;
	const Elf64_Sym *s;

	for (s = syms; s < syms + nr_syms; s++)
		if (is_text(s) && s->st_value == addr &&
		    (!name || !strncmp(name, "__pfx_", 6)))
			name = strings + s->st_name;
	return name ?: "?";
}

static const char *plain(const char *name)
{
	const char *prefix = "__raw_callee_save_";

	return strncmp(name, prefix, strlen(prefix)) ? name : name + strlen(prefix);
}

static void load_elf(const char *name)
{
	const Elf64_Ehdr *h;
	unsigned int i;
	size_t len;

	elf = map(name, &len);
	h = (const void *)elf;
	if (len < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64)
		errx(ERROR, "%s is no x86-64 vmlinux", name);
	sections = (const void *)(elf + h->e_shoff);
	nr_sections = h->e_shnum;
	section_names = (const char *)elf + sections[h->e_shstrndx].sh_offset;
	for (i = 0; i < nr_sections; i++) {
		const Elf64_Shdr *s = sections + i;

		if (s->sh_type == SHT_SYMTAB) {
			syms = (const void *)(elf + s->sh_offset);
			nr_syms = s->sh_size / sizeof(*syms);
			strings = (const char *)elf + sections[s->sh_link].sh_offset;
		}
		if (!strcmp(section_names + s->sh_name, ".altinstructions"))
			altinstr = s;
	}
	if (!syms || !altinstr)
		errx(ERROR, "%s has no symbols or no .altinstructions", name);
	for (i = 0; i < nr_syms; i++)
		if (!strcmp(strings + syms[i].st_name, "pv_ops")) {
			pv_ops = syms[i].st_value;
			pv_ops_size = syms[i].st_size;
		}
	if (!pv_ops)
		errx(ERROR, "%s has no pv_ops: no CONFIG_PARAVIRT", name);
}

/* Where in pv_ops the operations are; one that the kernel lacks has no slot. */
static void load_ops(const char *file)
{
	FILE *f = fopen(file, "r");
	unsigned int i, n;
	char name[64];

	if (!f)
		err(ERROR, "%s", file);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i].slot = -1;
	for (n = 0; fscanf(f, "%63s", name) == 1; n++)
		for (i = 0; i < ARRAY_SIZE(ops); i++)
			if (!strcmp(ops[i].name, name))
				ops[i].slot = n;
	fclose(f);
	if (n * sizeof(uint64_t) != pv_ops_size)
		errx(ERROR, "%s names %u members, pv_ops has %lu", file, n, pv_ops_size / 8);
}

static void complain(struct op *op, uint64_t addr, const char *want)
{
	const Elf64_Sym *f = function_at(addr);
	const uint8_t *p = in_image(addr, SITE_LEN);
	unsigned int i;

	if (op->bad++ >= 3)
		return;
	printf("wrong: %s at %#lx, %s+%#lx:", op->name, addr, f ? strings + f->st_name : "?",
	       f ? addr - f->st_value : 0);
	for (i = 0; i < SITE_LEN; i++)
		printf(" %02x", p[i]);
	printf(", not %s\n", want);
}

static bool in_init(uint64_t addr)
{
	unsigned int i;

	for (i = 0; i < nr_sections; i++)
		if (addr >= sections[i].sh_addr && addr - sections[i].sh_addr < sections[i].sh_size)
			return strcmp(section_names + sections[i].sh_name, ".text");
	return false;
}

/* The target of a direct call that fills the site, or 0. */
static uint64_t call_target(uint64_t addr)
{
	const uint8_t *p = in_image(addr, SITE_LEN);

	if (p[0] != 0xe8 || p[5] != 0x90)
		return 0;
	return addr + 5 + load32(p + 1);
}

static void check_call(struct op *op, uint64_t addr)
{
	uint64_t callee = load64(in_image(pv_ops + op->slot * 8, 8));
	uint64_t target = call_target(addr);

	op->sites++;
	op->init += in_init(addr);
	if (native && op->native) {
		if (memcmp(in_image(addr, SITE_LEN), op->native, SITE_LEN))
			complain(op, addr, "the instructions of the operation");
		return;
	}
	/* where pv_ops has none, alternatives put one that is a BUG() */
	if (!target || (callee ? target != callee : strcmp(plain(symbol(target)), "BUG_func"))) {
		complain(op, addr, "a call of the function in pv_ops");
		return;
	}
	op->callee = symbol(target);
	if (native != !!strncmp(plain(op->callee), "xen_", 4))
		complain(op, addr, native ? "a call of a native function" :
			 "a call of a Xen function");
}

/*
 * What is natively as VMLINUX has it: true if this is the kernel and the site is
 * done with. There is nothing to see in a kernel that nobody has patched.
 */
static bool check_as_built(struct op *op, uint64_t addr, int len)
{
	if (native && !image)
		return true;
	op->sites++;
	op->init += in_init(addr);
	if (native && memcmp(in_image(addr, len), in_elf(addr, len), len))
		complain(op, addr, "what the kernel was built with");
	return native;
}

/* The test for Xen PV, which jumps to "yes" there. */
static void check_guard(uint64_t addr, int len, uint64_t yes)
{
	const uint8_t *p = in_image(addr, len);
	struct op *op = &guards;
	uint64_t target = 0;

	if (memcmp(in_elf(addr, 5), NOPS, 5)) {
		op = &used_guards;
		if (check_as_built(op, addr, len))
			return;
	} else {
		op->sites++;
		op->init += in_init(addr);
		if (native) {
			if (len != 5 || memcmp(p, NOP5, 5))
				complain(op, addr, "one NOP");
			return;
		}
	}
	if (p[0] == 0xe9 && len >= 5)
		target = addr + 5 + load32(p + 1);
	else if (p[0] == 0xeb && len >= 2)
		target = addr + 2 + (int8_t)p[1];
	if (target != yes)
		complain(op, addr, "a jump to the call");
}

#define REX_W(byte)	(((byte) & 0xf8) == 0x48)

/* mov (...),%reg */
static bool is_load(const uint8_t *p)
{
	return REX_W(p[0]) && p[1] == 0x8b;
}

/* xor %reg,%reg; xchg %reg,(...) */
static bool is_exchange(const uint8_t *p)
{
	p += (p[0] & 0xf0) == 0x40;
	return (p[0] == 0x31 || p[0] == 0x33) && REX_W(p[2]) && p[3] == 0x87;
}

/* cs; cs; mov %reg,(...), or testb $_PAGE_ACCESSED,(...) */
static bool is_used_guard(const uint8_t *p)
{
	return (p[0] == 0x2e && p[1] == 0x2e && REX_W(p[2]) && p[3] == 0x89) ||
	       (p[0] == 0xf6 && p[2] == 0x20);
}

static void check_start(uint64_t addr, int len)
{
	if (!check_as_built(&starts, addr, len) && !is_load(in_image(addr, len)))
		complain(&starts, addr, "a load");
}

static uint64_t original_op(uint64_t addr)
{
	const uint8_t *p = in_elf(addr, SITE_LEN);

	if (p[0] != 0xff || p[1] != 0x15)
		return 0;
	return addr + SITE_LEN + load32(p + 2);
}

/* Ranges for the disassembler: the function and the parts that were moved away. */
static void print_ranges(FILE *f, const Elf64_Sym *in)
{
	const char *name = strings + in->st_name;
	size_t len = strcspn(name, ".");
	const Elf64_Sym *s;

	for (s = syms; s < syms + nr_syms; s++) {
		const char *n = strings + s->st_name;

		if (is_text(s) && s->st_size && !strncmp(n, name, len) && (!n[len] || n[len] == '.'))
			fprintf(f, "range %lx %lx %s\n", s->st_value, s->st_value + s->st_size, n);
	}
}

static void check_sites(FILE *ranges)
{
	const uint8_t *p = elf + altinstr->sh_offset, *end = p + altinstr->sh_size;
	unsigned int i;

	for (; p + sizeof(struct alt_instr) <= end; p += sizeof(struct alt_instr)) {
		uint64_t at = altinstr->sh_addr + (p - (elf + altinstr->sh_offset)), addr, repl, op;
		struct alt_instr a;

		memcpy(&a, p, sizeof(a));
		addr = at + a.instr_offset;
		repl = at + 4 + a.repl_offset;
		if (a.cpuid == FEATURE_ALWAYS && a.flags == ALT_FLAG_DIRECT_CALL) {
			op = original_op(addr);
			if (op < pv_ops || op >= pv_ops + pv_ops_size)
				continue;
			for (i = 0; i < ARRAY_SIZE(ops); i++) {
				if (ops[i].slot != (int)((op - pv_ops) / 8))
					continue;
				check_call(ops + i, addr);
				if (ranges && !ops[i].native) {
					const Elf64_Sym *f = function_at(addr);

					if (!f)
						errx(ERROR, "no function at %#lx", addr);
					fprintf(ranges, "site %lx %s\n", addr, ops[i].name);
					print_ranges(ranges, f);
				}
			}
		}
		if (a.cpuid != FEATURE_XENPV || a.flags || a.instrlen < 5)
			continue;
		/* entry code has others, with other instructions instead of NOPs */
		if (a.replacementlen == 5 && *in_elf(repl, 5) == 0xe9 &&
		    (!memcmp(in_elf(addr, 5), NOPS, 5) || is_used_guard(in_elf(addr, 5))))
			check_guard(addr, a.instrlen, repl + 5 + load32(in_elf(repl, 5) + 1));
		else if (a.replacementlen >= 3 && is_load(in_elf(repl, 3)) &&
			 is_exchange(in_elf(addr, 5)))
			check_start(addr, a.instrlen);
	}
}

static void print_op(const struct op *op, const char *what)
{
	printf("%-28s %6u %6u %6u  %s\n", op->name, op->sites, op->init, op->bad, what);
}

int main(int argc, char **argv)
{
	unsigned int i, sites = 0, bad = 0, missing = 0;
	FILE *ranges = NULL;
	char what[64];

	if (argc < 4 || argc > 7 || argc == 5 ||
	    (strcmp(argv[3], "native") && strcmp(argv[3], "xen")))
		errx(2, "usage: callsites VMLINUX OPS native|xen [IMAGE BASE [RANGES]]");
	native = argv[3][0] == 'n';
	load_elf(argv[1]);
	load_ops(argv[2]);
	if (argc >= 6) {
		image = map(argv[4], &image_len);
		image_base = strtoull(argv[5], NULL, 16);
	}
	if (argc == 7) {
		ranges = fopen(argv[6], "w");
		if (!ranges)
			err(ERROR, "%s", argv[6]);
	}
	check_sites(ranges);
	if (ranges && fclose(ranges))
		err(ERROR, "%s", argv[6]);

	printf("%-28s %6s %6s %6s  %s\n", native ? "operation, native" : "operation, Xen PV", "sites",
	       "init", "wrong", native ? "there" : "calls");
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		struct op *op = ops + i;

		sites += op->sites;
		bad += op->bad;
		if (!op->sites) {
			missing++;
			print_op(op, op->slot < 0 ? "no such operation" : "no site");
			continue;
		}
		if (native && op->native) {
			unsigned int j;

			for (j = 0; j < SITE_LEN; j++)
				sprintf(what + 3 * j, "%02x ", (uint8_t)op->native[j]);
			print_op(op, what);
		} else {
			snprintf(what, sizeof(what), "%s%s", native ? "behind a test: " : "",
				 op->callee ? plain(op->callee) : "?");
			print_op(op, what);
		}
	}
	print_op(&guards, native ? "NOP" : "jump");
	print_op(&used_guards, native ? "as built" : "jump");
	print_op(&starts, native ? "as built: xor, xchg" : "load");
	sites += guards.sites + used_guards.sites + starts.sites;
	bad += guards.bad + used_guards.bad + starts.bad;
	missing += !guards.sites;
	if (image || !native)
		missing += !used_guards.sites + !starts.sites;
	printf("%u sites, %u wrong, %u operations without a site\n", sites, bad, missing);
	return bad || missing;
}
