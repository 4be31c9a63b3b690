// SPDX-License-Identifier: MIT
/*
 * What every plan keeps, over models, arrays, seeds and slice counts; and that a plan which does
 * not is found out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill_moe.h"

static char error[RILL_ERROR_BYTES];

/* DDR channels hang off the corners. */
static struct rill_plan_chip make_chip(uint32_t rows, uint32_t cols)
{
	uint32_t corner[] = { 0, cols - 1, (rows - 1) * cols, rows * cols - 1 };
	struct rill_plan_chip chip = {
		.rows = rows, .cols = cols, .sram_bytes = 32 << 20,
		.mac_per_second = 1638400000000, .ddr_bytes_per_second = 25600000000,
		.link_bytes_per_second = 96000000000,
	};

	for (int i = 0; i < 4; i++) {
		bool seen = false;

		for (uint32_t d = 0; d < chip.channels; d++)
			seen |= chip.channel_chiplet[d] == corner[i];
		if (!seen)
			chip.channel_chiplet[chip.channels++] = corner[i];
	}
	return chip;
}

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens, uint64_t seed)
{
	struct rill_routing routing;
	struct rill_layer *layer;

	assert_int_equal(rill_routing_zipf(model, model->first_layer, tokens, 0.8, seed, &routing,
					   error), 0);
	assert_int_equal(rill_layer_create(model, model->first_layer, &routing, seed, &layer,
					   error), 0);
	return layer;
}

static void expect_ok(int err)
{
	if (err)
		fail_msg("%d: %s", err, error);
}

static void make_plan(const char *strategy, const struct rill_layer *layer,
		      const struct rill_plan_chip *chip, uint32_t slices, struct rill_plan *plan)
{
	const struct rill_routing_source source = { .zipf = true, .exponent = 0.8, .seed = 1 };
	struct rill_popularity popularity;
	struct rill_plan_options options = { .slices = slices, .popularity = &popularity };

	expect_ok(rill_popularity_measure(layer, chip, &source, 0, layer->tokens, &popularity, error));
	expect_ok(rill_strategy_find(strategy)->plan(layer, chip, &options, plan, error));
	expect_ok(rill_plan_check(layer, chip, plan, error));
	assert_string_equal(plan->strategy, strategy);
	assert_true(plan->slots >= 2);
	rill_popularity_free(&popularity);
}

static void check_homes(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			const struct rill_plan *plan)
{
	uint32_t count[RILL_MAX_CHIPLETS] = { 0 }, chiplets = 0;
	uint64_t mask = chip->chiplet_mask ? chip->chiplet_mask : UINT64_MAX;

	for (uint32_t t = 0; t < layer->tokens; t++) {
		assert_true(!t || plan->homes[t] >= plan->homes[t - 1]);
		count[plan->homes[t]]++;
	}
	for (uint32_t c = 0; c < chip->rows * chip->cols; c++)
		chiplets += mask >> c & 1;
	for (uint32_t c = 0; c < chip->rows * chip->cols; c++)
		if (mask >> c & 1)
			assert_in_range(count[c], layer->tokens / chiplets,
					(layer->tokens + chiplets - 1) / chiplets);
}

/* Every byte once, and the bytes that the bound counts */
static void check_bytes(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			const struct rill_plan *plan)
{
	uint64_t bytes = 0, d = layer->model->hidden;
	struct rill_plan_bound bound;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t s = 0; s < plan->streams[i].slice_count; s++)
			bytes += 3 * d * plan->streams[i].slices[s].records;
	rill_plan_bound(layer, chip, plan, NULL, &bound);
	assert_true(bound.ddr_ps >= bytes * 1000 / chip->channels * 1000000 / 25600000);
	assert_true(bound.ddr_ps <= bytes * 1000 / chip->channels * 1000000 / 25600000 + 1000000);
}

static void sweep_chip(const struct rill_layer *layer, const struct rill_plan_chip *chip)
{
	static const uint32_t slices[] = { 0, 1, 2, 7, 16, 33, 1024, 1u << 30 };
	const struct rill_strategy *strategy;
	struct rill_plan plan;

	for (size_t i = 0; (strategy = rill_strategy_at(i)); i++)
		for (size_t s = 0; s < sizeof(slices) / sizeof(slices[0]); s++) {
			make_plan(strategy->name, layer, chip, slices[s], &plan);
			check_homes(layer, chip, &plan);
			check_bytes(layer, chip, &plan);
			rill_plan_free(&plan);
		}
}

static void test_sweep_tiny(void **state)
{
	static const struct rill_model models[] = {
		{ .name = "one", .hidden = 8, .width = 1, .experts = 1, .top_k = 1 },
		{ .name = "tiny", .hidden = 16, .width = 40, .experts = 11, .top_k = 3,
		  .shared = 2, .shared_width = 17 },
	};

	(void)state;
	for (uint64_t seed = 0; seed < 6; seed++) {
		struct rill_layer *layer = make_layer(&models[seed & 1], 1 + 9 * seed, seed);

		for (uint32_t rows = 1; rows <= 4; rows++)
			for (uint32_t cols = 1; cols <= 4; cols++) {
				struct rill_plan_chip chip = make_chip(rows, cols);

				sweep_chip(layer, &chip);
			}
		rill_layer_free(layer);
	}
}

static void test_all_models(void **state)
{
	const struct rill_model *model;

	(void)state;
	for (size_t i = 0; (model = rill_model_at(i)); i++) {
		struct rill_layer *layer = make_layer(model, 64, i);
		struct rill_plan_chip chip = make_chip(2 + i % 3, 2 + i % 3);
		struct rill_plan plan;

		make_plan("fse-dp", layer, &chip, 0, &plan);
		rill_plan_free(&plan);
		chip.sram_bytes = 1 << 30;
		make_plan("ep", layer, &chip, 0, &plan);
		rill_plan_free(&plan);
		rill_layer_free(layer);
	}
}

static void test_confined(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("olmoe-1b-7b"), 32, 1);
	struct rill_plan_chip chip = make_chip(3, 3);
	const struct rill_strategy *strategy;
	struct rill_plan plan;

	(void)state;
	chip.chiplet_mask = 0x1b;	/* the upper left 2x2: one channel */
	for (size_t i = 0; (strategy = rill_strategy_at(i)); i++) {
		make_plan(strategy->name, layer, &chip, 0, &plan);
		check_homes(layer, &chip, &plan);
		for (uint32_t d = 1; d < chip.channels; d++)
			assert_int_equal(plan.channel_bytes[d], 0);
		rill_plan_free(&plan);
	}
	chip.chiplet_mask = 0x10;	/* the middle has no channel */
	assert_int_equal(rill_strategy_find("ep")->plan(layer, &chip,
							&(struct rill_plan_options){ 0 }, &plan,
							error), -EINVAL);
	assert_non_null(strstr(error, "chiplet_mask"));
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

static uint32_t tokens_of(const struct rill_layer *layer, uint32_t expert)
{
	uint32_t n = 0, e;
	int32_t weight;

	for (uint32_t t = 0; t < layer->tokens; t++)
		for (uint32_t i = 0; i < layer->model->top_k + layer->model->shared; i++) {
			rill_layer_select(layer, t, i, &e, &weight);
			n += e == expert;
		}
	return n;
}

/* Shared experts lead; then the even places fall and the odd ones rise. DDR channels are level. */
static void test_fse_dp(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 1);
	struct rill_plan_chip chip = make_chip(2, 2);
	uint64_t most = 0, least = UINT64_MAX;
	struct rill_plan plan;

	(void)state;
	make_plan("fse-dp", layer, &chip, 0, &plan);
	assert_int_equal(plan.streams[0].expert, 64);
	assert_int_equal(plan.streams[2].expert, 65);
	assert_int_equal(plan.streams[0].slice_count, 64);
	for (uint32_t i = 2; i < plan.stream_count; i++) {
		uint32_t before = tokens_of(layer, plan.streams[i - 2].expert);
		uint32_t now = tokens_of(layer, plan.streams[i].expert);

		assert_true(i & 1 ? before <= now : before >= now);
	}
	for (uint32_t d = 0; d < 4; d++) {
		most = plan.channel_bytes[d] > most ? plan.channel_bytes[d] : most;
		least = plan.channel_bytes[d] < least ? plan.channel_bytes[d] : least;
	}
	assert_true(most - least < most / 1000);
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

static void channels_of_records(const struct rill_plan *plan, uint32_t expert, uint16_t *channel)
{
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];

		for (uint32_t s = 0; stream->expert == expert && s < stream->slice_count; s++)
			for (uint32_t r = 0; r < stream->slices[s].records; r++)
				channel[stream->slices[s].first + r] = stream->slices[s].channel;
	}
}

/* Few tokens or many: slices are cut differently, and every record stays behind its channel. */
static void test_fse_dp_cuts_within_placement(void **state)
{
	static const uint32_t tokens[] = { 16, 256, 1024 };
	uint16_t first[1408], now[1408];
	struct rill_plan_chip chip = make_chip(2, 2);

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		const struct rill_model *model = rill_model_find("deepseek-v2-lite");
		struct rill_layer *layer = make_layer(model, tokens[i], 1);
		struct rill_plan plan;

		make_plan("fse-dp", layer, &chip, 0, &plan);
		channels_of_records(&plan, 64, i ? now : first);
		if (i)
			assert_memory_equal(first, now, sizeof(first));
		rill_plan_free(&plan);
		rill_layer_free(layer);
	}
}

/* The lookahead order has every slice once. */
static void test_lookahead_order(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("qwen3-30b-a3b"), 64, 1);
	struct rill_plan_chip chip = make_chip(2, 2);
	uint32_t slices = 0, *seen;
	struct rill_plan plan;

	(void)state;
	make_plan("fse-dp", layer, &chip, 0, &plan);
	assert_non_null(plan.loads);
	for (uint32_t i = 0; i < plan.stream_count; i++)
		slices += plan.streams[i].slice_count;
	seen = calloc(slices, sizeof(*seen));
	for (uint32_t i = 0; i < slices; i++) {
		assert_in_range(plan.loads[i], 0, slices - 1);
		assert_int_equal(seen[plan.loads[i]]++, 0);
	}
	free(seen);
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

/* Nothing that the routing decides may move weights: they are placed before it is known. */
static void test_fse_dp_placement_is_static(void **state)
{
	const struct rill_model *model = rill_model_find("deepseek-v2-lite");
	struct rill_plan_chip chip = make_chip(3, 3);
	uint16_t channel[66];

	(void)state;
	memset(channel, 0xff, sizeof(channel));
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct rill_layer *layer = make_layer(model, 16, seed);
		struct rill_plan plan;

		make_plan("fse-dp", layer, &chip, 31, &plan);
		for (uint32_t i = 0; i < plan.stream_count; i++) {
			uint16_t *seen = &channel[plan.streams[i].expert];

			if (*seen != 0xffff)
				assert_int_equal(plan.streams[i].slices[0].channel, *seen);
			*seen = plan.streams[i].slices[0].channel;
		}
		rill_plan_free(&plan);
		rill_layer_free(layer);
	}
}

static void test_ep(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 1);
	struct rill_plan_chip chip = make_chip(2, 2);
	struct rill_plan plan;

	(void)state;
	make_plan("ep", layer, &chip, 32, &plan);
	assert_int_equal(plan.slots, 2);
	for (uint32_t i = 0; i < plan.stream_count; i++) {
		const struct rill_plan_stream *stream = &plan.streams[i];

		assert_int_equal(stream->flags, RILL_STREAM_PINNED);
		assert_int_equal(stream->slice_count, stream->expert < 64 ? 1 : 4);
		for (uint32_t s = 0; s < stream->slice_count; s++) {
			uint32_t pin = stream->expert < 64 ? stream->expert % 4 : s;

			assert_int_equal(stream->slices[s].pin, pin);
			assert_int_equal(chip.channel_chiplet[stream->slices[s].channel], pin);
		}
	}
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

/* Chiplets without a channel share the nearest ones evenly. */
static void test_ep_far_channels(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("olmoe-1b-7b"), 256, 1);
	struct rill_plan_chip chip = make_chip(4, 4);
	uint64_t chiplets[4] = { 0 };
	struct rill_plan plan;

	(void)state;
	make_plan("ep", layer, &chip, 0, &plan);
	for (uint32_t i = 0; i < plan.stream_count; i++)
		chiplets[plan.streams[i].slices[0].channel] |=
			1ULL << plan.streams[i].slices[0].pin;
	for (uint32_t d = 0; d < 4; d++)
		assert_int_equal(__builtin_popcountll(chiplets[d]), 4);
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

/* Two slots are a double buffer; where weights pass through, that and room for them. */
static void test_ep_slots(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("deepseek-v2-lite"), 64, 1);
	struct rill_plan_chip chip = make_chip(3, 3);
	struct rill_plan plan;

	(void)state;
	make_plan("ep", layer, &chip, 0, &plan);
	assert_int_equal(plan.slots, 3);
	rill_plan_free(&plan);
	chip.sram_bytes *= 4;
	make_plan("ep", layer, &chip, 0, &plan);
	assert_int_equal(plan.slots, 5);
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

static void test_sram_too_small(void **state)
{
	struct rill_layer *layer = make_layer(rill_model_find("mixtral-8x7b"), 16, 1);
	struct rill_plan_chip chip = make_chip(2, 2);
	struct rill_plan_options options = { 0 };
	struct rill_plan plan;

	(void)state;
	assert_int_equal(rill_strategy_find("ep")->plan(layer, &chip, &options, &plan, error),
			 -ENOSPC);
	assert_non_null(strstr(error, "ep needs 2 slots of 176160768 bytes"));
	assert_null(plan.streams);
	rill_layer_free(layer);
}

/* --- plans that are wrong --- */

struct tamper {
	struct rill_layer *layer;
	struct rill_plan_chip chip;
	struct rill_plan plan;
};

static void tamper_start(struct tamper *t, const char *strategy)
{
	static const struct rill_model model = {
		.name = "tiny", .hidden = 16, .width = 40, .experts = 6, .top_k = 2,
		.shared = 1, .shared_width = 24,
	};

	t->layer = make_layer(&model, 12, 4);
	t->chip = make_chip(2, 2);
	make_plan(strategy, t->layer, &t->chip, 4, &t->plan);
}

static void tamper_end(struct tamper *t, const char *says)
{
	assert_int_equal(rill_plan_check(t->layer, &t->chip, &t->plan, error), -EINVAL);
	if (!strstr(error, says))
		fail_msg("'%s', not '%s'", error, says);
	rill_plan_free(&t->plan);
	rill_layer_free(t->layer);
}

static void test_tampered_homes(void **state)
{
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	t.plan.homes[3] = 4;
	tamper_end(&t, "token 3: home 4");
}

static void test_tampered_slices(void **state)
{
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[2].records--;
	tamper_end(&t, "gap or overlap");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[2].first--;
	tamper_end(&t, "gap or overlap");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1] = t.plan.streams[1].slices[0];
	tamper_end(&t, "gap or overlap");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].records = 0;
	tamper_end(&t, "0 records");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].channel = 4;
	tamper_end(&t, "channel 4");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].pin = 0;
	tamper_end(&t, "pin 0");
	tamper_start(&t, "ep");
	t.plan.streams[1].slices[0].pin = RILL_NO_PIN;
	tamper_end(&t, "pin 65535");
}

static void test_tampered_placement(void **state)
{
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].offset += 32;
	tamper_end(&t, "offset");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].offset = UINT64_MAX - 63;
	tamper_end(&t, "offset");
	tamper_start(&t, "fse-dp");
	t.plan.streams[1].slices[1].offset = 0;
	tamper_end(&t, "overlap");
	tamper_start(&t, "fse-dp");
	t.plan.channel_bytes[2] -= 64;
	tamper_end(&t, "does not fit channel 2");
}

static void test_tampered_routes(void **state)
{
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].route_count--;
	tamper_end(&t, "not on one");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].routes[1] = t.plan.streams[0].routes[0];
	tamper_end(&t, "twice at chiplet");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].routes[1].token = htole16(12);
	tamper_end(&t, "token 12");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].routes[1].chiplet = htole16(4);
	tamper_end(&t, "chiplet 4");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].routes[1].weight = htole32(le32toh(t.plan.streams[0].routes[1].weight) + 1);
	tamper_end(&t, "weight");
	tamper_start(&t, "ep");
	t.plan.streams[0].route_count--;
	tamper_end(&t, "not on those that slices are pinned to");
}

static void test_tampered_streams(void **state)
{
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].expert = t.plan.streams[1].expert;
	tamper_end(&t, "has two streams");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].expert = 7;
	tamper_end(&t, "expert 7 is not in 0..6");
	tamper_start(&t, "fse-dp");
	t.plan.streams[0].flags = 1 << 5;
	tamper_end(&t, "flags");
	tamper_start(&t, "fse-dp");
	free(t.plan.streams[t.plan.stream_count - 1].slices);
	free(t.plan.streams[t.plan.stream_count - 1].routes);
	t.plan.stream_count--;
	tamper_end(&t, "has no stream");
}

/* --- encoding --- */

static const void *at(const uint8_t *buffer, uint64_t va, uint64_t address)
{
	return buffer + (address - va);
}

static void check_encoded_stream(const struct rill_layer *layer,
				 const struct rill_plan_stream *plan, const uint8_t *buffer,
				 uint64_t va, uint64_t address, const uint64_t *weights_va)
{
	const struct rill_stream *stream = at(buffer, va, address);
	const struct rill_slice *slice = at(buffer, va, le64toh(stream->slices));

	assert_int_equal(address % 8, 0);
	assert_int_equal(le32toh(stream->expert), plan->expert);
	assert_int_equal(le32toh(stream->flags), plan->flags);
	assert_int_equal(le32toh(stream->width), rill_layer_width(layer, plan->expert));
	assert_int_equal(le32toh(stream->slice_count), plan->slice_count);
	assert_int_equal(le32toh(stream->route_count), plan->route_count);
	assert_int_equal(le32toh(stream->gate_mult), layer->requant[plan->expert].gate_mult);
	assert_int_equal(stream->act_shift, layer->requant[plan->expert].act_shift);
	assert_int_equal(stream->reserved0 | stream->reserved1 | stream->reserved2, 0);
	assert_memory_equal(at(buffer, va, le64toh(stream->routes)), plan->routes,
			    plan->route_count * sizeof(*plan->routes));
	for (uint32_t s = 0; s < plan->slice_count; s++) {
		assert_int_equal(le64toh(slice[s].weights),
				 weights_va[plan->slices[s].channel] + plan->slices[s].offset);
		assert_int_equal(le32toh(slice[s].first), plan->slices[s].first);
		assert_int_equal(le16toh(slice[s].records), plan->slices[s].records);
		assert_int_equal(le16toh(slice[s].pin), plan->slices[s].pin);
	}
}

static void check_encoded(const struct rill_layer *layer, const struct rill_plan *plan,
			  const struct rill_encode_options *options)
{
	static const uint64_t weights_va[RILL_MAX_CHANNELS] = { 1 << 20, 2 << 20, 3 << 20, 4 << 20 };
	const uint64_t va = 0x7000;
	struct rill_encoded encoded;
	const struct rill_pass *pass;
	struct drm_rill_job *jobs;
	uint8_t *buffer;

	rill_plan_measure(layer, plan, options, &encoded);
	buffer = malloc(encoded.bytes);
	jobs = malloc(encoded.job_count * sizeof(*jobs));
	rill_plan_encode(layer, plan, options, &encoded, buffer, va, weights_va, jobs);
	assert_int_equal(encoded.job_count, plan->stream_count + 2);
	assert_int_equal(jobs[0].opcode, RILL_OP_PASS_BEGIN);
	assert_int_equal(jobs[encoded.job_count - 1].opcode, RILL_OP_PASS_END);
	assert_int_equal(jobs[encoded.job_count - 1].addr, 0);
	pass = at(buffer, va, jobs[0].addr);
	assert_int_equal(le32toh(pass->tokens), layer->tokens);
	assert_int_equal(le64toh(pass->report), va + encoded.report);
	assert_int_equal(le32toh(pass->timeline_entries), encoded.timeline_entries);
	assert_memory_equal(at(buffer, va, le64toh(pass->homes)), plan->homes, layer->tokens * 2);
	assert_int_equal(le64toh(pass->timeline), options->timeline ? va + encoded.timeline : 0);
	if (options->timing_only) {
		assert_int_equal(pass->x | pass->silu | pass->out, 0);
	} else {
		assert_int_equal(le64toh(pass->out), va + encoded.out);
		assert_memory_equal(at(buffer, va, le64toh(pass->silu)), layer->silu, 256);
		assert_memory_equal(at(buffer, va, le64toh(pass->x)), layer->x,
				    layer->tokens * layer->model->hidden);
	}
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		assert_int_equal(jobs[1 + i].opcode, RILL_OP_STREAM);
		check_encoded_stream(layer, &plan->streams[i], buffer, va, jobs[1 + i].addr,
				     weights_va);
	}
	free(buffer);
	free(jobs);
}

static void test_encode(void **state)
{
	const struct rill_strategy *strategy;

	(void)state;
	for (size_t i = 0; (strategy = rill_strategy_at(i)); i++)
		for (int bits = 0; bits < 4; bits++) {
			struct rill_encode_options options = { .timing_only = bits & 1, .timeline = bits & 2 };
			struct tamper t;

			tamper_start(&t, strategy->name);
			check_encoded(t.layer, &t.plan, &options);
			rill_plan_free(&t.plan);
			rill_layer_free(t.layer);
		}
}

/* FILL ranges write each record's bytes where the slices say they are. */
static void test_fill(void **state)
{
	static const uint64_t weights_va[RILL_MAX_CHANNELS] = { 1 << 20, 2 << 20, 3 << 20, 4 << 20 };
	struct rill_fill_range *range, *r;
	struct tamper t;

	(void)state;
	tamper_start(&t, "fse-dp");
	range = calloc(rill_plan_fill_count(&t.plan), sizeof(*range));
	r = range;
	rill_plan_fill(t.layer, &t.plan, weights_va, range);
	for (uint32_t i = 0; i < t.plan.stream_count; i++)
		for (uint32_t s = 0; s < t.plan.streams[i].slice_count; s++, r++) {
			const struct rill_plan_slice *slice = &t.plan.streams[i].slices[s];

			assert_int_equal(le64toh(r->dst), weights_va[slice->channel] + slice->offset);
			assert_int_equal(le64toh(r->bytes), slice->records * 48);
			assert_int_equal(le64toh(r->counter), slice->first * 6);
			assert_int_equal(le64toh(r->seed),
					 rill_layer_expert_seed(t.layer, t.plan.streams[i].expert));
		}
	assert_int_equal(r - range, rill_plan_fill_count(&t.plan));
	free(range);
	rill_plan_free(&t.plan);
	rill_layer_free(t.layer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweep_tiny),
		cmocka_unit_test(test_all_models),
		cmocka_unit_test(test_confined),
		cmocka_unit_test(test_fse_dp),
		cmocka_unit_test(test_fse_dp_cuts_within_placement),
		cmocka_unit_test(test_lookahead_order),
		cmocka_unit_test(test_fse_dp_placement_is_static),
		cmocka_unit_test(test_ep),
		cmocka_unit_test(test_ep_far_channels),
		cmocka_unit_test(test_ep_slots),
		cmocka_unit_test(test_sram_too_small),
		cmocka_unit_test(test_tampered_homes),
		cmocka_unit_test(test_tampered_slices),
		cmocka_unit_test(test_tampered_placement),
		cmocka_unit_test(test_tampered_routes),
		cmocka_unit_test(test_tampered_streams),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
