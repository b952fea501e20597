/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing page table entries of a Xen PV guest by hypercall, queued or not,
 * while processors walk the page table: a model of arch/x86/xen/mmu_ptes.c and
 * of its callers in mm/.
 *
 * There is one page, mapped by one entry (by two where OP_MOVE and OP_FORK need
 * a second one), and these processes:
 *
 *  cpu	    a processor in user mode, two of them: enters and leaves the address
 *	    space, walks the page table, caches translations, reads and writes
 *  kernel  the kernel code under test, one of the operations OP_*
 *  rmap    another kernel thread that cleans and writes back the page, or
 *	    unmaps, writes back and frees it
 *  reader  another kernel thread that looks at the entry under the lock
 *
 * What must hold (see "Properties" below):
 *
 *  lost    data written by a processor is written back before the page is freed
 *  mapped  a page that is freed is not mapped
 *  stale   nobody uses a translation to a page that has been freed, and has
 *	    another owner
 *  present an entry that was cleared is not present for who takes the lock next
 *  wrprot  nobody writes after a page was write-protected and the TLB flushed
 *  gone    a page that only ages is mapped all the time
 *
 * Left out are memory ordering (hypercalls, IPIs and switches of CR3 serialize),
 * failing hypercalls, and accesses to the page by the kernel thread's own CPU.
 *
 * Which operation, and which variant of it, is chosen with -D; run has the list.
 * WRONG_* makes it a wrong one, and so do ONE_MULTICALL without FLUSH_NEWCOMERS
 * and PREREAD_D without CHILD_DIRTY. With any of these, or with ALWAYS_EXACT, it
 * is not what the code does.
 */

/* An entry, and a translation in a TLB (without A, which it is not needed for). */
#define P	1	/* present */
#define W	2	/* writable */
#define A	4	/* accessed */
#define D	8	/* dirty */
#define PG	16	/* maps page 1 instead of page 0 */

#define AD	(A | D)

#if defined(OP_MOVE) || defined(OP_FORK)
#define NENT	2
#else
#define NENT	1
#endif

byte e[NENT];		/* the page table, in memory */
byte tlb[2 * NENT];	/* of CPU c, for entry v: tlb[c * NENT + v] */
byte cpus;		/* mm_cpumask() */

bool ptl;		/* the page table lock */
bool folio_lock;
bool folio_dirty;
bool mapcount = 1;	/* is the rmap walk able to find the mapping? */
bool ref;		/* the mmu_gather holds a reference */

/* For the properties only. */
bool freed;		/* page 0 belongs to somebody else */
bool unsaved;		/* page 0 has data that is not written back */
bool cleared;		/* the entry was cleared, and the lock dropped */
bool protected;		/* write-protected and TLB flushed */

#define MAPS(x, page)	(((x) & (P | PG)) == (P | ((page) * PG)))

/*
 * Properties. The last line of a trail tells which one does not hold.
 */
inline violated(cond, what)
{
	if
	:: cond ->
		printf("VIOLATED %e\n", what);
		assert(false)
	:: else
	fi
}

mtype = { lost, mapped, stale, present, wrprot, gone };

/*
 * Processors
 *
 * Each step is atomic as it is in hardware: the walk sets A with a locked
 * cycle. To set D, a processor with a clean translation in its TLB looks at the
 * entry in memory again and faults if it is not present and writable any more;
 * the store itself is another, later step. With a dirty translation it may
 * store until that is flushed, and is not interested in the page table.
 */
proctype cpu(byte c; byte v)
{
#define T	tlb[c * NENT + v]

end:	do
	/* switch_mm_irqs_off(): first the bit in the mask, then CR3. */
	:: v == 0 && !(cpus & (1 << c)) ->
		cpus = cpus | (1 << c);
		printf("cpu%d enters\n", c)
	:: d_step { v == 0 && (cpus & (1 << c)) ->
		cpus = cpus & ~(1 << c);
		tlb[c * NENT] = 0;
		tlb[c * NENT + NENT - 1] = 0;
		printf("cpu%d leaves\n", c) }

	/* A miss, for a read, or speculatively for nothing at all. */
	:: d_step { (cpus & (1 << c)) && !T && (e[v] & P) ->
		e[v] = e[v] | A;
		T = e[v] & ~A;
		printf("cpu%d loads\n", c) }
	/* The first write. */
	:: d_step { (T & W) && !(T & D) ->
		if
		:: (e[v] & P) && (e[v] & W) ->
			e[v] = e[v] | AD;
			T = e[v] & ~A;
			printf("cpu%d sets D\n", c)
		:: else ->
			T = 0;
			printf("cpu%d faults\n", c)
		fi }
	:: d_step { (T & W) && (T & D) ->
		if
		:: MAPS(T, 0) ->
			printf("cpu%d writes\n", c);
			violated(freed, stale);
			violated(protected, wrprot);
			unsaved = 1
		:: else
		fi }
	:: d_step { MAPS(T, 0) && freed ->
		printf("cpu%d reads\n", c);
		violated(freed, stale) }
	:: d_step { T -> T = 0 }

#ifndef NO_MKWRITE
	/*
	 * The fault of a write to a read-only entry: do_wp_page() of a shared
	 * mapping. page_mkwrite() waits for the folio lock.
	 */
	:: d_step { (cpus & (1 << c)) && MAPS(e[v], 0) && !(e[v] & W) &&
		    !ptl && !folio_lock ->
		e[v] = e[v] | W | AD;
		folio_dirty = 1;
		T = 0;
		printf("cpu%d takes a write fault\n", c) }
#endif
	od
}

/*
 * Kernel
 */
inline lock()
{
	atomic { !ptl -> ptl = 1 }
}

inline unlock()
{
	ptl = 0
}

/* INVLPG on the processors in @mask, one after the other. */
inline flush_cpus(mask, v)
{
	d_step {
		if
		:: mask & 1 -> tlb[v] = 0
		:: else
		fi
	}
	d_step {
		if
		:: mask & 2 -> tlb[NENT + v] = 0
		:: else
		fi
	}
}

/* flush_tlb_page(): reads mm_cpumask(), then flushes. */
inline flush_tlb(v)
{
	m = cpus;
	flush_cpus(m, v);
	printf("TLB flushed\n")
}

/* What a native kernel does, for the code that is not under test. */
inline xchg_entry(v, new)
{
	d_step { val = e[v]; e[v] = new }
}

/* The data of a folio is written back, if it is known to be dirty. */
inline write_back()
{
	if
	:: folio_dirty ->
		folio_dirty = 0;
		d_step { unsaved = 0; printf("written back\n") }
	:: else
	fi
}

inline free_page()
{
	d_step {
		printf("page freed\n");
		violated(unsaved, lost);
		violated(MAPS(e[0], 0) || MAPS(e[NENT - 1], 0), mapped);
		freed = 1
	}
}

/* try_to_unmap(), for all entries: exact, flushed. */
inline unmap_native()
{
	lock();
	i = 0;
	do
	:: i < NENT ->
		if
		:: MAPS(e[i], 0) ->
			xchg_entry(i, 0);
			printf("unmapped natively\n");
			flush_tlb(i);
			if
			:: val & D -> folio_dirty = 1
			:: else
			fi;
			mapcount = 0
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	val = 0;
	m = 0;
	unlock()
}

/*
 * The hypervisor
 *
 * update_intpte(): MMU_NORMAL_PT_UPDATE stores, MMU_PT_UPDATE_PRESERVE_AD is a
 * loop around cmpxchg. A queued TLB flush has the mask in it that was read when
 * it was queued.
 */
#define NORMAL		1
#define PRESERVE	2
#define FLUSH		3

inline hypercall(cmd, v, new)
{
	if
	:: cmd == NORMAL ->
		d_step { e[v] = new; printf("Xen stores\n") }
	:: cmd == PRESERVE ->
		old = e[v];
		do
		:: atomic { e[v] == old ->
			e[v] = new | (old & AD);
			printf("Xen stores, A and D kept\n") };
			break
		:: atomic { e[v] != old -> old = e[v] }
		od;
		old = 0
	:: cmd == FLUSH ->
		flush_cpus(new, v);
		printf("Xen flushes TLBs\n")
	fi
}

/* The value that the kernel decides upon. */
inline read_entry(v)
{
	d_step { val = e[v]; printf("entry read\n") }
}

/* The queue of lazy MMU mode. */
#define QMAX	3
byte qcmd[QMAX], qent[QMAX], qval[QMAX], qn;

inline queue(cmd, v, new)
{
	d_step { qcmd[qn] = cmd; qent[qn] = v; qval[qn] = new; qn++ }
}

/* xen_mc_flush(): in the order in which it was queued. */
inline issue()
{
	qi = 0;
	do
	:: qi < qn ->
		hypercall(qcmd[qi], qent[qi], qval[qi]);
		atomic { qcmd[qi] = 0; qent[qi] = 0; qval[qi] = 0; qi++ }
	:: else -> break
	od;
	atomic { qi = 0; qn = 0 }
}

/* The queue was full, an interrupt wanted to use it, or there was a preemption. */
inline maybe_issue()
{
	if
	:: issue()
	:: skip
	fi
}

#define UNSTABLE(x)	(((x) & (P | W | D)) == (P | W))

/* xen_ptep_get_and_clear() */
inline exact_clear(v)
{
#ifndef WRONG_OVERTAKE
	issue();
#endif
	read_entry(v);
	hypercall(PRESERVE, v, 0);
	val = val | (e[v] & AD)
}

/*
 * xen_wrprotect_ptes(): not left in the queue if the processor can set D until it
 * is issued. It looks at the entry itself, not at what its caller has read.
 */
inline wrprotect(v)
{
	d_step { old = e[v]; printf("entry read to write-protect it\n") }
	queue(PRESERVE, v, old & ~W);
#ifndef WRONG_QUEUE_UNSTABLE
	if
	:: UNSTABLE(old) -> old = 0; issue()
	:: else -> old = 0
	fi
#else
	old = 0
#endif
}

/* xen_get_and_clear_pte_array() and xen_get_and_clear_ptes() */
inline get_and_clear(v)
{
#if defined(WRONG_READ_THEN_CLEAR)
	issue();
	read_entry(v);
	hypercall(NORMAL, v, 0)
#elif defined(WRONG_QUEUE_UNSTABLE)
	read_entry(v);
	queue(NORMAL, v, 0)
#else
	read_entry(v);
	if
#ifdef ALWAYS_EXACT
	:: exact_clear(v)
#else
	:: UNSTABLE(val) -> exact_clear(v)
	:: else -> queue(NORMAL, v, 0)
#endif
	fi
#endif
}

proctype kernel()
{
	byte val, old, m, i, qi;

#ifdef PROLOGUE
	/*
	 * An earlier mprotect() of another thread, which is not yet where it
	 * flushes the TLB: the entry can be read-only where a TLB is not.
	 */
	if
	:: lock();
	   hypercall(PRESERVE, 0, e[0] & (P | A | D));
	   unlock()
	:: skip
	fi;
#endif

	lock();
	if
	:: !MAPS(e[0], 0) -> unlock()
	:: else ->

#if defined(OP_ZAP)
		/* zap_pte_range(), page cache: the dirty bit is wanted. */
		ref = 1;
		get_and_clear(0);
		if
		:: val & D -> folio_dirty = 1
		/* folio_remove_rmap_ptes() is delayed if the page is dirty. */
		:: else -> mapcount = 0
		fi;
		maybe_issue();
#if defined(WRONG_NO_ISSUE)
		if
		:: val & D -> flush_tlb(0); mapcount = 0
		:: else
		fi;
		d_step { cleared = 1; unlock() };
#elif defined(WRONG_TLB_FIRST)
		flush_tlb(0);
		issue();
		mapcount = 0;
		d_step { cleared = 1; unlock() };
#else
		issue();		/* arch_leave_lazy_mmu_mode() */
		if
		:: val & D -> flush_tlb(0); mapcount = 0
		:: else
		fi;
		d_step { cleared = 1; unlock() };
#endif
#ifndef WRONG_TLB_FIRST
		if
		:: val & D
		:: else -> flush_tlb(0)	/* tlb_finish_mmu() */
		fi;
#endif
		ref = 0

#elif defined(OP_ZAP_ANON)
		/* zap_pte_range(), anonymous: neither data nor A/D are wanted. */
		ref = 1;
		queue(NORMAL, 0, 0);
		mapcount = 0;
		maybe_issue();
#ifdef WRONG_NO_ISSUE
		d_step { cleared = 1; unlock() };
		flush_tlb(0);
#elif defined(WRONG_TLB_FIRST)
		flush_tlb(0);
		issue();
		d_step { cleared = 1; unlock() };
#else
		issue();
		d_step { cleared = 1; unlock() };
		flush_tlb(0);
#endif
		unsaved = 0;	/* nobody wants the data */
		ref = 0

#elif defined(OP_WRPROTECT)
		/* change_pte_range(), PAGEMAP_SCAN */
		read_entry(0);
#ifdef WRONG_NORMAL
		queue(NORMAL, 0, val & ~W);
#else
		queue(PRESERVE, 0, val & ~W);
#endif
		maybe_issue();
#ifdef WRONG_UNLOCK_FIRST
		unlock();
		issue();
#else
		issue();
		unlock();
#endif
		flush_tlb(0);
		protected = 1

#elif defined(OP_YOUNG)
		/* xen_ptep_test_and_clear_young(), no TLB flush as on native */
		read_entry(0);
#ifdef WRONG_NORMAL
		queue(NORMAL, 0, val & ~A);
#else
		if
		:: UNSTABLE(val) ->
			issue();
#ifdef WRONG_GAP
			hypercall(PRESERVE, 0, 0);
#else
			hypercall(PRESERVE, 0, val & ~W);
#endif
			violated(!MAPS(e[0], 0), gone);
			read_entry(0);
			hypercall(NORMAL, 0, (val | W) & ~A)
		:: else -> queue(NORMAL, 0, val & ~A)
		fi;
#endif
		maybe_issue();
		issue();
		unlock()

#elif defined(OP_MOVE)
		/* move_ptes() */
		get_and_clear(0);
		maybe_issue();
		queue(NORMAL, 1, val);
		maybe_issue();
#ifdef WRONG_TLB_FIRST
		flush_tlb(0);
		issue();
#else
		issue();
		flush_tlb(0);
#endif
		d_step { cleared = 1; unlock() }

#elif defined(OP_OVERTAKE)
		/* An immediate operation, behind a queued one in one section. */
		read_entry(0);
		queue(PRESERVE, 0, val & ~W);
		maybe_issue();
		exact_clear(0);
		issue();
		if
		:: val & D -> folio_dirty = 1
		:: else
		fi;
		flush_tlb(0);
		mapcount = 0;
		d_step { cleared = 1; unlock() }

#elif defined(OP_CLEAR_FLUSH)
		/* ptep_clear_flush() */
#ifndef ONE_MULTICALL
		exact_clear(0);
		flush_tlb(0);
#else
		/*
		 * One multicall; mm_cpumask() is read before the clear. Who
		 * enters in between can load the old entry, and is not flushed.
		 */
		read_entry(0);
		queue(PRESERVE, 0, 0);
		m = cpus;
		queue(FLUSH, 0, m);
		issue();
#ifdef FLUSH_NEWCOMERS
		/* Flush again if somebody has entered since. */
		if
		:: cpus & ~m -> flush_tlb(0)
		:: else
		fi;
#endif
		val = val | (e[0] & AD);
#endif
		if
		:: val & D -> folio_dirty = 1
		:: else
		fi;
		mapcount = 0;
		d_step { cleared = 1; unlock() }

#elif defined(OP_COW)
		/* xen_ptep_clear_flush_set(), of wp_page_copy() */
#ifndef ONE_MULTICALL
		hypercall(NORMAL, 0, 0);
#else
		queue(NORMAL, 0, 0);
#endif
		m = cpus;
		queue(FLUSH, 0, m);
		queue(NORMAL, 0, P | W | D | PG);
		issue();
#ifdef FLUSH_NEWCOMERS
		if
		:: cpus & ~m -> flush_tlb(0)
		:: else
		fi;
#endif
		unsaved = 0;	/* nobody wants the data */
		mapcount = 0;
		unlock()

#elif defined(OP_MADV_FREE)
		/* xen_clear_young_dirty_ptes() */
		read_entry(0);
		queue(NORMAL, 0, val & ~AD);
		maybe_issue();
#ifdef WRONG_TLB_FIRST
		flush_tlb(0);
		issue();
		unlock();
#else
		issue();
		unlock();
		flush_tlb(0);
#endif
		/* madvise() returns: what was written so far is disposable. */
		unsaved = 0

#elif defined(OP_FORK)
		/*
		 * __copy_present_ptes(): e[0] is the parent's entry, e[1] the
		 * child's. Then the parent exits, without a look at its D: who
		 * shares an anonymous page has it in his own entry.
		 */
		read_entry(0);
		if
		:: val & W ->
#ifdef NATIVE
			d_step { e[0] = e[0] & ~W; printf("wrprotect\n") };
#elif defined(PREREAD_D)
			queue(PRESERVE, 0, val & ~W);
#else
			wrprotect(0);
#endif
#if defined(CHILD_DIRTY)
			val = val | D
#elif !defined(PREREAD_D)
			/* D can't be set any more, unless that is still queued. */
			d_step { val = val | (e[0] & D); printf("D read again\n") }
#endif
		:: else
		fi;
		maybe_issue();
		queue(NORMAL, 1, val & ~(W | A));
		issue();
		flush_tlb(0);
		xchg_entry(0, 0);
		flush_tlb(0);
		printf("parent exits\n");
		unlock()
#else
#error "which operation? See run."
#endif
	fi;

	/*
	 * What is left of the mapping goes away by an unmap that is known to be
	 * right, but not after operations that have cleared it: there, nothing
	 * must be left. After that the page is reclaimed.
	 */
#if !defined(OP_ZAP) && !defined(OP_ZAP_ANON) && !defined(OP_CLEAR_FLUSH) && \
	!defined(OP_OVERTAKE) && !defined(OP_COW)
	unmap_native();
#endif
	atomic { !folio_lock -> folio_lock = 1 };
	if
	:: !freed ->
		write_back();
		free_page()
	:: else
	fi;
	folio_lock = 0
}

/*
 * Reclaim and write-back, with the folio locked.
 */
proctype rmap()
{
	byte val, m, i;

	atomic { !folio_lock -> folio_lock = 1 };
	if
	:: !freed && mapcount ->
		/* folio_clear_dirty_for_io(): folio_mkclean(), see there. */
		lock();
		do
		:: i < NENT ->
			if
			:: MAPS(e[i], 0) && (e[i] & (W | D)) ->
				xchg_entry(i, 0);
				flush_tlb(i);
				e[i] = val & ~(W | D);
				printf("mkclean\n");
				if
				:: val & D -> folio_dirty = 1
				:: else
				fi
			:: else
			fi;
			i++
		:: else -> break
		od;
		unlock();
		d_step { i = 0; val = 0; m = 0 };
		write_back()
	:: !freed && !mapcount ->
		write_back()
#ifndef NO_RECLAIM
	:: !freed && mapcount ->
		/*
		 * Reclaim gives up if there are mappings or references left. It
		 * is left out for MADV_FREE: until that returns it may discard
		 * data, which would count as lost.
		 */
		unmap_native();
		if
		:: !mapcount && !ref ->
			write_back();
			free_page()
		:: else
		fi
#endif
	:: skip
	fi;
	folio_lock = 0
}

proctype reader()
{
	lock();
	d_step {
		printf("reader\n");
		violated(cleared && MAPS(e[0], 0), present)
	}
	unlock()
}

init
{
	atomic {
		/* Any present entry. If it is dirty, there is data to be written back. */
		e[0] = P;
#ifndef OP_COW
		if
		:: e[0] = e[0] | W
		:: skip
		fi;
#endif
		if
		:: e[0] = e[0] | A
		:: e[0] = e[0] | AD; unsaved = 1
		:: skip
		fi;

		run cpu(0, 0);
		run cpu(1, 0);
#ifdef OP_MOVE
		run cpu(0, 1);
		run cpu(1, 1);
#endif
		run kernel();
#ifndef NO_RMAP
		run rmap();
#endif
#ifndef NO_READER
		run reader();
#endif
		skip
	}
}
