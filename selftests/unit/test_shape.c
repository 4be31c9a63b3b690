// SPDX-License-Identifier: MIT
/* Plans that were chosen by trying several on the chip's model. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rill_device.h"
#include "rill_moe.h"

static char error[RILL_ERROR_BYTES];

struct bed {
	struct rill_device *device;
	struct rill_trial *trial;
	struct rill_plan_chip chip;
	struct rill_layer *layer;
};

static void expect_ok(int err)
{
	if (err)
		fail_msg("%d: %s", err, error);
}

static void open_bed(struct bed *bed, uint32_t tokens, uint64_t sram)
{
	const struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL, .chip.sram_bytes = sram,
	};
	const struct rill_model *model = rill_model_find("qwen3-30b-a3b");
	const struct rill_routing_source source = { .seed = 1 };
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct rill_routing routing;
	const char *why;

	assert_int_equal(rill_device_open(&options, &bed->device, &why), 0);
	assert_int_equal(rill_device_channels(bed->device, channels), 0);
	rill_plan_chip_describe(rill_device_chip(bed->device), channels, 0, &bed->chip);
	expect_ok(rill_routing_from(&source, model, 0, 0, tokens, &routing, error));
	expect_ok(rill_layer_create(model, 0, &routing, 1, &bed->layer, error));
	bed->trial = rill_trial_create(bed->device, 0);
	assert_non_null(bed->trial);
}

static void close_bed(struct bed *bed)
{
	rill_trial_free(bed->trial);
	rill_layer_free(bed->layer);
	rill_device_close(bed->device);
}

/* trade: permille; or UINT32_MAX: no trials */
static void make_plan(struct bed *bed, const char *strategy, uint32_t trade, struct rill_plan *plan)
{
	const struct rill_plan_options options = {
		.trial = trade == UINT32_MAX ? NULL : rill_trial_run, .trial_opaque = bed->trial,
		.trade_permille = trade,
	};

	expect_ok(rill_strategy_find(strategy)->plan(bed->layer, &bed->chip, &options, plan, error));
	expect_ok(rill_plan_check(bed->layer, &bed->chip, plan, error));
}

static void run(struct bed *bed, const char *strategy, uint32_t trade, struct rill_plan_cost *cost)
{
	struct rill_plan plan;

	make_plan(bed, strategy, trade, &plan);
	expect_ok(rill_trial_run(bed->trial, bed->layer, &plan, cost, error));
	rill_plan_free(&plan);
}

/* What is chosen is no slower than what the rules alone give; SRAM is traded for as much as was allowed. */
static void test_trade(void **state)
{
	static const char *const strategies[] = { "fse-dp", "tp", "ep-sliced" };
	struct rill_plan_cost rules, fast, lean;
	struct bed bed;

	(void)state;
	open_bed(&bed, 1024, 0);
	for (int i = 0; i < 3; i++) {
		run(&bed, strategies[i], UINT32_MAX, &rules);
		run(&bed, strategies[i], 0, &fast);
		run(&bed, strategies[i], 30, &lean);
		assert_true(fast.ps <= rules.ps);
		assert_true(lean.sram_bytes <= fast.sram_bytes);
		/* Each search stops somewhere else: the fastest that one saw may not be the other's. */
		assert_true(lean.ps <= fast.ps + fast.ps / 25);
	}
	run(&bed, "fse-dp", 0, &fast);
	run(&bed, "fse-dp", 30, &lean);
	assert_true(lean.sram_bytes < fast.sram_bytes / 2);
	close_bed(&bed);
}

/* Where DDR has most to do nothing is tried: small slices are as fast as any. */
static void test_only_where_it_pays(void **state)
{
	struct rill_plan with, without;
	struct bed bed;

	(void)state;
	open_bed(&bed, 64, 0);
	make_plan(&bed, "fse-dp", 2, &with);
	make_plan(&bed, "fse-dp", UINT32_MAX, &without);
	assert_int_equal(with.trials, 0);
	assert_int_equal(with.slots, without.slots);
	assert_int_equal(with.stream_count, without.stream_count);
	for (uint32_t i = 0; i < with.stream_count; i++)
		assert_int_equal(with.streams[i].slice_count, without.streams[i].slice_count);
	rill_plan_free(&with);
	rill_plan_free(&without);
	close_bed(&bed);
}

/* The same plan twice, whatever was tried in between; and what fits is found where large slices do not. */
static void test_small_sram(void **state)
{
	struct rill_plan first, second;
	struct bed bed;

	(void)state;
	open_bed(&bed, 768, 5 << 20);
	make_plan(&bed, "fse-dp", 2, &first);
	make_plan(&bed, "fse-dp", 2, &second);
	assert_true(first.trials > 0);
	assert_int_equal(first.slots, second.slots);
	assert_true(rill_plan_sram_needed(bed.layer, &first) <= 5 << 20);
	for (uint32_t i = 0; i < first.stream_count; i++)
		assert_int_equal(first.streams[i].slice_count, second.streams[i].slice_count);
	rill_plan_free(&first);
	rill_plan_free(&second);
	close_bed(&bed);
}

/* Trials go by the links as they are: with all of them at a tenth, it takes more than twice as long. */
static void test_links(void **state)
{
	struct rill_plan_cost whole, slow;
	struct rill_trial *trial;
	struct rill_plan plan;
	struct bed bed;

	(void)state;
	open_bed(&bed, 1024, 0);
	make_plan(&bed, "fse-dp", UINT32_MAX, &plan);
	expect_ok(rill_trial_run(bed.trial, bed.layer, &plan, &whole, error));
	for (uint32_t i = 0; i < rill_device_chip(bed.device)->links; i++)
		assert_int_equal(rill_device_link_set(bed.device, i, true, 100), 0);
	trial = rill_trial_create(bed.device, 0);
	assert_non_null(trial);
	expect_ok(rill_trial_run(trial, bed.layer, &plan, &slow, error));
	assert_true(slow.ps > 2 * whole.ps);
	rill_trial_free(trial);
	rill_plan_free(&plan);
	close_bed(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trade),
		cmocka_unit_test(test_only_where_it_pays),
		cmocka_unit_test(test_small_sram),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
