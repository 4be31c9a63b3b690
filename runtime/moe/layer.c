// SPDX-License-Identifier: MIT
/*
 * One layer and its batch. Weights are uniform int8 (root mean square 73.9), or uniform int4 times
 * uniform scales of 0..15 (40.8); activations are means of four uniform int8 (37). Requantisers are
 * chosen from these and from hidden and width so that g, u and h have a standard deviation of about
 * 32: they use the int8 range and seldom saturate. Experts differ a little in all of them, so that
 * mixing experts up never goes unnoticed.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define RMS_INT8	73.9
#define RMS_INT4	40.8
#define STD_X		37.0
#define STD_G		32.0	/* of g, u and h */
#define RMS_SILU	21.2	/* of silu[g + 128] for a normal g */
#define SILU_ONE	16.0	/* 1.0 in g and in the table */

#define SEED_LAYER	0x52696c6cULL	/* keeps these apart from the routing generator's draws */
#define COUNTER_X	(1ULL << 32)
#define COUNTER_JITTER	(1ULL << 33)

#define MAX_TOKEN	(1u << 20)	/* activations of so many tokens have counters of their own */

#define ACC_BITS	47
#define PRODUCT_BITS	14	/* |h * W_down| is at most 2^14 */

static uint64_t layer_seed(const struct rill_layer *layer)
{
	return rill_pattern(layer->seed ^ SEED_LAYER, layer->layer);
}

uint32_t rill_layer_experts(const struct rill_layer *layer)
{
	return layer->model->experts + layer->model->shared;
}

uint32_t rill_layer_width(const struct rill_layer *layer, uint32_t expert)
{
	return expert < layer->model->experts ? layer->model->width : layer->model->shared_width;
}

uint64_t rill_layer_expert_seed(const struct rill_layer *layer, uint32_t expert)
{
	return rill_pattern(layer_seed(layer), expert);
}

uint32_t rill_layer_picks(const struct rill_layer *layer, uint32_t t)
{
	return layer->pick_count ? layer->pick_count[t] : rill_layer_most_picks(layer);
}

void rill_layer_select(const struct rill_layer *layer, uint32_t t, uint32_t i, uint32_t *expert,
		       int32_t *weight)
{
	const struct rill_routing *routing = &layer->routing;
	double gate = 1;

	if (layer->picks) {
		const struct rill_pick *pick = &layer->picks[(size_t)t * rill_layer_most_picks(layer) + i];

		*expert = pick->expert;
		*weight = pick->weight;
		return;
	}
	if (i < routing->top_k) {
		*expert = routing->expert[(size_t)t * routing->top_k + i];
		gate = routing->weight[(size_t)t * routing->top_k + i];
	} else {
		*expert = layer->model->experts + i - routing->top_k;
	}
	*weight = rint(gate * layer->requant[*expert].scale);
}

/* silu in fixed point: round(16 * silu(g / 16)), at most 127; ties do not occur. */
static void make_silu(int8_t *table)
{
	for (int g = -128; g < 128; g++) {
		double y = rint(g / (1 + exp(-g / SILU_ONE)));

		table[g + 128] = y > INT8_MAX ? INT8_MAX : y;
	}
}

/* ratio = mult / 2^shift with 2^15 <= mult <= 2^16 */
static void make_ratio(double ratio, uint32_t *mult, uint8_t *shift)
{
	int exponent;
	double mantissa = frexp(ratio, &exponent);	/* 0.5 <= mantissa < 1 */

	*mult = rint(ldexp(mantissa, 16));
	*shift = 16 - exponent;
}

/* 0.875 .. 1.125, another one for each expert and index */
static double jitter(const struct rill_layer *layer, uint32_t expert, uint32_t index)
{
	uint64_t word = rill_pattern(layer_seed(layer), COUNTER_JITTER + 4 * expert + index);

	return 0.875 + (double)(word >> 40) / (1 << 26);
}

static void make_requant(const struct rill_layer *layer, uint32_t expert, struct rill_requant *q)
{
	double rms = layer->weights == RILL_WEIGHTS_INT4 ? RMS_INT4 : RMS_INT8;
	double dot = STD_G / (STD_X * rms * sqrt(layer->model->hidden));
	double act = STD_G / (RMS_SILU * STD_G);

	make_ratio(dot * jitter(layer, expert, 0), &q->gate_mult, &q->gate_shift);
	make_ratio(dot * jitter(layer, expert, 1), &q->up_mult, &q->up_shift);
	make_ratio(act * jitter(layer, expert, 2), &q->act_mult, &q->act_shift);
	q->scale = rint((1 << RILL_SCALE_SHIFT) * jitter(layer, expert, 3));
}

/* The mean of four uniform int8; + 3 makes up for their mean of -1/2 and for rounding down. */
static int8_t mean_of_four(uint32_t word)
{
	int sum = (int8_t)word + (int8_t)(word >> 8) + (int8_t)(word >> 16) + (int8_t)(word >> 24);

	return (sum + 3) >> 2;
}

/* Two elements a word: hidden is a multiple of 8. */
static void make_x(const struct rill_layer *layer, uint32_t first)
{
	uint64_t seed = layer_seed(layer), words = (uint64_t)layer->tokens * layer->model->hidden / 2;
	uint64_t from = COUNTER_X + (uint64_t)first * layer->model->hidden / 2;

	for (uint64_t i = 0; i < words; i++) {
		uint64_t word = rill_pattern(seed, from + i);

		layer->x[2 * i] = mean_of_four(word);
		layer->x[2 * i + 1] = mean_of_four(word >> 32);
	}
}

static int check_range(const char *model, const char *field, uint32_t value, uint32_t min,
		       uint32_t max, char *error)
{
	if (value >= min && value <= max)
		return 0;
	return rill_moe_error(error, -EINVAL, "%s: %s: %u is not in %u..%u", model, field, value,
			      min, max);
}

static int check_model(const struct rill_model *m, uint32_t layer, char *error)
{
	int err = check_range(m->name, "hidden", m->hidden, 8, RILL_MAX_HIDDEN, error);

	if (!err && m->hidden % 8)
		err = rill_moe_error(error, -EINVAL, "%s: hidden: %u is not a multiple of 8",
				     m->name, m->hidden);
	if (!err)
		err = check_range(m->name, "width", m->width, 1, RILL_MAX_WIDTH, error);
	if (!err && m->shared)
		err = check_range(m->name, "shared_width", m->shared_width, 1, RILL_MAX_WIDTH,
				  error);
	if (!err)
		err = check_range(m->name, "experts", m->experts, 1, RILL_MAX_EXPERTS, error);
	if (!err)
		err = check_range(m->name, "shared", m->shared, 0, RILL_MAX_EXPERTS - m->experts,
				  error);
	if (!err && m->layers)
		err = check_range(m->name, "layer", layer, m->first_layer,
				  m->first_layer + m->layers - 1, error);
	return err;
}

static int check_weights(const struct rill_model *m, enum rill_weight_format weights, char *error)
{
	if (weights >= RILL_WEIGHTS)
		return rill_moe_error(error, -EINVAL, "weights: %d is not int8 or int4", weights);
	if (weights != RILL_WEIGHTS_INT4 || !(m->hidden % RILL_INT4_GROUP))
		return 0;
	return rill_moe_error(error, -EINVAL, "%s: hidden: %u is not a multiple of %u, as int4 weights need",
			      m->name, m->hidden, RILL_INT4_GROUP);
}

static int check_routing(const struct rill_model *model, const struct rill_routing *routing,
			 char *error)
{
	size_t picks = (size_t)routing->tokens * routing->top_k;
	int err = check_range("routing", "tokens", routing->tokens, 1, RILL_MAX_TOKENS, error);

	if (!err)
		err = check_range("routing", "top_k", routing->top_k, model->top_k, model->top_k,
				  error);
	for (size_t i = 0; i < picks && !err; i++)
		if (routing->expert[i] >= model->experts ||
		    !(fabsf(routing->weight[i]) <= RILL_GATE_LIMIT))
			err = rill_moe_error(error, -EINVAL,
					     "routing: token %zu: expert %u of %u, weight %g",
					     i / routing->top_k, routing->expert[i],
					     model->experts, routing->weight[i]);
	return err;
}

/* The chip's bound on accumulators, see struct rill_stream. */
static int check_accumulators(const struct rill_layer *layer, char *error)
{
	const uint64_t limit = 1ULL << (ACC_BITS - PRODUCT_BITS);

	for (uint32_t t = 0; t < layer->tokens; t++) {
		uint64_t sum = 0;

		for (uint32_t i = 0; i < rill_layer_picks(layer, t); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(layer, t, i, &expert, &weight);
			sum += (uint64_t)llabs(weight) * rill_layer_width(layer, expert);
		}
		if (sum >= limit)
			return rill_moe_error(error, -EOVERFLOW,
					      "token %u: |weight| * width adds up to %" PRIu64
					      ", over 2^%d: too much for 48-bit sums", t, sum,
					      ACC_BITS - PRODUCT_BITS);
	}
	return 0;
}

static int fill_layer(struct rill_layer *layer, char *error)
{
	uint32_t experts = rill_layer_experts(layer);

	layer->x = malloc((size_t)layer->tokens * layer->model->hidden);
	layer->requant = calloc(experts, sizeof(*layer->requant));
	if (!layer->x || !layer->requant)
		return rill_moe_error(error, -ENOMEM, "out of memory for a layer");
	make_silu(layer->silu);
	make_x(layer, 0);
	for (uint32_t e = 0; e < experts; e++)
		make_requant(layer, e, &layer->requant[e]);
	return check_accumulators(layer, error);
}

const char *rill_weights_name(enum rill_weight_format weights)
{
	return weights == RILL_WEIGHTS_INT4 ? "int4" : "int8";
}

int rill_layer_create(const struct rill_model *model, uint32_t layer, struct rill_routing *routing,
		      uint64_t seed, struct rill_layer **out, char *error)
{
	return rill_layer_create_with(model, layer, routing, seed, RILL_WEIGHTS_INT8, out, error);
}

int rill_layer_create_with(const struct rill_model *model, uint32_t layer,
			   struct rill_routing *routing, uint64_t seed, enum rill_weight_format weights,
			   struct rill_layer **out, char *error)
{
	struct rill_layer *l;
	int err = check_model(model, layer, error);

	if (!err)
		err = check_weights(model, weights, error);
	if (!err)
		err = check_routing(model, routing, error);
	if (err) {
		rill_routing_free(routing);
		return err;
	}
	l = calloc(1, sizeof(*l));
	if (!l) {
		rill_routing_free(routing);
		return rill_moe_error(error, -ENOMEM, "out of memory for a layer");
	}
	l->model = model;
	l->layer = layer;
	l->tokens = routing->tokens;
	l->seed = seed;
	l->weights = weights;
	l->routing = *routing;
	memset(routing, 0, sizeof(*routing));
	l->out_shift = RILL_SCALE_SHIFT;
	err = fill_layer(l, error);
	if (err) {
		rill_layer_free(l);
		return err;
	}
	*out = l;
	return 0;
}

int rill_layer_set_homes(struct rill_layer *layer, const uint16_t *homes)
{
	uint16_t *copy = malloc(layer->tokens * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	memcpy(copy, homes, layer->tokens * sizeof(*copy));
	free(layer->homes);
	layer->homes = copy;
	return 0;
}

int rill_layer_renumber(struct rill_layer *layer, uint32_t first)
{
	if ((uint64_t)first + layer->tokens > MAX_TOKEN)
		return -EINVAL;
	make_x(layer, first);
	return 0;
}

void rill_layer_free(struct rill_layer *layer)
{
	if (!layer)
		return;
	rill_routing_free(&layer->routing);
	free(layer->x);
	free(layer->requant);
	free(layer->homes);
	free(layer->pick_count);
	free(layer->picks);
	free(layer);
}
