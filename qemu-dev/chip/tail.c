// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * While a pass runs, a chiplet whose channel has no more to load keeps a list of steps: until when its
 * slots were last so full, in falling order. So a load at time t would have found, from t to the end, at
 * most as many slots taken as the first step after t says: it takes none that the pass came to need.
 */
#include "tail.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

enum peak { PEAK_WEIGHTS, PEAK_WEIGHTS_TOKENS, PEAK_ALL };

/* --- recording --- */

static void raise(uint64_t *peak, uint64_t value)
{
	if (value > *peak)
		*peak = value;
}

void rill_tail_held(struct rill_chiplet_run *run)
{
	uint64_t held = run->held[RILL_SRAM_WEIGHTS];

	raise(&run->tail.peak[PEAK_WEIGHTS], held);
	held += run->held[RILL_SRAM_TOKENS];
	raise(&run->tail.peak[PEAK_WEIGHTS_TOKENS], held);
	held += run->held[RILL_SRAM_ACCUMULATORS];
	raise(&run->tail.peak[PEAK_ALL], held);
}

void rill_tail_begin(struct rill_chiplet_run *run)
{
	if (run->tail.on)
		return;
	run->tail.on = true;
	rill_tail_held(run);
}

void rill_tail_step(struct rill_pass_state *pass, struct rill_chiplet_run *run)
{
	struct rill_tail_run *tail = &run->tail;
	struct rill_tail_step step = { .until_ps = pass->now, .used = run->slots_used };
	unsigned int i;

	memcpy(step.peak, tail->peak, sizeof(step.peak));
	for (; tail->count && tail->steps[tail->count - 1].used <= step.used; tail->count--)
		for (i = 0; i < RILL_TAIL_PEAKS; i++)
			raise(&step.peak[i], tail->steps[tail->count - 1].peak[i]);
	if (!rill_array_grow((void **)&tail->steps, &tail->capacity, tail->count + 1,
			     sizeof(*tail->steps))) {
		pass->broken = true;
		return;
	}
	tail->steps[tail->count++] = step;
	memset(tail->peak, 0, sizeof(tail->peak));
}

/* --- from one pass to the next --- */

void rill_tail_clear(struct rill_tail *tail)
{
	unsigned int i;

	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		free(tail->chiplet[i].steps);
	memset(tail, 0, sizeof(*tail));
}

static bool plain(const struct rill_pass_state *pass)
{
	return !(pass->block.flags & RILL_PASS_ABLATIONS) && !pass->barrier;
}

void rill_tail_keep(struct rill_tail *tail, struct rill_pass_state *pass)
{
	unsigned int i;

	rill_tail_clear(tail);
	if (!plain(pass))
		return;
	tail->kept = true;
	tail->queue = pass->queue;
	tail->end_ps = pass->now;
	/* Where slices move, admission keeps one more free. */
	tail->slots = pass->slots - (pass->escape_slots ? 1 : 0);
	tail->slot_bytes = pass->slot_bytes;
	for (i = 0; i < pass->chip->config.channels; i++) {
		tail->request_ps[i] = pass->channels[i].request_ps;
		tail->free_ps[i] = pass->channels[i].free_ps;
	}
	for (i = 0; i < pass->chip->chiplet_count; i++) {
		if (pass->chiplets[i].tail.on)
			rill_tail_step(pass, &pass->chiplets[i]);
		tail->chiplet[i] = pass->chiplets[i].tail;
		pass->chiplets[i].tail = (struct rill_tail_run){ 0 };
	}
	if (pass->broken)
		rill_tail_clear(tail);
}

/* The first step that ends after t. */
static size_t step_after(const struct rill_tail_run *tail, uint64_t t)
{
	size_t low = 0, high = tail->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (tail->steps[middle].until_ps > t)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* When the chiplet came to have one more slot than the pass and earlier loads needed; UINT64_MAX: never. */
static uint64_t slot_free_at(const struct rill_tail *tail, unsigned int chiplet)
{
	const struct rill_tail_run *run = &tail->chiplet[chiplet];
	size_t low = 0, high = run->count;

	if (run->taken >= tail->slots)
		return UINT64_MAX;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (run->steps[middle].used + run->taken < tail->slots)
			high = middle;
		else
			low = middle + 1;
	}
	return low ? run->steps[low - 1].until_ps : 0;
}

/* When channel d could have taken a request for its next slice: before the end, or UINT64_MAX. */
static uint64_t request_at(const struct rill_tail *tail, const struct rill_pass_state *pass,
			   unsigned int d)
{
	const struct rill_channel_run *run = &pass->channels[d];
	const struct rill_slice_state *slice;
	uint64_t at;

	if (run->next == run->end)
		return UINT64_MAX;
	slice = &pass->slices[pass->loads[run->next]];
	if (!(pass->streams[slice->stream].block.flags & RILL_STREAM_KNOWN) ||
	    slice->bytes > tail->slot_bytes || !pass->rules->admit(pass, slice))
		return UINT64_MAX;
	at = slot_free_at(tail, pass->chip->channels[d].chiplet);
	if (at < tail->request_ps[d])
		at = tail->request_ps[d];
	return at < tail->end_ps ? at : UINT64_MAX;
}

static uint64_t since_end(const struct rill_tail *tail, uint64_t t)
{
	return t > tail->end_ps ? t - tail->end_ps : 0;
}

static void load_ahead(struct rill_tail *tail, struct rill_pass_state *pass, unsigned int d,
		       uint64_t at)
{
	struct rill_tail_run *run = &tail->chiplet[pass->chip->channels[d].chiplet];
	const struct rill_slice_state *slice = &pass->slices[pass->loads[pass->channels[d].next]];
	uint64_t begin = at + pass->chip->config.ddr_latency_ps, end;
	size_t step = step_after(run, at);

	if (begin < tail->free_ps[d])
		begin = tail->free_ps[d];
	end = begin + rill_channel_ps(pass, slice->bytes);
	tail->free_ps[d] = end;
	tail->request_ps[d] = end - pass->chip->config.ddr_latency_ps;
	run->taken++;
	if (step < run->count)
		run->steps[step].ahead += slice->bytes;
	pass->prefetched_bytes += slice->bytes;
	rill_stream_load(pass, d, since_end(tail, begin), since_end(tail, end),
			 since_end(tail, tail->request_ps[d]));
}

/* What the two passes held together, for this pass's peaks. */
static void raise_peaks(struct rill_chiplet_run *run, const struct rill_tail_run *tail)
{
	uint64_t ahead = 0;
	size_t i;

	for (i = 0; i < tail->count; i++) {
		const struct rill_tail_step *step = &tail->steps[i];

		ahead += step->ahead;
		if (!ahead)
			continue;
		raise(&run->peak[RILL_SRAM_WEIGHTS], step->peak[PEAK_WEIGHTS] + ahead);
		raise(&run->peak_weights_tokens, step->peak[PEAK_WEIGHTS_TOKENS] + ahead);
		raise(&run->peak_all, step->peak[PEAK_ALL] + ahead);
	}
}

static void load_all_ahead(struct rill_tail *tail, struct rill_pass_state *pass)
{
	unsigned int channels = pass->chip->config.channels, best, d;
	uint64_t least, at;

	do {
		least = UINT64_MAX;
		for (d = 0, best = 0; d < channels; d++) {
			at = request_at(tail, pass, d);
			if (at < least) {
				least = at;
				best = d;
			}
		}
		if (least != UINT64_MAX)
			load_ahead(tail, pass, best, least);
	} while (least != UINT64_MAX && !pass->broken);
	for (d = 0; d < pass->chip->chiplet_count; d++)
		raise_peaks(&pass->chiplets[d], &tail->chiplet[d]);
}

void rill_tail_take(struct rill_tail *tail, struct rill_pass_state *pass)
{
	if (tail->kept && tail->queue == pass->queue && plain(pass))
		load_all_ahead(tail, pass);
	rill_tail_clear(tail);
}
