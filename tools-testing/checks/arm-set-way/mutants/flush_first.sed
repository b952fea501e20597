# SPDX-License-Identifier: GPL-2.0
# what: the page is flushed before its valid bit is cleared
# file: xen/arch/arm/p2m.c xen/arch/arm/mmu/p2m.c
# test: race
/^static bool p2m_flush_second/,/^}/{
/if \( p2m_is_mapping/,/return true/{
/if \( track_anew \)/i\        p2m_flush_pages(lpae_get_mfn(*entry), 1U << SECOND_ORDER);
/p2m_flush_pages/d
}
}
