/* SPDX-License-Identifier: MIT */
/*
 * A run from within: a graph, and what runs it, reached through a table of functions. run.c owns
 * names and the public interface; nodes and arcs go by their numbers in the binary, SOURCEs and SINKs by
 * theirs among their like.
 */
#ifndef RILL_NDF_RUN_H
#define RILL_NDF_RUN_H

#include "graph.h"
#include "ndf/ndf.h"

struct rill_run {
	const struct rill_runner *runner;
	struct rill_graph *graph;	/* the caller's */
	uint32_t *order;		/* of arcs: what the binary's numbers mean */
};

/* error: of RILL_GRAPH_ERROR_BYTES */
struct rill_runner {
	void (*free)(struct rill_run *run);
	int (*input)(struct rill_run *run, uint32_t source, const uint64_t *words, uint32_t count);
	void (*expect)(struct rill_run *run, uint32_t sink, uint64_t count);
	uint8_t *(*memory)(struct rill_run *run);
	/* enum rill_ndf_end, or a negative errno */
	int (*go)(struct rill_run *run, uint64_t firings, uint64_t steps);
	const char *(*failure)(const struct rill_run *run);
	void (*count)(const struct rill_run *run, struct rill_run_counts *counts);
	const uint64_t *(*sink)(const struct rill_run *run, uint32_t sink, size_t *count);
	void (*fault)(const struct rill_run *run, struct rill_ndf_fault_report *fault);
	/* As rill_ndf_blocks() */
	size_t (*blocks)(const struct rill_run *run, struct rill_ndf_block *blocks, size_t max);
	uint32_t (*held)(const struct rill_run *run, const struct rill_ndf_block *block);
	bool (*when)(const struct rill_run *run, uint32_t node, struct rill_ndf_when_state *state);
};

/* What all runners begin with: the order of arcs, and the binary from malloc(). */
int rill_run_init(struct rill_run *run, struct rill_graph *graph, void **binary, size_t *bytes, char *error);

#endif
