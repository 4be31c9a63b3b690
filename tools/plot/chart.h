/* SPDX-License-Identifier: MIT */
/* A chart: a gnuplot script with its data, run twice, for SVG and for PNG. */
#ifndef RILL_PLOT_CHART_H
#define RILL_PLOT_CHART_H

#include <stdio.h>

#include "plot/cells.h"

struct chart {
	FILE *script;			/* to be written to after the prelude */
	const char *dir;
	char name[64];
	unsigned int width, height;
};

/* Prints what is wrong and returns a negative errno. */
int chart_open(const char *dir, const char *name, unsigned int width, unsigned int height,
	       struct chart *chart);
/* Draws DIR/NAME.svg and DIR/NAME.png from DIR/NAME.gp. */
int chart_close(struct chart *chart);

const char *strategy_colour(const char *strategy);	/* "#rrggbb" */
const char *strategy_label(const char *strategy);	/* as people write it */
/* A name for gnuplot: no quotes, no escapes. Of a static buffer. */
const char *chart_text(const char *text);

/* The strategies of the cells, as the library lists them and then others. At most `most`; returns the count. */
unsigned int chart_strategies(const struct cells *cells, const char **names, unsigned int most);

/* A chart for each strategy but FSE-DP, of the main sweep's cells */
int chart_over_baselines(const struct records *records, const char *dir,
			 int (*draw)(const struct cells *cells, const char *base, const char *dir));

/*
 * Each draws what the records have, nothing where they have none, and returns 0 or a negative errno. dir:
 * where to.
 */
int chart_speedup(const struct records *records, const char *dir);
int chart_distance(const struct records *records, const char *dir);
int chart_sram(const struct records *records, const char *dir);
int chart_profile(const struct records *records, const char *dir);
int chart_heatmap(const struct records *records, const char *dir);
int chart_arrays(const struct records *records, const char *dir);
int chart_slots(const struct records *records, const char *dir);
int chart_balance(const struct records *records, const char *dir);
int chart_cost(const struct records *records, const char *dir);

#endif
