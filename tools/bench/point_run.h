/* SPDX-License-Identifier: MIT */
/* A point's line of results. */
#ifndef RILL_BENCH_POINT_RUN_H
#define RILL_BENCH_POINT_RUN_H

#include "bench/points.h"

struct point_options {
	unsigned int verify_every;	/* every so many-th point with arithmetic; 0: none */
	unsigned int timeout;		/* seconds for each run */
	const char *build;		/* digest of this program */
};

/* Is this point one that is run with arithmetic and compared with the dense reference? */
bool point_verifies(const struct point *point, const struct point_options *options);

/*
 * Run it and make its object:
 *
 *	key, point (all parameters), build
 *	result, chip, routing, skew	of rill sim --json; absent if it failed
 *	error				why it did not run as it should have
 *	sram_enlarged			it did not fit the chip's SRAM: the bytes with which result came about
 *	verify				"failed": outputs differ, see error; else absent. result.verified counts tokens
 *
 * NULL only without memory or processes.
 */
json_t *point_run(const struct point *point, const struct point_options *options);

#endif
