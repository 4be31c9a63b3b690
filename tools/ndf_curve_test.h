/* SPDX-License-Identifier: MIT */
/* What was learned, tested over all words that a program's random streams can have. */
#ifndef RILL_TOOLS_NDF_CURVE_TEST_H
#define RILL_TOOLS_NDF_CURVE_TEST_H

#include "ndf.h"

#define CURVE_MAX_STREAMS	8u

/* All combinations of the streams' words */
struct curve_grid {
	struct rill_program_stream streams[CURVE_MAX_STREAMS];
	uint64_t *words[CURVE_MAX_STREAMS];
	uint32_t stream_count, count;
};

/* The words, and a run of what teaches, whose outputs are the right ones */
struct curve_test {
	const struct ndf_file *file;
	struct curve_grid grid;
	struct rill_graph *exact_graph;
	struct rill_run *exact;
};

/* All return 0, or 1: it has been said why. */
int curve_test_begin(const struct ndf_file *file, struct curve_test *test);
void curve_test_end(struct curve_test *test);
/* `right`: for how many words all outputs are right; counts may be NULL. */
int curve_test_weights(const struct curve_test *test, const struct rill_weights *weights, uint32_t *right,
		       struct rill_run_counts *counts);

/* A run with these weights; NULL: it has been said why. */
struct rill_run *curve_run_begin(const struct ndf_file *file, enum rill_learning learning,
				 const struct rill_weights *weights, uint64_t seed, struct rill_graph **graph);
void curve_run_end(struct rill_run *run, struct rill_graph *graph);

#endif
