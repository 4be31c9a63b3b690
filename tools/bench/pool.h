/* SPDX-License-Identifier: MIT */
/* Points on all processors: a process for each, lines appended as they come. */
#ifndef RILL_BENCH_POOL_H
#define RILL_BENCH_POOL_H

#include "bench/point_run.h"
#include "bench/progress.h"
#include "bench/results.h"

struct pool_totals {
	size_t there, run, errors, enlarged, verified, verify_failed;
};

/*
 * Run the points whose keys are not in results yet. 0; -EINTR after SIGINT or SIGTERM, with all that was
 * finished in the file; or another negative errno.
 */
int pool_run(const struct points *points, const struct point_options *options, unsigned int jobs,
	     struct results *results, struct pool_totals *totals);

#endif
