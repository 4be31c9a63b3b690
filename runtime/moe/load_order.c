// SPDX-License-Identifier: MIT
/*
 * Lookahead order: slices do not depend on each other, so any expert's may come next. The channels
 * take turns; each time the expert is taken that keeps what was loaded so far closest to the mix of
 * the whole pass, on every chiplet: compute asked of it for the time of loading. So neither DDR nor
 * a MAC array waits for the other for long, whatever the slots. The MAC arrays' part may lead a little: then they
 * have work from the start, and what is loaded last takes little computing. Paired load (FSE-DP, arXiv
 * 2603.27624) does this with two experts at a time; that all counts are known first is ours to use.
 */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

struct mix {
	const struct rill_plan_array *array;
	const struct rill_plan *plan;
	uint32_t (*next)[RILL_MAX_CHANNELS];	/* slice of each stream behind each channel */
	uint32_t *first;		/* number in the pass of each stream's first slice */
	double (*share)[RILL_MAX_CHIPLETS];	/* tokens of a record of each stream, by chiplet; over the mean */
	double *square;			/* of that, summed up */
	double mean[RILL_MAX_CHIPLETS];	/* of all records of the pass */
	double ahead[RILL_MAX_CHIPLETS];	/* tokens times records loaded, over the mean and the lead */
};

/* By how much the squared distance to the mix changes, over all chiplets, with `records` more of a stream */
static double change(const struct mix *mix, uint32_t i, double records)
{
	double sum = 0;

	for (uint32_t c = 0; c < mix->array->chiplets; c++)
		sum += mix->ahead[c] * mix->share[i][c];
	return records * (2 * sum + records * mix->square[i]);
}

/* Stream to take the next slice of channel d from, or UINT32_MAX. */
static uint32_t closest(const struct mix *mix, uint32_t d)
{
	uint32_t best = UINT32_MAX;
	double least = 0;

	for (uint32_t i = 0; i < mix->plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &mix->plan->streams[i];
		double far;

		if (mix->next[i][d] >= stream->slice_count)
			continue;
		far = change(mix, i, stream->slices[mix->next[i][d]].records);
		if (best == UINT32_MAX || far < least) {
			best = i;
			least = far;
		}
	}
	return best;
}

/* To the stream's first slice behind channel d, from slice s on. */
static void seek(struct mix *mix, uint32_t i, uint32_t d, uint32_t s)
{
	const struct rill_plan_stream *stream = &mix->plan->streams[i];

	while (s < stream->slice_count && stream->slices[s].channel != mix->array->channel[d])
		s++;
	mix->next[i][d] = s;
}

static uint32_t take(struct mix *mix, uint32_t i, uint32_t d)
{
	uint32_t s = mix->next[i][d], records = mix->plan->streams[i].slices[s].records;

	for (uint32_t c = 0; c < mix->array->chiplets; c++)
		mix->ahead[c] += records * mix->share[i][c];
	seek(mix, i, d, s + 1);
	return mix->first[i] + s;
}

static void measure_stream(struct mix *mix, uint32_t i, double *records)
{
	const struct rill_plan_stream *stream = &mix->plan->streams[i];
	uint32_t position[RILL_MAX_CHIPLETS] = { 0 };
	double width = 0;

	for (uint32_t c = 0; c < mix->array->chiplets; c++)
		position[mix->array->chiplet[c]] = c;
	for (uint32_t s = 0; s < stream->slice_count; s++)
		width += stream->slices[s].records;
	for (uint32_t r = 0; r < stream->route_count; r++)
		mix->share[i][position[le16toh(stream->routes[r].chiplet)]]++;
	for (uint32_t c = 0; c < mix->array->chiplets; c++)
		mix->mean[c] += width * mix->share[i][c];
	for (uint32_t d = 0; d < mix->array->channels; d++)
		seek(mix, i, d, 0);
	*records += width;
}

static uint32_t longest_slice(const struct rill_plan *plan)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t s = 0; s < plan->streams[i].slice_count; s++)
			if (plan->streams[i].slices[s].records > most)
				most = plan->streams[i].slices[s].records;
	return most;
}

static void measure(struct mix *mix, double lead)
{
	double records = 0;

	for (uint32_t i = 0; i < mix->plan->stream_count; i++)
		measure_stream(mix, i, &records);
	for (uint32_t c = 0; c < mix->array->chiplets; c++) {
		mix->mean[c] /= records;
		mix->ahead[c] = -lead * mix->array->channels * longest_slice(mix->plan) * mix->mean[c];
	}
	for (uint32_t i = 0; i < mix->plan->stream_count; i++)
		for (uint32_t c = 0; c < mix->array->chiplets; c++) {
			mix->share[i][c] -= mix->mean[c];
			mix->square[i] += mix->share[i][c] * mix->share[i][c];
		}
}

static void mix_loads(struct mix *mix, uint32_t slices, uint32_t *loads)
{
	for (uint32_t count = 0, d = 0; count < slices; d = (d + 1) % mix->array->channels) {
		uint32_t i = closest(mix, d);

		if (i != UINT32_MAX)
			loads[count++] = take(mix, i, d);
	}
}

int rill_plan_mix_loads(const struct rill_plan_array *array, struct rill_plan *plan, double lead)
{
	struct mix mix = { .array = array, .plan = plan };
	uint32_t streams = plan->stream_count, slices = rill_plan_slices(plan), first = 0;
	int err = -ENOMEM;

	mix.next = calloc(streams + 1, sizeof(*mix.next));
	mix.first = calloc(streams + 1, sizeof(*mix.first));
	mix.share = calloc(streams + 1, sizeof(*mix.share));
	mix.square = calloc(streams + 1, sizeof(*mix.square));
	plan->loads = calloc(slices + 1, sizeof(*plan->loads));
	if (mix.next && mix.first && mix.share && mix.square && plan->loads) {
		for (uint32_t i = 0; i < streams; first += plan->streams[i++].slice_count)
			mix.first[i] = first;
		measure(&mix, lead);
		mix_loads(&mix, slices, plan->loads);
		err = 0;
	}
	free(mix.next);
	free(mix.first);
	free(mix.share);
	free(mix.square);
	return err;
}
