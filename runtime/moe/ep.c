// SPDX-License-Identifier: MIT
/*
 * Expert parallelism. Expert e lives at chiplet e mod C and in that chiplet's DDR; its tokens go
 * there and its results come back. Experts are loaded whole into two slots, so the next is
 * prefetched while one computes; what options say of micro-slices means nothing here. Shared experts, which every
 * token selects, are split over all chiplets as tensor parallelism does: whole at one chiplet they
 * would unbalance it, replicated they would be loaded C times.
 */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

#define SLOTS		2
/* Where weights also pass through: two in transit, of which one is admission's, and the escape slot */
#define TRANSIT_SLOTS	3

struct ep {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	struct rill_plan_array array;
	struct rill_plan_counts counts;
	uint16_t channel[RILL_MAX_EXPERTS];	/* of a routed expert */
	uint16_t shard_channel[RILL_MAX_CHIPLETS];	/* of a shared expert's shard at array.chiplet[i] */
};

static uint16_t nearest_channel(const struct ep *ep, uint32_t chiplet, uint32_t *served)
{
	return rill_plan_nearest_channel(ep->chip, &ep->array, chiplet, served);
}

static uint16_t chiplet_of(const struct ep *ep, uint32_t expert)
{
	return ep->array.chiplet[expert % ep->array.chiplets];
}

/* For all experts, selected or not: weights are placed before anybody knows the routing. */
static void assign_channels(struct ep *ep)
{
	uint32_t served[RILL_MAX_CHANNELS] = { 0 }, shards[RILL_MAX_CHANNELS] = { 0 };

	for (uint32_t e = 0; e < ep->layer->model->experts; e++)
		ep->channel[e] = nearest_channel(ep, chiplet_of(ep, e), served);
	for (uint32_t i = 0; i < ep->array.chiplets; i++)
		ep->shard_channel[i] = nearest_channel(ep, ep->array.chiplet[i], shards);
}

static bool is_shared(const struct ep *ep, uint32_t expert)
{
	return expert >= ep->layer->model->experts;
}

/* Slices of an expert: a shard for each chiplet if it is shared, else one. */
static uint32_t shards(const struct ep *ep, uint32_t expert)
{
	uint32_t width = rill_layer_width(ep->layer, expert);

	if (!is_shared(ep, expert))
		return 1;
	return ep->array.chiplets < width ? ep->array.chiplets : width;
}

/*
 * Two machines in a row, DDR and MAC: Johnson's order. Those that load faster than they compute
 * come first, shortest load first; then the others, longest computation first. So computing starts
 * early and the last thing to compute is small.
 */
struct job {
	uint32_t expert;
	bool front;
	double load, compute;		/* seconds at one chiplet */
};

static struct job make_job(const struct ep *ep, uint32_t expert)
{
	double records = (double)rill_layer_width(ep->layer, expert) / shards(ep, expert);
	double macs = records * rill_record_macs(ep->layer) * ep->counts.n[expert];
	struct job job = {
		.expert = expert,
		.load = records * rill_record_bytes(ep->layer) / ep->chip->ddr_bytes_per_second,
		.compute = macs / ep->chip->mac_per_second,
	};

	job.front = job.load < job.compute;
	return job;
}

static int by_number(const struct job *a, const struct job *b)
{
	return (a->expert > b->expert) - (a->expert < b->expert);
}

static int johnson(const void *pa, const void *pb)
{
	const struct job *a = pa, *b = pb;

	if (a->front != b->front)
		return a->front ? -1 : 1;
	if (a->front && a->load != b->load)
		return a->load < b->load ? -1 : 1;
	if (a->compute != b->compute)
		return a->compute > b->compute ? -1 : 1;
	return by_number(a, b);
}

static uint32_t order_experts(const struct ep *ep, struct job *jobs)
{
	uint32_t count = 0;

	for (uint32_t e = 0; e < ep->counts.experts; e++)
		if (ep->counts.n[e])
			jobs[count++] = make_job(ep, e);
	qsort(jobs, count, sizeof(*jobs), johnson);
	return count;
}

static void place(const struct ep *ep, struct rill_plan_stream *stream, uint32_t s)
{
	struct rill_plan_slice *slice = &stream->slices[s];

	rill_plan_cut(slice, s, stream->slice_count, rill_layer_width(ep->layer, stream->expert));
	if (is_shared(ep, stream->expert)) {
		slice->pin = ep->array.chiplet[s];
		slice->channel = ep->shard_channel[s];
	} else {
		slice->pin = chiplet_of(ep, stream->expert);
		slice->channel = ep->channel[stream->expert];
	}
}

/* Its tokens, at each chiplet that holds a slice of it */
static void route(const struct ep *ep, struct rill_plan_stream *stream)
{
	int32_t weight;

	for (uint32_t t = 0; t < ep->layer->tokens; t++)
		if (rill_plan_selects(ep->layer, t, stream->expert, &weight))
			for (uint32_t s = 0; s < stream->slice_count; s++)
				rill_plan_route(stream, t, stream->slices[s].pin, weight);
}

static int add_stream(const struct ep *ep, struct rill_plan *plan, uint32_t expert, char *error)
{
	uint32_t count = shards(ep, expert), n = ep->counts.n[expert];
	struct rill_plan_stream *stream = rill_plan_stream(plan, expert, count, count * n);

	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	stream->flags = RILL_STREAM_PINNED;
	for (uint32_t s = 0; s < count; s++)
		place(ep, stream, s);
	route(ep, stream);
	return 0;
}

/* Does any chiplet load from another one's channel? */
static bool in_transit(const struct ep *ep)
{
	for (uint32_t i = 0; i < ep->array.chiplets; i++)
		if (ep->chip->channel_chiplet[ep->shard_channel[i]] != ep->array.chiplet[i])
			return true;
	return false;
}

/* Copies of all tokens may be at one chiplet. More slots than fit are no use; fewer do not work. */
static uint32_t default_slots(const struct ep *ep)
{
	uint32_t most = SLOTS + TRANSIT_SLOTS, fit;
	uint64_t bytes = 0;

	if (!in_transit(ep))
		return SLOTS;
	for (uint32_t e = 0; e < ep->counts.experts; e++) {
		uint64_t width = rill_layer_width(ep->layer, e) / shards(ep, e);

		if (ep->counts.n[e] && width * rill_record_bytes(ep->layer) > bytes)
			bytes = width * rill_record_bytes(ep->layer);
	}
	fit = rill_plan_fit(ep->layer, ep->chip, ep->layer->tokens, bytes);
	return fit > most ? most : fit > SLOTS ? fit : SLOTS + 1;
}

static int build(struct ep *ep, struct rill_plan *plan, char *error)
{
	struct job jobs[RILL_MAX_EXPERTS];
	uint32_t count = order_experts(ep, jobs);
	int err = rill_plan_homes(ep->layer, &ep->array, plan, error);

	if (!err)
		err = rill_plan_streams(&ep->counts, plan, error);
	for (uint32_t i = 0; i < count && !err; i++)
		err = add_stream(ep, plan, jobs[i].expert, error);
	if (!err)
		err = rill_plan_place(ep->layer, ep->chip, plan, error);
	return err;
}

static int plan_ep(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		   const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	struct ep ep = { .layer = layer, .chip = chip };
	int err = rill_plan_array(chip, &ep.array, error);

	(void)options;
	*plan = (struct rill_plan){ .strategy = "ep" };
	if (err)
		return err;
	rill_plan_count(layer, &ep.counts);
	assign_channels(&ep);
	plan->slots = default_slots(&ep);
	err = build(&ep, plan, error);
	if (err)
		rill_plan_free(plan);
	return err;
}

const struct rill_strategy rill_strategy_ep = { "ep", plan_ep };
