// SPDX-License-Identifier: MIT
/*
 * Load order of plans whose slices each go to one chiplet only. A chiplet has two experts under way,
 * one with more tokens than its mean and one with fewer, and the next slice is of the one that brings
 * back to the mean what was asked of its MAC array for the bytes that it loaded: so neither DDR nor the
 * array waits long for the other. That whole experts end one after the other lets tokens go home early. Chiplets
 * get on alike, so that none is left to load alone from a channel that several share.
 */
#include <errno.h>
#include <stdlib.h>

#include "pinned.h"

/* The slices of an expert at a chiplet. */
struct part {
	uint32_t stream, next, end;	/* in its slices */
	uint32_t tokens;
	double records;
};

struct chiplet_queue {
	struct part *part;		/* most tokens first */
	uint32_t count;
	uint32_t hot, hot_end, cold;	/* with more tokens than the mean; with no more */
	double mean;			/* tokens of a record */
	double ahead;			/* tokens times records loaded, against the mean */
	double records, loaded;
};

struct pinned {
	const struct rill_plan *plan;
	uint32_t chiplets;
	struct chiplet_queue queue[RILL_MAX_CHIPLETS];
};

static bool at(const struct rill_plan_stream *stream, uint32_t s, uint32_t chiplet)
{
	return stream->slices[s].pin == chiplet;
}

/* To the part's next slice, from its slice s on. */
static void seek(const struct pinned *p, struct part *part, uint32_t chiplet, uint32_t s)
{
	const struct rill_plan_stream *stream = &p->plan->streams[part->stream];

	while (s < part->end && !at(stream, s, chiplet))
		s++;
	part->next = s;
}

static void add_part(struct pinned *p, uint32_t i, uint32_t chiplet)
{
	const struct rill_plan_stream *stream = &p->plan->streams[i];
	struct chiplet_queue *queue = &p->queue[chiplet];
	struct part part = { .stream = i, .end = stream->slice_count };
	uint32_t place = queue->count;

	for (uint32_t s = 0; s < stream->slice_count; s++)
		part.records += at(stream, s, chiplet) ? stream->slices[s].records : 0;
	if (!part.records)
		return;
	for (uint32_t r = 0; r < stream->route_count; r++)
		part.tokens += le16toh(stream->routes[r].chiplet) == chiplet;
	seek(p, &part, chiplet, 0);
	for (; place && queue->part[place - 1].tokens < part.tokens; place--)
		queue->part[place] = queue->part[place - 1];
	queue->part[place] = part;
	queue->count++;
	queue->records += part.records;
	queue->mean += part.records * part.tokens;
}

static bool begin(struct pinned *p)
{
	for (uint32_t c = 0; c < p->chiplets; c++) {
		struct chiplet_queue *queue = &p->queue[c];

		queue->part = calloc(p->plan->stream_count + 1, sizeof(*queue->part));
		if (!queue->part)
			return false;
		for (uint32_t i = 0; i < p->plan->stream_count; i++)
			add_part(p, i, c);
		if (queue->records)
			queue->mean /= queue->records;
		while (queue->cold < queue->count && queue->part[queue->cold].tokens > queue->mean)
			queue->cold++;
		queue->hot_end = queue->cold;
	}
	return true;
}

static void skip_done(const struct chiplet_queue *queue, uint32_t *at, uint32_t end)
{
	while (*at < end && queue->part[*at].next == queue->part[*at].end)
		++*at;
}

/* The expert whose turn it is at the chiplet, or NULL. */
static struct part *turn(struct chiplet_queue *queue)
{
	bool hot, cold;

	skip_done(queue, &queue->hot, queue->hot_end);
	skip_done(queue, &queue->cold, queue->count);
	hot = queue->hot < queue->hot_end;
	cold = queue->cold < queue->count;
	if (!hot && !cold)
		return NULL;
	return &queue->part[hot && (!cold || queue->ahead <= 0) ? queue->hot : queue->cold];
}

/* The chiplet that is furthest behind. */
static uint32_t behind(struct pinned *p)
{
	uint32_t best = 0;
	double least = 2;

	for (uint32_t c = 0; c < p->chiplets; c++) {
		struct chiplet_queue *queue = &p->queue[c];

		if (turn(queue) && queue->loaded / queue->records < least) {
			least = queue->loaded / queue->records;
			best = c;
		}
	}
	return best;
}

static bool take(struct pinned *p, const uint32_t *first, uint32_t *slice)
{
	uint32_t chiplet = behind(p), s;
	struct chiplet_queue *queue = &p->queue[chiplet];
	struct part *part = turn(queue);

	if (!part)
		return false;
	s = part->next;
	queue->loaded += p->plan->streams[part->stream].slices[s].records;
	queue->ahead += p->plan->streams[part->stream].slices[s].records * (part->tokens - queue->mean);
	*slice = first[part->stream] + s;
	seek(p, part, chiplet, s + 1);
	return true;
}

int rill_pinned_loads(const struct rill_plan_chip *chip, struct rill_plan *plan)
{
	struct pinned p = { .plan = plan, .chiplets = chip->rows * chip->cols };
	uint32_t *first = calloc(plan->stream_count + 1, sizeof(*first)), count = 0, slices = 0;
	bool done;

	plan->loads = calloc(rill_plan_slices(plan) + 1, sizeof(*plan->loads));
	done = first && plan->loads && begin(&p);
	if (done) {
		for (uint32_t i = 0; i < plan->stream_count; slices += plan->streams[i++].slice_count)
			first[i] = slices;
		while (take(&p, first, &plan->loads[count]))
			count++;
	}
	for (uint32_t c = 0; c < p.chiplets; c++)
		free(p.queue[c].part);
	free(first);
	return done ? 0 : -ENOMEM;
}
