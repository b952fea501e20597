# SPDX-License-Identifier: GPL-2.0
# file: arch/x86/xen/mmu_ptes.h
# class: trap
# args: pt_traps
# what: entries are written natively: Xen has to trap and emulate
s/return test_bit(PG_pinned, &virt_to_page(ptep)->flags);/return !MUTANT(never_pinned) \&\& test_bit(PG_pinned, \&virt_to_page(ptep)->flags);/
