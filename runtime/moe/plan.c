// SPDX-License-Identifier: MIT
/* What all strategies need: the array, homes, streams, placement. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PAGE_BYTES	4096ULL
#define SLICE_ALIGN	64ULL

void rill_plan_chip_describe(const struct drm_rill_chip_info *info,
			     const struct drm_rill_channel_info *channels, uint64_t chiplet_mask,
			     struct rill_plan_chip *chip)
{
	*chip = (struct rill_plan_chip){
		.rows = info->rows, .cols = info->cols, .channels = info->channels,
		.chiplet_mask = chiplet_mask ? chiplet_mask :
					       UINT64_MAX >> (64 - info->rows * info->cols),
		.sram_bytes = info->sram_bytes,
		.mac_per_second = (uint64_t)info->mac_per_cycle * info->mac_khz * 1000,
		.ddr_bytes_per_second = info->ddr_mbps * 1000000ULL,
		.link_bytes_per_second = info->link_mbps * 1000000ULL,
	};
	for (uint32_t i = 0; i < info->channels; i++)
		chip->channel_chiplet[i] = channels[i].chiplet;
}

static bool rill_plan_allowed(const struct rill_plan_chip *chip, uint32_t chiplet)
{
	return chiplet < chip->rows * chip->cols &&
	       (!chip->chiplet_mask || chip->chiplet_mask >> chiplet & 1);
}

uint32_t rill_plan_hops(const struct rill_plan_chip *chip, uint32_t a, uint32_t b)
{
	int rows = (int)(a / chip->cols) - (int)(b / chip->cols);
	int cols = (int)(a % chip->cols) - (int)(b % chip->cols);

	return abs(rows) + abs(cols);
}

static int check_chip(const struct rill_plan_chip *chip, char *error)
{
	if (!chip->rows || !chip->cols || chip->rows > RILL_MAX_CHIPLETS ||
	    chip->cols > RILL_MAX_CHIPLETS || chip->rows * chip->cols > RILL_MAX_CHIPLETS)
		return rill_moe_error(error, -EINVAL, "array: %ux%u is not within 1..%u chiplets",
				      chip->rows, chip->cols, RILL_MAX_CHIPLETS);
	if (!chip->channels || chip->channels > RILL_MAX_CHANNELS)
		return rill_moe_error(error, -EINVAL, "channels: %u is not in 1..%u",
				      chip->channels, RILL_MAX_CHANNELS);
	if (!chip->mac_per_second || !chip->ddr_bytes_per_second || !chip->link_bytes_per_second)
		return rill_moe_error(error, -EINVAL, "a MAC, DDR or link rate of the chip is 0");
	return 0;
}

int rill_plan_array(const struct rill_plan_chip *chip, struct rill_plan_array *array, char *error)
{
	int err = check_chip(chip, error);

	memset(array, 0, sizeof(*array));
	if (err)
		return err;
	for (uint32_t c = 0; c < chip->rows * chip->cols; c++)
		if (rill_plan_allowed(chip, c))
			array->chiplet[array->chiplets++] = c;
	for (uint32_t d = 0; d < chip->channels; d++)
		if (rill_plan_allowed(chip, chip->channel_chiplet[d]))
			array->channel[array->channels++] = d;
	if (!array->chiplets || !array->channels)
		return rill_moe_error(error, -EINVAL, "chiplet_mask: %#" PRIx64
				      " leaves no chiplet with a DDR channel of %ux%u",
				      chip->chiplet_mask, chip->rows, chip->cols);
	return 0;
}

void rill_plan_count(const struct rill_layer *layer, struct rill_plan_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	counts->experts = rill_layer_experts(layer);
	for (uint32_t t = 0; t < layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(layer, t); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(layer, t, i, &expert, &weight);
			counts->n[expert]++;
		}
}

bool rill_plan_selects(const struct rill_layer *layer, uint32_t t, uint32_t expert, int32_t *weight)
{
	for (uint32_t i = 0; i < rill_layer_picks(layer, t); i++) {
		uint32_t picked;

		rill_layer_select(layer, t, i, &picked, weight);
		if (picked == expert)
			return true;
	}
	return false;
}

static int given_homes(const struct rill_layer *layer, const struct rill_plan_array *array,
		       struct rill_plan *plan, char *error)
{
	uint64_t allowed = 0;

	for (uint32_t i = 0; i < array->chiplets; i++)
		allowed |= 1ULL << array->chiplet[i];
	for (uint32_t t = 0; t < layer->tokens; t++) {
		if (layer->homes[t] >= RILL_MAX_CHIPLETS || !(allowed >> layer->homes[t] & 1))
			return rill_moe_error(error, -EINVAL, "homes: token %u: chiplet %u is not allowed", t,
					      layer->homes[t]);
		plan->homes[t] = layer->homes[t];
	}
	return 0;
}

int rill_plan_homes(const struct rill_layer *layer, const struct rill_plan_array *array,
		    struct rill_plan *plan, char *error)
{
	plan->homes = calloc(layer->tokens, sizeof(*plan->homes));
	if (!plan->homes)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (layer->homes)
		return given_homes(layer, array, plan, error);
	for (uint32_t t = 0; t < layer->tokens; t++)
		plan->homes[t] = array->chiplet[(uint64_t)t * array->chiplets / layer->tokens];
	return 0;
}

int rill_plan_streams(const struct rill_plan_counts *counts, struct rill_plan *plan, char *error)
{
	uint32_t used = 0;

	for (uint32_t e = 0; e < counts->experts; e++)
		used += counts->n[e] != 0;
	plan->streams = calloc(used, sizeof(*plan->streams));
	return plan->streams ? 0 : rill_moe_error(error, -ENOMEM, "out of memory for a plan");
}

struct rill_plan_stream *rill_plan_stream(struct rill_plan *plan, uint32_t expert, uint32_t slices,
					  uint32_t routes)
{
	struct rill_plan_stream *stream = &plan->streams[plan->stream_count++];

	stream->expert = expert;
	stream->slices = calloc(slices, sizeof(*stream->slices));
	stream->routes = calloc(routes, sizeof(*stream->routes));
	if (!stream->slices || !stream->routes)
		return NULL;
	stream->slice_count = slices;
	return stream;
}

void rill_plan_cut(struct rill_plan_slice *slice, uint32_t index, uint32_t count, uint32_t width)
{
	uint32_t end = (uint64_t)(index + 1) * width / count;

	slice->first = (uint64_t)index * width / count;
	slice->records = end - slice->first;
}

void rill_plan_route(struct rill_plan_stream *stream, uint32_t token, uint32_t chiplet,
		     int32_t weight)
{
	stream->routes[stream->route_count++] = (struct rill_route){
		.token = htole16(token),
		.chiplet = htole16(chiplet),
		.weight = htole32((uint32_t)weight),
	};
}

/* --- placement --- */

static uint64_t align(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

/* Slices of an expert lie one after the other; the first in a channel starts on a page. */
static void place_stream(const struct rill_layer *layer, struct rill_plan *plan,
			 struct rill_plan_stream *stream)
{
	for (uint32_t d = 0; d < RILL_MAX_CHANNELS; d++)
		plan->channel_bytes[d] = align(plan->channel_bytes[d], PAGE_BYTES);
	for (uint32_t s = 0; s < stream->slice_count; s++) {
		struct rill_plan_slice *slice = &stream->slices[s];
		uint64_t *end = &plan->channel_bytes[slice->channel];

		slice->offset = align(*end, SLICE_ALIGN);
		*end = slice->offset + slice->records * rill_record_bytes(layer);
	}
}

/* Chiplets that a slice of the stream may have to visit */
static uint64_t visits(const struct rill_plan *plan, const struct rill_plan_stream *stream,
		       uint64_t *remote)
{
	uint64_t need = 0, count = 0;

	for (uint32_t i = 0; i < stream->route_count; i++) {
		uint16_t chiplet = le16toh(stream->routes[i].chiplet);

		need |= 1ULL << chiplet;
		*remote += plan->homes[le16toh(stream->routes[i].token)] != chiplet;
	}
	for (; need; need &= need - 1)
		count++;
	return stream->flags & RILL_STREAM_PINNED ? 1 : count;
}

/*
 * A slice is loaded once, computed at most once at each chiplet that it visits and moves at most
 * once around all chiplets for each; a route away from home is at most one scatter and one reduce,
 * each as long.
 */
static uint64_t timeline_bound(const struct rill_plan_chip *chip, const struct rill_plan *plan)
{
	uint64_t detour = chip->rows * chip->cols - 1, bound = 0, remote = 0;

	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];

		bound += stream->slice_count * (1 + visits(plan, stream, &remote) * (1 + detour));
	}
	return bound + 2 * remote * detour;
}

static bool hotter(const struct rill_layer *layer, const struct rill_plan_counts *counts, uint32_t a,
		   uint32_t b)
{
	uint32_t routed = layer->model->experts;

	if (counts->n[a] != counts->n[b])
		return counts->n[a] > counts->n[b];
	if ((a >= routed) != (b >= routed))
		return a >= routed;
	return a < b;
}

uint32_t rill_plan_hottest(const struct rill_layer *layer, const struct rill_plan_counts *counts,
			   uint32_t *sorted)
{
	uint32_t count = 0;

	for (uint32_t e = 0; e < counts->experts; e++) {
		uint32_t at = count;

		if (!counts->n[e])
			continue;
		for (; at && hotter(layer, counts, e, sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = e;
		count++;
	}
	return count;
}

uint32_t rill_plan_stripes(const struct rill_layer *layer, uint32_t expert, uint32_t channels,
			   uint32_t wanted)
{
	uint32_t width = rill_layer_width(layer, expert), count = wanted;
	uint32_t limit = width < RILL_MAX_SLICES ? width : RILL_MAX_SLICES;

	if (!count) {
		count = (width * rill_record_bytes(layer) + RILL_SLICE_BYTES / 2) / RILL_SLICE_BYTES;
		count = (count + channels - 1) / channels * channels;
	}
	if (count < 1)
		count = channels;
	return count < limit ? count : limit;
}

uint16_t rill_plan_nearest_channel(const struct rill_plan_chip *chip,
				   const struct rill_plan_array *array, uint32_t chiplet,
				   uint32_t *served)
{
	uint64_t best = UINT64_MAX;
	uint16_t channel = 0;

	for (uint32_t i = 0; i < array->channels; i++) {
		uint32_t d = array->channel[i];
		uint32_t hops = rill_plan_hops(chip, chiplet, chip->channel_chiplet[d]);
		uint64_t cost = (uint64_t)hops << 32 | served[d];

		if (cost < best) {
			best = cost;
			channel = d;
		}
	}
	served[channel]++;
	return channel;
}

uint32_t rill_plan_fit(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		       uint64_t tokens, uint64_t slot_bytes)
{
	uint64_t held = tokens * layer->model->hidden * RILL_TOKEN_BYTES, fit;

	if (held >= chip->sram_bytes || !slot_bytes)
		return 0;
	fit = (chip->sram_bytes - held) / slot_bytes;
	return fit < UINT32_MAX ? fit : UINT32_MAX;
}

int rill_plan_place(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		    struct rill_plan *plan, char *error)
{
	for (uint32_t i = 0; i < plan->stream_count; i++)
		place_stream(layer, plan, &plan->streams[i]);
	plan->timeline_bound = timeline_bound(chip, plan);
	return rill_plan_check_sram(layer, chip, plan, error);
}

void rill_plan_free(struct rill_plan *plan)
{
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		free(plan->streams[i].slices);
		free(plan->streams[i].routes);
	}
	free(plan->streams);
	free(plan->homes);
	free(plan->loads);
	memset(plan, 0, sizeof(*plan));
}
