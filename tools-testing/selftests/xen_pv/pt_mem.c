// SPDX-License-Identifier: GPL-2.0
/* What the kernel and the processor say about pages of this process. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pt_mem.h"

static sigjmp_buf fault_env;

static void on_fault(int sig)
{
	siglongjmp(fault_env, sig);
}

static bool can_access(char *page, bool write)
{
	if (sigsetjmp(fault_env, 0))
		return false;
	if (write)
		asm volatile("lock; orq $0, %0" :
			     "+m" (*(__u64 *)page) : : "memory");
	else
		pt_load(page);
	return true;
}

/**
 * pt_accessible() - count the pages an access to which does not fault
 * @p: first page
 * @nr: number of pages
 * @write: store to them, which keeps their contents, instead of a load
 *
 * What the processor says: the kernel's own view of a mapping does not show an
 * entry that was left behind.
 */
size_t pt_accessible(char *p, size_t nr, bool write)
{
	struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction old_segv, old_bus;
	size_t i, n = 0;

	sigaction(SIGSEGV, &sa, &old_segv);
	sigaction(SIGBUS, &sa, &old_bus);
	for (i = 0; i < nr; i++)
		n += can_access(p + i * PAGE_SIZE, write);
	sigaction(SIGSEGV, &old_segv, NULL);
	sigaction(SIGBUS, &old_bus, NULL);
	return n;
}

/**
 * pt_pagemap() - read page-map entries of this process
 * @addr: first page
 * @nr: number of pages
 * @ent: entries
 *
 * Return: 0, or -1 with errno set.
 */
int pt_pagemap(const char *addr, size_t nr, __u64 *ent)
{
	ssize_t size = nr * sizeof(*ent), n;
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = pread(fd, ent, size, (uintptr_t)addr / PAGE_SIZE * sizeof(*ent));
	close(fd);
	if (n == size)
		return 0;
	errno = EIO;
	return -1;
}

/**
 * pt_smaps() - a field of the mapping that holds an address
 * @addr: address
 * @field: its name
 *
 * Return: kilobytes, or -1.
 */
long pt_smaps(const void *addr, const char *field)
{
	unsigned long start, end;
	bool inside = false;
	size_t len = strlen(field);
	char line[256];
	long kb = -1;
	FILE *f;

	f = fopen("/proc/self/smaps", "re");
	if (!f)
		return -1;
	while (kb < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (uintptr_t)addr >= start &&
				 (uintptr_t)addr < end;
		else if (inside && !strncmp(line, field, len) &&
			 line[len] == ':')
			kb = atol(line + len + 1);
	}
	fclose(f);
	return kb;
}

/**
 * pt_vmstat() - a counter of /proc/vmstat
 * @field: its name
 *
 * Return: its value, or -1.
 */
long pt_vmstat(const char *field)
{
	size_t len = strlen(field);
	char line[128];
	long n = -1;
	FILE *f;

	f = fopen("/proc/vmstat", "re");
	if (!f)
		return -1;
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ' ')
			n = atol(line + len + 1);
	fclose(f);
	return n;
}

/**
 * pt_write_str() - write a string to a file of procfs or sysfs
 * @path: file
 * @str: what to write
 *
 * Return: 0, or -1 with errno set.
 */
int pt_write_str(const char *path, const char *str)
{
	ssize_t len = strlen(str), n;
	int fd, err;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, str, len);
	err = errno;
	close(fd);
	errno = err;
	return n == len ? 0 : -1;
}

/**
 * pt_read_text() - read the first line of a file of procfs or sysfs
 * @path: file
 * @text: where to, without the newline
 * @size: room there
 *
 * Return: 0, or -1 with errno set.
 */
int pt_read_text(const char *path, char *text, size_t size)
{
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/**
 * pt_read_long() - read a number from a file of procfs or sysfs
 * @path: file
 *
 * Return: the number, or -1 with errno set.
 */
long pt_read_long(const char *path)
{
	char text[64];

	return pt_read_text(path, text, sizeof(text)) ? -1 : atol(text);
}

struct swap_header {
	char boot[1024];
	__u32 version;
	__u32 last_page;
	__u32 nr_badpages;
	__u8 uuid[16];
	char label[16];
};

#define SWAP_MAGIC	"SWAPSPACE2"
#define SWAP_MAGIC_LEN	10

/**
 * pt_swap_format() - write a swap header, unless something else is there
 * @fd: block device
 * @size: its size in bytes
 * @label: whose swap it is; one that is there with this label is written anew
 *
 * Return: 0, or -1 with errno set: EEXIST if there is anything else.
 */
int pt_swap_format(int fd, __u64 size, const char *label)
{
	static union {
		struct swap_header h;
		char page[PAGE_SIZE];
		__u64 word[PAGE_SIZE / sizeof(__u64)];
	} u;
	char *magic = u.page + PAGE_SIZE - SWAP_MAGIC_LEN;
	bool ours, empty = true;
	size_t i;

	errno = EIO;	/* unless the kernel knows better */
	if (pread(fd, &u, sizeof(u), 0) != sizeof(u))
		return -1;
	ours = !memcmp(magic, SWAP_MAGIC, SWAP_MAGIC_LEN) &&
	       !strncmp(u.h.label, label, sizeof(u.h.label));
	for (i = 0; i < ARRAY_SIZE(u.word); i++)
		empty &= !u.word[i];
	if (!ours && !empty) {
		errno = EEXIST;
		return -1;
	}

	memset(&u, 0, sizeof(u));
	u.h.version = 1;
	u.h.last_page = size / PAGE_SIZE - 1;
	memcpy(u.h.label, label, strnlen(label, sizeof(u.h.label)));
	memcpy(magic, SWAP_MAGIC, SWAP_MAGIC_LEN);
	if (pwrite(fd, &u, sizeof(u), 0) != sizeof(u) || fsync(fd))
		return -1;
	return 0;
}
