/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Set/Way operations on Arm: which pages Xen flushes, while other vCPUs write.
 * A model of p2m_flush_vm() and p2m_resolve_translation_fault() as the series
 * patches/xen/arm-set-way leaves them.
 *
 * There is one page, one entry of the p2m that maps it, and two vCPUs. Each may
 * write, and may do Set/Way operations, a few times, in any order. The valid
 * bit of the entry tells whether the page was accessed since its last flush.
 *
 * What must hold:
 *
 *  skipped  what was written before a Set/Way operation began is in memory when
 *	     it has ended
 *
 * A write looks at the translation first and is done later. A flush of the TLBs
 * waits for the writes that have looked (DSB).
 *
 * Which variant, is chosen with -D; run has the list:
 *  KEEP		    nothing is forgotten, as when caches are switched on
 *  WRONG_FLUSH_FIRST	    the page, then the valid bit (Xen up to now)
 *  WRONG_TLB_LAST	    the valid bit, the page, then the TLBs
 *  WRONG_UNLOCK	    the lock is dropped before the page is flushed
 */

#define CPUS	2

byte written;		/* number of writes: the data as the caches have it */
byte memory;		/* of these, what is in memory */
bool valid = 1;		/* the entry of the p2m */
bool lock;		/* of the p2m */
bool tlb[CPUS];		/* has the translation */
bool looked[CPUS];	/* is about to write with it */

inline take()
{
	atomic { !lock -> lock = 1 }
}

inline flush_tlbs()
{
	tlb[0] = 0;
	!looked[0];
	tlb[1] = 0;
	!looked[1]
}

inline flush_page()
{
	memory = written;
	printf("cpu%d flushes the page\n", _pid)
}

inline clear_valid()
{
	valid = 0;
	printf("cpu%d clears the valid bit\n", _pid)
}

inline write()
{
	do
	:: atomic { tlb[_pid] -> looked[_pid] = 1 } -> break
	:: atomic { !tlb[_pid] && valid -> tlb[_pid] = 1 }
	:: !tlb[_pid] && !valid ->
		take();
		valid = 1;
		printf("cpu%d faults, the bit is set\n", _pid);
		lock = 0
	od;
	atomic {
		written++;
		looked[_pid] = 0;
		printf("cpu%d writes\n", _pid)
	}
}

inline set_way()
{
	before = written;
	printf("cpu%d begins Set/Way\n", _pid);
#ifdef WRONG_FLUSH_FIRST
	if
	:: valid -> flush_page()
	:: else
	fi;
	take();
	clear_valid();
	flush_tlbs();
	lock = 0;
#else
	take();
	if
	:: valid ->
#ifndef KEEP
		clear_valid();
#endif
#ifdef WRONG_UNLOCK
		flush_tlbs();
		lock = 0;
		flush_page()
#elif defined(WRONG_TLB_LAST)
		flush_page();
		flush_tlbs();
		lock = 0
#elif defined(KEEP)
		flush_page();
		lock = 0
#else
		flush_tlbs();
		flush_page();
		lock = 0
#endif
	:: else -> lock = 0
	fi;
#endif
	if
	:: memory < before ->
		printf("VIOLATED skipped\n");
		assert(false)
	:: else
	fi
}

active [CPUS] proctype vcpu()
{
	byte writes = 2, ops = 2, before;

	do
	:: writes > 0 -> writes--; write()
	:: ops > 0 -> ops--; set_way()
	:: atomic { valid -> tlb[_pid] = 1 }	/* speculation */
	:: break
	od
}
