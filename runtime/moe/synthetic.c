// SPDX-License-Identifier: MIT
/*
 * Tokens that draw top_k experts without replacement. Their gate weights are normalised
 * exponentials (a softmax's shape), largest first, in steps of 10^-4 that add up to about 1.
 */
#include "synthetic.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define POPULARITY_ONE	4294967296.0	/* 2^32 * RILL_MAX_EXPERTS fits 64 bits */
#define WEIGHT_STEPS	10000

int rill_synthetic_check(const struct rill_model *model, char *error)
{
	if (model->experts && model->experts <= RILL_MAX_EXPERTS)
		return 0;
	return rill_moe_error(error, -EINVAL, "%s: experts: %u is not in 1..%u", model->name,
			      model->experts, RILL_MAX_EXPERTS);
}

void rill_synthetic_init(struct rill_synthetic *g, const struct rill_model *model, uint64_t seed)
{
	*g = (struct rill_synthetic){
		.seed = seed, .experts = model->experts, .top_k = model->top_k,
	};
}

static uint64_t draw(struct rill_synthetic *g)
{
	return rill_pattern(g->seed, g->counter++);
}

static uint64_t draw_below(struct rill_synthetic *g, uint64_t limit)
{
	return (uint64_t)((__uint128_t)draw(g) * limit >> 64);
}

/* Uniform in (0, 1) */
static double draw_unit(struct rill_synthetic *g)
{
	return ((double)(draw(g) >> 12) + 0.5) / 4503599627370496.0;
}

void rill_synthetic_shuffle(struct rill_synthetic *g, uint32_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = draw_below(g, i), swap = order[j];

		order[j] = order[i - 1];
		order[i - 1] = swap;
	}
}

void rill_synthetic_set(struct rill_synthetic *g, uint32_t expert, double popularity)
{
	uint64_t steps = rint(POPULARITY_ONE * popularity);

	g->total -= g->popularity[expert];
	g->popularity[expert] = steps ? steps : 1;
	g->total += g->popularity[expert];
}

static bool taken(const uint16_t *expert, uint32_t count, uint32_t e)
{
	for (uint32_t i = 0; i < count; i++)
		if (expert[i] == e)
			return true;
	return false;
}

static void draw_experts(struct rill_synthetic *g, uint16_t *expert)
{
	uint64_t left = g->total;

	for (uint32_t i = 0; i < g->top_k; i++) {
		uint64_t at = draw_below(g, left);
		uint32_t e = 0;

		while (taken(expert, i, e) || at >= g->popularity[e]) {
			if (!taken(expert, i, e))
				at -= g->popularity[e];
			e++;
		}
		expert[i] = e;
		left -= g->popularity[e];
	}
}

static int descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

static void draw_weights(struct rill_synthetic *g, float *weight)
{
	double share[RILL_MAX_EXPERTS], sum = 0;

	for (uint32_t i = 0; i < g->top_k; i++) {
		share[i] = -log(draw_unit(g));
		sum += share[i];
	}
	qsort(share, g->top_k, sizeof(*share), descending);
	for (uint32_t i = 0; i < g->top_k; i++) {
		double steps = rint(share[i] / sum * WEIGHT_STEPS);

		weight[i] = (steps < 1 ? 1 : steps) / WEIGHT_STEPS;
	}
}

void rill_synthetic_token(struct rill_synthetic *g, uint16_t *expert, float *weight)
{
	draw_experts(g, expert);
	draw_weights(g, weight);
}
