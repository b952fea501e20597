# SPDX-License-Identifier: GPL-2.0
# file: xen/arch/x86/mm.c
# class: stale
# args: --mutant race
# what: a table is taken for one because it was one earlier in the call
/^long do_mmu_update(/,/^}/{
s/^    mfn_t map_mfn = INVALID_MFN, mfn;$/    mfn_t map_mfn = INVALID_MFN, mfn, was_l1 = INVALID_MFN;/
s/^            gmfn = req.ptr >> PAGE_SHIFT;$/&\
            if ( PV_MUTANT(stale_table) \&\& mfn_eq(was_l1, _mfn(gmfn)) )\
            {\
                rc = mod_l1_entry(mfn_to_virt(gmfn) + (req.ptr \& ~PAGE_MASK),\
                                  l1e_from_intpte(req.val), _mfn(gmfn),\
                                  cmd, v, pg_owner);\
                break;\
            }/
s/^                case PGT_l1_page_table:$/&\
                    was_l1 = mfn;/
}
