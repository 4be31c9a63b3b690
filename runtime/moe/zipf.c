// SPDX-License-Identifier: MIT
/*
 * Synthetic routing. Expert ranks are a seeded permutation for each layer; rank r has
 * popularity (r + 1)^-s; a token draws top_k experts without replacement. Its gate weights
 * are normalised exponentials (a softmax's shape), largest first, in steps of 10^-4 that add
 * up to about 1. Popularity and draws are integers, so a seed gives the same routing everywhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

#define POPULARITY_ONE	4294967296.0	/* of rank 0; 2^32 * RILL_MAX_EXPERTS fits 64 bits */
#define WEIGHT_STEPS	10000

struct generator {
	uint64_t seed, counter;
	uint32_t experts, top_k;
	uint64_t popularity[RILL_MAX_EXPERTS];	/* by expert */
	uint64_t total;
};

static uint64_t draw(struct generator *g)
{
	return rill_pattern(g->seed, g->counter++);
}

static uint64_t draw_below(struct generator *g, uint64_t limit)
{
	return (uint64_t)((__uint128_t)draw(g) * limit >> 64);
}

/* Uniform in (0, 1) */
static double draw_unit(struct generator *g)
{
	return ((double)(draw(g) >> 12) + 0.5) / 4503599627370496.0;
}

static void shuffle(struct generator *g, uint32_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = draw_below(g, i), swap = order[j];

		order[j] = order[i - 1];
		order[i - 1] = swap;
	}
}

static void generator_init(struct generator *g, const struct rill_model *model, uint32_t layer,
			   double s, uint64_t seed)
{
	uint32_t order[RILL_MAX_EXPERTS];

	g->seed = rill_pattern(seed, layer);
	g->counter = 0;
	g->experts = model->experts;
	g->top_k = model->top_k;
	g->total = 0;
	shuffle(g, order, model->experts);
	for (uint32_t r = 0; r < model->experts; r++) {
		uint64_t popularity = rint(POPULARITY_ONE * pow(r + 1, -s));

		g->popularity[order[r]] = popularity ? popularity : 1;
		g->total += g->popularity[order[r]];
	}
}

static bool taken(const uint16_t *expert, uint32_t count, uint32_t e)
{
	for (uint32_t i = 0; i < count; i++)
		if (expert[i] == e)
			return true;
	return false;
}

static void draw_experts(struct generator *g, uint16_t *expert)
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

static void draw_weights(struct generator *g, float *weight)
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

int rill_routing_zipf(const struct rill_model *model, uint32_t layer, uint32_t tokens, double s,
		      uint64_t seed, struct rill_routing *routing, char *error)
{
	struct generator g;
	int err;

	if (!(s >= 0 && s <= 8))
		return rill_moe_error(error, -EINVAL, "zipf: exponent %g is not in 0..8", s);
	if (!model->experts || model->experts > RILL_MAX_EXPERTS)
		return rill_moe_error(error, -EINVAL, "%s: experts: %u is not in 1..%u",
				      model->name, model->experts, RILL_MAX_EXPERTS);
	err = rill_routing_alloc(model, tokens, routing, error);
	if (err)
		return err;
	generator_init(&g, model, layer, s, seed);
	for (uint32_t t = 0; t < tokens; t++) {
		draw_experts(&g, routing->expert + (size_t)t * model->top_k);
		draw_weights(&g, routing->weight + (size_t)t * model->top_k);
	}
	snprintf(routing->source, sizeof(routing->source), "zipf(%g), seed %" PRIu64, s, seed);
	return 0;
}
