// SPDX-License-Identifier: MIT
/* Tokens computed away from home: where the planner says that it pays, and always with the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sequence_rig.h"

static char error[RILL_ERROR_BYTES];

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens, uint64_t seed)
{
	struct rill_routing routing;
	struct rill_layer *layer;

	assert_int_equal(rill_routing_calibrated(model, model->first_layer, 0, tokens, seed, &routing, error), 0);
	assert_int_equal(rill_layer_create(model, model->first_layer, &routing, seed, &layer, error), 0);
	return layer;
}

/* The first `count` tokens at chiplet 0, the others in turn on the rest */
static void skew_homes(struct rill_layer *layer, uint32_t count, uint32_t chiplets)
{
	uint16_t homes[RILL_MAX_TOKENS];

	for (uint32_t t = 0; t < layer->tokens; t++)
		homes[t] = t < count ? 0 : 1 + t % (chiplets - 1);
	assert_int_equal(rill_layer_set_homes(layer, homes), 0);
}

static uint16_t route_chiplet(const struct rill_plan_stream *stream, uint32_t r)
{
	return stream->routes[r].chiplet;
}

static uint32_t routes_away(const struct rill_plan *plan)
{
	uint32_t away = 0;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t r = 0; r < plan->streams[i].route_count; r++)
			away += route_chiplet(&plan->streams[i], r) != plan->homes[plan->streams[i].routes[r].token];
	return away;
}

static uint64_t visits(const struct rill_plan_stream *stream)
{
	uint64_t need = 0;

	for (uint32_t r = 0; r < stream->route_count; r++)
		need |= 1ULL << route_chiplet(stream, r);
	return __builtin_popcountll(need);
}

struct run {
	uint64_t ps, link_bytes, scatters;
	uint32_t away;
};

/* Timing only */
static struct run time_plan(const struct rill_layer *layer, const struct rill_model_chip *chip,
			    const struct rill_plan_options *options)
{
	struct sequence_pass pass = { .layer = layer };
	struct sequence_rig rig;
	struct run run = { 0 };

	sequence_rig_open(&rig, chip);
	pass.plan = sequence_rig_plan(&rig, layer, "fse-dp", options);
	for (uint32_t t = 0; layer->homes && t < layer->tokens; t++)
		assert_int_equal(pass.plan->homes[t], layer->homes[t]);
	sequence_rig_run(&rig, &pass, 1, true, BETWEEN_NOTHING);
	run.ps = sequence_pass_ps(&pass);
	run.away = routes_away(pass.plan);
	run.scatters = pass.report.scatters;
	for (uint32_t l = 0; l < RILL_MAX_LINKS; l++)
		run.link_bytes += pass.report.link[l].bytes;
	sequence_rig_plan_free(pass.plan);
	sequence_rig_close(&rig);
	return run;
}

static const struct rill_model_chip two_by_two = { .rows = 2, .cols = 2 };

/* Bound by the MAC array of one chiplet: with tokens elsewhere, almost as fast as from even homes */
static void test_redispatch_pays(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 256, 1);
	struct run even, uneven, moved;

	even = time_plan(layer, &two_by_two, &(struct rill_plan_options){ 0 });
	skew_homes(layer, 205, 4);
	uneven = time_plan(layer, &two_by_two, &(struct rill_plan_options){ 0 });
	moved = time_plan(layer, &two_by_two, &(struct rill_plan_options){ .redispatch = true });
	assert_int_equal(uneven.away, 0);
	assert_true(uneven.ps > even.ps * 3 / 2);
	assert_true(moved.ps < even.ps * 21 / 20);
	assert_true(moved.away > 0);
	assert_true(moved.scatters > 0);
	rill_layer_free(layer);
}

/* Bound by DDR, or even already: nothing moves. */
static void test_redispatch_does_not_pay(void **state)
{
	const struct rill_plan_options options = { .redispatch = true };
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 1);

	skew_homes(layer, 48, 4);
	assert_int_equal(time_plan(layer, &two_by_two, &options).away, 0);
	rill_layer_free(layer);
	layer = make_layer(rill_model_find("deepseek-v2-lite"), 1024, 1);
	assert_int_equal(time_plan(layer, &two_by_two, &options).away, 0);
	rill_layer_free(layer);
}

/* Where links are so slow that moving a token costs more than computing it, it stays. */
static void test_redispatch_slow_links(void **state)
{
	struct rill_model_chip chip = { .rows = 1, .cols = 2, .link_mbps = 1 };
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 256, 1);

	skew_homes(layer, 256, 2);
	assert_int_equal(time_plan(layer, &chip, &(struct rill_plan_options){ .redispatch = true }).away, 0);
	rill_layer_free(layer);
}

static void check_group(uint32_t group)
{
	const struct rill_plan_options options = { .group = group };
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 2);
	struct rill_plan *plan;
	struct sequence_rig rig;
	uint32_t gathered = 0;

	sequence_rig_open(&rig, &(struct rill_model_chip){ .rows = 4, .cols = 4 });
	plan = sequence_rig_plan(&rig, layer, "fse-dp", &options);
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];
		bool cold = stream->route_count < 16 * group;

		assert_true(!cold || visits(stream) <= group);
		gathered += cold && stream->route_count > group;
		/* Shared experts are everybody's. */
		assert_true(stream->expert < layer->model->experts || visits(stream) == 16);
	}
	assert_true(gathered > 20);
	sequence_rig_plan_free(plan);
	sequence_rig_close(&rig);
	rill_layer_free(layer);
}

static void test_group(void **state)
{
	check_group(1);
	check_group(2);
}

/* Half the bytes over links; where they are what the pass waits for, that is time. */
static void test_group_pays(void **state)
{
	const struct rill_plan_options options = { .group = 1 };
	struct rill_model_chip chip = { .rows = 4, .cols = 4, .link_mbps = 16000 };
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 1);
	struct run plain, gathered;

	plain = time_plan(layer, &chip, &(struct rill_plan_options){ 0 });
	gathered = time_plan(layer, &chip, &options);
	assert_true(gathered.link_bytes < plain.link_bytes * 6 / 10);
	assert_true(gathered.ps < plain.ps * 7 / 10);
	rill_layer_free(layer);
}

static void test_homes_refused(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 8, 1);
	struct rill_plan plan;
	struct sequence_rig rig;
	uint16_t homes[8] = { 0, 1, 2, 3, 0, 1, 4, 3 };
	struct rill_popularity popularity;
	struct rill_plan_options options = { .popularity = &popularity };

	assert_int_equal(rill_popularity_create(64, &popularity), 0);
	popularity.tokens = 1;
	sequence_rig_open(&rig, &two_by_two);
	assert_int_equal(rill_layer_set_homes(layer, homes), 0);
	for (size_t i = 0; rill_strategy_at(i); i++) {
		assert_int_equal(rill_strategy_at(i)->plan(layer, &rig.chip, &options, &plan, error), -22);
		assert_string_equal(error, "homes: token 6: chiplet 4 is not allowed");
	}
	sequence_rig_close(&rig);
	rill_popularity_free(&popularity);
	rill_layer_free(layer);
}

static uint64_t drawn;

static unsigned int draw(unsigned int below)
{
	return rill_pattern(31, drawn++) % below;
}

static void random_homes(struct rill_layer *layer, uint32_t chiplets)
{
	uint16_t homes[RILL_MAX_TOKENS];

	for (uint32_t t = 0; t < layer->tokens; t++)
		homes[t] = draw(2) ? 0 : draw(chiplets);
	assert_int_equal(rill_layer_set_homes(layer, homes), 0);
}

static uint32_t run_trial(void)
{
	struct rill_model model = {
		.name = "tiny", .hidden = 64, .width = 16 + draw(60), .experts = 2 + draw(20),
		.top_k = 2, .shared = draw(2), .shared_width = 1 + draw(40), .layers = 1,
	};
	/* Slow to compute or slow to load: each makes one of the two options worth its while. */
	struct rill_model_chip chip = {
		.rows = 1 + draw(4), .cols = 1 + draw(4), .channel_bytes = 64 << 20,
		.mac_per_cycle = draw(2) ? 1 : 2048, .ddr_mbps = draw(2) ? 100 : 100000,
	};
	struct rill_plan_options options = { .redispatch = draw(3), .group = draw(4), .slices = draw(9) };
	struct sequence_pass pass;
	struct sequence_rig rig;
	uint32_t away;

	pass.layer = make_layer(&model, 1 + draw(60), draw(1000));
	random_homes((struct rill_layer *)pass.layer, chip.rows * chip.cols);
	sequence_rig_open(&rig, &chip);
	pass.plan = sequence_rig_plan(&rig, pass.layer, "fse-dp", &options);
	away = routes_away(pass.plan);
	sequence_rig_run(&rig, &pass, 1, false, BETWEEN_NOTHING);
	sequence_pass_check(&pass);
	free(pass.out);
	sequence_rig_plan_free(pass.plan);
	rill_layer_free((struct rill_layer *)pass.layer);
	sequence_rig_close(&rig);
	return away;
}

static void test_bits(void **state)
{
	uint32_t trials_away = 0;

	for (unsigned int i = 0; i < 200; i++)
		trials_away += run_trial() > 0;
	assert_true(trials_away > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redispatch_pays),
		cmocka_unit_test(test_redispatch_does_not_pay),
		cmocka_unit_test(test_redispatch_slow_links),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_group_pays),
		cmocka_unit_test(test_homes_refused),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
