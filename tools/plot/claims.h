/* SPDX-License-Identifier: MIT */
/* What FSE-DP is claimed to do, each with its verdict over the points of the main sweep. */
#ifndef RILL_PLOT_CLAIMS_H
#define RILL_PLOT_CLAIMS_H

#include "plot/verdict.h"

#define PAPER_LEAST	1.22	/* times as fast as EP and Hydra, */
#define PAPER_MOST	2.00
#define PAPER_SRAM	78.8	/* and % less on-chip memory, at most */

struct claims {
	unsigned int count, capacity;
	struct verdict *verdict;
};

/* lean: the same with SELECT_LEAN. -ENOMEM; then *claims is empty. */
int claims_make(const struct cells *cells, const struct cells *lean, struct claims *claims);
void claims_free(struct claims *claims);

#endif
