// SPDX-License-Identifier: MIT
/*
 * FSE-DP (arXiv 2603.27624; the rules here are our reconstruction, see docs/fse-dp.rst). Tokens
 * stay at home. An expert is cut into micro-slices, striped over all DDR channels, that visit
 * every chiplet with tokens of it. Slices of hot and cold experts are loaded in turn, see load_order.c,
 * so that computing the ones overlaps with loading the others.
 */
#include <errno.h>
#include <stdlib.h>

#include "shape.h"
#include "sites.h"

#define MIN_RECORDS	4		/* of a slice */

struct fse_dp {
	struct rill_shaped shaped;
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_options *options;
	struct rill_plan_array array;
	struct rill_plan_counts counts;
	uint16_t offset[RILL_MAX_EXPERTS];	/* stripe s lies behind channel (s + offset) mod D */
	uint64_t load[RILL_MAX_CHANNELS];	/* records of all experts, selected or not */
	struct rill_sites sites;
	uint32_t most[RILL_MAX_EXPERTS];	/* of an expert's tokens, at the chiplet that computes most */
};

/* An expert lies in one piece behind each channel, unless the caller wants a number of slices. */
static uint32_t stripes_of(const struct fse_dp *f, uint32_t expert)
{
	uint32_t wanted = f->options->slices ? f->options->slices : f->array.channels;

	return rill_plan_stripes(f->layer, expert, f->array.channels, wanted);
}

static uint64_t worst_load(const struct fse_dp *f, uint32_t expert, uint32_t offset)
{
	uint32_t channels = f->array.channels, count = stripes_of(f, expert);
	uint64_t load[RILL_MAX_CHANNELS] = { 0 }, worst = 0;
	struct rill_plan_slice slice;

	for (uint32_t s = 0; s < count; s++) {
		rill_plan_cut(&slice, s, count, rill_layer_width(f->layer, expert));
		load[(s + offset) % channels] += slice.records;
	}
	for (uint32_t d = 0; d < channels; d++)
		if (worst < load[d] + f->load[d])
			worst = load[d] + f->load[d];
	return worst;
}

static void add_load(struct fse_dp *f, uint32_t expert)
{
	uint32_t count = stripes_of(f, expert);
	struct rill_plan_slice slice;

	for (uint32_t s = 0; s < count; s++) {
		rill_plan_cut(&slice, s, count, rill_layer_width(f->layer, expert));
		f->load[(s + f->offset[expert]) % f->array.channels] += slice.records;
	}
}

/*
 * Weights are placed before anybody knows the routing, so offsets balance all experts of the
 * layer. Starting the search at e mod D spreads what is left over.
 */
static void stripe(struct fse_dp *f)
{
	uint32_t channels = f->array.channels;

	for (uint32_t e = 0; e < f->counts.experts; e++) {
		uint64_t best = UINT64_MAX;

		for (uint32_t i = 0; i < channels; i++) {
			uint64_t worst = worst_load(f, e, (e + i) % channels);

			if (worst < best) {
				best = worst;
				f->offset[e] = (e + i) % channels;
			}
		}
		add_load(f, e);
	}
}

/* Hottest, coldest, second hottest, second coldest, ... */
static uint32_t pair_experts(const struct fse_dp *f, uint32_t *order)
{
	uint32_t sorted[RILL_MAX_EXPERTS];
	uint32_t count = rill_plan_hottest(f->layer, &f->counts, sorted);

	for (uint32_t i = 0; i < count; i++)
		order[i] = sorted[i & 1 ? count - 1 - i / 2 : i / 2];
	return count;
}

/* What lies together in DDR is cut when the routing is known. */
static uint32_t parts_of(const struct fse_dp *f, const struct rill_shape *shape, uint32_t expert)
{
	uint32_t count = stripes_of(f, expert), records = rill_layer_width(f->layer, expert) / count;
	uint32_t most = records / MIN_RECORDS;
	uint32_t parts = rill_shape_parts(&f->shaped, shape, records, f->most[expert], f->array.channels);

	if (most > RILL_MAX_SLICES / count)
		most = RILL_MAX_SLICES / count;
	return !most ? 1 : parts < most ? parts : most;
}

static void cut(const struct fse_dp *f, struct rill_plan_stream *stream, uint32_t count,
		uint32_t parts)
{
	uint32_t width = rill_layer_width(f->layer, stream->expert);

	for (uint32_t s = 0; s < count * parts; s++) {
		struct rill_plan_slice *slice = &stream->slices[s], whole, part;

		rill_plan_cut(&whole, s / parts, count, width);
		rill_plan_cut(&part, s % parts, parts, whole.records);
		slice->first = whole.first + part.first;
		slice->records = part.records;
		slice->pin = RILL_NO_PIN;
		slice->channel = f->array.channel[(s / parts + f->offset[stream->expert]) %
						  f->array.channels];
	}
}

static int add_streams(const struct fse_dp *f, const struct rill_shape *shape, struct rill_plan *plan,
		       uint32_t *stream_of, char *error)
{
	uint32_t order[RILL_MAX_EXPERTS], experts = pair_experts(f, order);

	for (uint32_t i = 0; i < experts; i++) {
		uint32_t count = stripes_of(f, order[i]), parts = parts_of(f, shape, order[i]);
		struct rill_plan_stream *stream;

		stream = rill_plan_stream(plan, order[i], count * parts, f->counts.n[order[i]]);
		if (!stream)
			return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
		cut(f, stream, count, parts);
		stream_of[order[i]] = i;
	}
	return 0;
}

static void add_routes(const struct fse_dp *f, struct rill_plan *plan, const uint32_t *stream_of)
{
	for (uint32_t t = 0; t < f->layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(f->layer, t); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(f->layer, t, i, &expert, &weight);
			rill_plan_route(&plan->streams[stream_of[expert]], t, rill_site(&f->sites, expert, t),
					weight);
		}
}

/* For each expert the tokens at the chiplet that computes most of them */
static int measure_most(struct fse_dp *f)
{
	uint32_t (*tokens)[RILL_MAX_CHIPLETS] = calloc(f->counts.experts, sizeof(*tokens));

	for (uint32_t t = 0; tokens && t < f->layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(f->layer, t); i++) {
			uint32_t expert, here;
			int32_t weight;

			rill_layer_select(f->layer, t, i, &expert, &weight);
			here = ++tokens[expert][rill_site(&f->sites, expert, t)];
			if (here > f->most[expert])
				f->most[expert] = here;
		}
	free(tokens);
	return tokens ? 0 : -ENOMEM;
}

static int choose_sites(struct fse_dp *f, char *error)
{
	struct rill_plan plan = { 0 };
	int err = rill_plan_homes(f->layer, &f->array, &plan, error);
	const struct rill_sites_input in = {
		.layer = f->layer, .chip = f->chip, .array = &f->array, .counts = &f->counts,
		.options = f->options, .homes = plan.homes,
	};

	if (!err && (rill_sites_choose(&in, &f->sites) || measure_most(f)))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	rill_plan_free(&plan);
	return err;
}

static int build(void *planner, const struct rill_shape *shape, struct rill_plan *plan, char *error)
{
	struct fse_dp *f = planner;
	uint32_t stream_of[RILL_MAX_EXPERTS];
	int err;

	*plan = (struct rill_plan){ .strategy = "fse-dp" };
	err = rill_plan_homes(f->layer, &f->array, plan, error);
	if (!err)
		err = rill_plan_streams(&f->counts, plan, error);
	if (!err)
		err = add_streams(f, shape, plan, stream_of, error);
	if (!err)
		add_routes(f, plan, stream_of);
	if (!err && f->options->order == RILL_ORDER_LOOKAHEAD &&
	    rill_plan_mix_loads(&f->array, plan, shape->lead))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (!err)
		plan->slots = rill_shape_slots(&f->shaped, shape, plan);
	if (!err)
		err = rill_plan_place(f->layer, f->chip, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}

static int plan_fse_dp(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		       const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	struct fse_dp f = { .layer = layer, .chip = chip, .options = options };
	int err = rill_plan_array(chip, &f.array, error);

	*plan = (struct rill_plan){ .strategy = "fse-dp" };
	if (err)
		return err;
	rill_plan_count(layer, &f.counts);
	f.shaped = (struct rill_shaped){
		.layer = layer, .chip = chip, .options = options, .array = &f.array, .counts = &f.counts,
		.planner = &f, .build = build,
	};
	stripe(&f);
	err = choose_sites(&f, error);
	if (!err)
		err = rill_shape_plan(&f.shaped, plan, error);
	rill_sites_free(&f.sites);
	return err;
}

const struct rill_strategy rill_strategy_fse_dp = { .name = "fse-dp", .plan = plan_fse_dp };
