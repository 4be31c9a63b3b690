// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "pinned.h"

#define WHOLE_SLOTS	2		/* double buffer */
/* Where weights also pass through: two in transit, of which one is admission's, and the escape slot */
#define TRANSIT_SLOTS	3
#define CUT_LOADS	4		/* see parts_of() */

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

/* Slices of a share that lie in one channel each */
static uint32_t slices_of(const struct rill_pinned *p, uint32_t expert)
{
	uint32_t shares = shares_of(p, expert), records = rill_layer_width(p->layer, expert) / shares;
	uint64_t bytes = records * rill_record_bytes(p->layer);
	uint32_t count = p->options->slices ? p->options->slices / shares :
			 (bytes + RILL_SLICE_BYTES / 2) / RILL_SLICE_BYTES;

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

/*
 * Slices that lie together may be cut further once the routing is known: to the size of a slot, and
 * where computing takes longer than loading CUT_LOADS of them does, since others would wait behind.
 */
static uint32_t parts_of(const struct rill_pinned *p, uint32_t expert, uint32_t records)
{
	double compute = (double)p->counts.n[expert] * rill_record_macs(p->layer) / p->chip->mac_per_second;
	double load = (double)rill_record_bytes(p->layer) * p->array.chiplets / p->array.channels /
		      p->chip->ddr_bytes_per_second;
	uint32_t parts = compute / (CUT_LOADS * load) + 1;
	uint32_t most = RILL_MAX_SLICES / (shares_of(p, expert) * slices_of(p, expert));
	uint64_t slot = p->slot_bytes / rill_record_bytes(p->layer);

	if (p->whole || p->options->slices)
		return 1;
	if (parts < (records + slot - 1) / slot)
		parts = (records + slot - 1) / slot;
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

static int add_stream(const struct rill_pinned *p, struct rill_plan *plan, uint32_t expert, char *error)
{
	uint32_t shares = shares_of(p, expert), count = slices_of(p, expert);
	uint32_t records = (rill_layer_width(p->layer, expert) + shares - 1) / shares;
	uint32_t parts = parts_of(p, expert, (records + count - 1) / count);
	struct rill_plan_stream *stream;
	int32_t weight;

	stream = rill_plan_stream(plan, expert, shares * count * parts, shares * p->counts.n[expert]);
	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	stream->flags = RILL_STREAM_PINNED;
	cut(p, stream, shares, count, parts);
	for (uint32_t t = 0; t < p->layer->tokens; t++)
		if (rill_plan_selects(p->layer, t, expert, &weight))
			for (uint32_t i = 0; i < shares; i++)
				rill_plan_route(stream, t, stream->slices[i * count * parts].pin, weight);
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

/* As many slots, and as large ones, as fse-dp has for this pass. */
static int size_slots(struct rill_pinned *p, char *error)
{
	struct rill_plan plan;
	int err = rill_strategy_fse_dp.plan(p->layer, p->chip, p->options, &plan, error);

	if (err)
		return err;
	p->slots = plan.slots;
	p->slot_bytes = rill_plan_slot_bytes(p->layer, &plan);
	rill_plan_free(&plan);
	return 0;
}

/* Copies of all tokens may be at one chiplet. More slots than fit are no use; fewer do not work. */
static void size_whole_slots(struct rill_pinned *p)
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
	p->slots = fit > wanted ? wanted : fit < least ? least : fit;
}

/* --- the plan --- */

static int build(struct rill_pinned *p, struct rill_plan *plan, char *error)
{
	/* In this order copies of tokens are sent. */
	uint32_t order[RILL_MAX_EXPERTS], count = rill_plan_hottest(p->layer, &p->counts, order);
	int err = rill_plan_homes(p->layer, &p->array, plan, error);

	if (!err)
		err = rill_plan_streams(&p->counts, plan, error);
	for (uint32_t i = 0; i < count && !err; i++)
		err = add_stream(p, plan, order[i], error);
	if (!err && (p->whole ? rill_whole_loads(p, plan) : rill_pinned_loads(p->chip, plan)))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (!err)
		err = rill_plan_place(p->layer, p->chip, plan, error);
	return err;
}

int rill_pinned_plan(struct rill_pinned *p, struct rill_plan *plan, char *error)
{
	int err = 0;

	*plan = (struct rill_plan){ .strategy = p->name };
	if (p->whole)
		size_whole_slots(p);
	else
		err = size_slots(p, error);
	if (err)
		return err;
	start_channels(p);
	plan->slots = p->options->slots && !p->whole ? p->options->slots : p->slots;
	err = build(p, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}
