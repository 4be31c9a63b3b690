/* SPDX-License-Identifier: MIT */
/*
 * Plans whose weights do not travel past tokens: each slice goes to one chiplet, and the tokens go there.
 * Strategies differ in where experts live and in how finely they are cut.
 */
#ifndef RILL_MOE_PINNED_H
#define RILL_MOE_PINNED_H

#include "shape.h"

/* Channels that are equally near to a chiplet, and nearer than all others. */
struct rill_near {
	uint32_t count;
	uint16_t channel[RILL_MAX_CHANNELS];
};

struct rill_pinned {
	const char *name;
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_options *options;
	bool split_all;			/* every expert over all chiplets; else only the shared ones */
	bool whole;			/* not cut into micro-slices */
	struct rill_plan_array array;
	struct rill_plan_counts counts;
	struct rill_near near[RILL_MAX_CHIPLETS];	/* by position in the array */
	uint16_t at[RILL_MAX_EXPERTS];	/* position of each routed expert that is not split */
	uint16_t first_channel[RILL_MAX_EXPERTS];	/* see start_channels() */
	struct rill_shaped shaped;	/* of micro-slices */
};

/* Array, counts and channels; experts are at their number modulo the chiplets. */
int rill_pinned_begin(struct rill_pinned *p, char *error);
/* *plan is empty on failure. */
int rill_pinned_plan(struct rill_pinned *p, struct rill_plan *plan, char *error);
/* Set plan->loads: of micro-slices (pinned_order.c), of whole experts (whole_order.c). 0 or -ENOMEM. */
int rill_pinned_loads(const struct rill_plan_chip *chip, struct rill_plan *plan);
int rill_whole_loads(const struct rill_pinned *p, struct rill_plan *plan);

#endif
