/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of ptbench share. */
#ifndef PTBENCH_H
#define PTBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pt_mem.h"

/*
 * What a step of a path returns besides OK: say why with why(). AGAIN: the action
 * found too little to do for the figure to be of use.
 */
enum verdict { OK, SKIP, FAIL, AGAIN };

/* one run of one path: given to each of its steps */
struct run {
	size_t pages;		/* of the range, as asked for */
	size_t work;		/* pages the action really worked on */
	size_t len;		/* pages * PAGE_SIZE */
	char *buf;		/* the range */
	char *alt;		/* second mapping of the same, or target of a move */
	uint32_t seed;		/* of the pattern in the pages */
	int fd;
	pid_t pid;
	int to_child, from_child;
	bool warmup, traced;
	unsigned int id;
};

/*
 * A path: setup and verify are outside the measured section, action is the
 * section. teardown runs after every outcome and must cope with a setup that
 * gave up half way.
 */
struct path {
	enum verdict (*setup)(struct run *r);
	enum verdict (*action)(struct run *r);
	enum verdict (*verify)(struct run *r);
	void (*teardown)(struct run *r);
	bool own_section;	/* the action calls section_begin and _end */
};

#define PATH(id, name, symbol, what)	extern const struct path path_##symbol;
#include "paths.def"
#undef PATH

/* ptbench.c */
extern const char *work_dir;	/* for files on a real file system */
__attribute__((format(printf, 2, 3)))
enum verdict why(enum verdict v, const char *fmt, ...);
enum verdict why_errno(enum verdict v, const char *what);
/* the measured section; may begin in one process and end in another */
void section_begin(const struct run *r);
void section_end(const struct run *r);
void section_restart(void);

/* mem.c: memory and what is in it */
void *map_aligned(size_t len, int prot, int flags, int fd);
void unmap_aligned(void *p, size_t len);
enum verdict map_anon(struct run *r);
enum verdict map_anon_filled(struct run *r);
void unmap_range(struct run *r);
void fill(char *p, size_t pages, uint32_t seed);
enum verdict check(const char *p, size_t pages, uint32_t seed,
		   const char *what);
/* actions: unmap the range, or touch each page of it once */
enum verdict munmap_range(struct run *r);
enum verdict read_each(struct run *r);
enum verdict write_each(struct run *r);
/* has each page what write_each() wrote? */
enum verdict check_each(const char *p, size_t pages);
enum verdict check_zero(const char *p, size_t pages, const char *what);
enum verdict check_faults(const struct run *r, char *p, bool write);
enum verdict check_gone(const struct run *r, char *p);

/* shmem of r->pages pages behind r->fd; the file mapped shared at r->buf */
enum verdict open_memfd(struct run *r);
enum verdict map_shared(struct run *r);

enum verdict pagemap_read(const char *p, size_t pages, __u64 *entries);
/* number of pages for which (entry & mask) == value, or -1 */
long pagemap_count(const char *p, size_t pages, __u64 mask, __u64 value);

/*
 * How many pages a CPU may keep in its lists before it gives some back: this
 * fraction of a zone, at least 8. pcp_restore() puts back what was, if anything.
 */
enum verdict pcp_fraction(const char *fraction);
void pcp_restore(void);

#endif /* PTBENCH_H */
