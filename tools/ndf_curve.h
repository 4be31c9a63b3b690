/* SPDX-License-Identifier: MIT */
/* How right a program's plastic whens are, against how many samples they have seen. */
#ifndef RILL_TOOLS_NDF_CURVE_H
#define RILL_TOOLS_NDF_CURVE_H

#include "ndf.h"

#define CURVE_MAX_SEEDS	1000u

struct curve_point {
	uint64_t samples;
	uint32_t right;			/* of the test words */
};

/* One seed of the random streams */
struct curve_seed {
	uint64_t seed, samples;
	struct curve_point *points;	/* by samples; the first at 0 */
	uint32_t count, room;
};

struct curve {
	char *name;
	uint32_t tested;		/* all words that the streams can have */
	bool each;			/* tested after every change of what was learned */
	uint32_t seed_count;
	struct curve_seed *seeds;
	/* Over all test words, with what the first seed learned and with what taught it */
	struct rill_run_counts frozen, exact;
};

/* Seeds 1 to `seeds`. 0, or 1: it has been said why. */
int curve_measure(const struct ndf_file *file, uint32_t seeds, struct curve *curve);
void curve_free(struct curve *curve);

/* Right at this number of samples */
uint32_t curve_right(const struct curve_seed *seed, uint64_t samples);
/* From which number of samples on all were right, to the end; UINT64_MAX: at the end not all were. */
uint64_t curve_reached(const struct curve *curve, const struct curve_seed *seed);
struct curve_range {
	double least, median, most;
};

struct curve_range curve_range(double *values, uint32_t count);	/* sorts them */
/* The share of right words of all seeds, at this number of samples */
struct curve_range curve_range_at(const struct curve *curve, uint64_t samples);

int curve_write_csv(const struct curve *curves, uint32_t count, const char *path);
/* DIR/ndf-learning.svg, a panel for each */
int curve_draw(const struct curve *curves, uint32_t count, const char *dir);

#endif
