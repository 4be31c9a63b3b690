// SPDX-License-Identifier: MIT
/* What a layer needs whatever its gate says: shared experts. Their weights may be loaded before it. */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

/* Slices of the pass: which are of KNOWN streams, and their channels. */
struct known_slices {
	size_t count;
	bool *known;
	uint16_t *channel;
};

static void list_slices(const struct rill_plan *plan, struct known_slices *slices)
{
	size_t at = 0;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t s = 0; s < plan->streams[i].slice_count; s++, at++) {
			slices->known[at] = plan->streams[i].flags & RILL_STREAM_KNOWN;
			slices->channel[at] = plan->streams[i].slices[s].channel;
		}
}

/* Is it one of those for whose channel there is something left to take ahead? */
static bool take_ahead(const struct known_slices *slices, uint32_t *left, uint32_t s)
{
	if (!slices->known[s] || !left[slices->channel[s]])
		return false;
	left[slices->channel[s]]--;
	return true;
}

/* Of each channel's KNOWN slices the first `ahead` come to the head; nothing else changes places. */
static void move_ahead(const struct known_slices *slices, uint32_t ahead, const uint32_t *from,
		       uint32_t *to)
{
	uint32_t left[RILL_MAX_CHANNELS];
	size_t at = 0;

	for (uint32_t d = 0; d < RILL_MAX_CHANNELS; d++)
		left[d] = ahead;
	for (size_t i = 0; i < slices->count; i++)
		if (take_ahead(slices, left, from[i]))
			to[at++] = from[i];
	for (uint32_t d = 0; d < RILL_MAX_CHANNELS; d++)
		left[d] = ahead;
	for (size_t i = 0; i < slices->count; i++)
		if (!take_ahead(slices, left, from[i]))
			to[at++] = from[i];
}

static int reorder(struct rill_plan *plan, uint32_t ahead)
{
	struct known_slices slices = { .count = rill_plan_slices(plan) };
	uint32_t *from = calloc(slices.count + 1, sizeof(*from));
	uint32_t *to = calloc(slices.count + 1, sizeof(*to));
	bool done;

	slices.known = calloc(slices.count + 1, sizeof(*slices.known));
	slices.channel = calloc(slices.count + 1, sizeof(*slices.channel));
	done = from && to && slices.known && slices.channel;
	if (done) {
		list_slices(plan, &slices);
		for (size_t i = 0; i < slices.count; i++)
			from[i] = plan->loads ? plan->loads[i] : i;
		move_ahead(&slices, ahead, from, to);
		free(plan->loads);
		plan->loads = to;
		to = NULL;
	}
	free(from);
	free(to);
	free(slices.known);
	free(slices.channel);
	return done ? 0 : -ENOMEM;
}

/* Passes that go by the order of their streams take no order of slices. */
static bool orders_slices(const struct rill_plan *plan)
{
	for (uint32_t i = 0; i < plan->stream_count; i++)
		if (plan->streams[i].flags & RILL_STREAM_BARRIER)
			return false;
	return !(plan->pass_flags & RILL_PASS_ONE_EXPERT);
}

int rill_plan_known(const struct rill_layer *layer, struct rill_plan *plan, uint32_t ahead,
		    char *error)
{
	bool any = false;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		if (plan->streams[i].expert >= layer->model->experts) {
			plan->streams[i].flags |= RILL_STREAM_KNOWN;
			any = true;
		}
	if (any && orders_slices(plan) && reorder(plan, ahead))
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	return 0;
}
