// SPDX-License-Identifier: MIT
/*
 * Baselines whose weights do not travel past tokens, cut into micro-slices so that they need as
 * little SRAM as FSE-DP and overlap loading with computing as well as it does:
 *
 *  tp         tensor parallelism: every expert is split over all chiplets by its columns, each loads
 *             its shard from its own DDR; tokens are gathered at all chiplets, partial sums reduced
 *  ep-sliced  expert parallelism: expert e at chiplet e mod C; shared experts split as in tp
 *
 * Both get the lookahead order.
 */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

#define SLICE_BYTES	270336	/* as fse-dp */
#define SLOTS		8
#define TRANSIT_SLOTS	3	/* where chiplets load through others */

struct sliced {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_options *options;
	bool split_all;			/* tp */
	struct rill_plan_array array;
	struct rill_plan_counts counts;
	uint16_t channel[RILL_MAX_CHIPLETS];	/* that the array's chiplets load from */
};

static bool is_split(const struct sliced *p, uint32_t expert)
{
	return p->split_all || expert >= p->layer->model->experts;
}

/* Chiplets that hold a part of the expert */
static uint32_t parts_of(const struct sliced *p, uint32_t expert)
{
	uint32_t width = rill_layer_width(p->layer, expert);

	if (!is_split(p, expert))
		return 1;
	return p->array.chiplets < width ? p->array.chiplets : width;
}

/* Micro-slices of one part */
static uint32_t slices_of(const struct sliced *p, uint32_t expert)
{
	uint32_t parts = parts_of(p, expert), records = rill_layer_width(p->layer, expert) / parts;
	uint64_t bytes = records * rill_record_bytes(p->layer);
	uint32_t count = p->options->slices ? p->options->slices / parts :
			 (bytes + SLICE_BYTES / 2) / SLICE_BYTES;

	if (count > RILL_MAX_SLICES / parts)
		count = RILL_MAX_SLICES / parts;
	return count < 1 ? 1 : count < records ? count : records;
}

static void cut(const struct sliced *p, struct rill_plan_stream *stream, uint32_t parts,
		uint32_t count)
{
	uint32_t width = rill_layer_width(p->layer, stream->expert);

	for (uint32_t s = 0; s < parts * count; s++) {
		struct rill_plan_slice *slice = &stream->slices[s], part, piece;
		uint32_t i = is_split(p, stream->expert) ? s / count :
			     stream->expert % p->array.chiplets;

		rill_plan_cut(&part, s / count, parts, width);
		rill_plan_cut(&piece, s % count, count, part.records);
		slice->first = part.first + piece.first;
		slice->records = piece.records;
		slice->pin = p->array.chiplet[i];
		slice->channel = p->channel[i];
	}
}

static int add_stream(const struct sliced *p, struct rill_plan *plan, uint32_t expert, char *error)
{
	uint32_t parts = parts_of(p, expert), count = slices_of(p, expert);
	struct rill_plan_stream *stream;
	int32_t weight;

	stream = rill_plan_stream(plan, expert, parts * count, parts * p->counts.n[expert]);
	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	stream->flags = RILL_STREAM_PINNED;
	cut(p, stream, parts, count);
	for (uint32_t t = 0; t < p->layer->tokens; t++)
		if (rill_plan_selects(p->layer, t, expert, &weight))
			for (uint32_t i = 0; i < parts; i++)
				rill_plan_route(stream, t, stream->slices[i * count].pin, weight);
	return 0;
}

static int build(struct sliced *p, struct rill_plan *plan, char *error)
{
	int err = rill_plan_homes(p->layer, &p->array, plan, error);

	if (!err)
		err = rill_plan_streams(&p->counts, plan, error);
	for (uint32_t e = 0; e < p->counts.experts && !err; e++)
		if (p->counts.n[e])
			err = add_stream(p, plan, e, error);
	if (!err && rill_plan_mix_loads(&p->array, plan))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (!err)
		err = rill_plan_place(p->layer, p->chip, plan, error);
	return err;
}

static uint32_t default_slots(const struct sliced *p)
{
	for (uint32_t i = 0; i < p->array.chiplets; i++)
		if (p->chip->channel_chiplet[p->channel[i]] != p->array.chiplet[i])
			return SLOTS + TRANSIT_SLOTS;
	return SLOTS;
}

static int plan_sliced(const char *name, bool split_all, const struct rill_layer *layer,
		       const struct rill_plan_chip *chip, const struct rill_plan_options *options,
		       struct rill_plan *plan, char *error)
{
	struct sliced p = { .layer = layer, .chip = chip, .options = options,
			    .split_all = split_all };
	uint32_t served[RILL_MAX_CHANNELS] = { 0 };
	int err = rill_plan_array(chip, &p.array, error);

	*plan = (struct rill_plan){ .strategy = name };
	if (err)
		return err;
	rill_plan_count(layer, &p.counts);
	for (uint32_t i = 0; i < p.array.chiplets; i++)
		p.channel[i] = rill_plan_nearest_channel(chip, &p.array, p.array.chiplet[i],
							 served);
	plan->slots = options->slots ? options->slots : default_slots(&p);
	err = build(&p, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}

static int plan_tp(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		   const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	return plan_sliced("tp", true, layer, chip, options, plan, error);
}

static int plan_ep_sliced(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			  const struct rill_plan_options *options, struct rill_plan *plan,
			  char *error)
{
	return plan_sliced("ep-sliced", false, layer, chip, options, plan, error);
}

const struct rill_strategy rill_strategy_tp = { "tp", plan_tp };
const struct rill_strategy rill_strategy_ep_sliced = { "ep-sliced", plan_ep_sliced };
