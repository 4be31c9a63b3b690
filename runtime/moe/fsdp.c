// SPDX-License-Identifier: MIT
/*
 * Naive FSDP: every expert is striped over all DDR channels, gathered whole at every chiplet that holds
 * tokens of it, and computed when all of it is there. It travels in pieces, so that a piece is on its way
 * while the next one loads. Two experts have room: one is gathered while the other computes. Hottest
 * first, so that little is left to compute at the end.
 */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

#define BUFFERS		2

struct fsdp {
	const struct rill_layer *layer;
	const struct rill_plan_options *options;
	struct rill_plan_array array;
	struct rill_plan_counts counts;
};

static uint32_t pieces_of(const struct fsdp *f, uint32_t expert)
{
	return rill_plan_stripes(f->layer, expert, f->array.channels, f->options->slices);
}

static int add_stream(const struct fsdp *f, struct rill_plan *plan, uint32_t expert, char *error)
{
	uint32_t count = pieces_of(f, expert);
	struct rill_plan_stream *stream;
	int32_t weight;

	stream = rill_plan_stream(plan, expert, count, f->counts.n[expert]);
	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	stream->flags = RILL_STREAM_BARRIER;
	for (uint32_t s = 0; s < count; s++) {
		rill_plan_cut(&stream->slices[s], s, count, rill_layer_width(f->layer, expert));
		stream->slices[s].pin = RILL_NO_PIN;
		stream->slices[s].channel = f->array.channel[(s + expert) % f->array.channels];
	}
	for (uint32_t t = 0; t < f->layer->tokens; t++)
		if (rill_plan_selects(f->layer, t, expert, &weight))
			rill_plan_route(stream, t, plan->homes[t], weight);
	return 0;
}

/* Two of the largest expert, and the escape slot */
static uint32_t size_slots(const struct fsdp *f)
{
	uint32_t most = 1;

	for (uint32_t e = 0; e < f->counts.experts; e++)
		if (f->counts.n[e] && pieces_of(f, e) > most)
			most = pieces_of(f, e);
	return BUFFERS * most + 1;
}

static int build(struct fsdp *f, const struct rill_plan_chip *chip, struct rill_plan *plan,
		 char *error)
{
	uint32_t order[RILL_MAX_EXPERTS], count = rill_plan_hottest(f->layer, &f->counts, order);
	int err = rill_plan_homes(f->layer, &f->array, plan, error);

	if (!err)
		err = rill_plan_streams(&f->counts, plan, error);
	for (uint32_t i = 0; i < count && !err; i++)
		err = add_stream(f, plan, order[i], error);
	if (!err)
		err = rill_plan_place(f->layer, chip, plan, error);
	return err;
}

static int plan_fsdp(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		     const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	struct fsdp f = { .layer = layer, .options = options };
	int err = rill_plan_array(chip, &f.array, error);

	*plan = (struct rill_plan){ .strategy = "fsdp" };
	if (err)
		return err;
	rill_plan_count(layer, &f.counts);
	plan->slots = size_slots(&f);
	err = build(&f, chip, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}

const struct rill_strategy rill_strategy_fsdp = { .name = "fsdp", .plan = plan_fsdp };
