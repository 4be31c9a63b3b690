/* SPDX-License-Identifier: MIT */
/* Median and extremes of a few values. */
#ifndef RILL_PLOT_SPREAD_H
#define RILL_PLOT_SPREAD_H

#define SPREAD_MAX 64

struct spread {
	unsigned int count;
	double median, min, max;
};

/* Sorts the values. count 0: all zero. */
struct spread spread_of(double *values, unsigned int count);

#endif
