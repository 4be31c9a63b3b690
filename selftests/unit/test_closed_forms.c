// SPDX-License-Identifier: MIT
/*
 * The baselines' planners against closed forms that can be done by hand, through the chip's model: planned, encoded
 * and run as any pass is, but small enough to know every transfer. All times are exact, in picoseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sequence_rig.h"

#define HIDDEN		1024u
#define RECORD		(3ULL * HIDDEN)		/* bytes, and multiply-accumulates with a token */
#define WIDTH		256u			/* records of an expert, where nothing else is said */
#define EXPERT		(WIDTH * RECORD)
#define DDR_MBPS	25600u
#define LINK_MBPS	96000u
#define MAC_PER_CYCLE	2048u
#define MAC_STARTUP	64u			/* cycles */
#define MAC_KHZ		800000u
#define LATENCY_PS	60000u			/* of DDR */
#define HOP_PS		20000u
#define ACTIVATION	HIDDEN			/* bytes of a token that is scattered, */
#define ACCUMULATOR	(6 * HIDDEN)		/* and of what is reduced for it */

static char error[RILL_ERROR_BYTES];

static uint64_t up(uint64_t a, uint64_t b)
{
	return (a + b - 1) / b;
}

static uint64_t ddr_ps(uint64_t bytes)
{
	return up(bytes * 1000000, DDR_MBPS);
}

static uint64_t link_ps(uint64_t bytes)
{
	return up(bytes * 1000000, LINK_MBPS);
}

static uint64_t mac_ps(uint64_t tokens, uint64_t records)
{
	return up((up(tokens * records * RECORD, MAC_PER_CYCLE) + MAC_STARTUP) * 1000000000, MAC_KHZ);
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Experts that tokens in turn select, one each; a chip of chiplets with a channel each. */
struct bench {
	struct rill_model model;
	struct rill_layer *layer;
	struct sequence_rig rig;
	struct rill_popularity popularity;
	struct sequence_pass pass;
};

struct shape {
	unsigned int rows, cols;
	uint32_t width, experts, tokens;
	const uint16_t *expert;			/* [tokens]; NULL: token t selects expert t modulo experts */
};

static void open_bench(struct bench *b, const struct shape *shape)
{
	struct rill_routing routing = { .tokens = shape->tokens, .top_k = 1 };

	*b = (struct bench){
		.model = { .name = "hand", .hidden = HIDDEN, .width = shape->width, .experts = shape->experts,
			   .top_k = 1, .layers = 1 },
	};
	routing.expert = malloc(shape->tokens * sizeof(*routing.expert));
	routing.weight = malloc(shape->tokens * sizeof(*routing.weight));
	assert_true(routing.expert && routing.weight);
	for (uint32_t t = 0; t < shape->tokens; t++) {
		routing.expert[t] = shape->expert ? shape->expert[t] : t % shape->experts;
		routing.weight[t] = 1;
	}
	assert_int_equal(rill_layer_create(&b->model, 0, &routing, 1, &b->layer, error), 0);
	assert_int_equal(rill_popularity_create(shape->experts, &b->popularity), 0);
	b->popularity.tokens = 1;
	sequence_rig_open(&b->rig, &(struct rill_model_chip){ .rows = shape->rows, .cols = shape->cols });
	assert_int_equal(b->rig.chip.channels, shape->rows * shape->cols);
}

static void close_bench(struct bench *b)
{
	sequence_rig_close(&b->rig);
	rill_popularity_free(&b->popularity);
	rill_layer_free(b->layer);
}

/* How long the strategy's pass takes; b->pass.report has the rest. */
static uint64_t run(struct bench *b, const char *strategy, uint32_t slices)
{
	const struct rill_plan_options options = { .slices = slices, .popularity = &b->popularity };

	b->pass = (struct sequence_pass){ .layer = b->layer };
	b->pass.plan = sequence_rig_plan(&b->rig, b->layer, strategy, &options);
	sequence_rig_run(&b->rig, &b->pass, 1, true, BETWEEN_NOTHING);
	sequence_rig_plan_free(b->pass.plan);
	b->pass.plan = NULL;
	return sequence_pass_ps(&b->pass);
}

static uint64_t link_bytes(const struct bench *b)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < RILL_MAX_LINKS; i++)
		bytes += b->pass.report.link[i].bytes;
	return bytes;
}

static uint64_t reduce_ps(uint64_t tokens)
{
	return tokens * link_ps(ACCUMULATOR) + HOP_PS;
}

/* --- expert parallelism --- */

/*
 * Two experts on two chiplets; tokens 0 and 1 are at home on chiplet 0, 2 and 3 on chiplet 1. Each expert has a token
 * of either, so one goes each way while the expert loads, and one accumulator comes back.
 */
static void ep_two_experts(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 2, .tokens = 4 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "ep", 0), LATENCY_PS + ddr_ps(EXPERT) + mac_ps(2, WIDTH) + reduce_ps(1));
	assert_int_equal(link_bytes(&b), 2 * (ACTIVATION + ACCUMULATOR));
	assert_int_equal(b.pass.report.chiplet[0].sram_peak_weights, EXPERT);
	close_bench(&b);
}

/* Three experts a chiplet, a token each: DDR never waits. The last expert's token is a guest. */
static void ep_prefetches(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 6, .tokens = 6 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_true(mac_ps(1, WIDTH) < ddr_ps(EXPERT));
	assert_int_equal(run(&b, "ep", 0), LATENCY_PS + 3 * ddr_ps(EXPERT) + mac_ps(1, WIDTH) + reduce_ps(1));
	assert_int_equal(b.pass.report.chiplet[0].sram_peak_weights, 2 * EXPERT);
	close_bench(&b);
}

/* 128 tokens an expert: the MAC array never waits after the first load. Half of the last expert's tokens are guests. */
static void ep_double_buffer(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 6, .tokens = 6 * 128 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_true(mac_ps(128, WIDTH) > LATENCY_PS + ddr_ps(EXPERT));
	assert_int_equal(run(&b, "ep", 0),
			 LATENCY_PS + ddr_ps(EXPERT) + 3 * mac_ps(128, WIDTH) + reduce_ps(64));
	assert_int_equal(b.pass.report.chiplet[1].sram_peak_weights, 2 * EXPERT);
	close_bench(&b);
}

/* Loaded as before, but only the last of eight slices is left to compute at the end; SRAM has two at most. */
static void ep_sliced_two_experts(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 2, .tokens = 4 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "ep-sliced", 8),
			 LATENCY_PS + 8 * ddr_ps(EXPERT / 8) + mac_ps(2, WIDTH / 8) + reduce_ps(1));
	assert_int_equal(link_bytes(&b), 2 * (ACTIVATION + ACCUMULATOR));
	assert_int_equal(b.pass.report.chiplet[0].sram_peak_weights, 2 * EXPERT / 8);
	close_bench(&b);
}

/* 128 tokens an expert: MAC arrays work from the first slice on. */
static void ep_sliced_computes_on_arrival(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 2, .tokens = 2 * 128 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_true(mac_ps(128, WIDTH / 8) > LATENCY_PS + ddr_ps(EXPERT / 8));
	assert_int_equal(run(&b, "ep-sliced", 8),
			 LATENCY_PS + ddr_ps(EXPERT / 8) + 8 * mac_ps(128, WIDTH / 8) + reduce_ps(64));
	close_bench(&b);
}

/* --- placement by popularity --- */

/*
 * Experts 0 and 2 are popular, and all tokens select them. By number both are at chiplet 0, which loads one after the
 * other; by popularity they are at two chiplets, which load side by side.
 */
static void hydra_parts_popular_experts(void **state)
{
	static const uint16_t expert[4] = { 0, 2, 0, 2 };
	static const uint32_t picks[4] = { 300, 10, 200, 10 };
	const struct shape shape = {
		.rows = 1, .cols = 2, .width = WIDTH, .experts = 4, .tokens = 4, .expert = expert,
	};
	uint64_t end = mac_ps(2, WIDTH) + reduce_ps(1), load = ddr_ps(EXPERT);
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	memcpy(b.popularity.picks, picks, sizeof(picks));
	b.popularity.tokens = 520;
	assert_int_equal(run(&b, "ep", 0), LATENCY_PS + 2 * load + end);
	assert_int_equal(run(&b, "hydra", 0), LATENCY_PS + load + end);
	assert_int_equal(link_bytes(&b), 2 * (ACTIVATION + ACCUMULATOR));
	assert_int_equal(run(&b, "hydra-sliced", 8),
			 LATENCY_PS + 8 * ddr_ps(EXPERT / 8) + mac_ps(2, WIDTH / 8) + reduce_ps(1));
	close_bench(&b);
}

/* Who selected expert 0 was at home on chiplet 1, who 2 on chiplet 0: there the experts go, and no token has to. */
static void hydra_brings_experts_home(void **state)
{
	static const uint16_t expert[4] = { 2, 2, 0, 0 };
	static const uint32_t picks[4] = { 300, 10, 200, 10 };
	const struct shape shape = {
		.rows = 1, .cols = 2, .width = WIDTH, .experts = 4, .tokens = 4, .expert = expert,
	};
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	memcpy(b.popularity.picks, picks, sizeof(picks));
	b.popularity.tokens = 520;
	b.popularity.home[0][1] = 300;
	b.popularity.home[2][0] = 200;
	assert_int_equal(run(&b, "hydra", 0), LATENCY_PS + ddr_ps(EXPERT) + mac_ps(2, WIDTH));
	assert_int_equal(link_bytes(&b), 0);
	assert_int_equal(b.pass.report.scatters, 0);
	close_bench(&b);
}

/*
 * Popularity 6, 5, 4, 3, 2, 1 of 21: the first to chiplet 0, the second to 1, the third to 1 (9 against 10), the fourth
 * to 0 (9 against 12), the fifth to 0 (11 against 11: the first of equals), which is then full; the last to 1. A pass
 * of one token, at home on chiplet 0, shows where its expert is: at 1 the token goes there and its sum comes back.
 */
static void hydra_deals_by_expected_load(void **state)
{
	static const uint32_t at[6] = { 0, 1, 1, 0, 0, 1 };
	uint64_t load = LATENCY_PS + ddr_ps(EXPERT) + mac_ps(1, WIDTH);

	(void)state;
	for (uint16_t e = 0; e < 6; e++) {
		const struct shape shape = {
			.rows = 1, .cols = 2, .width = WIDTH, .experts = 6, .tokens = 1, .expert = &e,
		};
		struct bench b;

		open_bench(&b, &shape);
		for (uint32_t i = 0; i < 6; i++)
			b.popularity.picks[i] = 6 - i;
		b.popularity.tokens = 21;
		assert_int_equal(run(&b, "hydra", 0), load + at[e] * reduce_ps(1));
		assert_int_equal(b.pass.report.scatters, at[e]);
		close_bench(&b);
	}
}

/* --- tensor parallelism --- */

/* Each chiplet has half of the columns and all tokens: two come, and two accumulators go back, each way. */
static void tp_two_chiplets(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 1, .tokens = 4 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "tp", 2),
			 LATENCY_PS + ddr_ps(EXPERT / 2) + mac_ps(4, WIDTH / 2) + reduce_ps(2));
	assert_int_equal(link_bytes(&b), 4 * (ACTIVATION + ACCUMULATOR));
	close_bench(&b);
}

/* An expert of two columns: gathering 256 tokens takes longer than loading it, and nothing is computed before. */
static void tp_waits_for_the_gather(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = 2, .experts = 1, .tokens = 256 };
	uint64_t gather = 128 * link_ps(ACTIVATION) + HOP_PS;
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_true(gather > LATENCY_PS + ddr_ps(RECORD));
	assert_int_equal(run(&b, "tp", 2), gather + mac_ps(256, 1) + reduce_ps(128));
	close_bench(&b);
}

/*
 * On 2x2 a chiplet owes four accumulators to each other one, all at the same moment. Those for the opposite corner go
 * along the row first, like those for the neighbour there; so each link in a row carries eight, and each in a column
 * four of its own chiplet and four from the row. The last to leave a row still has a column to go.
 */
static void tp_reduces_on_2x2(void **state)
{
	const struct shape shape = { .rows = 2, .cols = 2, .width = WIDTH, .experts = 1, .tokens = 16 };
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "tp", 4),
			 LATENCY_PS + ddr_ps(EXPERT / 4) + mac_ps(16, WIDTH / 4) + reduce_ps(8) + reduce_ps(1));
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(b.pass.report.link[i].bytes, 8 * (ACTIVATION + ACCUMULATOR));
	close_bench(&b);
}

/* --- naive FSDP --- */

/* Half of the expert behind each channel; the halves change sides, and then each chiplet computes both. */
static void fsdp_two_chiplets(void **state)
{
	const struct shape shape = { .rows = 1, .cols = 2, .width = WIDTH, .experts = 1, .tokens = 4 };
	uint64_t cross = link_ps(EXPERT / 2) + HOP_PS;
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "fsdp", 2),
			 LATENCY_PS + ddr_ps(EXPERT / 2) + cross + 2 * mac_ps(2, WIDTH / 2));
	assert_int_equal(link_bytes(&b), EXPERT);
	assert_int_equal(b.pass.report.chiplet[0].sram_peak_weights, EXPERT);
	close_bench(&b);
}

/* A quarter behind each channel; all four go round in step, three hops each, no two on one link. */
static void fsdp_broadcast_on_2x2(void **state)
{
	const struct shape shape = { .rows = 2, .cols = 2, .width = WIDTH, .experts = 1, .tokens = 4 };
	uint64_t cross = link_ps(EXPERT / 4) + HOP_PS;
	struct bench b;

	(void)state;
	open_bench(&b, &shape);
	assert_int_equal(run(&b, "fsdp", 4),
			 LATENCY_PS + ddr_ps(EXPERT / 4) + 3 * cross + 4 * mac_ps(1, WIDTH / 4));
	assert_int_equal(link_bytes(&b), 3 * EXPERT);
	close_bench(&b);
}

/*
 * One expert is gathered while another computes: first DDR never waits, then the MAC arrays do not. With few tokens an
 * expert is through before the other half of the next one comes.
 */
static void fsdp_double_buffer(void **state)
{
	static const uint32_t tokens[2] = { 1, 256 };	/* of each expert on each chiplet */
	uint64_t load = ddr_ps(EXPERT / 2), cross = link_ps(EXPERT / 2) + HOP_PS;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		const struct shape shape = {
			.rows = 1, .cols = 2, .width = WIDTH, .experts = 3, .tokens = 3 * 2 * tokens[i],
		};
		uint64_t both = 2 * mac_ps(tokens[i], WIDTH / 2);
		struct bench b;

		open_bench(&b, &shape);
		assert_int_equal(run(&b, "fsdp", 2), LATENCY_PS + load + cross + 2 * max(load, both) + both);
		assert_int_equal(b.pass.report.chiplet[0].sram_peak_weights, (i ? 4 : 3) * EXPERT / 2);
		assert_int_equal(link_bytes(&b), 3 * EXPERT);
		close_bench(&b);
	}
}

/* --- and FSE-DP, for comparison: what crosses is computed on both sides without waiting --- */

static void fse_dp_two_chiplets(void **state)
{
	static const uint32_t tokens[2] = { 1, 128 };	/* on each chiplet: the link takes longer, or the MAC array */
	uint64_t cross = link_ps(EXPERT / 2) + HOP_PS;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		const struct shape shape = {
			.rows = 1, .cols = 2, .width = WIDTH, .experts = 1, .tokens = 2 * tokens[i],
		};
		uint64_t half = mac_ps(tokens[i], WIDTH / 2);
		struct bench b;

		open_bench(&b, &shape);
		assert_int_equal(run(&b, "fse-dp", 2),
				 LATENCY_PS + ddr_ps(EXPERT / 2) + max(half, cross) + half);
		assert_int_equal(link_bytes(&b), EXPERT);
		close_bench(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ep_two_experts),
		cmocka_unit_test(ep_prefetches),
		cmocka_unit_test(ep_double_buffer),
		cmocka_unit_test(ep_sliced_two_experts),
		cmocka_unit_test(ep_sliced_computes_on_arrival),
		cmocka_unit_test(hydra_parts_popular_experts),
		cmocka_unit_test(hydra_brings_experts_home),
		cmocka_unit_test(hydra_deals_by_expected_load),
		cmocka_unit_test(tp_two_chiplets),
		cmocka_unit_test(tp_waits_for_the_gather),
		cmocka_unit_test(tp_reduces_on_2x2),
		cmocka_unit_test(fsdp_two_chiplets),
		cmocka_unit_test(fsdp_broadcast_on_2x2),
		cmocka_unit_test(fsdp_double_buffer),
		cmocka_unit_test(fse_dp_two_chiplets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
