/* SPDX-License-Identifier: MIT */
/* Points that differ in nothing but strategy and sample, side by side. */
#ifndef RILL_PLOT_CELLS_H
#define RILL_PLOT_CELLS_H

#include "plot/records.h"
#include "plot/spread.h"

#define CELL_MAX_STRATEGIES 40

struct cell_strategy {
	char *name;
	unsigned int count;
	const struct record *sample[SPREAD_MAX];	/* those that ran */
	const struct record *failed;			/* one that did not, or NULL */
};

struct cell {
	const struct record *any;	/* for model, tokens, array, routing */
	char *extra;			/* the other parameters, "name=value ..." */
	unsigned int count;
	struct cell_strategy strategy[CELL_MAX_STRATEGIES];
};

struct cells {
	size_t count;
	struct cell *cell;		/* by model (as the library lists them), tokens, array, extra */
};

/*
 * From the records for which `take` is true. `apart` names parameters (NULL-terminated) that belong to the
 * strategy ("*": all that are not usual): records that differ in them share a cell under a name "strategy
 * name=value". -ENOMEM.
 */
int cells_make(const struct records *records, bool (*take)(const struct record *record),
	       const char *const *apart, struct cells *cells);
void cells_free(struct cells *cells);

typedef double (*metric)(const struct record *record);
double metric_finish(const struct record *record);		/* ms */
double metric_distance(const struct record *record);		/* finish / bound */
double metric_sram(const struct record *record);		/* MB, weights + tokens */
double metric_sram_all(const struct record *record);		/* MB, with accumulators */
double metric_mac_over_ddr(const struct record *record);
double metric_ddr_mb(const struct record *record);
double metric_d2d_mb(const struct record *record);

const struct cell_strategy *cell_find(const struct cell *cell, const char *strategy);
/* count 0: the strategy is not there or never ran. */
struct spread cell_spread(const struct cell *cell, const char *strategy, metric value);
/* Of those samples only that `like` has too */
struct spread cell_spread_like(const struct cell *cell, const char *strategy, const char *like, metric value);
/* value(over) / value(under), sample by sample */
struct spread cell_ratio(const struct cell *cell, const char *over, const char *under, metric value);
/*
 * (t_base - t) / (t_base - bound), in %, the bound being DDR's and MAC's, the same for all. Samples whose baseline
 * is within 1 % of the bound have nothing to win and do not count.
 */
struct spread cell_won(const struct cell *cell, const char *base, const char *strategy);
/* Does any sample of it need more SRAM than the chip has? */
bool cell_enlarged(const struct cell *cell, const char *strategy);

#endif
