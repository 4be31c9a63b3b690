// SPDX-License-Identifier: MIT
/* Gates choose what plain top-k chooses, of any number of experts. */
#include "gate_rig.h"

#include <string.h>

#define TOKENS 12

static void is_top_k(const struct rill_gate *gate, int64_t range, uint32_t capacity, uint64_t order_seed)
{
	static int64_t logits[TOKENS * RILL_GATE_EXPERTS];
	struct gate_draw draw = { .seed = gate->experts * 8 + gate->top_k };
	struct plain_gate plain = { 0 };
	struct gate_rig rig;

	gate_draw_many(&draw, logits, TOKENS * gate->experts, range);
	gate_rig_build(&rig, gate, logits, TOKENS, capacity);
	gate_rig_run(&rig, order_seed);
	gate_rig_expect(&rig, gate, &plain, logits);
	gate_rig_free(&rig);
}

static void all_sizes(void **unused)
{
	gate_rig_all_sizes(is_top_k);
}

static void any_order_of_firings(void **unused)
{
	uint32_t i;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		struct rill_gate gate = { .experts = gate_rig_sizes[i] };

		for (gate.top_k = 1; gate.top_k <= 8 && gate.top_k <= gate.experts; gate.top_k++)
			is_top_k(&gate, 3, 1, 1 + gate.top_k);
	}
}

/* Groups of all sizes: of one expert, of less than top_k, of 64; and as many as can be chosen */
static void odd_sizes(void **unused)
{
	static const uint32_t sizes[] = { 2, 63, 66, 72, 127, 129, 160, 192, 193, 255 };
	uint32_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct rill_gate gate = { .experts = sizes[i], .top_k = 64 / RILL_GATE_WORDS(sizes[i]) };

		if (gate.top_k > gate.experts)
			gate.top_k = gate.experts;
		is_top_k(&gate, 5, 1, 0);
		gate.top_k = (gate.top_k + 1) / 2;
		is_top_k(&gate, 5, 0, 0);
	}
}

static void bias_is_added(void **unused)
{
	int64_t bias[RILL_GATE_EXPERTS];
	uint32_t i;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		struct gate_draw draw = { .seed = i };

		gate_draw_many(&draw, bias, gate_rig_sizes[i], 5);
		is_top_k(&(struct rill_gate){ .experts = gate_rig_sizes[i], .top_k = 1, .bias = bias }, 5, 0, 0);
	}
}

static void choose_in_process(void **unused)
{
	static int64_t logits[TOKENS * RILL_GATE_EXPERTS];
	uint64_t masks[TOKENS * GATE_RIG_WORDS], want[GATE_RIG_WORDS];
	struct gate_draw draw = { .seed = 5 };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct plain_gate plain;
	uint32_t i, t, words;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		const struct rill_gate gate = {
			.experts = gate_rig_sizes[i], .top_k = 1, .balance = 1 << 14, .most = 1 << 18,
		};

		plain = (struct plain_gate){ 0 };
		words = RILL_GATE_WORDS(gate.experts);
		gate_draw_many(&draw, logits, TOKENS * gate.experts, 1 << 16);
		assert_int_equal(rill_gate_choose(&gate, logits, TOKENS, masks, error), 0);
		for (t = 0; t < TOKENS; t++) {
			plain_choose(&gate, &plain, logits + t * gate.experts, want);
			assert_memory_equal(masks + t * words, want, words * sizeof(*want));
		}
		assert_int_equal(rill_gate_choose(&gate, logits, 0, masks, error), 0);
	}
}

static void bad_gates(void **unused)
{
	static const struct {
		struct rill_gate gate;
		const char *why;
	} bad[] = {
		{ { .experts = 257, .top_k = 1 }, "gate: experts: 257 is not in 1..256" },
		{ { .experts = UINT32_MAX, .top_k = 1 }, "gate: experts: 4294967295 is not in 1..256" },
		{ { .experts = 0, .top_k = 1 }, "gate: experts: 0 is not in 1.." },
		{ { .experts = 4, .top_k = 5 }, "gate: top_k: 5 is not in 1..4" },
		{ { .experts = 4, .top_k = 0 }, "gate: top_k: 0 is not in 1..4" },
		{ { .experts = 128, .top_k = 0 }, "gate: top_k: 0 is not in 1..32" },
		{ { .experts = 256, .top_k = 17 }, "gate: top_k: 17 is not in 1..16" },
		{ { .experts = 4, .top_k = 1, .rate = 17 }, "gate: rate: 17" },
		{ { .experts = 4, .top_k = 1, .balance = 1u << 31 }, "gate: balance: 2147483648" },
		{ { .experts = 128, .top_k = 1, .most = -1 }, "gate: most: it is negative" },
		{ { .experts = 128, .top_k = 1, .most = INT64_MAX }, "gate: most: it is more" },
	};
	int64_t logits[RILL_GATE_EXPERTS] = { 0 };
	uint64_t masks[GATE_RIG_WORDS];
	char error[RILL_GRAPH_ERROR_BYTES];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rill_gate_choose(&bad[i].gate, logits, 1, masks, error), -22);
		assert_non_null(strstr(error, bad[i].why));
	}
}

/* Their OPs would wrap. */
static void sums_that_do_not_fit(void **unused)
{
	static const int64_t logits[RILL_GATE_EXPERTS] = { [3] = INT64_MAX };
	static const int64_t bias[RILL_GATE_EXPERTS] = { [3] = 1 };
	const struct rill_gate gates[] = {
		{ .experts = 65, .top_k = 1, .bias = bias },
		{ .experts = 65, .top_k = 1, .balance = 1, .most = 1 },
	};
	struct rill_gate fits = { .experts = 65, .top_k = 1 };
	uint64_t masks[GATE_RIG_WORDS];
	char error[RILL_GRAPH_ERROR_BYTES];
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(rill_gate_choose(&gates[i], logits, 1, masks, error), -22);
		assert_non_null(strstr(error, "token 0, expert 3"));
	}
	assert_int_equal(rill_gate_choose(&fits, logits, 1, masks, error), 0);
	assert_int_equal(masks[0], 1 << 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes),
		cmocka_unit_test(any_order_of_firings),
		cmocka_unit_test(odd_sizes),
		cmocka_unit_test(bias_is_added),
		cmocka_unit_test(choose_in_process),
		cmocka_unit_test(bad_gates),
		cmocka_unit_test(sums_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
