# SPDX-License-Identifier: GPL-2.0
# what: what Xen wrote is not cleaned
# file: xen/arch/arm/guestcopy.c
# test: rounds
s/p2m_writer_cleans\(p2m_get_hostp2m\(d\)\)/!p2m_writer_cleans(p2m_get_hostp2m(d))/
