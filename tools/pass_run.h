/* SPDX-License-Identifier: MIT */
/* Passes under one strategy, one after the other on one queue, and all that is to be said of them. */
#ifndef RILL_TOOLS_PASS_RUN_H
#define RILL_TOOLS_PASS_RUN_H

#include "layer_input.h"

/* One pass of several. */
struct pass_step {
	unsigned int layer, tokens;
	uint64_t finish_ps;
	struct rill_plan_bound bound;
	uint64_t ddr_bytes, d2d_bytes, prefetched_bytes;
	uint64_t peak_sram, peak_sram_weights_tokens;
};

/* Where tokens could be left to later passes */
struct pass_waits {
	uint64_t tokens;		/* of all batches; 0: none could wait */
	uint64_t waited, pairs;		/* tokens, and (token, expert) pairs */
	uint32_t median_passes, worst_passes;
	uint64_t median_ps, worst_ps;
};

struct pass_result {
	const char *strategy;
	const char *path;		/* how it was submitted */
	unsigned int slices;		/* most of any expert */
	struct rill_plan_bound bound;	/* sums, where there are several passes; so are the next ones */
	struct rill_pass_report *report;	/* owned */
	uint64_t finish_ps;
	uint64_t peak_sram, peak_sram_weights_tokens;	/* worst chiplet, and pass */
	uint64_t sram_enlarged;		/* the chip had this much, for the plan to fit; 0: it fitted */
	uint64_t ddr_bytes, d2d_bytes;
	unsigned int verified, verify_failed;	/* tokens */
	uint64_t streams, completions;
	uint64_t trials;		/* plans that were tried on the chip's model to choose these */
	struct rill_queue_stats submit;
	/* Deltas over the passes: kernel's counters, and the chip's own */
	uint64_t doorbells, interrupts, hw_doorbells, hw_interrupts;
	double host_seconds, cpu_seconds;	/* from submitting to the last completion */
	double plan_seconds, setup_seconds;	/* planning; encoding, and writing weights */
	struct rill_interval *intervals;	/* owned; NULL without a timeline */
	uint32_t interval_count;
	uint64_t interval_total;
	unsigned int passes;
	struct pass_step *steps;	/* owned, [passes] */
	struct pass_waits waits;
	bool went_on;			/* with the weights of rules in --keep-weights */
};

struct pass_job {
	const struct rill_layer *layer;
	bool follows;			/* on the one before in the same model: prefetch what is known */
};

struct pass_set {
	const struct pass_job *jobs;
	unsigned int count;
	/* Takes the outputs [tokens][hidden] of a pass, prints what is wrong; NULL: nobody wants them */
	int (*check)(void *opaque, unsigned int pass, const int64_t *out, struct pass_result *result);
	void *opaque;
};

/* Prints what is wrong and returns a negative errno. */
int pass_run(struct rill_device *device, const struct options *options, const struct pass_set *set,
	     const char *strategy, struct pass_result *result);
void pass_result_free(struct pass_result *result);

#endif
