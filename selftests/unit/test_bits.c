// SPDX-License-Identifier: MIT
/*
 * Property: whatever the strategy, the slices, the slots, the array, the seed, the format of the
 * weights and the links that are down, the output bits are those of the dense reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rill_device.h"
#include "rill_moe.h"

#define CASES 300

struct trial {
	struct rill_model model;
	unsigned int rows, cols, tokens, slices, slots;
	uint64_t seed, sram;
	enum rill_weight_format weights;
	const char *strategy;
	enum rill_load_order order;
	uint32_t ablations;		/* RILL_PASS_* */
	int link_down;			/* -1: none */
};

static uint64_t state = 1;

static unsigned int draw(unsigned int below)
{
	return rill_pattern(2024, state++) % below;
}

static const char *draw_strategy(void)
{
	unsigned int count = 0;

	if (draw(2))
		return "fse-dp";
	while (rill_strategy_at(count))
		count++;
	return rill_strategy_at(draw(count))->name;
}

static struct trial draw_trial(void)
{
	struct trial t = {
		.model = {
			.name = "tiny", .hidden = 8 * (1 + draw(12)), .width = 1 + draw(70),
			.experts = 2 + draw(9), .shared = draw(3), .shared_width = 1 + draw(40),
			.layers = 1,
		},
		.rows = 1 + draw(4), .cols = 1 + draw(4), .tokens = 1 + draw(40),
		.slices = draw(3) ? 1 + draw(20) : 0, .slots = draw(2) ? 2 + draw(6) : 0,
		.seed = draw(1000), .strategy = draw_strategy(),
		.order = draw(2) ? RILL_ORDER_LOOKAHEAD : RILL_ORDER_PAIRED,
		.link_down = draw(3) ? -1 : (int)draw(48),
	};

	/* ONE_EXPERT goes by the order of the streams */
	if (!strcmp(t.strategy, "fse-dp") && !draw(3))
		t.ablations = draw(32) * RILL_PASS_OWNED_SLOTS;
	if (t.ablations & RILL_PASS_ONE_EXPERT)
		t.order = RILL_ORDER_PAIRED;
	if (draw(2)) {
		t.weights = RILL_WEIGHTS_INT4;
		t.model.hidden = 64 * (1 + draw(4));
	}
	if (!draw(8))		/* more than the model of the chip multiplies at once */
		t.tokens = 65 + draw(150);
	t.model.top_k = 1 + draw(t.model.experts < 4 ? t.model.experts : 4);
	if (!t.model.shared)
		t.model.shared_width = 0;
	return t;
}

static struct rill_device *open_chip(const struct trial *t)
{
	struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL,
		.chip = { .rows = t->rows, .cols = t->cols, .sram_bytes = t->sram,
			  .channel_bytes = 64 << 20 },
	};
	struct rill_device *device;
	const char *error;

	assert_int_equal(rill_device_open(&options, &device, &error), 0);
	return device;
}

static void describe(struct rill_device *device, struct rill_plan_chip *chip)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];

	assert_int_equal(rill_device_channels(device, channels), 0);
	rill_plan_chip_describe(rill_device_chip(device), channels, 0, chip);
}

static void fill(struct rill_device *device, struct rill_queue_handle *queue,
		 const struct rill_layer *layer, const struct rill_plan *plan, const uint64_t *va)
{
	size_t count = rill_plan_fill_count(plan), bytes = count * sizeof(struct rill_fill_range);
	struct rill_buffer *buffer;
	struct rill_fill block = { .count = count };
	struct drm_rill_job job = { .opcode = RILL_OP_FILL };
	uint8_t *map;

	assert_int_equal(rill_buffer_create(device, sizeof(block) + bytes, DRM_RILL_SYSTEM, 0,
					    &buffer), 0);
	map = rill_buffer_map(buffer);
	job.addr = rill_buffer_va(buffer);
	block.ranges = job.addr + sizeof(block);
	memcpy(map, &block, sizeof(block));
	rill_plan_fill(layer, plan, va, (struct rill_fill_range *)(map + sizeof(block)));
	assert_int_equal(rill_queue_run(queue, &job, 1, NULL, NULL), 0);
	rill_buffer_destroy(buffer);
}

/* Runs the plan. False if the chip, rightly, refuses because links are down. */
static bool run_plan(struct rill_device *device, const struct rill_layer *layer,
		     const struct rill_plan *plan, int64_t *out, uint64_t *escapes)
{
	const struct rill_pass_report *report;
	struct rill_encode_options options = { 0 };
	uint64_t va[RILL_MAX_CHANNELS] = { 0 };
	struct rill_queue_handle *queue;
	struct rill_encoded encoded;
	struct rill_buffer *buffer;
	struct drm_rill_job *jobs;
	struct drm_rill_job_result *results;
	unsigned int c;
	int ret;

	assert_int_equal(rill_queue_create(device, RILL_MAX_STREAMS + 2, &queue), 0);
	for (c = 0; c < RILL_MAX_CHANNELS; c++) {
		if (!plan->channel_bytes[c])
			continue;
		assert_int_equal(rill_buffer_create(device, plan->channel_bytes[c], DRM_RILL_DDR,
						    c, &buffer), 0);
		va[c] = rill_buffer_va(buffer);
	}
	rill_plan_measure(layer, plan, &options, &encoded);
	assert_int_equal(rill_buffer_create(device, encoded.bytes, DRM_RILL_SYSTEM, 0, &buffer), 0);
	jobs = calloc(encoded.job_count, sizeof(*jobs));
	results = calloc(encoded.job_count, sizeof(*results));
	rill_plan_encode(layer, plan, &options, &encoded, rill_buffer_map(buffer),
			 rill_buffer_va(buffer), va, jobs);
	fill(device, queue, layer, plan, va);
	ret = rill_queue_run(queue, jobs, encoded.job_count, results, NULL);
	if (ret)
		assert_int_equal(results[encoded.job_count - 1].status, RILL_UNREACHABLE);
	report = (void *)((uint8_t *)rill_buffer_map(buffer) + encoded.report);
	*escapes += report->escapes;
	memcpy(out, (uint8_t *)rill_buffer_map(buffer) + encoded.out,
	       (size_t)layer->tokens * layer->model->hidden * sizeof(*out));
	free(jobs);
	free(results);
	rill_queue_destroy(queue);
	return !ret;
}

static bool run_trial(const struct trial *t, uint64_t *escapes)
{
	const struct rill_routing_source source = { .zipf = true, .exponent = 0.7, .seed = t->seed };
	struct rill_popularity popularity;
	struct rill_plan_options options = { .slices = t->slices, .slots = t->slots,
					     .order = t->order, .popularity = &popularity };
	size_t count = (size_t)t->tokens * t->model.hidden;
	int64_t *want = calloc(count, sizeof(*want)), *got = calloc(count, sizeof(*got));
	struct rill_device *device = open_chip(t);
	char error[RILL_ERROR_BYTES] = "";
	struct rill_plan plan = { 0 };
	struct rill_routing routing;
	struct rill_plan_chip chip;
	struct rill_layer *layer;
	bool ran;

	describe(device, &chip);
	if (t->link_down >= 0 && (uint32_t)t->link_down < rill_device_chip(device)->links)
		assert_int_equal(rill_device_link_set(device, t->link_down, false, 1000), 0);
	assert_int_equal(rill_routing_zipf(&t->model, 0, t->tokens, 0.7, t->seed, &routing, error), 0);
	assert_int_equal(rill_layer_create_with(&t->model, 0, &routing, t->seed, t->weights, &layer,
						error), 0);
	assert_int_equal(rill_reference(layer, NULL, t->tokens, 1, want), 0);
	assert_int_equal(rill_popularity_measure(layer, &chip, &source, 0, t->tokens, &popularity, error),
			 0);
	if (rill_strategy_find(t->strategy)->plan(layer, &chip, &options, &plan, error))
		fail_msg("%s", error);
	assert_int_equal(rill_plan_check(layer, &chip, &plan, error), 0);
	plan.pass_flags |= t->ablations;
	ran = run_plan(device, layer, &plan, got, escapes);
	if (ran && memcmp(want, got, count * sizeof(*want)))
		fail_msg("%s, %s on %ux%u, %u tokens, %u slices, %u slots, seed %u", t->strategy,
			 rill_weights_name(t->weights), t->rows, t->cols, t->tokens, t->slices,
			 t->slots, (unsigned int)t->seed);
	rill_plan_free(&plan);
	rill_popularity_free(&popularity);
	rill_layer_free(layer);
	rill_device_close(device);
	free(want);
	free(got);
	return ran;
}

static void any_schedule_same_bits(void **unused)
{
	unsigned int i, ran = 0;
	uint64_t escapes = 0;

	(void)unused;
	for (i = 0; i < CASES; i++) {
		struct trial t = draw_trial();

		ran += run_trial(&t, &escapes);
	}
	/* A link that is down cuts off only arrays of one row or column. */
	assert_true(ran > CASES * 8 / 10);
}

/* Few slots and long trajectories: slices block each other, and the escape slot frees them. */
static void starved_of_slots(void **unused)
{
	struct trial t = {
		.model = { .name = "tiny", .hidden = 64, .width = 64, .experts = 12, .top_k = 4,
			   .layers = 1 },
		.tokens = 48, .slices = 32, .slots = 2, .strategy = "fse-dp", .link_down = -1,
	};
	uint64_t escapes = 0;

	(void)unused;
	for (t.rows = 1; t.rows <= 4; t.rows++)
		for (t.cols = 1; t.cols <= 4; t.cols++, t.seed++)
			assert_true(run_trial(&t, &escapes));
	assert_true(escapes > 0);
}

/*
 * More slices under way than the model of the chip keeps results of, with few and with many tokens an
 * expert, on as many chiplets as there are and on one.
 */
static void more_than_is_kept(void **state)
{
	struct trial t = {
		.model = { .name = "tiny", .hidden = RILL_MAX_HIDDEN, .width = 48, .experts = 8,
			   .top_k = 4, .layers = 1 },
		.slices = 48, .slots = 40, .strategy = "fse-dp", .link_down = -1,
	};
	uint64_t escapes = 0;

	(void)state;
	for (t.tokens = 40; t.tokens <= 200; t.tokens += 160)
		for (t.rows = 1; t.rows <= 4; t.rows += 3) {
			t.cols = t.rows;
			t.seed++;
			assert_true(run_trial(&t, &escapes));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_schedule_same_bits),
		cmocka_unit_test(starved_of_slots),
		cmocka_unit_test(more_than_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
