/* SPDX-License-Identifier: MIT */
/* How far a long run is, on standard error: a bar on a terminal, else a line now and then. */
#ifndef RILL_BENCH_PROGRESS_H
#define RILL_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	size_t total, done, failed;
	bool terminal;
	double start, shown;		/* seconds */
};

void progress_begin(struct progress *progress, size_t total);
void progress_step(struct progress *progress, bool failed);
void progress_end(struct progress *progress);

#endif
