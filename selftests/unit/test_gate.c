// SPDX-License-Identifier: MIT
/* The gate as a `when`, dispatch and combine as `where`: the experts that plain top-k chooses, and their sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rill_dataflow.h"
#include "rill_stream.h"

#define TOKENS 100

static uint64_t state;

static int64_t draw(int64_t below)
{
	return (int64_t)(rill_pattern(99, state++) % (uint64_t)below);
}

/* The lowest of equals first */
static uint64_t plain_top_k(const int64_t *logits, uint32_t experts, uint32_t k)
{
	uint64_t mask = 0;

	while (k--) {
		uint32_t best = experts, e;

		for (e = 0; e < experts; e++)
			if (!(mask >> e & 1) && (best == experts || logits[e] > logits[best]))
				best = e;
		mask |= 1ULL << best;
	}
	return mask;
}

static void gate_is_top_k(void **unused)
{
	static int64_t logits[TOKENS * RILL_GATE_EXPERTS];
	uint64_t masks[TOKENS];
	char error[RILL_GRAPH_ERROR_BYTES];
	uint32_t i, t, experts;

	for (i = 0; i < 60; i++) {
		struct rill_gate gate = { .experts = 1 + (uint32_t)draw(RILL_GATE_EXPERTS) };
		int64_t range = draw(2) ? 5 : 20 << RILL_GATE_FRAC;	/* many equals, or hardly any */

		experts = i ? gate.experts : RILL_GATE_EXPERTS;
		gate.experts = experts;
		gate.top_k = 1 + (uint32_t)draw(experts < 8 ? experts : 8);
		for (t = 0; t < TOKENS * experts; t++)
			logits[t] = draw(range) - range / 2;
		assert_int_equal(rill_gate_choose(&gate, logits, TOKENS, masks, error), 0);
		for (t = 0; t < TOKENS; t++)
			assert_int_equal(masks[t], plain_top_k(logits + t * experts, experts, gate.top_k));
	}
}

static void bias_is_added(void **unused)
{
	static const int64_t bias[4] = { 0, 0, 100, 0 }, logits[4] = { 50, 60, 0, 10 };
	const struct rill_gate gate = { .experts = 4, .top_k = 2, .bias = bias };
	char error[RILL_GRAPH_ERROR_BYTES];
	uint64_t mask;

	assert_int_equal(rill_gate_choose(&gate, logits, 1, &mask, error), 0);
	assert_int_equal(mask, 1 << 2 | 1 << 1);
}

static void bad_gates(void **unused)
{
	const struct rill_gate bad[] = {
		{ .experts = RILL_GATE_EXPERTS + 1, .top_k = 1 }, { .experts = 0, .top_k = 1 },
		{ .experts = 4, .top_k = 5 }, { .experts = 4, .top_k = 0 }, { .experts = 4, .top_k = 1, .rate = 17 },
		{ .experts = 4, .top_k = 1, .balance = 1u << 31 }, { .experts = 4, .top_k = 1, .most = -1 },
	};
	int64_t logits[RILL_GATE_EXPERTS + 1] = { 0 };
	char error[RILL_GRAPH_ERROR_BYTES];
	uint64_t mask;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rill_gate_choose(&bad[i], logits, 1, &mask, error), -22);
		assert_non_null(strstr(error, "gate: "));
	}
}

/* Tokens of the hottest expert in the second half of a stream that prefers a few experts */
static uint32_t hottest(uint32_t balance)
{
	enum { EXPERTS = 16, STREAM = 4000 };
	static int64_t logits[STREAM * EXPERTS];
	static uint64_t masks[STREAM];
	const struct rill_gate gate = {
		.experts = EXPERTS, .top_k = 2, .balance = balance, .most = 4 << RILL_GATE_FRAC, .rate = 6,
	};
	uint32_t load[EXPERTS] = { 0 }, most = 0, t, e;
	char error[RILL_GRAPH_ERROR_BYTES];

	state = 7;
	for (t = 0; t < STREAM; t++)
		for (e = 0; e < EXPERTS; e++)
			logits[t * EXPERTS + e] = draw(2 << RILL_GATE_FRAC) + (e < 3 ? 1 << RILL_GATE_FRAC : 0);
	assert_int_equal(rill_gate_choose(&gate, logits, STREAM, masks, error), 0);
	for (t = STREAM / 2; t < STREAM; t++)
		for (e = 0; e < EXPERTS; e++)
			load[e] += masks[t] >> e & 1;
	for (e = 0; e < EXPERTS; e++)
		if (load[e] > most)
			most = load[e];
	return most;
}

/* The mean is 2000 * 2 / 16 = 250 tokens an expert. */
static void homeostasis_balances(void **unused)
{
	assert_true(hottest(0) > 2 * 250);
	assert_true(hottest(1 << (RILL_GATE_FRAC - 4)) < 250 * 5 / 4);
}

/* gate -> dispatch -> experts that multiply -> combine -> sum; those that are not chosen see nothing */
static uint32_t build_layer(struct rill_graph *graph, const struct rill_gate *gate, const int64_t *logits,
			    const uint64_t *tokens)
{
	uint32_t when = rill_gate_node(graph, "gate", gate), add = RILL_NDF_NONE, e, k, t, op;
	uint32_t dispatch = rill_dispatch_node(graph, "dispatch", gate->experts);
	uint32_t combine = rill_combine_node(graph, "combine", gate);
	uint64_t words[TOKENS];

	rill_graph_arc(graph, rill_graph_source(graph, "tokens", tokens, TOKENS), 0, dispatch, 0, 0);
	rill_graph_arc(graph, when, 0, dispatch, RILL_PORT_LAST, 0);
	rill_graph_arc(graph, when, 0, combine, RILL_PORT_LAST, 0);
	for (e = 0; e < gate->experts; e++) {
		for (t = 0; t < TOKENS; t++)
			words[t] = (uint64_t)logits[t * gate->experts + e];
		rill_graph_arc(graph, rill_graph_source(graph, "logit", words, TOKENS), 0, when, e, 0);
		op = rill_graph_op(graph, "expert", RILL_NDF_MUL, 1, 1);
		rill_graph_op_imm(graph, op, 1, 3 * e + 2);
		rill_graph_arc(graph, dispatch, e, op, 0, 0);
		rill_graph_arc(graph, op, 0, combine, e, 0);
	}
	for (k = 1; k < gate->top_k; k++) {
		op = rill_graph_op(graph, "sum", RILL_NDF_ADD, 2, 1);
		rill_graph_arc(graph, k == 1 ? combine : add, 0, op, 0, 0);
		rill_graph_arc(graph, combine, k, op, 1, 0);
		add = op;
	}
	op = rill_graph_sink(graph, "out", RILL_NDF_SINK_COUNT, TOKENS);
	rill_graph_arc(graph, gate->top_k > 1 ? add : combine, 0, op, 0, 0);
	return op;
}

static void layer_sums(const struct rill_gate *gate, uint64_t seed)
{
	static int64_t logits[TOKENS * RILL_GATE_EXPERTS];
	struct rill_graph *graph = rill_graph_new("layer");
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	uint64_t tokens[TOKENS], want, mask;
	const uint64_t *got;
	struct rill_run *run;
	const char *name;
	uint32_t t, e, mode;
	size_t count;

	for (t = 0; t < TOKENS * gate->experts; t++)
		logits[t] = draw(1 << 20);
	for (t = 0; t < TOKENS; t++)
		tokens[t] = (uint64_t)draw(1000);
	build_layer(graph, gate, logits, tokens);
	run = rill_run_new(graph, seed, error);
	assert_string_equal(error, "");
	assert_int_equal(rill_run_go(run, 1000000, 1000000), RILL_NDF_FINISHED);
	got = rill_run_sink(run, 0, &name, &mode, &count);
	assert_int_equal(count, TOKENS);
	for (t = 0; t < TOKENS; t++) {
		mask = plain_top_k(logits + t * gate->experts, gate->experts, gate->top_k);
		for (e = 0, want = 0; e < gate->experts; e++)
			want += (mask >> e & 1) * tokens[t] * (3 * e + 2);
		assert_int_equal(got[t], want);
	}
	rill_run_free(run);
	rill_graph_free(graph);
}

/* In any order of firings */
static void dispatch_and_combine(void **unused)
{
	uint64_t seed;

	for (seed = 0; seed < 20; seed++) {
		const struct rill_gate gate = {
			.experts = 2 + (uint32_t)draw(30), .top_k = 1 + (uint32_t)draw(2),
		};

		layer_sums(&gate, seed);
	}
	layer_sums(&(struct rill_gate){ .experts = 60, .top_k = 8 }, 0);
}

static uint32_t best_left(const int64_t *scores, uint32_t experts, const uint64_t *masks)
{
	uint32_t best = experts, e;

	for (e = 0; e < experts; e++)
		if (!(masks[e / 64] >> e % 64 & 1) && (best == experts || scores[e] > scores[best]))
			best = e;
	return best;
}

static void wide_is_top_k(uint32_t experts, uint32_t top_k, int64_t range)
{
	static int64_t logits[TOKENS * RILL_GATE_WIDE_EXPERTS], scores[RILL_GATE_WIDE_EXPERTS];
	static uint64_t masks[TOKENS * RILL_GATE_WORDS(RILL_GATE_WIDE_EXPERTS)];
	int64_t bias[RILL_GATE_WIDE_EXPERTS];
	const struct rill_gate gate = { .experts = experts, .top_k = top_k, .bias = draw(2) ? bias : NULL };
	uint32_t words = RILL_GATE_WORDS(experts), t, e, k;
	char error[RILL_GRAPH_ERROR_BYTES];

	for (e = 0; e < experts; e++)
		bias[e] = draw(range) - range / 2;
	for (t = 0; t < TOKENS * experts; t++)
		logits[t] = draw(range) - range / 2;
	assert_int_equal(rill_gate_choose_wide(&gate, logits, TOKENS, masks, error), 0);
	for (t = 0; t < TOKENS; t++) {
		uint64_t want[RILL_GATE_WORDS(RILL_GATE_WIDE_EXPERTS)] = { 0 };

		for (e = 0; e < experts; e++)
			scores[e] = logits[t * experts + e] + (gate.bias ? bias[e] : 0);
		for (k = 0; k < top_k; k++) {
			e = best_left(scores, experts, want);
			want[e / 64] |= 1ULL << e % 64;
		}
		assert_memory_equal(masks + t * words, want, words * sizeof(*want));
	}
}

/* As many as models have, and as any may have; with many equals and with hardly any */
static void wide_gates(void **unused)
{
	static const uint32_t counts[] = { 1, 8, 16, 60, 64, 65, 72, 127, 128, 129, 160, 192, 193, 255, 256 };
	uint32_t i, most;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		most = RILL_GATE_EXPERTS / RILL_GATE_WORDS(counts[i]);
		most = most < counts[i] ? most : counts[i];
		wide_is_top_k(counts[i], most < 8 ? most : 8, 5);
		wide_is_top_k(counts[i], most < 8 ? most : 8, 20 << RILL_GATE_FRAC);
		wide_is_top_k(counts[i], most, 5);
		wide_is_top_k(counts[i], 1, 5);
	}
}

/* Of the size that docs/ndf-rules.rst tells */
static void wide_size(void **unused)
{
	const struct rill_gate gate = { .experts = 128, .top_k = 8 };
	struct rill_graph *graph = rill_graph_new("gate");
	struct rill_graph_counts counts;
	struct rill_gate_wide wide;

	assert_true(rill_gate_wide_nodes(graph, "gate", &gate, &wide));
	rill_graph_count(graph, &counts);
	assert_int_equal(wide.words, 2);
	assert_int_equal(counts.whens, 3);
	assert_int_equal(counts.wheres, 130);
	assert_int_equal(counts.ops, 492);
	rill_graph_free(graph);
}

static void bad_wide_gates(void **unused)
{
	static const struct {
		struct rill_gate gate;
		const char *why;
	} bad[] = {
		{ { .experts = 257, .top_k = 1 }, "gate: experts: 257 is not in 1..256" },
		{ { .experts = UINT32_MAX, .top_k = 1 }, "gate: experts: 4294967295 is not in 1..256" },
		{ { .experts = 0, .top_k = 1 }, "gate: experts: 0 is not in 1.." },
		{ { .experts = 128, .top_k = 0 }, "gate: top_k: 0 is not in 1..32" },
		{ { .experts = 256, .top_k = 17 }, "gate: top_k: 17 is not in 1..16" },
		{ { .experts = 65, .top_k = 1, .balance = 1 }, "gate: balance: 1 is not 0" },
	};
	static const int64_t logits[RILL_GATE_WIDE_EXPERTS] = { [3] = INT64_MAX };
	static const int64_t bias[RILL_GATE_WIDE_EXPERTS] = { [3] = 1 };
	const struct rill_gate over = { .experts = 65, .top_k = 1, .bias = bias };
	uint64_t masks[RILL_GATE_WORDS(RILL_GATE_WIDE_EXPERTS)];
	char error[RILL_GRAPH_ERROR_BYTES];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rill_gate_choose_wide(&bad[i].gate, logits, 1, masks, error), -22);
		assert_non_null(strstr(error, bad[i].why));
	}
	assert_int_equal(rill_gate_choose_wide(&over, logits, 1, masks, error), -22);
	assert_non_null(strstr(error, "token 0, expert 3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_is_top_k),
		cmocka_unit_test(bias_is_added),
		cmocka_unit_test(bad_gates),
		cmocka_unit_test(homeostasis_balances),
		cmocka_unit_test(dispatch_and_combine),
		cmocka_unit_test(wide_gates),
		cmocka_unit_test(wide_size),
		cmocka_unit_test(bad_wide_gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
