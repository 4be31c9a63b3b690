/* SPDX-License-Identifier: MIT */
/* rill ndf run: what a run is given, and what its parts share. */
#ifndef RILL_TOOLS_NDF_RUN_H
#define RILL_TOOLS_NDF_RUN_H

#include "ndf_device.h"

#define NDF_MAX_INPUTS 32

struct ndf_input {
	const char *name;
	uint64_t *words;
	uint32_t count;
};

struct ndf_run_options {
	struct ndf_options common;
	struct ndf_input inputs[NDF_MAX_INPUTS];
	uint32_t input_count;
	bool memory;
	uint64_t firings, steps, order;
	const char *save_weights;
	struct ndf_device device;
};

/* Build and feed. NULL: it has been said why. *graph is the caller's to free, after the run. */
struct rill_run *ndf_tool_start(const struct ndf_file *file, const struct rill_build_options *build,
				const struct ndf_run_options *options, struct rill_graph **graph);
/* To the end; what it says if that is not a good one. */
int ndf_tool_complete(struct rill_run *run, const struct ndf_run_options *options, const char *what);
/* Weights of all plastic whens; NULL: none, or no memory. */
struct rill_weights *ndf_tool_weights(const struct ndf_file *file, const struct rill_graph *graph,
				      const struct rill_run *run);
void ndf_tool_print_weights(const struct rill_weights *weights);
int ndf_tool_save_weights(const struct rill_weights *weights, const char *path);

/* Learn, then compare what was learned with what taught it. */
int ndf_tool_learn(const struct ndf_file *file, const struct ndf_run_options *options);

#endif
