// SPDX-License-Identifier: GPL-2.0
/*
 * guestmem: change memory all the time, and notice when any of it is lost
 *
 * Every page holds its number, its generation and words made from both, with a
 * sum. A round writes a part of the pages anew, chosen at random, then checks
 * all of them against what each must hold: a page that is older than its last
 * write, somebody else's, or half written is a loss. Each round also has the
 * page tables changed: a child made by fork() checks the pages it got, and a
 * part is write-protected, moved away and back. The memory is anonymous, or a
 * shared mapping of a file. One line a round:
 *
 *	guestmem: round 12 writes 49152 ok
 *
 * or "guestmem: LOST ..." and exit status 1. Made to run in a guest that is
 * saved, restored and migrated meanwhile.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "pt_mem.h"

#define WORDS	(PAGE_SIZE / sizeof(uint64_t))
#define PART	8	/* one page of so many is written in a round */

static uint64_t *mem, *want;	/* the pages; the generation each must have */
static size_t pages;

/*
 * A page's words: number, generation, then these, then their sum. They repeat, so
 * that a disk of compressed memory holds more of them than there is memory.
 */
static uint64_t word(uint64_t page, uint64_t gen, size_t i)
{
	uint64_t x = (page << 32) ^ (gen << 10) ^ (i % 8);

	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	return x;
}

static void fill(size_t page, uint64_t gen)
{
	uint64_t *p = mem + page * WORDS, sum = page + gen;
	size_t i;

	want[page] = gen;
	p[0] = page;
	p[1] = gen;
	for (i = 2; i < WORDS - 1; i++)
		sum += p[i] = word(page, gen, i);
	p[i] = sum;
}

/* returns what is wrong with a page, or NULL */
static const char *check(size_t page)
{
	const uint64_t *p = mem + page * WORDS;
	uint64_t sum = p[0] + p[1];
	size_t i;

	for (i = 2; i < WORDS - 1; i++)
		sum += p[i];
	if (p[0] != page)
		return "is another page";
	if (p[1] != want[page])
		return "has lost its last write";
	if (p[i] != sum || p[2] != word(page, want[page], 2))
		return "is damaged";
	return NULL;
}

static int check_all(const char *who)
{
	const char *why;
	size_t page;

	for (page = 0; page < pages; page++) {
		why = check(page);
		if (!why)
			continue;
		printf("guestmem: LOST: page %zu %s (%s): number %llu generation %llu, want %llu\n",
		       page, why, who, (unsigned long long)mem[page * WORDS],
		       (unsigned long long)mem[page * WORDS + 1],
		       (unsigned long long)want[page]);
		return -1;
	}
	return 0;
}

/* a child's copy is what the parent had when it forked, whatever comes then */
static int check_in_child(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("guestmem: fork");
		return -1;
	}
	if (!pid) {
		status = check_all("child") ? 1 : 0;
		fflush(stdout);
		_exit(status);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		printf("guestmem: LOST: the child ended with status %#x\n", status);
		return -1;
	}
	return 0;
}

/* moves the first quarter away and back, and write-protects it meanwhile */
static int move_about(void)
{
	size_t len = pages / 4 * PAGE_SIZE;
	void *away;

	if (mprotect(mem, len, PROT_READ))
		goto bad;
	away = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (away == MAP_FAILED ||
	    mremap(mem, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, away) != away ||
	    mremap(away, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, mem) != mem ||
	    mprotect(mem, len, PROT_READ | PROT_WRITE))
		goto bad;
	return 0;
bad:
	perror("guestmem: moving the pages");
	return -1;
}

static void map_memory(const char *file)
{
	int fd = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (file) {
		fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || ftruncate(fd, pages * PAGE_SIZE))
			die(EXIT_USAGE, "%s: %s", file, strerror(errno));
		flags = MAP_SHARED;
	}
	mem = mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
	want = calloc(pages, sizeof(*want));
	if (mem == MAP_FAILED || !want)
		die(EXIT_USAGE, "not enough memory for %zu pages", pages);
	if (file)
		close(fd);
}

static const char usage[] =
"usage: guestmem [options] MIB [PAUSE_MS]\n"
"Changes memory all the time, and notices when any of it is lost.\n"
"  MIB            how much memory\n"
"  PAUSE_MS       time asleep in a round (default 100)\n"
"  -f, --file F   a shared mapping of the file F, which is made, instead of\n"
"                 anonymous memory\n"
"  -h, --help     this\n"
"      --version  the version of this program\n"
"Runs until it is ended, or something is lost. Exit status: 1 lost, 2 bad usage,\n"
"or not enough memory.\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "file",	required_argument, NULL, 'f' },
		CLI_OPTIONS
	};
	uint64_t round, writes = 0, rnd = 88172645463325252ull;
	unsigned long mib, pause = 100;
	const char *file = NULL;
	size_t page, i;

	while (next_option(argc, argv, "+:f:h", longs, usage) != -1)
		file = optarg;
	argv += optind;
	argc -= optind;
	if (argc < 1 || argc > 2)
		die(EXIT_USAGE, "wants MIB and PAUSE_MS, see --help");
	mib = parse_number("MIB", argv[0], 1, 1ul << 20);
	if (argc > 1)
		pause = parse_number("PAUSE_MS", argv[1], 0, 60000);
	pages = mib << 8;
	map_memory(file);
	for (page = 0; page < pages; page++)
		fill(page, 0);

	for (round = 1; ; round++) {
		for (i = 0; i < pages / PART; i++) {
			rnd ^= rnd << 13;
			rnd ^= rnd >> 7;
			rnd ^= rnd << 17;
			page = rnd % pages;
			fill(page, want[page] + 1);
			writes++;
			if (i % (pages / PART / 4) == 0)
				usleep(pause * 1000 / 4);
		}
		if (check_all("parent") || check_in_child() || move_about() ||
		    check_all("moved"))
			break;
		printf("guestmem: round %llu writes %llu ok\n",
		       (unsigned long long)round, (unsigned long long)writes);
		fflush(stdout);
	}
	fflush(stdout);
	return 1;
}
