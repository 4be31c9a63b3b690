// SPDX-License-Identifier: MIT
/* Dataflow: the membrane of a WHEN, its decoders and resets, PRED and EVENT. */
#include <stdlib.h>

#include "ndf_rig.h"

#define ENTRY(n, q)	{ .id = (n), .next = (q), .emit = 1 }
#define QUIET		{ .emit = 0 }

/* Runs one WHEN; its inputs have been fed by `feed` (or have no words), its ids go to sink 0. */
static void run_when(struct rig *rig, const struct neuron *neuron, const uint64_t (*x)[8], const uint32_t *counts)
{
	uint32_t when, i;

	rig_begin(rig);
	when = build_when(&rig->b, neuron);
	for (i = 0; i < rig->b.nodes[when].inputs; i++)
		rig_feed(rig, when, i, x[i], counts[i]);
	rig_drain(rig, when, 0);
	assert_int_equal(rig_run(rig), RILL_NDF_FINISHED);
}

static struct rill_ndf_when_state state_of(struct rig *rig)
{
	struct rill_ndf_when_state state;

	assert_true(rill_ndf_when_state(rig->engine, 0, &state));
	return state;
}

static const struct rill_ndf_entry flags2[4] = { ENTRY(0, 0), ENTRY(1, 0), ENTRY(2, 0), ENTRY(3, 0) };
static const struct rill_ndf_entry flag1[2] = { ENTRY(0, 0), ENTRY(1, 0) };

static void test_compare(void **state)
{
	/* s_0: a > b, s_1: b > a */
	static const uint64_t x[2][8] = { { 5, 3, 4, -9ULL, INT64_MAX }, { 3, 5, 4, 9, (uint64_t)INT64_MIN } };
	static const uint32_t counts[2] = { 5, 5 };
	static const int32_t weights[4] = { 1, -1, -1, 1 };
	static const int64_t theta[2] = { 1, 1 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 2, .states = 1, .width = 64 },
		.inputs = 2, .theta = theta, .weights = weights, .table = flags2,
	}, x, counts);
	EXPECT(&rig, 0, 1, 2, 0, 2, 1);
	rig_end(&rig);
}

/* Weights and bias in eighths, x in quarters: v = floor(x w / 4) + b */
static void test_fixed_point(void **state)
{
	static const uint64_t x[1][8] = { { 7, 8, -1ULL } };
	static const uint32_t counts[1] = { 3 };
	static const int32_t weight = 3;
	static const int64_t bias = -1, theta = 5;
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 64, .frac = 3, .x_frac = 2,
			  .reset = RILL_NDF_RESET_NONE, .leak = 63 },
		.inputs = 1, .bias = &bias, .theta = &theta, .weights = &weight, .table = flag1,
	}, x, counts);
	/* v: 5 - 1 = 4; 4 + 6 - 1 = 9; 9 - 1 - 1 = 7 */
	EXPECT(&rig, 0, 0, 1, 1);
	assert_int_equal(state_of(&rig).v[0], 7);
	rig_end(&rig);
}

static void test_leak(void **state)
{
	static const uint64_t x[1][8] = { { 100, 0, 0, -300ULL, 0 } };
	static const uint32_t counts[1] = { 5 };
	static const int32_t weight = 1;
	static const int64_t theta = 56;
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 64, .reset = RILL_NDF_RESET_NONE, .leak = 2 },
		.inputs = 1, .theta = &theta, .weights = &weight, .table = flag1,
	}, x, counts);
	/* 100, 75, 57, 43 - 300 = -257, -257 + 65 = -192 */
	EXPECT(&rig, 0, 1, 1, 1, 0, 0);
	assert_int_equal(state_of(&rig).v[0], -192);
	rig_end(&rig);
}

static int64_t sum_of_two(uint64_t a, uint64_t b, int32_t weight, unsigned int width)
{
	const uint64_t x[1][8] = { { a, b } };
	static const uint32_t counts[1] = { 2 };
	struct rig rig;
	int64_t v;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = (uint8_t)width, .reset = RILL_NDF_RESET_NONE },
		.inputs = 1, .weights = &weight, .table = flag1,
	}, x, counts);
	v = state_of(&rig).v[0];
	rig_end(&rig);
	return v;
}

static void test_saturation(void **state)
{
	assert_int_equal(sum_of_two(100, 27, 1, 8), 127);
	assert_int_equal(sum_of_two(100, 28, 1, 8), 127);
	assert_int_equal(sum_of_two(-100ULL, -28ULL, 1, 8), -128);
	assert_int_equal(sum_of_two(-100ULL, -29ULL, 1, 8), -128);
	assert_int_equal(sum_of_two(-1000ULL, 1, 1, 8), -127);
	assert_int_equal(sum_of_two(1, 1, 1, 2), 1);
	assert_int_equal(sum_of_two(INT64_MAX, 1, 1, 64), INT64_MAX);
	assert_int_equal(sum_of_two((uint64_t)INT64_MIN, -1ULL, 1, 64), INT64_MIN);
	assert_int_equal(sum_of_two((uint64_t)INT64_MIN, 0, INT32_MIN, 64), INT64_MAX);
}

/* Two dimensions take 3 and 10; then each reset, and 0 and 0. */
static void reset_leaves(unsigned int reset, int64_t v0, int64_t v1)
{
	static const uint64_t x[2][8] = { { 3 }, { 10 } };
	static const uint32_t counts[2] = { 1, 1 };
	static const int32_t identity[4] = { 1, 0, 0, 1 };
	static const int64_t theta[2] = { 4, 4 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 2, .states = 1, .width = 64, .reset = (uint8_t)reset },
		.inputs = 2, .theta = theta, .weights = identity, .table = flags2,
	}, x, counts);
	EXPECT(&rig, 0, 2);
	assert_int_equal(state_of(&rig).v[0], v0);
	assert_int_equal(state_of(&rig).v[1], v1);
	rig_end(&rig);
}

static void test_resets(void **state)
{
	reset_leaves(RILL_NDF_RESET_NONE, 3, 10);
	reset_leaves(RILL_NDF_RESET_SUBTRACT, 3, 6);
	reset_leaves(RILL_NDF_RESET_HARD, 3, 0);
	reset_leaves(RILL_NDF_RESET_ALL, 0, 0);
}

/* mod 3: three states, one dimension that sees the bit */
static void test_states(void **state)
{
	static const struct rill_ndf_entry table[6] = {
		ENTRY(0, 0), ENTRY(1, 1), ENTRY(2, 2), ENTRY(0, 0), ENTRY(1, 1), ENTRY(2, 2),
	};
	static const uint64_t x[1][8] = { { 1, 1, 0, 1, 1 } };	/* 11011: 1, 3, 6, 13, 27 */
	static const uint32_t counts[1] = { 5 };
	static const int32_t weight = 1;
	static const int64_t theta = 1;
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 1, .states = 3, .width = 8 },
		.inputs = 1, .theta = &theta, .weights = &weight, .table = table,
	}, x, counts);
	EXPECT(&rig, 0, 1, 0, 0, 1, 0);
	assert_int_equal(state_of(&rig).q, 0);
	rig_end(&rig);
}

/* Which inputs are waited for depends on the state: 0 first, then 1 until it is 0, then 0 again. */
static void test_need_by_state(void **state)
{
	static const struct rill_ndf_entry table[4] = { ENTRY(10, 0), ENTRY(11, 1), ENTRY(20, 0), ENTRY(21, 1) };
	static const uint64_t x[2][8] = { { 1, 1, 0 }, { 1, 1, 0, 0 } };
	static const uint32_t counts[2] = { 3, 4 };
	static const uint64_t need[2] = { 1, 2 };
	static const int32_t weights[2] = { 1, 1 };
	static const int64_t theta = 1;
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .dims = 1, .states = 2, .width = 8 },
		.inputs = 2, .need = need, .theta = &theta, .weights = weights, .table = table,
	}, x, counts);
	EXPECT(&rig, 0, 11, 21, 21, 20, 11, 20, 10);
	rig_end(&rig);
}

static void test_winner(void **state)
{
	static const uint64_t x[3][8] = { { 1, 5, 2, -1ULL }, { 3, 5, 1, -1ULL }, { 2, 4, 9, -3ULL } };
	static const uint32_t counts[3] = { 4, 4, 4 };
	static const int32_t identity[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
	static const int64_t theta[3] = { 0, 1, 0 };
	struct rig rig;

	/* ranks v - theta: 1 2 2; 5 4 4; 2 0 9; -1 -2 -3 */
	run_when(&rig, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_WTA, .dims = 3, .states = 1, .width = 64 },
		.inputs = 3, .theta = theta, .weights = identity,
	}, x, counts);
	EXPECT(&rig, 0, 1, 0, 2, 0);
	rig_end(&rig);
}

static void test_top(void **state)
{
	static const uint64_t x[4][8] = { { 4, 1 }, { 3, 1 }, { 2, 1 }, { 9, 1 } };
	static const uint32_t counts[4] = { 2, 2, 2, 2 };
	static const int32_t identity[16] = { [0] = 1, [5] = 1, [10] = 1, [15] = 1 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_TOPK, .top = 2, .dims = 4, .states = 1, .width = 64 },
		.inputs = 4, .weights = identity,
	}, x, counts);
	EXPECT(&rig, 0, 0x9, 0x3);
	rig_end(&rig);
}

/* Conditions that come in any order: one dimension each, decoded by AND; tokens are counted. */
static void test_event_and(void **state)
{
	static const struct rill_ndf_entry table[4] = { QUIET, QUIET, QUIET, ENTRY(7, 0) };
	static const uint64_t x[2][8] = { { 1, 1, 1, 1, 1 }, { 0, 0, 1, 0, 1, 1 } };
	static const uint32_t counts[2] = { 5, 6 };
	static const int32_t identity[4] = { 1, 0, 0, 1 };
	static const int64_t theta[2] = { 1, 1 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .reset = RILL_NDF_RESET_SUBTRACT, .dims = 2, .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 2, .theta = theta, .weights = identity, .table = table,
	}, x, counts);
	EXPECT(&rig, 0, 7, 7, 7);
	assert_int_equal(state_of(&rig).v[0], 2);
	assert_int_equal(state_of(&rig).v[1], 0);
	rig_end(&rig);
}

/* An arbiter: whoever calls is told, one id each, also when two call at once. */
static void test_event_arbiter(void **state)
{
	static const uint64_t x[3][8] = { { 1, 1 }, { 1, 1 }, { 1 } };
	static const uint32_t counts[3] = { 2, 2, 1 };
	static const int32_t identity[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
	static const int64_t theta[3] = { 1, 1, 1 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_WTA, .reset = RILL_NDF_RESET_SUBTRACT, .dims = 3,
			  .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 3, .theta = theta, .weights = identity,
	}, x, counts);
	/* 1 1 1 -> 0; 1 2 1 -> 1; 1 1 1 -> 0; 1; 2 */
	EXPECT(&rig, 0, 0, 1, 0, 1, 2);
	rig_end(&rig);
}

static void test_event_top(void **state)
{
	static const uint64_t x[2][8] = { { 5, 0 }, { 1, 9 } };
	static const uint32_t counts[2] = { 2, 2 };
	static const int32_t identity[4] = { 1, 0, 0, 1 };
	static const int64_t theta[2] = { 4, 4 };
	struct rig rig;

	run_when(&rig, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_TOPK, .top = 2, .reset = RILL_NDF_RESET_HARD, .dims = 2,
			  .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 2, .theta = theta, .weights = identity,
	}, x, counts);
	/* 5 1 -> mask 1, then 0 1; 0 10 -> mask 2 */
	EXPECT(&rig, 0, 1, 2);
	assert_int_equal(state_of(&rig).v[0], 0);
	assert_int_equal(state_of(&rig).v[1], 0);
	rig_end(&rig);
}

/* A PRED that is wide: 40 inputs, all needed, and the greatest wins. */
static void test_wide(void **state)
{
	int32_t identity[40 * 40] = { 0 };
	struct rig rig;
	uint32_t i, when;

	for (i = 0; i < 40; i++)
		identity[i * 41] = 1;
	rig_begin(&rig);
	when = build_when(&rig.b, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_WTA, .dims = 40, .states = 1, .width = 64 },
		.inputs = 40, .weights = identity,
	});
	for (i = 0; i < 40; i++)
		FEED(&rig, when, i, i, 40 - i, i == 17 ? 100 : 0);
	rig_drain(&rig, when, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 39, 0, 17);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_fixed_point),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_saturation),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_need_by_state),
		cmocka_unit_test(test_winner),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_event_and),
		cmocka_unit_test(test_event_arbiter),
		cmocka_unit_test(test_event_top),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests_name("ndf when", tests, NULL, NULL);
}
