/* SPDX-License-Identifier: MIT */
/* What the generators of synthetic routing share: draws from a counter, and tokens that pick experts. */
#ifndef RILL_MOE_SYNTHETIC_H
#define RILL_MOE_SYNTHETIC_H

#include "internal.h"

/* Popularity and draws are integers, so a seed gives the same routing everywhere. */
struct rill_synthetic {
	uint64_t seed, counter;
	uint32_t experts, top_k;
	uint64_t popularity[RILL_MAX_EXPERTS];	/* by expert */
	uint64_t total;
};

int rill_synthetic_check(const struct rill_model *model, char *error);
/* Nothing is popular yet. */
void rill_synthetic_init(struct rill_synthetic *g, const struct rill_model *model, uint64_t seed);
/* A random order of 0..count - 1 */
void rill_synthetic_shuffle(struct rill_synthetic *g, uint32_t *order, uint32_t count);
/* Popularity relative to the most popular, which has 1. */
void rill_synthetic_set(struct rill_synthetic *g, uint32_t expert, double popularity);
/* Without replacement; weights are normalised exponentials, largest first. */
void rill_synthetic_token(struct rill_synthetic *g, uint16_t *expert, float *weight);

#endif
