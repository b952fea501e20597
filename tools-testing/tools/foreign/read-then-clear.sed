# SPDX-License-Identifier: GPL-2.0
# The proof of concept that came with the report: do not exchange an entry, read
# it and queue a set of none. What the processor writes to the entry in between
# is lost, so that it is for measuring only. Zapping is all that needs it here.
# file: mm/memory.c
/^#include "swap\.h"$/a\
\
static inline pte_t read_then_clear(pte_t *ptep)\
{\
	pte_t pte = ptep_get(ptep);\
\
	set_pte(ptep, native_make_pte(0));\
	return pte;\
}\
\
#undef ptep_get_and_clear_full\
#define ptep_get_and_clear_full(mm, addr, ptep, full)	read_then_clear(ptep)
