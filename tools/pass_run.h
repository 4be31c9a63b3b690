/* SPDX-License-Identifier: MIT */
/* One pass of a layer under one strategy, and all that is to be said of it. */
#ifndef RILL_TOOLS_PASS_RUN_H
#define RILL_TOOLS_PASS_RUN_H

#include "layer_input.h"

struct pass_result {
	const char *strategy;
	const char *path;		/* how it was submitted */
	unsigned int slices;		/* most of any expert */
	struct rill_plan_bound bound;
	struct rill_pass_report *report;	/* owned */
	uint64_t finish_ps;
	uint64_t peak_sram, peak_sram_weights_tokens;	/* worst chiplet */
	uint64_t ddr_bytes, d2d_bytes;
	unsigned int verified, verify_failed;	/* tokens */
	uint64_t streams, completions;
	struct rill_queue_stats submit;
	/* Deltas over the pass: kernel's counters, and the chip's own */
	uint64_t doorbells, interrupts, hw_doorbells, hw_interrupts;
	double host_seconds, cpu_seconds;	/* from submitting to the last completion */
	struct rill_interval *intervals;	/* owned; NULL without a timeline */
	uint32_t interval_count;
	uint64_t interval_total;
};

/*
 * want: reference outputs [tokens][hidden] for the tokens in `sample` (NULL: for
 * all), or NULL to verify nothing. Prints what is wrong and returns a negative errno.
 */
int pass_run(struct rill_device *device, const struct options *options,
	     const struct rill_layer *layer, const char *strategy, const uint32_t *sample,
	     unsigned int sample_count, const int64_t *want, struct pass_result *result);
void pass_result_free(struct pass_result *result);

#endif
