// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "pinned.h"

#define WHOLE_SLOTS	2		/* double buffer */
/* Where weights also pass through: two in transit, of which one is admission's, and the escape slot */
#define TRANSIT_SLOTS	3

/* --- where weights lie: known before the routing is --- */

static void find_near(const struct rill_plan_chip *chip, const struct rill_plan_array *array,
		      uint32_t chiplet, struct rill_near *near)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < array->channels; i++) {
		uint32_t hops = rill_plan_hops(chip, chiplet, chip->channel_chiplet[array->channel[i]]);

		if (hops < least) {
			least = hops;
			near->count = 0;
		}
		if (hops == least)
			near->channel[near->count++] = array->channel[i];
	}
}

/*
 * Positions in an order in which neighbours load from different channels, so that a few experts do
 * not all live near the same ones. With a channel at each chiplet it is the chiplets' own.
 */
static void spread(const struct rill_pinned *p, uint16_t *order)
{
	bool used[RILL_MAX_CHIPLETS] = { false };
	uint32_t count = 0;

	while (count < p->array.chiplets)
		for (uint32_t d = 0; d < p->array.channels; d++)
			for (uint32_t i = 0; i < p->array.chiplets; i++) {
				const struct rill_near *near = &p->near[i];

				if (used[i] || near->channel[i % near->count] != p->array.channel[d])
					continue;
				used[i] = true;
				order[count++] = i;
				break;
			}
}

int rill_pinned_begin(struct rill_pinned *p, char *error)
{
	int err = rill_plan_array(p->chip, &p->array, error);
	uint16_t order[RILL_MAX_CHIPLETS];

	if (err)
		return err;
	rill_plan_count(p->layer, &p->counts);
	for (uint32_t i = 0; i < p->array.chiplets; i++)
		find_near(p->chip, &p->array, p->array.chiplet[i], &p->near[i]);
	spread(p, order);
	for (uint32_t e = 0; e < p->layer->model->experts; e++)
		p->at[e] = order[e % p->array.chiplets];
	return 0;
}

static bool is_split(const struct rill_pinned *p, uint32_t expert)
{
	return p->split_all || expert >= p->layer->model->experts;
}

/* Chiplets that hold a share of the expert */
static uint32_t shares_of(const struct rill_pinned *p, uint32_t expert)
{
	uint32_t width = rill_layer_width(p->layer, expert);

	if (!is_split(p, expert))
		return 1;
	return p->array.chiplets < width ? p->array.chiplets : width;
}

static uint32_t position(const struct rill_pinned *p, uint32_t expert, uint32_t share)
{
	return is_split(p, expert) ? share : p->at[expert];
}

/* Pieces of a share that lie in one channel each: one in each of the nearest */
static uint32_t slices_of(const struct rill_pinned *p, uint32_t expert)
{
	uint32_t shares = shares_of(p, expert), records = rill_layer_width(p->layer, expert) / shares;
	uint32_t count = p->options->slices / shares;

	for (uint32_t i = 0; !p->options->slices && i < p->array.chiplets; i++)
		count = p->near[i].count > count ? p->near[i].count : count;
	if (count > RILL_MAX_SLICES / shares)
		count = RILL_MAX_SLICES / shares;
	return p->whole || count < 1 ? 1 : count < records ? count : records;
}

/*
 * A chiplet takes its slices from its nearest channels in turn, and goes on with the next expert where
 * it left off. Positions start at different ones.
 */
static void start_channels(struct rill_pinned *p)
{
	uint32_t next[RILL_MAX_CHIPLETS], split = 0;

	for (uint32_t i = 0; i < p->array.chiplets; i++)
		next[i] = i;
	for (uint32_t e = 0; e < p->counts.experts; e++)
		if (is_split(p, e)) {
			p->first_channel[e] = split;
			split += slices_of(p, e);
		} else {
			p->first_channel[e] = next[p->at[e]];
			next[p->at[e]] += slices_of(p, e);
		}
}

static uint16_t channel_of(const struct rill_pinned *p, uint32_t expert, uint32_t share, uint32_t slice)
{
	uint32_t i = position(p, expert, share);
	uint32_t turn = p->first_channel[expert] + slice + (is_split(p, expert) ? i : 0);

	return p->near[i].channel[turn % p->near[i].count];
}

/* --- slices and routes --- */

/* What lies together in DDR is cut when the routing is known. */
static uint32_t parts_of(const struct rill_pinned *p, const struct rill_shape *shape, uint32_t expert,
			 uint32_t records)
{
	uint32_t most = RILL_MAX_SLICES / (shares_of(p, expert) * slices_of(p, expert)), parts;

	if (p->whole)
		return 1;
	parts = rill_shape_parts(&p->shaped, shape, records, p->counts.n[expert],
				 (double)p->array.channels / p->array.chiplets);
	if (most > records)
		most = records;
	return !most ? 1 : parts < most ? parts : most;
}

static void cut(const struct rill_pinned *p, struct rill_plan_stream *stream, uint32_t shares,
		uint32_t count, uint32_t parts)
{
	uint32_t width = rill_layer_width(p->layer, stream->expert);

	for (uint32_t s = 0; s < shares * count * parts; s++) {
		struct rill_plan_slice *slice = &stream->slices[s], share, whole, part;
		uint32_t i = s / (count * parts), k = s / parts % count;

		rill_plan_cut(&share, i, shares, width);
		rill_plan_cut(&whole, k, count, share.records);
		rill_plan_cut(&part, s % parts, parts, whole.records);
		slice->first = share.first + whole.first + part.first;
		slice->records = part.records;
		slice->pin = p->array.chiplet[position(p, stream->expert, i)];
		slice->channel = channel_of(p, stream->expert, i, k);
	}
}

static int add_stream(const struct rill_pinned *p, const struct rill_shape *shape, struct rill_plan *plan,
		      uint32_t expert, char *error)
{
	uint32_t shares = shares_of(p, expert), count = slices_of(p, expert);
	uint32_t records = (rill_layer_width(p->layer, expert) + shares - 1) / shares;
	uint32_t parts = parts_of(p, shape, expert, (records + count - 1) / count);
	struct rill_plan_stream *stream;

	stream = rill_plan_stream(plan, expert, shares * count * parts, shares * p->counts.n[expert]);
	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	stream->flags = RILL_STREAM_PINNED;
	cut(p, stream, shares, count, parts);
	return 0;
}

/* --- slots --- */

/* Does any chiplet load from another one's channel? */
static bool in_transit(const struct rill_pinned *p)
{
	for (uint32_t i = 0; i < p->array.chiplets; i++)
		if (p->chip->channel_chiplet[p->near[i].channel[0]] != p->array.chiplet[i])
			return true;
	return false;
}

/* Copies of all tokens may be at one chiplet. More slots than fit are no use; fewer do not work. */
static uint32_t whole_slots(const struct rill_pinned *p)
{
	uint32_t wanted = WHOLE_SLOTS + (in_transit(p) ? TRANSIT_SLOTS : 0), least, fit;
	uint64_t bytes = 0;

	for (uint32_t e = 0; e < p->counts.experts; e++) {
		uint64_t width = rill_layer_width(p->layer, e) / shares_of(p, e);

		if (p->counts.n[e] && width * rill_record_bytes(p->layer) > bytes)
			bytes = width * rill_record_bytes(p->layer);
	}
	least = wanted > WHOLE_SLOTS ? WHOLE_SLOTS + 1 : WHOLE_SLOTS;
	fit = rill_plan_fit(p->layer, p->chip, p->layer->tokens, bytes);
	return fit > wanted ? wanted : fit < least ? least : fit;
}

/* --- the plan --- */

/* Each token of an expert goes to all chiplets that hold a share of it. */
static void add_routes(const struct rill_pinned *p, struct rill_plan *plan, const uint32_t *stream_of)
{
	for (uint32_t t = 0; t < p->layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(p->layer, t); i++) {
			struct rill_plan_stream *stream;
			uint32_t expert, shares;
			int32_t weight;

			rill_layer_select(p->layer, t, i, &expert, &weight);
			stream = &plan->streams[stream_of[expert]];
			shares = shares_of(p, expert);
			for (uint32_t k = 0; k < shares; k++)
				rill_plan_route(stream, t, stream->slices[k * stream->slice_count / shares].pin,
						weight);
		}
}

static int add_streams(const struct rill_pinned *p, const struct rill_shape *shape, struct rill_plan *plan,
		       char *error)
{
	uint32_t stream_of[RILL_MAX_EXPERTS];
	/* In this order copies of tokens are sent. */
	uint32_t order[RILL_MAX_EXPERTS], count = rill_plan_hottest(p->layer, &p->counts, order);
	int err = 0;

	for (uint32_t i = 0; i < count && !err; i++) {
		err = add_stream(p, shape, plan, order[i], error);
		stream_of[order[i]] = i;
	}
	if (!err)
		add_routes(p, plan, stream_of);
	return err;
}

static int build(void *planner, const struct rill_shape *shape, struct rill_plan *plan, char *error)
{
	struct rill_pinned *p = planner;
	int err;

	*plan = (struct rill_plan){ .strategy = p->name };
	err = rill_plan_homes(p->layer, &p->array, plan, error);
	if (!err)
		err = rill_plan_streams(&p->counts, plan, error);
	if (!err)
		err = add_streams(p, shape, plan, error);
	if (!err)
		plan->slots = p->whole ? whole_slots(p) : rill_shape_slots(&p->shaped, shape, plan);
	if (!err && (p->whole ? rill_whole_loads(p, plan) : rill_pinned_loads(p->chip, plan)))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (!err)
		err = rill_plan_place(p->layer, p->chip, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}

int rill_pinned_plan(struct rill_pinned *p, struct rill_plan *plan, char *error)
{
	start_channels(p);
	p->shaped = (struct rill_shaped){
		.layer = p->layer, .chip = p->chip, .options = p->options, .array = &p->array,
		.counts = &p->counts, .planner = p, .build = build,
	};
	return p->whole ? build(p, NULL, plan, error) : rill_shape_plan(&p->shaped, plan, error);
}
