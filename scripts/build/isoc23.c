// SPDX-License-Identifier: GPL-2.0
/*
 * Names by which programs compiled with glibc 2.38 or newer call its functions
 * that read numbers, for an older one to link with (scripts/build/xen dev). Weak:
 * a C library that has them wins. They differ from the functions called here in
 * that they know numbers in base 2, 0b11.
 */

#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WEAK __attribute__((weak))

long WEAK __isoc23_strtol(const char *s, char **end, int base);
unsigned long WEAK __isoc23_strtoul(const char *s, char **end, int base);
long long WEAK __isoc23_strtoll(const char *s, char **end, int base);
unsigned long long WEAK __isoc23_strtoull(const char *s, char **end, int base);
int WEAK __isoc23_sscanf(const char *s, const char *format, ...);
int WEAK __isoc23_fscanf(FILE *f, const char *format, ...);

long __isoc23_strtol(const char *s, char **end, int base)
{
	return strtol(s, end, base);
}

unsigned long __isoc23_strtoul(const char *s, char **end, int base)
{
	return strtoul(s, end, base);
}

long long __isoc23_strtoll(const char *s, char **end, int base)
{
	return strtoll(s, end, base);
}

unsigned long long __isoc23_strtoull(const char *s, char **end, int base)
{
	return strtoull(s, end, base);
}

int __isoc23_sscanf(const char *s, const char *format, ...)
{
	va_list ap;
	int ret;

	va_start(ap, format);
	ret = vsscanf(s, format, ap);
	va_end(ap);
	return ret;
}

int __isoc23_fscanf(FILE *f, const char *format, ...)
{
	va_list ap;
	int ret;

	va_start(ap, format);
	ret = vfscanf(f, format, ap);
	va_end(ap);
	return ret;
}
