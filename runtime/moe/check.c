// SPDX-License-Identifier: MIT
/* What every plan must keep, whatever the strategy. Written without the planners' helpers. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct check {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan *plan;
	char *error;
	uint8_t *seen;			/* [tokens][RILL_MAX_CHIPLETS]: a route of the expert names it */
	int32_t *weight;		/* [tokens] of one expert, where selected */
	bool *selected;			/* [tokens] */
};

#define fail(c, format, ...) \
	rill_moe_error((c)->error, -EINVAL, "%s: " format, (c)->plan->strategy, ##__VA_ARGS__)

static bool on_chip(const struct check *c, uint32_t chiplet)
{
	return chiplet < c->chip->rows * c->chip->cols && chiplet < RILL_MAX_CHIPLETS &&
	       (!c->chip->chiplet_mask || c->chip->chiplet_mask >> chiplet & 1);
}

static int check_homes(const struct check *c)
{
	for (uint32_t t = 0; t < c->layer->tokens; t++)
		if (!on_chip(c, c->plan->homes[t]))
			return fail(c, "token %u: home %u is not an allowed chiplet", t,
				    c->plan->homes[t]);
	return 0;
}

/* --- slices --- */

static int check_slice(const struct check *c, const struct rill_plan_stream *stream, uint32_t s)
{
	const struct rill_plan_slice *slice = &stream->slices[s];
	uint64_t bytes = slice->records * rill_record_bytes(c->layer);
	bool pinned = stream->flags & RILL_STREAM_PINNED;

	if (!slice->records || slice->records > UINT16_MAX)
		return fail(c, "expert %u slice %u: %u records", stream->expert, s,
			    slice->records);
	if (slice->channel >= c->chip->channels ||
	    !on_chip(c, c->chip->channel_chiplet[slice->channel]))
		return fail(c, "expert %u slice %u: channel %u is not at an allowed chiplet",
			    stream->expert, s, slice->channel);
	if (slice->offset % 64 || slice->offset + bytes < bytes ||
	    slice->offset + bytes > c->plan->channel_bytes[slice->channel])
		return fail(c, "expert %u slice %u: offset %" PRIu64 " does not fit channel %u",
			    stream->expert, s, slice->offset, slice->channel);
	if (pinned ? !on_chip(c, slice->pin) : slice->pin != RILL_NO_PIN)
		return fail(c, "expert %u slice %u: pin %u is not allowed", stream->expert, s,
			    slice->pin);
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct rill_plan_slice *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Slices, sorted, follow each other from 0 to the width. */
static int check_cover(const struct check *c, const struct rill_plan_stream *stream)
{
	size_t bytes = stream->slice_count * sizeof(*stream->slices);
	struct rill_plan_slice *sorted = malloc(bytes);
	uint32_t at = 0, s;

	if (!sorted)
		return rill_moe_error(c->error, -ENOMEM, "out of memory to check a plan");
	memcpy(sorted, stream->slices, bytes);
	qsort(sorted, stream->slice_count, sizeof(*sorted), by_first);
	for (s = 0; s < stream->slice_count && sorted[s].first == at; s++)
		at += sorted[s].records;
	free(sorted);
	if (s == stream->slice_count && at == rill_layer_width(c->layer, stream->expert))
		return 0;
	return fail(c, "expert %u: slices do not cover 0..%u once: gap or overlap at record %u",
		    stream->expert, rill_layer_width(c->layer, stream->expert), at);
}

static int check_slices(const struct check *c, const struct rill_plan_stream *stream)
{
	int err = 0;

	if (!stream->slice_count || stream->slice_count > RILL_MAX_SLICES)
		return fail(c, "expert %u: %u slices", stream->expert, stream->slice_count);
	for (uint32_t s = 0; s < stream->slice_count && !err; s++)
		err = check_slice(c, stream, s);
	return err ? err : check_cover(c, stream);
}

struct extent {
	uint32_t channel;
	uint64_t start, end;
};

static int by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

static struct extent *all_extents(const struct check *c, size_t *count)
{
	struct extent *extents;

	*count = 0;
	for (uint32_t i = 0; i < c->plan->stream_count; i++)
		*count += c->plan->streams[i].slice_count;
	extents = calloc(*count, sizeof(*extents));
	*count = 0;
	for (uint32_t i = 0; i < c->plan->stream_count && extents; i++)
		for (uint32_t s = 0; s < c->plan->streams[i].slice_count; s++) {
			const struct rill_plan_slice *slice = &c->plan->streams[i].slices[s];
			uint64_t bytes = slice->records * rill_record_bytes(c->layer);

			extents[(*count)++] = (struct extent){ slice->channel, slice->offset,
							       slice->offset + bytes };
		}
	return extents;
}

static int check_overlap(const struct check *c)
{
	size_t count;
	struct extent *extents = all_extents(c, &count);
	int err = 0;

	if (!extents)
		return rill_moe_error(c->error, -ENOMEM, "out of memory to check a plan");
	qsort(extents, count, sizeof(*extents), by_place);
	for (size_t i = 1; i < count && !err; i++)
		if (extents[i].channel == extents[i - 1].channel &&
		    extents[i].start < extents[i - 1].end)
			err = fail(c, "channel %u: weights overlap at byte %" PRIu64,
				   extents[i].channel, extents[i].start);
	free(extents);
	return err;
}

/* --- routes --- */

static void select_tokens(const struct check *c, uint32_t expert)
{
	for (uint32_t t = 0; t < c->layer->tokens; t++) {
		c->selected[t] = false;
		for (uint32_t i = 0; i < rill_layer_picks(c->layer, t) && !c->selected[t]; i++) {
			uint32_t picked;

			rill_layer_select(c->layer, t, i, &picked, &c->weight[t]);
			c->selected[t] = picked == expert;
		}
	}
}

static int check_route(const struct check *c, const struct rill_plan_stream *stream, uint32_t i)
{
	uint32_t token = le16toh(stream->routes[i].token);
	uint32_t chiplet = le16toh(stream->routes[i].chiplet);
	int32_t weight = le32toh(stream->routes[i].weight);
	uint8_t *seen;

	if (token >= c->layer->tokens || !on_chip(c, chiplet))
		return fail(c, "expert %u route %u: token %u or chiplet %u does not exist",
			    stream->expert, i, token, chiplet);
	if (!c->selected[token])
		return fail(c, "expert %u route %u: token %u does not select it", stream->expert,
			    i, token);
	if (weight != c->weight[token])
		return fail(c, "expert %u route %u: token %u: weight %d, not %d", stream->expert,
			    i, token, weight, c->weight[token]);
	seen = &c->seen[(size_t)token * RILL_MAX_CHIPLETS + chiplet];
	if (*seen)
		return fail(c, "expert %u route %u: token %u twice at chiplet %u", stream->expert,
			    i, token, chiplet);
	*seen = 1;
	return 0;
}

static uint64_t pinned_chiplets(const struct rill_plan_stream *stream)
{
	uint64_t mask = 0;

	for (uint32_t s = 0; s < stream->slice_count; s++)
		mask |= 1ULL << stream->slices[s].pin;
	return mask;
}

/* UNION: a selecting token stands at one chiplet; PINNED: at every pinned one and at no other. */
static int check_token(const struct check *c, const struct rill_plan_stream *stream, uint32_t t)
{
	bool pinned = stream->flags & RILL_STREAM_PINNED;
	uint64_t at = 0, want = pinned ? pinned_chiplets(stream) : 0;
	const uint8_t *seen = &c->seen[(size_t)t * RILL_MAX_CHIPLETS];

	for (uint32_t i = 0; i < RILL_MAX_CHIPLETS; i++)
		at |= (uint64_t)(seen[i] != 0) << i;
	if (pinned ? at == want : at && !(at & (at - 1)))
		return 0;
	return fail(c, "expert %u: token %u is computed on chiplets %#" PRIx64 ", not on %s",
		    stream->expert, t, at, pinned ? "those that slices are pinned to" : "one");
}

static int check_routes(const struct check *c, const struct rill_plan_stream *stream)
{
	int err = 0;

	if (!stream->route_count || stream->route_count > RILL_MAX_ROUTES)
		return fail(c, "expert %u: %u routes", stream->expert, stream->route_count);
	memset(c->seen, 0, (size_t)c->layer->tokens * RILL_MAX_CHIPLETS);
	select_tokens(c, stream->expert);
	for (uint32_t i = 0; i < stream->route_count && !err; i++)
		err = check_route(c, stream, i);
	for (uint32_t t = 0; t < c->layer->tokens && !err; t++)
		if (c->selected[t])
			err = check_token(c, stream, t);
	return err;
}

/* --- experts --- */

/* Every expert that a token selects has one stream. */
static int check_experts(const struct check *c)
{
	uint8_t streams[RILL_MAX_EXPERTS] = { 0 };
	uint32_t experts = rill_layer_experts(c->layer);

	for (uint32_t i = 0; i < c->plan->stream_count; i++) {
		uint32_t expert = c->plan->streams[i].expert;

		if (expert >= experts)
			return fail(c, "stream %u: expert %u is not in 0..%u", i, expert,
				    experts - 1);
		if (streams[expert]++)
			return fail(c, "expert %u has two streams", expert);
	}
	for (uint32_t t = 0; t < c->layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(c->layer, t); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(c->layer, t, i, &expert, &weight);
			if (!streams[expert])
				return fail(c, "expert %u of token %u has no stream", expert, t);
		}
	return 0;
}

static int check_all(const struct check *c)
{
	/* INT4 is the layer's, not the plan's */
	const uint32_t flags = RILL_STREAM_PINNED | RILL_STREAM_FIXED_RING | RILL_STREAM_BARRIER |
			       RILL_STREAM_KNOWN;
	int err = check_homes(c);

	if (!err && (!c->plan->stream_count || c->plan->stream_count > RILL_MAX_STREAMS))
		err = fail(c, "%u streams", c->plan->stream_count);
	if (!err)
		err = check_experts(c);
	for (uint32_t i = 0; i < c->plan->stream_count && !err; i++) {
		const struct rill_plan_stream *stream = &c->plan->streams[i];

		if (stream->flags & ~flags)
			return fail(c, "expert %u: flags %#x", stream->expert, stream->flags);
		err = check_slices(c, stream);
		if (!err)
			err = check_routes(c, stream);
	}
	return err ? err : check_overlap(c);
}

int rill_plan_check(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		    const struct rill_plan *plan, char *error)
{
	struct check c = { .layer = layer, .chip = chip, .plan = plan, .error = error };
	int err;

	c.seen = malloc((size_t)layer->tokens * RILL_MAX_CHIPLETS);
	c.weight = calloc(layer->tokens, sizeof(*c.weight));
	c.selected = calloc(layer->tokens, sizeof(*c.selected));
	if (c.seen && c.weight && c.selected)
		err = check_all(&c);
	else
		err = rill_moe_error(error, -ENOMEM, "out of memory to check a plan");
	free(c.seen);
	free(c.weight);
	free(c.selected);
	return err;
}
