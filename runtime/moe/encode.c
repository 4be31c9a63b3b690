// SPDX-License-Identifier: MIT
/*
 * A plan as the chip reads it: one buffer with the blocks of rill_stream.h and what they point to.
 */
#include <string.h>

#include "internal.h"

#define PART_ALIGN	64
#define OUT_ALIGN	4096

/* Byte offsets into the buffer. streams, slices and routes are arrays over all streams. */
struct layout {
	uint64_t pass, streams, loads, homes, silu, x, slices, routes, out, report, timeline;
	uint64_t rules, rules_weights, bytes;
	uint32_t timeline_entries;
};

static uint64_t part(uint64_t *end, uint64_t bytes, uint64_t alignment)
{
	uint64_t start = (*end + alignment - 1) / alignment * alignment;

	*end = start + bytes;
	return start;
}

static void count_parts(const struct rill_plan *plan, uint64_t *slices, uint64_t *routes)
{
	*slices = *routes = 0;
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		*slices += plan->streams[i].slice_count;
		*routes += plan->streams[i].route_count;
	}
}

size_t rill_plan_slices(const struct rill_plan *plan)
{
	uint64_t slices, routes;

	count_parts(plan, &slices, &routes);
	return slices;
}

static uint32_t timeline_entries(const struct rill_plan *plan,
				 const struct rill_encode_options *options)
{
	if (!options->timeline)
		return 0;
	return plan->timeline_bound < RILL_MAX_TIMELINE ? plan->timeline_bound : RILL_MAX_TIMELINE;
}

static void lay_out(const struct rill_layer *layer, const struct rill_plan *plan,
		    const struct rill_encode_options *options, struct layout *l)
{
	uint64_t slices, routes, elements = (uint64_t)layer->tokens * layer->model->hidden;

	memset(l, 0, sizeof(*l));
	count_parts(plan, &slices, &routes);
	l->pass = part(&l->bytes, sizeof(struct rill_pass), PART_ALIGN);
	l->streams = part(&l->bytes, plan->stream_count * sizeof(struct rill_stream), PART_ALIGN);
	if (plan->loads)
		l->loads = part(&l->bytes, slices * sizeof(__le32), PART_ALIGN);
	l->homes = part(&l->bytes, layer->tokens * sizeof(__le16), PART_ALIGN);
	l->slices = part(&l->bytes, slices * sizeof(struct rill_slice), PART_ALIGN);
	l->routes = part(&l->bytes, routes * sizeof(struct rill_route), PART_ALIGN);
	if (!options->timing_only) {
		l->silu = part(&l->bytes, sizeof(layer->silu), PART_ALIGN);
		l->x = part(&l->bytes, elements, PART_ALIGN);
		l->out = part(&l->bytes, elements * sizeof(__le64), OUT_ALIGN);
	}
	l->report = part(&l->bytes, sizeof(struct rill_pass_report), PART_ALIGN);
	if (options->rules && !options->rules_kept)
		l->rules = part(&l->bytes, options->rules_bytes, PART_ALIGN);
	if (options->rules_weights && !options->rules_kept)
		l->rules_weights = part(&l->bytes, options->rules_weights_bytes, sizeof(__le64));
	l->timeline_entries = timeline_entries(plan, options);
	if (l->timeline_entries)
		l->timeline = part(&l->bytes,
				   l->timeline_entries * sizeof(struct rill_interval), PART_ALIGN);
}

void rill_plan_measure(const struct rill_layer *layer, const struct rill_plan *plan,
		       const struct rill_encode_options *options, struct rill_encoded *encoded)
{
	struct layout l;

	lay_out(layer, plan, options, &l);
	*encoded = (struct rill_encoded){
		.bytes = l.bytes,
		.out = l.out,
		.report = l.report,
		.timeline = l.timeline,
		.rules_weights = l.rules_weights,
		.timeline_entries = l.timeline_entries,
		.job_count = plan->stream_count + 2,
	};
}

static __le64 address(uint64_t va, uint64_t offset)
{
	return offset ? htole64(va + offset) : 0;
}

static void write_pass(const struct rill_layer *layer, const struct rill_plan *plan,
		       const struct rill_encode_options *options, const struct layout *l,
		       uint8_t *buffer, uint64_t va)
{
	struct rill_pass pass = {
		.flags = htole32(plan->pass_flags |
				 (options->timing_only ? RILL_PASS_TIMING_ONLY : 0) |
				 (options->rules_weights || options->rules_kept ? RILL_PASS_RULES_WEIGHTS : 0)),
		.tokens = htole32(layer->tokens),
		.hidden = htole32(layer->model->hidden),
		.slots = htole32(plan->slots),
		.loads = address(va, l->loads),
		.homes = address(va, l->homes),
		.x = address(va, l->x),
		.silu = address(va, l->silu),
		.out = address(va, l->out),
		.report = address(va, l->report),
		.timeline = address(va, l->timeline),
		.timeline_entries = htole32(l->timeline_entries),
		.out_shift = htole32(layer->out_shift),
		.rules = options->rules_kept ? htole64(options->rules_kept) : address(va, l->rules),
	};

	memcpy(buffer + l->pass, &pass, sizeof(pass));
	if (l->rules)
		memcpy(buffer + l->rules, options->rules, options->rules_bytes);
	if (l->rules_weights)
		memcpy(buffer + l->rules_weights, options->rules_weights, options->rules_weights_bytes);
}

static void write_inputs(const struct rill_layer *layer, const struct rill_plan *plan,
			 const struct layout *l, uint8_t *buffer)
{
	for (uint32_t t = 0; t < layer->tokens; t++) {
		__le16 home = htole16(plan->homes[t]);

		memcpy(buffer + l->homes + t * sizeof(home), &home, sizeof(home));
	}
	if (!l->x)
		return;
	memcpy(buffer + l->silu, layer->silu, sizeof(layer->silu));
	memcpy(buffer + l->x, layer->x, (size_t)layer->tokens * layer->model->hidden);
}

static void write_slices(const struct rill_plan_stream *stream, const uint64_t *weights_va,
			 uint8_t *to)
{
	for (uint32_t s = 0; s < stream->slice_count; s++) {
		const struct rill_plan_slice *from = &stream->slices[s];
		struct rill_slice slice = {
			.weights = htole64(weights_va[from->channel] + from->offset),
			.first = htole32(from->first),
			.records = htole16(from->records),
			.pin = htole16(from->pin),
		};

		memcpy(to + s * sizeof(slice), &slice, sizeof(slice));
	}
}

static void write_stream(const struct rill_layer *layer, const struct rill_plan_stream *stream,
			 uint64_t slices_va, uint64_t routes_va, uint8_t *to)
{
	const struct rill_requant *q = &layer->requant[stream->expert];
	uint32_t format = layer->weights == RILL_WEIGHTS_INT4 ? RILL_STREAM_INT4 : 0;
	struct rill_stream block = {
		.flags = htole32(stream->flags | format),
		.expert = htole32(stream->expert),
		.width = htole32(rill_layer_width(layer, stream->expert)),
		.slice_count = htole32(stream->slice_count),
		.route_count = htole32(stream->route_count),
		.slices = htole64(slices_va),
		.routes = htole64(routes_va),
		.gate_mult = htole32(q->gate_mult),
		.up_mult = htole32(q->up_mult),
		.act_mult = htole32(q->act_mult),
		.gate_shift = q->gate_shift,
		.up_shift = q->up_shift,
		.act_shift = q->act_shift,
	};

	memcpy(to, &block, sizeof(block));
}

static void write_streams(const struct rill_layer *layer, const struct rill_plan *plan,
			  const struct layout *l, uint8_t *buffer, uint64_t va,
			  const uint64_t *weights_va)
{
	uint64_t slices = l->slices, routes = l->routes;

	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];
		size_t route_bytes = stream->route_count * sizeof(*stream->routes);

		write_stream(layer, stream, va + slices, va + routes,
			     buffer + l->streams + i * sizeof(struct rill_stream));
		write_slices(stream, weights_va, buffer + slices);
		memcpy(buffer + routes, stream->routes, route_bytes);
		slices += stream->slice_count * sizeof(struct rill_slice);
		routes += route_bytes;
	}
}

static void write_loads(const struct rill_plan *plan, const struct layout *l, uint8_t *buffer)
{
	size_t count = rill_plan_slices(plan);

	for (size_t i = 0; plan->loads && i < count; i++) {
		__le32 slice = htole32(plan->loads[i]);

		memcpy(buffer + l->loads + i * sizeof(slice), &slice, sizeof(slice));
	}
}

static void write_jobs(const struct rill_plan *plan, const struct layout *l, uint64_t va,
		       struct drm_rill_job *jobs)
{
	memset(jobs, 0, (plan->stream_count + 2) * sizeof(*jobs));
	jobs[0].opcode = RILL_OP_PASS_BEGIN;
	jobs[0].addr = va + l->pass;
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		jobs[1 + i].opcode = RILL_OP_STREAM;
		jobs[1 + i].addr = va + l->streams + i * sizeof(struct rill_stream);
	}
	jobs[1 + plan->stream_count].opcode = RILL_OP_PASS_END;
}

void rill_plan_encode(const struct rill_layer *layer, const struct rill_plan *plan,
		      const struct rill_encode_options *options, const struct rill_encoded *encoded,
		      void *buffer, uint64_t va, const uint64_t *weights_va, struct drm_rill_job *jobs)
{
	struct layout l;

	lay_out(layer, plan, options, &l);
	memset(buffer, 0, encoded->bytes);
	write_pass(layer, plan, options, &l, buffer, va);
	write_inputs(layer, plan, &l, buffer);
	write_streams(layer, plan, &l, buffer, va, weights_va);
	write_loads(plan, &l, buffer);
	write_jobs(plan, &l, va, jobs);
}

/* --- weights --- */

size_t rill_plan_fill_count(const struct rill_plan *plan)
{
	return rill_plan_slices(plan);
}

void rill_plan_fill(const struct rill_layer *layer, const struct rill_plan *plan,
		    const uint64_t *weights_va, struct rill_fill_range *ranges)
{
	uint64_t bytes = rill_record_bytes(layer);

	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];

		for (uint32_t s = 0; s < stream->slice_count; s++) {
			const struct rill_plan_slice *slice = &stream->slices[s];

			*ranges++ = (struct rill_fill_range){
				.dst = htole64(weights_va[slice->channel] + slice->offset),
				.bytes = htole64(slice->records * bytes),
				.seed = htole64(rill_layer_expert_seed(layer, stream->expert)),
				.counter = htole64(slice->first * bytes / 8),
			};
		}
	}
}
