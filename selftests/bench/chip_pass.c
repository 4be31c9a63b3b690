// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_pass.h"
#include "library.h"
#include "rill_device.h"

#define RUNS		3
#define SAMPLES		2		/* tokens that are compared */
#define QUEUE_DEPTH	(RILL_MAX_STREAMS + 2)
#define CHANNEL_BYTES	(1ULL << 30)

struct run {
	struct chip_pass *pass;
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_buffer *weights[RILL_MAX_CHANNELS], *buffer;
	struct rill_encoded encoded;
	struct drm_rill_job *jobs;
	struct drm_rill_job_result *results;
	uint64_t weights_va[RILL_MAX_CHANNELS];
	char error[RILL_ERROR_BYTES];
};

static bool open_chip(struct run *run)
{
	struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL,
		.chip = { .rows = run->pass->rows, .cols = run->pass->cols,
			  .channel_bytes = CHANNEL_BYTES },
	};
	const char *error = "";

	if (!rill_device_open(&options, &run->device, &error) &&
	    !rill_queue_create(run->device, QUEUE_DEPTH, &run->queue))
		return true;
	snprintf(run->error, sizeof(run->error), "cannot open the model: %s", error);
	return false;
}

static bool make_plan(struct run *run)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct rill_plan_options options = { .slices = run->pass->slices };
	const struct rill_strategy *strategy = rill_strategy_find(run->pass->strategy);
	struct rill_plan_chip chip;

	if (rill_device_channels(run->device, channels))
		return false;
	rill_plan_chip_describe(rill_device_chip(run->device), channels, 0, &chip);
	return !strategy->plan(run->pass->layer, &chip, &options, &run->pass->plan, run->error);
}

static bool make_buffers(struct run *run)
{
	const struct rill_plan *plan = &run->pass->plan;
	const struct rill_encode_options options = { 0 };

	for (unsigned int c = 0; c < RILL_MAX_CHANNELS; c++) {
		if (!plan->channel_bytes[c])
			continue;
		if (rill_buffer_create(run->device, plan->channel_bytes[c], DRM_RILL_DDR, c,
				       &run->weights[c]))
			return false;
		run->weights_va[c] = rill_buffer_va(run->weights[c]);
	}
	rill_plan_measure(run->pass->layer, plan, &options, &run->encoded);
	if (rill_buffer_create(run->device, run->encoded.bytes, DRM_RILL_SYSTEM, 0, &run->buffer))
		return false;
	run->jobs = calloc(run->encoded.job_count, sizeof(*run->jobs));
	run->results = calloc(run->encoded.job_count, sizeof(*run->results));
	if (!run->jobs || !run->results)
		return false;
	rill_plan_encode(run->pass->layer, plan, &options, &run->encoded,
			 rill_buffer_map(run->buffer), rill_buffer_va(run->buffer),
			 run->weights_va, run->jobs);
	return true;
}

static bool fill_some(struct run *run, const struct rill_fill_range *ranges, size_t count)
{
	struct rill_fill fill = { .count = count };
	struct drm_rill_job job = { .opcode = RILL_OP_FILL };
	struct drm_rill_job_result result;
	struct rill_buffer *block;
	bool filled;
	uint8_t *map;

	if (rill_buffer_create(run->device, sizeof(fill) + count * sizeof(*ranges), DRM_RILL_SYSTEM,
			       0, &block))
		return false;
	map = rill_buffer_map(block);
	job.addr = rill_buffer_va(block);
	fill.ranges = job.addr + sizeof(fill);
	memcpy(map, &fill, sizeof(fill));
	memcpy(map + sizeof(fill), ranges, count * sizeof(*ranges));
	filled = !rill_queue_run(run->queue, &job, 1, &result, NULL);
	rill_buffer_destroy(block);
	return filled;
}

static bool fill_weights(struct run *run)
{
	size_t count = rill_plan_fill_count(&run->pass->plan), done, some;
	struct rill_fill_range *ranges = calloc(count, sizeof(*ranges));
	bool filled = ranges;

	if (ranges)
		rill_plan_fill(run->pass->layer, &run->pass->plan, run->weights_va, ranges);
	for (done = 0; filled && done < count; done += some) {
		some = count - done < RILL_MAX_FILL_RANGES ? count - done : RILL_MAX_FILL_RANGES;
		filled = fill_some(run, ranges + done, some);
	}
	free(ranges);
	return filled;
}

/* The best of some runs: what disturbs only makes it longer. */
static bool time_pass(struct run *run)
{
	for (int i = 0; i < RUNS; i++) {
		double start = processor_seconds(), seconds;

		if (rill_queue_run(run->queue, run->jobs, run->encoded.job_count, run->results, NULL))
			return false;
		seconds = processor_seconds() - start;
		if (!i || seconds < run->pass->seconds)
			run->pass->seconds = seconds;
	}
	return true;
}

static bool compare(struct run *run)
{
	const struct rill_layer *layer = run->pass->layer;
	size_t hidden = layer->model->hidden;
	const uint32_t tokens[SAMPLES] = { 0, layer->tokens - 1 };
	const int64_t *got = (void *)((uint8_t *)rill_buffer_map(run->buffer) + run->encoded.out);
	int64_t *want = malloc(SAMPLES * hidden * sizeof(*want));
	bool same = want && !rill_reference(layer, tokens, SAMPLES, 1, want);

	for (int i = 0; same && i < SAMPLES; i++)
		same = !memcmp(got + tokens[i] * hidden, want + i * hidden, hidden * sizeof(*want));
	free(want);
	if (!same)
		snprintf(run->error, sizeof(run->error), "the output is not the reference's");
	return same;
}

static void close_chip(struct run *run)
{
	for (unsigned int c = 0; c < RILL_MAX_CHANNELS; c++)
		if (run->weights[c])
			rill_buffer_destroy(run->weights[c]);
	if (run->buffer)
		rill_buffer_destroy(run->buffer);
	if (run->queue)
		rill_queue_destroy(run->queue);
	if (run->device)
		rill_device_close(run->device);
	free(run->jobs);
	free(run->results);
}

bool chip_pass_run(struct chip_pass *pass)
{
	struct run run = { .pass = pass, .error = "see rill sim with the same options" };
	bool good = open_chip(&run) && make_plan(&run) && make_buffers(&run) && fill_weights(&run) &&
		    time_pass(&run) && compare(&run);

	if (!good)
		fprintf(stderr, "%s, %u tokens, %s: %s\n", pass->layer->model->name,
			pass->layer->tokens, pass->strategy, run.error);
	close_chip(&run);
	return good;
}

void chip_pass_free(struct chip_pass *pass)
{
	rill_plan_free(&pass->plan);
}
