/* SPDX-License-Identifier: MIT */
/* Sizes of micro-slices and slots: what planners of sliced strategies have in common. */
#ifndef RILL_MOE_SHAPE_H
#define RILL_MOE_SHAPE_H

#include "internal.h"

/* Small slices need little SRAM; large ones cost fewer start-ups of the MAC arrays. */
struct rill_shape {
	uint32_t slice_bytes;		/* aimed at */
	uint32_t cut_loads;		/* a slice takes no longer to compute than loading so many of its like does */
	uint32_t slots;
	double lead;			/* of fse-dp, see rill_plan_mix_loads() */
};

/* A planner that can make its plan in any shape. */
struct rill_shaped {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_options *options;
	const struct rill_plan_array *array;
	const struct rill_plan_counts *counts;
	void *planner;
	/* On failure *plan holds nothing. */
	int (*build)(void *planner, const struct rill_shape *shape, struct rill_plan *plan, char *error);
};

/* Choose a shape and make the plan. */
int rill_shape_plan(const struct rill_shaped *s, struct rill_plan *plan, char *error);
/*
 * Into how many slices to cut what lies together, `records` of an expert of which a chiplet computes so many tokens;
 * loaded from `channels`, or a share of one. 1 if the caller has set the number of slices.
 */
uint32_t rill_shape_parts(const struct rill_shaped *s, const struct rill_shape *shape, uint32_t records,
			  uint32_t tokens, double channels);
/* As many as the shape has, or as fit beside the tokens; all slices and routes are there. */
uint32_t rill_shape_slots(const struct rill_shaped *s, const struct rill_shape *shape, struct rill_plan *plan);

#endif
