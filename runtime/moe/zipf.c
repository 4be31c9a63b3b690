// SPDX-License-Identifier: MIT
/*
 * Zipf routing. Expert ranks are a seeded permutation for each layer; rank r has popularity
 * (r + 1)^-s. Tokens do not depend on each other: see calibrated.c for routing as real models have it.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "synthetic.h"

#define MAX_FIRST	(1u << 20)

static void rank_experts(struct rill_synthetic *g, double s)
{
	uint32_t order[RILL_MAX_EXPERTS];

	rill_synthetic_shuffle(g, order, g->experts);
	for (uint32_t r = 0; r < g->experts; r++)
		rill_synthetic_set(g, order[r], pow(r + 1, -s));
}

int rill_zipf_from(const struct rill_model *model, uint32_t layer, uint32_t first, uint32_t tokens,
		   double s, uint64_t seed, struct rill_routing *routing, char *error)
{
	struct rill_synthetic g;
	int err = rill_synthetic_check(model, error);

	if (!(s >= 0 && s <= 8))
		return rill_moe_error(error, -EINVAL, "zipf: exponent %g is not in 0..8", s);
	if (first > MAX_FIRST)
		return rill_moe_error(error, -EINVAL, "zipf: first token %u is over %u", first,
				      MAX_FIRST);
	if (!err)
		err = rill_routing_alloc(model, tokens, routing, error);
	if (err)
		return err;
	rill_synthetic_init(&g, model, rill_pattern(seed, layer));
	rank_experts(&g, s);
	/* One draw follows the other: those before the first are made and dropped. */
	for (uint32_t i = 0; i < first; i++)
		rill_synthetic_token(&g, routing->expert, routing->weight);
	for (uint32_t t = 0; t < tokens; t++)
		rill_synthetic_token(&g, routing->expert + (size_t)t * model->top_k,
				     routing->weight + (size_t)t * model->top_k);
	snprintf(routing->source, sizeof(routing->source), "zipf(%g), seed %" PRIu64, s, seed);
	return 0;
}

int rill_routing_zipf(const struct rill_model *model, uint32_t layer, uint32_t tokens, double s,
		      uint64_t seed, struct rill_routing *routing, char *error)
{
	return rill_zipf_from(model, layer, 0, tokens, s, seed, routing, error);
}
