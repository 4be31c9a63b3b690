// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sequence_rig.h"

#define MOST_PASSES	64

void sequence_rig_open(struct sequence_rig *rig, const struct rill_model_chip *chip)
{
	struct rill_device_options options = { .transport = RILL_TRANSPORT_MODEL, .chip = *chip };
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	const char *error;

	assert_int_equal(rill_device_open(&options, &rig->device, &error), 0);
	assert_int_equal(rill_queue_create(rig->device, RILL_MAX_STREAMS + 2, &rig->queue), 0);
	assert_int_equal(rill_device_channels(rig->device, channels), 0);
	rill_plan_chip_describe(rill_device_chip(rig->device), channels, 0, &rig->chip);
}

void sequence_rig_close(struct sequence_rig *rig)
{
	rill_queue_destroy(rig->queue);
	rill_device_close(rig->device);
}

struct rill_plan *sequence_rig_plan(const struct sequence_rig *rig, const struct rill_layer *layer,
				    const char *strategy, const struct rill_plan_options *options)
{
	struct rill_plan *plan = calloc(1, sizeof(*plan));
	char error[RILL_ERROR_BYTES] = "";

	assert_non_null(plan);
	if (rill_strategy_find(strategy)->plan(layer, &rig->chip, options, plan, error) ||
	    rill_plan_check(layer, &rig->chip, plan, error))
		fail_msg("%s", error);
	return plan;
}

void sequence_rig_plan_free(struct rill_plan *plan)
{
	rill_plan_free(plan);
	free(plan);
}

static struct rill_buffer *fill_block(struct sequence_rig *rig, const struct sequence_pass *pass,
				      const uint64_t *va, struct drm_rill_job *job)
{
	size_t count = pass ? rill_plan_fill_count(pass->plan) : 1;
	struct rill_fill block = { .count = count };
	struct rill_buffer *buffer;
	uint8_t *map;

	assert_int_equal(rill_buffer_create(rig->device, sizeof(block) + count *
					    sizeof(struct rill_fill_range) + 64, DRM_RILL_SYSTEM, 0,
					    &buffer), 0);
	map = rill_buffer_map(buffer);
	*job = (struct drm_rill_job){ .opcode = RILL_OP_FILL, .addr = rill_buffer_va(buffer) };
	block.ranges = job->addr + sizeof(block);
	memcpy(map, &block, sizeof(block));
	if (pass)
		rill_plan_fill(pass->layer, pass->plan, va, (struct rill_fill_range *)(map + sizeof(block)));
	return buffer;
}

struct loaded {
	struct rill_buffer *weights[RILL_MAX_CHANNELS], *block;
	uint64_t va[RILL_MAX_CHANNELS];
	struct rill_encoded encoded;
};

static void load(struct sequence_rig *rig, struct sequence_pass *pass, bool timing_only,
		 struct loaded *loaded, struct drm_rill_job *jobs)
{
	const struct rill_encode_options options = { .timing_only = timing_only };
	struct drm_rill_job fill;
	struct rill_buffer *buffer;

	for (uint32_t c = 0; c < rig->chip.channels; c++) {
		if (!pass->plan->channel_bytes[c])
			continue;
		assert_int_equal(rill_buffer_create(rig->device, pass->plan->channel_bytes[c],
						    DRM_RILL_DDR, c, &loaded->weights[c]), 0);
		loaded->va[c] = rill_buffer_va(loaded->weights[c]);
	}
	if (!timing_only) {
		buffer = fill_block(rig, pass, loaded->va, &fill);
		assert_int_equal(rill_queue_run(rig->queue, &fill, 1, NULL, NULL), 0);
		rill_buffer_destroy(buffer);
	}
	rill_plan_measure(pass->layer, pass->plan, &options, &loaded->encoded);
	assert_int_equal(rill_buffer_create(rig->device, loaded->encoded.bytes, DRM_RILL_SYSTEM, 0,
					    &loaded->block), 0);
	rill_plan_encode(pass->layer, pass->plan, &options, &loaded->encoded,
			 rill_buffer_map(loaded->block), rill_buffer_va(loaded->block), loaded->va, jobs);
}

static void collect(struct sequence_pass *pass, const struct loaded *loaded, bool timing_only)
{
	const uint8_t *map = rill_buffer_map(loaded->block);
	size_t bytes = (size_t)pass->layer->tokens * pass->layer->model->hidden * sizeof(int64_t);

	memcpy(&pass->report, map + loaded->encoded.report, sizeof(pass->report));
	pass->out = NULL;
	if (timing_only)
		return;
	pass->out = malloc(bytes);
	assert_non_null(pass->out);
	memcpy(pass->out, map + loaded->encoded.out, bytes);
}

static void unload(struct loaded *loaded)
{
	for (uint32_t c = 0; c < RILL_MAX_CHANNELS; c++)
		if (loaded->weights[c])
			rill_buffer_destroy(loaded->weights[c]);
	rill_buffer_destroy(loaded->block);
}

void sequence_rig_run(struct sequence_rig *rig, struct sequence_pass *passes, unsigned int count,
		      bool timing_only, enum between between)
{
	struct loaded loaded[MOST_PASSES] = { 0 };
	struct drm_rill_job *jobs, nothing = { .opcode = RILL_OP_NOP };
	struct rill_buffer *buffer = NULL;
	unsigned int at = 0, i;

	assert_true(count <= MOST_PASSES);
	jobs = calloc(count * (RILL_MAX_STREAMS + 3), sizeof(*jobs));
	assert_non_null(jobs);
	if (between == BETWEEN_FILL)
		buffer = fill_block(rig, NULL, NULL, &nothing);
	for (i = 0; i < count; i++) {
		if (i && between != BETWEEN_NOTHING)
			jobs[at++] = nothing;
		load(rig, &passes[i], timing_only, &loaded[i], jobs + at);
		at += loaded[i].encoded.job_count;
	}
	assert_int_equal(rill_queue_run(rig->queue, jobs, at, NULL, NULL), 0);
	for (i = 0; i < count; i++) {
		collect(&passes[i], &loaded[i], timing_only);
		unload(&loaded[i]);
	}
	if (buffer)
		rill_buffer_destroy(buffer);
	free(jobs);
}

void sequence_pass_check(const struct sequence_pass *pass)
{
	size_t bytes = (size_t)pass->layer->tokens * pass->layer->model->hidden * sizeof(int64_t);
	int64_t *want = malloc(bytes);

	assert_int_equal(rill_reference(pass->layer, NULL, pass->layer->tokens, 1, want), 0);
	assert_memory_equal(pass->out, want, bytes);
	free(want);
}
