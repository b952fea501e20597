/* SPDX-License-Identifier: GPL-2.0 */
/* What a page costs, made paged out one by one and at once. */
#ifndef FIGURES_H
#define FIGURES_H

/* prints it, and writes it to @tsv if that is not NULL; an exit status */
int run_figures(unsigned long pages, const char *tsv);

#endif /* FIGURES_H */
