/* SPDX-License-Identifier: MIT */
/* Passes of random schedules, timing only, run by the built-in rules or by a program; and what came of them. */
#ifndef RILL_RULES_RIG_H
#define RILL_RULES_RIG_H

#include "rill_device.h"
#include "rill_moe.h"

struct rules_trial {
	struct rill_model model;
	unsigned int rows, cols, tokens, slices, slots;
	uint64_t seed;
	const char *strategy;
	uint32_t pass_flags;		/* ablations, in place of the plan's */
	int link_down, link_slow;	/* -1: none */
	uint32_t link_slow_too;		/* another's number + 1; 0: none */
	uint32_t slow_permille;		/* of its rate; 0: 300 */
	uint32_t link_mbps;		/* 0: the chip's own */
	/* of a real model; 0: small figures for small models */
	uint32_t layer, first;
	uint64_t channel_bytes;
	struct rill_routing_source routing;
};

struct rules_outcome {
	uint32_t status;		/* the first that is not RILL_OK, but for RILL_PASS_FAILED */
	uint64_t detail;
	struct rill_pass_report report;
	struct rill_interval *intervals;
	uint32_t interval_count;
	double seconds;			/* of processor time */
};

struct rules_trial rules_trial_draw(uint64_t number);

/* A device, a layer and its plan, for any number of runs. */
struct rules_rig {
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_layer *layer;
	struct rill_plan plan;
	struct rill_model model;
	struct rill_buffer *weights[RILL_MAX_CHANNELS];
	uint64_t va[RILL_MAX_CHANNELS];
};

void rules_rig_open(struct rules_rig *rig, const struct rules_trial *trial);
void rules_rig_close(struct rules_rig *rig);
/* rules NULL: built in */
void rules_rig_run(struct rules_rig *rig, const void *rules, size_t bytes, struct rules_outcome *outcome);
/* The chiplets' programs begin with these weights, which become what they learn; NULL: with the program's own. */
void rules_rig_go_on(struct rules_rig *rig, const void *rules, size_t bytes, void *weights, size_t weights_bytes,
		     struct rules_outcome *outcome);
void rules_outcome_free(struct rules_outcome *outcome);
/* Is every event the same, and every figure but those about rules? */
bool rules_outcome_same(const struct rules_outcome *a, const struct rules_outcome *b);

#endif
