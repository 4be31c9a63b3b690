// SPDX-License-Identifier: MIT
/* Dataflow: WHENs that learn. Fixed point with 8 fraction bits unless said. */
#include <stdlib.h>

#include "ndf_rig.h"

#define ONE		256
#define ROUNDS		1000u
#define SEEDS		20u

static const struct rill_ndf_entry flag1[2] = { { .id = 0, .emit = 1 }, { .id = 1, .emit = 1 } };

/* What clamps nothing that a test here reaches */
static struct rill_ndf_plastic plastic(unsigned int rule)
{
	return (struct rill_ndf_plastic){
		.rule = (uint8_t)rule, .history = rule ? 1 : 0, .eta = ONE / 4,
		.weight_min = (uint32_t)-32768, .weight_max = 32767,
		.bias_min = (uint64_t)-32768, .bias_max = 32767,
		.theta_min = (uint64_t)-32768, .theta_max = 32767,
	};
}

static struct rill_ndf_when_state state_of(struct rig *rig, uint32_t node)
{
	struct rill_ndf_when_state state;

	assert_true(rill_ndf_when_state(rig->engine, node, &state));
	return state;
}

/*
 * The worked example, "x >= 37 for x in 0..63": membrane in Q8.8, x in sixty-fourths, eta 1/4. W starts at 64,
 * so that a step of x is 1, and b in the middle, at -32. After ROUNDS random samples learning ends, and
 * x = 0..63 follow. The whole is one program: for STDP it also works out the reward, -1 for an error.
 */
static void build_example(struct rig *rig, unsigned int rule, uint64_t seed)
{
	static const int64_t bias = -32 * ONE;
	static const int32_t weight = 64 * ONE;
	struct rill_ndf_plastic p = plastic(rule);
	uint32_t when, x, above, error, reward, i;
	uint64_t words[ROUNDS + 64];

	for (i = 0; i < ROUNDS; i++)
		words[i] = rig_random(&seed) % 64;
	for (; i < ROUNDS + 64; i++)
		words[i] = i - ROUNDS;
	p.length = ROUNDS;
	p.psi_min = rule == RILL_NDF_RULE_SURROGATE ? ONE * 3 / 4 : 0;
	p.miss = rule == RILL_NDF_RULE_RSTDP ? (uint32_t)-ONE : 0;
	when = build_when(&rig->b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 16, .frac = 8, .x_frac = 6 },
		.inputs = 1, .bias = &bias, .weights = &weight, .table = flag1, .plastic = &p,
	});
	x = build_source(&rig->b, words, COUNT(words));
	above = build_op_imm(&rig->b, RILL_NDF_GE, 1, 37);
	build_arc(&rig->b, x, 0, when, 0);
	build_arc(&rig->b, x, 0, above, 0);
	rig_drain(rig, when, 0);
	if (rule == RILL_NDF_RULE_SURROGATE) {
		build_arc(&rig->b, above, 0, when, 1);
		return;
	}
	error = build_op(&rig->b, RILL_NDF_XOR);
	reward = build_op_imm(&rig->b, RILL_NDF_MUL, 1, (uint64_t)-ONE);
	build_arc(&rig->b, above, 0, error, 0);
	build_arc(&rig->b, when, 0, error, 1);
	build_arc(&rig->b, error, 0, reward, 0);
	build_arc(&rig->b, reward, 0, when, 1);
}

static void run_example(unsigned int rule)
{
	unsigned int seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct rill_ndf_when_state state;
		unsigned int x, right = 0, least = 64;
		const uint64_t *said;
		struct rig rig;
		size_t count;

		rig_begin(&rig);
		build_example(&rig, rule, seed);
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		said = rill_ndf_sink_words(rig.engine, 0, &count);
		assert_int_equal(count, ROUNDS + 64);
		for (x = 64; x-- > 0;) {
			right += said[ROUNDS + x] == (x >= 37);
			if (said[ROUNDS + x])
				least = x;
		}
		assert_int_equal(least, 37);
		assert_int_equal(right, 64);
		state = state_of(&rig, 0);
		assert_int_equal(state.samples, ROUNDS + 64);
		assert_int_equal(state.lessons, ROUNDS);
		assert_true(state.bias[0] != -32 * ONE && state.weights[0] != 64 * ONE);
		rig_end(&rig);
	}
}

static void test_example_surrogate(void **state)
{
	run_example(RILL_NDF_RULE_SURROGATE);
}

static void test_example_stdp(void **state)
{
	run_example(RILL_NDF_RULE_RSTDP);
}

/* One input, one dimension, fed with x and lessons */
static void run_lessons(struct rig *rig, const struct rill_ndf_plastic *p, unsigned int mode, unsigned int x_frac,
			int32_t weight, int64_t bias, int64_t theta, const uint64_t *x, uint32_t samples,
			const uint64_t *lessons, uint32_t count)
{
	uint32_t when;

	rig_begin(rig);
	when = build_when(&rig->b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 32, .frac = 8, .x_frac = (uint8_t)x_frac },
		.mode = mode, .inputs = 1, .bias = &bias, .theta = &theta, .weights = &weight, .table = flag1,
		.plastic = p,
	});
	rig_feed(rig, when, 0, x, samples);
	rig_feed(rig, when, 1, lessons, count);
	rig_drain(rig, when, 0);
	rig_run(rig);
}

static void expect_learned(struct rig *rig, int32_t weight, int64_t bias)
{
	struct rill_ndf_when_state state = state_of(rig, 0);

	assert_int_equal(state.weights[0], weight);
	assert_int_equal(state.bias[0], bias);
	rig_end(rig);
}

static void test_surrogate(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_SURROGATE);
	const uint64_t three = 3, one = 1, zero = 0;
	struct rig rig;

	/* v = 3 W = 300 = 1.17, theta 1.5: psi = 1 - 84/256 = 172/256; dW = 1/4 * 172 * 3 = 129, db = 43 */
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 100, 0, 384, &three, 1, &one, 1);
	expect_learned(&rig, 229, 43);
	/* The answer was right: nothing */
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 100, 0, 384, &three, 1, &zero, 1);
	expect_learned(&rig, 100, 0);
	/* Far off, psi is psi_min = 10/256: dW = -10/4 * 3 = -7.5 -> -7, db = -2.5 -> -2: half up */
	p.psi_min = 10;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 1000, 0, 384, &three, 1, &zero, 1);
	expect_learned(&rig, 993, -2);
	/* x in quarters: 3/4. v = 75, psi = 10/256 again; dW = 10/4 * 3/4 = 1.875 -> 2, db = 2.5 -> 3 */
	run_lessons(&rig, &p, RILL_NDF_PRED, 2, 100, 0, 384, &three, 1, &one, 1);
	expect_learned(&rig, 102, 3);
}

static void test_stdp(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_RSTDP);
	static const uint64_t x[3] = { 8, 4, 2 }, rewards[3] = { ONE, -ONE, ONE / 2 };
	struct rig rig;

	/* No spike and miss 0: nothing. Spike: g = 64, dW = 64 * 8, db = 64 */
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 1, 0, 100, x, 1, rewards, 1);
	expect_learned(&rig, 1, 0);
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 100, 0, 100, x, 1, rewards, 1);
	expect_learned(&rig, 100 + 512, 64);
	/* No spike, miss -1/2: g = -32 for reward 1, 32 for -1 */
	p.miss = (uint32_t)(-ONE / 2);
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 30000, x, 1, rewards, 1);
	expect_learned(&rig, -256, -32);
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 30000, x, 1, rewards + 1, 1);
	expect_learned(&rig, 256, 32);
	/* Traces with shift 1: 8, 4 + 4 = 8, 4 + 2 = 6; never a spike: g -32, 32, -16: dW -256 + 256 - 96 */
	p.trace = 1;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 30000, x, 3, rewards, 3);
	expect_learned(&rig, -96, -16);
}

static void test_clamps(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_SURROGATE);
	const uint64_t three = 3, one = 1, zero = 0;
	struct rig rig;

	p.psi_min = INT32_MAX;
	p.weight_max = 150;
	p.bias_min = (uint64_t)-5;
	p.bias_max = 7;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 100, 0, 384, &three, 1, &one, 1);
	expect_learned(&rig, 150, 7);
	p.weight_min = 150;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 150, 0, 384, &three, 1, &zero, 1);
	expect_learned(&rig, 150, -5);
}

/* Samples 2 and 3 of every 5 from the first on, that is 1 + {0, 1}, 6 + {0, 1}, ... */
static void test_windows(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_RSTDP);
	uint64_t x[12], rewards[12];
	struct rig rig;
	unsigned int i;

	for (i = 0; i < COUNT(x); i++) {
		x[i] = 0;
		rewards[i] = (uint64_t)ONE << i;
	}
	p.eta = ONE;
	p.first = 1;
	p.length = 2;
	p.period = 5;
	p.bias_max = INT64_MAX;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 0, x, COUNT(x), rewards, COUNT(rewards));
	assert_int_equal(state_of(&rig, 0).lessons, 5);
	expect_learned(&rig, 0, ONE * (2 + 4 + 64 + 128 + 2048));
}

static void test_no_lesson(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_RSTDP);
	static const uint64_t x[3] = { 1, 1, 1 }, rewards[3] = { ONE, RILL_NDF_NO_LESSON, ONE };
	struct rig rig;

	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 0, x, 3, rewards, 3);
	assert_int_equal(state_of(&rig, 0).lessons, 2);
	assert_int_equal(state_of(&rig, 0).samples, 3);
	expect_learned(&rig, 128, 128);
}

/* The teacher of a PRED may be three samples late: predictions 0 to 2 come before any lesson. */
static void test_late_teacher(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_SURROGATE);
	static const uint64_t x[5] = { 1, 2, 3, 4, 5 }, lessons[2] = { 1, 1 };
	struct rill_ndf_block blocks[4];
	struct rig rig;

	p.history = 3;
	p.psi_min = ONE;
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 100, x, 5, lessons, 0);
	EXPECT(&rig, 0, 0, 0, 0);
	assert_int_equal(rill_ndf_blocks(rig.engine, blocks, 4), 0);	/* a QUIET sink waits for nothing */
	expect_learned(&rig, 0, 0);
	/* Lesson 0 is for x = 1: dW = 64; then 4 gives v = 64 * 4 + 64; lesson 1 is for x = 2 */
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 100, x, 5, lessons, 1);
	EXPECT(&rig, 0, 0, 0, 0, 1);
	expect_learned(&rig, 64, 64);
	run_lessons(&rig, &p, RILL_NDF_PRED, 0, 0, 0, 100, x, 5, lessons, 2);
	EXPECT(&rig, 0, 0, 0, 0, 1, 1);
	assert_int_equal(state_of(&rig, 0).lessons, 2);
	expect_learned(&rig, 64 + 128, 128);
}

/* An EVENT does not wait for its teacher; of more samples than fit, the oldest are forgotten. */
static void test_event_history(void **state)
{
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_SURROGATE);
	static const uint64_t x[5] = { 1, 2, 3, 4, 5 }, one = 1;
	struct rig rig;

	p.history = 2;
	p.psi_min = ONE;
	run_lessons(&rig, &p, RILL_NDF_EVENT, 0, 0, 0, 100, x, 5, NULL, 0);
	EXPECT(&rig, 0, 0, 0, 0, 0, 0);
	assert_true(rill_ndf_source_push(rig.engine, 1, &one, 1));
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	assert_int_equal(state_of(&rig, 0).lessons, 1);
	/* Samples 3 and 4 are left, x = 4 and 5; the lesson is for x = 4. */
	expect_learned(&rig, 4 * 64, 64);
}

/* Two dimensions learn apart: y has a bit for each. */
static void test_two_dimensions(void **state)
{
	static const struct rill_ndf_entry flags2[4] = {
		{ .id = 0, .emit = 1 }, { .id = 1, .emit = 1 }, { .id = 2, .emit = 1 }, { .id = 3, .emit = 1 },
	};
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_SURROGATE);
	static const int32_t weights[4] = { 0, 0, 0, 0 };
	static const int64_t theta[2] = { 100, 0 };
	struct rill_ndf_when_state s;
	struct rig rig;

	p.psi_min = ONE;
	rig_begin(&rig);
	build_when(&rig.b, &(struct neuron){
		.head = { .dims = 2, .states = 1, .width = 32, .frac = 8 },
		.inputs = 2, .theta = theta, .weights = weights, .table = flags2, .plastic = &p,
	});
	FEED(&rig, 0, 0, 2);
	FEED(&rig, 0, 1, -3ULL);
	FEED(&rig, 0, 2, 1);
	rig_drain(&rig, 0, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 2);
	s = state_of(&rig, 0);
	assert_int_equal(s.weights[0], 128);
	assert_int_equal(s.weights[1], -128);
	assert_int_equal(s.weights[2], -192);
	assert_int_equal(s.weights[3], 192);
	assert_int_equal(s.bias[0], 64);
	assert_int_equal(s.bias[1], -64);
	rig_end(&rig);
}

/*
 * Homeostasis as load balance: four experts, one of which is always ahead by 40. Each should win in a quarter
 * of the samples; theta comes to make up for the lead.
 */
static void test_homeostasis(void **state)
{
	static const int64_t bias[4] = { 40 * ONE, 0, 0, 0 };
	struct rill_ndf_plastic p = plastic(RILL_NDF_RULE_NONE);
	static uint64_t x[4][8000];
	int32_t identity[16] = { 0 };
	unsigned int i, k, wins[4] = { 0 };
	uint64_t random = 1;
	const uint64_t *said;
	struct rig rig;
	size_t count;

	p.rate = 6;
	p.theta_eta = ONE;
	p.target = 65536 / 4;
	for (i = 0; i < 4; i++)
		identity[5 * i] = ONE;
	for (i = 0; i < COUNT(x[0]); i++) {
		for (k = 0; k < 4; k++)
			x[k][i] = rig_random(&random) % 32;
	}
	rig_begin(&rig);
	build_when(&rig.b, &(struct neuron){
		.head = { .decode = RILL_NDF_DECODE_WTA, .dims = 4, .states = 1, .width = 32, .frac = 8 },
		.inputs = 4, .bias = bias, .weights = identity, .plastic = &p,
	});
	for (k = 0; k < 4; k++)
		rig_feed(&rig, 0, k, x[k], COUNT(x[0]));
	rig_drain(&rig, 0, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	said = rill_ndf_sink_words(rig.engine, 0, &count);
	assert_int_equal(count, COUNT(x[0]));
	for (i = 0; i < 50; i++)
		assert_int_equal(said[i], 0);
	for (i = 4000; i < count; i++)
		wins[said[i]]++;
	for (k = 0; k < 4; k++)
		assert_in_range(wins[k], 900, 1100);
	assert_in_range(state_of(&rig, 0).theta[0] - state_of(&rig, 0).theta[1], 30 * ONE, 50 * ONE);
	rig_end(&rig);
}

/* A PRED that learns is still a Kahn process: the order of firing does not matter. */
static void test_order(void **state)
{
	unsigned int rule, order;

	for (rule = RILL_NDF_RULE_SURROGATE; rule <= RILL_NDF_RULE_RSTDP; rule++) {
		struct rill_ndf_when_state want, got;
		struct rig rig, other;

		rig_begin(&rig);
		build_example(&rig, rule, 1);
		rig_run(&rig);
		want = state_of(&rig, 0);
		for (order = 1; order <= 5; order++) {
			rig_begin(&other);
			other.options.order_seed = order;
			other.options.capacity = order;
			build_example(&other, rule, 1);
			assert_int_equal(rig_run(&other), RILL_NDF_FINISHED);
			got = state_of(&other, 0);
			assert_int_equal(got.weights[0], want.weights[0]);
			assert_int_equal(got.bias[0], want.bias[0]);
			rig_end(&other);
		}
		rig_end(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_surrogate),
		cmocka_unit_test(test_example_stdp),
		cmocka_unit_test(test_surrogate),
		cmocka_unit_test(test_stdp),
		cmocka_unit_test(test_clamps),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_no_lesson),
		cmocka_unit_test(test_late_teacher),
		cmocka_unit_test(test_event_history),
		cmocka_unit_test(test_two_dimensions),
		cmocka_unit_test(test_homeostasis),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("ndf plastic", tests, NULL, NULL);
}
