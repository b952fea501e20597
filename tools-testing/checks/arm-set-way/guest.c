// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that does what a boot loader or a dying kernel does with its caches:
 * Set/Way operations, caches off, caches on; and knows which of its blocks it
 * has touched since the last of them.
 *
 * What it is told when it is compiled:
 *   MIB     memory it has; if odd, the last MiB is mapped by pages
 *   VCPUS   1 or 2
 *   ROUNDS  rounds of the random part; -1: two measured cycles instead
 *   SEED    of its random numbers
 * What it tells: lines on the console, marks for the plugin that counts.
 */
#include <stdint.h>

#include "../../tools/common/mark.h"

#define RAM		0x40000000UL
#define BLOCK		0x200000UL
#define NR_BLOCKS	((MIB) / 2)
#define TAIL_PAGES	((MIB) % 2 * 256)
#define UART		((volatile uint8_t *)0x22000000UL)

#define SCTLR_MC	0x5UL			/* MMU, data cache */
#define KEEP		9			/* blocks touched before an event */

/* a section that the plugin counts, with a row of its own */
#define section(n, what)			\
do {						\
	mark_const(MARK_BEGIN, n);		\
	what;					\
	mark_const(MARK_END, n);		\
	mark_const(MARK_ROW, n);		\
} while (0)

#define read_sysreg(r)							\
({									\
	uint64_t v_;							\
	asm volatile("mrs %0, " #r : "=r" (v_));			\
	v_;								\
})
#define write_sysreg(v, r)						\
	asm volatile("msr " #r ", %0\n\tisb" :: "r" ((uint64_t)(v)) : "memory")

extern char vectors[], second_vcpu[];

static uint64_t table[512] __attribute__((aligned(4096)));

/* console */

static void put(char c)
{
	*UART = c;
}

static void print(const char *s)
{
	while (*s)
		put(*s++);
}

static void print_num(uint64_t n)
{
	char digits[20];
	int i = 0;

	do {
		digits[i++] = '0' + n % 10;
		n /= 10;
	} while (n);
	while (i)
		put(digits[--i]);
}

static void say(const char *what, uint64_t n)
{
	print(what);
	put(' ');
	print_num(n);
	put('\n');
}

static uint64_t psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 asm("x0") = function;
	register uint64_t x1 asm("x1") = a;
	register uint64_t x2 asm("x2") = b;
	register uint64_t x3 asm("x3") = c;

	asm volatile("hvc #0" : "+r" (x0) : "r" (x1), "r" (x2), "r" (x3) : "memory");
	return x0;
}

/* HYPERVISOR_xen_version: XENVER_get_features writes 8 bytes at p */
static int64_t get_features(volatile void *p)
{
	register uint64_t x0 asm("x0") = 6;
	register volatile void *x1 asm("x1") = p;
	register uint64_t x16 asm("x16") = 17;

	asm volatile("hvc #0xea1" : "+r" (x0) : "r" (x1), "r" (x16) : "memory");
	return x0;
}

static void end(uint64_t failures)
{
	say("@@FAILURES", failures);
	psci(0x84000008, 0, 0, 0);		/* SYSTEM_OFF */
	for (;;)
		asm volatile("wfi");
}

void unexpected(uint64_t esr, uint64_t elr, uint64_t far)
{
	say("exception, ESR", esr);
	say("ELR", elr);
	say("FAR", far);
	end(1);
}

/* caches */

static void mmu_setup(void)
{
	write_sysreg(vectors, vbar_el1);
	write_sysreg(0xff04, mair_el1);		/* 0: device, 1: write-back */
	/* 39 bits in 1 GiB blocks: one level; inner shareable, write-back */
	write_sysreg(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23, tcr_el1);
	write_sysreg(table, ttbr0_el1);
	asm volatile("dsb ish; tlbi vmalle1; dsb ish; isb" ::: "memory");
}

static void caches_on(void)
{
	write_sysreg(read_sysreg(sctlr_el1) | SCTLR_MC, sctlr_el1);
}

static void caches_off(void)
{
	write_sysreg(read_sysreg(sctlr_el1) & ~SCTLR_MC, sctlr_el1);
}

/* one level of a small cache is enough: Xen flushes at the first of them */
static void set_way(void)
{
	uint64_t set, way;

	asm volatile("dsb sy" ::: "memory");
	for (way = 0; way < 2; way++)
		for (set = 0; set < 4; set++)
			asm volatile("dc cisw, %0" :: "r" (way << 31 | set << 6) : "memory");
	asm volatile("dsb sy; isb" ::: "memory");
}

static void all_events(void)
{
	set_way();
	caches_off();
	caches_on();
}

/* the second vCPU: does one thing at a time, when told */

enum job { NOTHING, TOUCH, SETWAY, OFF, ON, WRITE };

static volatile uint64_t job;

static void touch(unsigned int first, unsigned int n)
{
	while (n--)
		*(volatile uint64_t *)(RAM + (first + n) * BLOCK) = n;
}

static void do_job(enum job j);

void second(void)
{
	mmu_setup();
	caches_on();
	job = NOTHING;
	for (;;) {
		if (job != NOTHING) {
			do_job(job);
			asm volatile("dsb sy" ::: "memory");
			job = NOTHING;
		}
		asm volatile("wfe");	/* Xen runs the other */
	}
}

static void begin(enum job j)
{
	asm volatile("dsb sy" ::: "memory");
	job = j;
}

static void wait(void)
{
	while (job != NOTHING)
		asm volatile("wfe");	/* Xen runs the other */
	asm volatile("dsb sy" ::: "memory");
}

static void run(enum job j)
{
	begin(j);
	wait();
}

/* the measured part */

static void measure(void)
{
	unsigned int cycle;

	for (cycle = 0; cycle < 2; cycle++) {
		/* a number of a section is a constant: in the instruction */
#define CYCLE(c)							\
		section(c + 0, touch(1, KEEP));			\
		section(c + 1, set_way());				\
		section(c + 2, touch(1, 1));			\
		section(c + 3, caches_off());				\
		section(c + 4, caches_on());				\
		section(c + 5, touch(1, KEEP));
		if (!cycle) {
			CYCLE(0);
		} else {
			CYCLE(16);
		}
		if (VCPUS < 2)
			continue;
		all_events();
#define CYCLE2(c)							\
		section(c + 8, run(TOUCH));				\
		section(c + 9, run(SETWAY));				\
		section(c + 10, run(OFF));				\
		section(c + 11, run(ON));
		if (!cycle) {
			CYCLE2(0);
		} else {
			CYCLE2(16);
		}
	}
	end(0);
}

/*
 * The random part. It runs on a test build of Xen (probe.patch) whose flush of
 * a page with the MAGIC word copies DATA to MEMORY: what a write-back would. A
 * page whose MEMORY is not what was last written to it, after a Set/Way
 * operation, was skipped.
 */
#define MAGIC	0x7365742f77617921
#define PROBE	509
#define DATA	510
#define MEMORY	511

/* what is flushed at once: a block of 512 pages; a page of the tail */
#define UNITS	(NR_BLOCKS + TAIL_PAGES)
#define IMAGE	0

static uint8_t touched[UNITS];		/* since it was tracked anew */
static uint64_t pages_touched, expected, random;
static struct { unsigned int nr; uint64_t value; } written[64];
static unsigned int nr_written;
static uint64_t writes;			/* of the second vCPU, ever */

static uint64_t rnd(uint64_t below)
{
	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return (random >> 16) % below;
}

static volatile uint64_t *page(unsigned int nr)
{
	return (volatile uint64_t *)(RAM + nr * 4096UL);
}

/* any page but those of the image; of the tail more often than it deserves */
static unsigned int any_page(void)
{
	if (TAIL_PAGES && !rnd(4))
		return NR_BLOCKS * 512 + rnd(TAIL_PAGES);
	return 512 + rnd((NR_BLOCKS - 1) * 512);
}

static void access(unsigned int nr)
{
	int tail = nr >= NR_BLOCKS * 512;
	unsigned int unit = tail ? nr - NR_BLOCKS * 511 : nr / 512;

	if (!touched[unit]) {
		touched[unit] = 1;
		pages_touched += tail ? 1 : 512;
	}
}

static void write(uint64_t value)
{
	unsigned int nr = any_page(), i;

	for (i = 0; i < nr_written; i++)
		if (written[i].nr == nr)
			break;
	if (i == 64)
		return;
	if (i == nr_written)
		nr_written++;
	access(nr);
	page(nr)[PROBE] = MAGIC;
	page(nr)[DATA] = value;
	written[i].nr = nr;
	written[i].value = value;
}

/* the pages written since the last look: is all of it in memory? */
static uint64_t look(uint64_t round)
{
	uint64_t bad = 0;
	unsigned int i;

	for (i = 0; i < nr_written; i++) {
		volatile uint64_t *p = page(written[i].nr);

		access(written[i].nr);
		if (p[DATA] == written[i].value && p[MEMORY] == written[i].value)
			continue;
		say("SKIPPED in round", round);
		say("page", written[i].nr);
		bad++;
	}
	nr_written = 0;
	return bad;
}

/* what Xen is to flush now: forget says whether it tracks anew */
static void event(int forget)
{
	unsigned int i;

	expected += pages_touched;
	if (!forget)
		return;
	for (i = 0; i < UNITS; i++)
		touched[i] = 0;
	pages_touched = 0;
	access(IMAGE);
}

/* the second vCPU writes while the first does Set/Way operations */
#define RACE_PAGES	16
static unsigned int race[RACE_PAGES];

static void do_job(enum job j)
{
	unsigned int i, n;

	switch (j) {
	case TOUCH:
		touch(1 + KEEP, KEEP);
		break;
	case SETWAY:
		set_way();
		break;
	case OFF:
		caches_off();
		break;
	case ON:
		caches_on();
		break;
	case WRITE:
		/* the last write to each page is at any time of the other's events */
		for (i = 0; i < RACE_PAGES; i++)
			for (n = writes % 1021 * 64; n; n--)
				page(race[i])[DATA] = ++writes;
		writes += 389;
		break;
	default:
		break;
	}
}

/* one round in which both vCPUs are busy: counts depend on who was first */
static uint64_t race_round(uint64_t round)
{
	uint64_t bad = 0;
	unsigned int i;

	for (i = 0; i < RACE_PAGES; i++) {
		race[i] = any_page();
		page(race[i])[PROBE] = MAGIC;
	}
	begin(WRITE);
	do {
		all_events();
	} while (job != NOTHING);
	/* the last word: nobody writes any more, all has to reach the memory */
	all_events();
	for (i = 0; i < RACE_PAGES; i++) {
		volatile uint64_t *p = page(race[i]);

		if (p[DATA] == p[MEMORY])
			continue;
		say("LOST in round", round);
		say("page", race[i]);
		say("written", p[DATA]);
		say("memory has", p[MEMORY]);
		bad++;
	}
	return bad;
}

/* Xen writes to a page that the guest has not accessed: not skipped, either */
static uint64_t hypercall_round(void)
{
	volatile uint64_t *p = page(700);

	p[PROBE] = MAGIC;
	all_events();
	if (get_features(p + DATA)) {
		print("no features of Xen\n");
		return 1;
	}
	all_events();
	if (p[DATA] && p[DATA] == p[MEMORY])
		return 0;
	say("SKIPPED what Xen wrote", p[DATA]);
	return 1;
}

static void random_rounds(void)
{
	uint64_t round, bad = 0, i;

	random = (SEED) * 0x9e3779b97f4a7c15UL + 1;
	/* from here on it is known what is tracked: nothing but the image */
	bad = hypercall_round();
	all_events();
	access(IMAGE);
	mark_const(MARK_BEGIN, 64);
	for (round = 0; round < (uint64_t)(ROUNDS) && bad < 10; round++) {
		if (VCPUS == 2) {
			bad += race_round(round);
			continue;
		}
		for (i = rnd(6); i; i--)
			write(round + 1);
		set_way();
		event(1);
		if (rnd(2))
			bad += look(round);
		for (i = rnd(3); i; i--)
			write(~round);
		caches_off();
		event(1);
		bad += look(round);
		for (i = rnd(3); i; i--)
			write(round << 32);
		caches_on();
		event(0);
		if (rnd(2))
			bad += look(round);
		else
			nr_written = 0;
	}
	mark_const(MARK_END, 64);
	mark_const(MARK_ROW, 64);
	say("@@ROUNDS", round);
	if (VCPUS == 1)
		say("@@EXPECTED", expected);
	end(bad);
}

void main(void)
{
	unsigned int i;

	for (i = 1; i < 16; i++)		/* block, accessed, shareable, WB */
		table[i] = (uint64_t)i << 30 | 1 << 10 | 3 << 8 | 1 << 2 | 1;
	table[0] = 1 << 10 | 1;			/* devices */
	mmu_setup();
	caches_on();
	if (VCPUS == 2) {
		job = NOTHING + 1;
		if (psci(0xc4000003, 1, (uint64_t)second_vcpu, 0)) {	/* CPU_ON */
			print("no second vCPU\n");
			end(1);
		}
		wait();
	}
	if ((ROUNDS) >= 0)
		random_rounds();
	measure();
}
