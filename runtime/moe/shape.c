// SPDX-License-Identifier: MIT
/*
 * Sizes of slices, slots and the lead of computing. Where DDR has much more to do than the MAC arrays, small
 * slices do. Where both take about as long, and where the MAC arrays have more to do, what is best depends on
 * how the tokens are spread: a few shapes are tried on the chip's model, if the caller gives one, as all
 * counts are known before a pass starts. Of the plans that are about as fast as the fastest, the smallest
 * is taken. Ours, not the paper's. Baselines that are cut into micro-slices are shaped the same way.
 */
#include <errno.h>
#include <math.h>

#include "shape.h"

#define KIB		1024u
#define SPARE_COMPUTE	0.6		/* of the MAC arrays' time: start-ups cost nothing below it */
#define MAX_TRIALS	40
#define VARIANTS	6
#define ROUNDS		2
#define HOPEFUL_PERMILLE 10
#define MIN_SLOTS	3		/* one to fill, one for transit, and the escape slot */

static const struct rill_shape level_shape = { 512 * KIB, 4, 10, 0.5 };
static const uint32_t sizes[] = {
	1024 * KIB, 768 * KIB, 512 * KIB, 384 * KIB, 256 * KIB, 192 * KIB, 128 * KIB,
};

/* Smaller in large arrays: the last slices have a long way to go when all is loaded. */
static struct rill_shape spare_shape(const struct rill_shaped *s)
{
	struct rill_shape shape = { RILL_SLICE_BYTES / 2, 4, 8, 0 };

	for (uint32_t chiplets = 4; chiplets < s->array->chiplets; chiplets *= 4)
		shape.slice_bytes /= 2;
	return shape;
}

struct trials {
	const struct rill_shaped *s;
	uint32_t count;
	struct rill_shape shape[MAX_TRIALS];
	struct rill_plan_cost cost[MAX_TRIALS];
};

static bool same(const struct rill_shape *a, const struct rill_shape *b)
{
	return a->slice_bytes == b->slice_bytes && a->cut_loads == b->cut_loads && a->slots == b->slots &&
	       a->lead == b->lead;
}

/* A shape that does not fit, or that is known, is passed over. */
static int try_shape(struct trials *trials, const struct rill_shape *shape, char *error)
{
	const struct rill_plan_options *options = trials->s->options;
	struct rill_plan plan;
	int err;

	for (uint32_t i = 0; i < trials->count; i++)
		if (same(&trials->shape[i], shape))
			return 0;
	if (trials->count == MAX_TRIALS)
		return 0;
	err = trials->s->build(trials->s->planner, shape, &plan, error);
	if (err)
		return err == -ENOSPC ? 0 : err;
	err = options->trial(options->trial_opaque, trials->s->layer, &plan, &trials->cost[trials->count], error);
	trials->shape[trials->count] = *shape;
	trials->count += !err;
	rill_plan_free(&plan);
	return err;
}

/* Least SRAM of those that take at most so much longer than the fastest */
static uint32_t choose(const struct trials *trials, uint32_t permille)
{
	uint64_t least = UINT64_MAX, limit;
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < trials->count; i++)
		if (trials->cost[i].ps < least)
			least = trials->cost[i].ps;
	limit = least + least / 1000 * permille;
	for (uint32_t i = 0; i < trials->count; i++) {
		const struct rill_plan_cost *cost = &trials->cost[i];

		if (cost->ps > limit)
			continue;
		if (best == UINT32_MAX || cost->sram_bytes < trials->cost[best].sram_bytes ||
		    (cost->sram_bytes == trials->cost[best].sram_bytes && cost->ps < trials->cost[best].ps))
			best = i;
	}
	return best;
}

static int try_variants(struct trials *trials, uint32_t best, char *error)
{
	struct rill_shape around[VARIANTS];
	int err = 0;

	if (best == UINT32_MAX)
		return 0;
	for (int i = 0; i < VARIANTS; i++)
		around[i] = trials->shape[best];
	around[0].cut_loads *= 2;
	around[1].cut_loads = around[1].cut_loads > 1 ? around[1].cut_loads / 2 : 1;
	around[2].lead = 0;
	around[3].lead += 1;
	around[4].slots -= around[4].slots > 6 ? 2 : 0;
	around[5].slots += 2;
	for (int i = 0; !err && i < VARIANTS; i++)
		err = try_shape(trials, &around[i], error);
	return err;
}

/* Sizes, then what is around the best; and around those that may become the best, a little slower yet. */
static int search(const struct rill_shaped *s, struct rill_plan *plan, char *error)
{
	struct trials trials = { .s = s };
	struct rill_shape spare = spare_shape(s);
	uint32_t trade = s->options->trade_permille, best;
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct rill_shape shape = level_shape;

		shape.slice_bytes = sizes[i];
		err = try_shape(&trials, &shape, error);
	}
	for (int i = 0; !err && i < ROUNDS; i++) {
		err = try_variants(&trials, choose(&trials, trade), error);
		if (!err)
			err = try_variants(&trials, choose(&trials, trade + HOPEFUL_PERMILLE), error);
	}
	if (err)
		return err;
	best = choose(&trials, trade);
	err = s->build(s->planner, best == UINT32_MAX ? &spare : &trials.shape[best], plan, error);
	plan->trials = trials.count;
	return err;
}

/* Multiply-accumulates of a token with a byte of weights */
static double byte_macs(const struct rill_layer *layer)
{
	return (double)rill_record_macs(layer) / rill_record_bytes(layer);
}

/* Time on the MAC arrays for the time of loading: of the whole pass */
static double intensity(const struct rill_shaped *s)
{
	double bytes = 0, macs = 0, chip_rate = (double)s->chip->mac_per_second * s->array->chiplets;
	double ddr_rate = (double)s->chip->ddr_bytes_per_second * s->array->channels;

	for (uint32_t e = 0; e < s->counts->experts; e++) {
		double expert = (double)rill_layer_width(s->layer, e) * rill_record_bytes(s->layer);

		bytes += s->counts->n[e] ? expert : 0;
		macs += expert * byte_macs(s->layer) * s->counts->n[e];
	}
	return bytes ? macs / chip_rate / (bytes / ddr_rate) : 0;
}

int rill_shape_plan(const struct rill_shaped *s, struct rill_plan *plan, char *error)
{
	bool level = intensity(s) > SPARE_COMPUTE;
	struct rill_shape spare = spare_shape(s);

	if (level && s->options->trial && !s->options->slices)
		return search(s, plan, error);
	return s->build(s->planner, level ? &level_shape : &spare, plan, error);
}

uint32_t rill_shape_parts(const struct rill_shaped *s, const struct rill_shape *shape, uint32_t records,
			  uint32_t tokens, double channels)
{
	double compute = tokens * byte_macs(s->layer) / s->chip->mac_per_second;
	double load = 1.0 / (s->chip->ddr_bytes_per_second * channels);
	uint32_t parts = (records * rill_record_bytes(s->layer) + shape->slice_bytes / 2) / shape->slice_bytes;

	if (s->options->slices)
		return 1;
	return (parts ? parts : 1) * (uint32_t)fmax(1, ceil(compute / (shape->cut_loads * load)));
}

uint32_t rill_shape_slots(const struct rill_shaped *s, const struct rill_shape *shape, struct rill_plan *plan)
{
	uint64_t slot = rill_plan_slot_bytes(s->layer, plan), held, fit;

	if (s->options->slots)
		return s->options->slots;
	plan->slots = 0;
	held = rill_plan_sram_needed(s->layer, plan);
	fit = held < s->chip->sram_bytes ? (s->chip->sram_bytes - held) / slot : 0;
	return fit > shape->slots ? shape->slots : fit < MIN_SLOTS ? MIN_SLOTS : fit;
}
