// SPDX-License-Identifier: MIT
/* Load balance of gates of any size: exactly homeostasis as plain C has it, what that does, and what is kept of it. */
#include "gate_rig.h"

#include <stdlib.h>
#include <string.h>

#define ONE		(1 << RILL_GATE_FRAC)
#define SHORT		100	/* tokens */
#define LONG		1600

static int64_t logits[LONG * RILL_GATE_EXPERTS];

/* Noise, and experts `first` .. `first + count - 1` are wanted more. */
static void draw_skewed(uint32_t experts, uint32_t tokens, uint32_t first, uint32_t count)
{
	struct gate_draw draw = { .seed = experts + tokens };
	uint32_t t, e;

	gate_draw_many(&draw, logits, (size_t)tokens * experts, 2 * ONE);
	for (t = 0; t < tokens; t++)
		for (e = first; e < first + count; e++)
			logits[t * experts + e] += ONE;
}

static uint32_t at_most(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* ---- token by token ---- */

static void as_plain_c(const struct rill_gate *gate, uint32_t capacity, uint64_t order_seed)
{
	struct plain_gate plain = { 0 };
	struct gate_rig rig;

	gate_rig_build(&rig, gate, logits, SHORT, capacity);
	gate_rig_run(&rig, order_seed);
	gate_rig_expect(&rig, gate, &plain, logits);
	gate_rig_free(&rig);
}

/* Slow and fast; with thresholds that come to their limits, too */
static void all_sizes(void **unused)
{
	static const uint8_t rates[] = { 0, 2, 5 };
	static const uint32_t top[] = { 1, 3, 8 };
	uint32_t i, k;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		draw_skewed(gate_rig_sizes[i], SHORT, 0, at_most(3, gate_rig_sizes[i]));
		for (k = 0; k < 3; k++) {
			const struct rill_gate gate = {
				.experts = gate_rig_sizes[i], .top_k = at_most(top[k], gate_rig_sizes[i]),
				.balance = ONE / 4, .most = k == 2 ? ONE / 8 : 4LL * ONE, .rate = rates[k],
			};

			as_plain_c(&gate, gate_rig_capacities[k], 0);
		}
	}
}

static void extremes(void **unused)
{
	static const struct rill_gate gates[] = {
		{ .experts = 65, .top_k = 2, .balance = INT32_MAX, .most = 1LL << 40 },
		{ .experts = 65, .top_k = 2, .balance = INT32_MAX, .most = 0, .rate = 16 },
		{ .experts = 65, .top_k = 32, .balance = 1, .most = 1LL << 40, .rate = 16 },
		{ .experts = 65, .top_k = 1, .balance = 3, .most = 1 },
		{ .experts = 64, .top_k = 2, .balance = INT32_MAX, .most = 1LL << 40 },
		{ .experts = 64, .top_k = 1, .balance = 3, .most = 1 },
	};
	uint32_t i;

	for (i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		draw_skewed(gates[i].experts, SHORT, 10, 20);
		as_plain_c(&gates[i], 1, i);
	}
}

/* ---- what it does ---- */

/* Of the second half of LONG tokens, those of each expert */
static void loads(uint32_t experts, uint32_t top_k, uint32_t balance, uint32_t *load)
{
	const struct rill_gate gate = {
		.experts = experts, .top_k = top_k, .balance = balance, .most = 4LL * ONE, .rate = 6,
	};
	uint64_t *masks = calloc(LONG * GATE_RIG_WORDS, sizeof(*masks));
	uint32_t words = RILL_GATE_WORDS(experts), t, e;
	char error[RILL_GRAPH_ERROR_BYTES];

	assert_int_equal(rill_gate_choose(&gate, logits, LONG, masks, error), 0);
	memset(load, 0, experts * sizeof(*load));
	for (t = LONG / 2; t < LONG; t++)
		for (e = 0; e < experts; e++)
			load[e] += masks[t * words + e / 64] >> e % 64 & 1;
	free(masks);
}

static uint32_t sum(const uint32_t *load, uint32_t first, uint32_t end)
{
	uint32_t all = 0;

	for (; first < end; first++)
		all += load[first];
	return all;
}

static uint32_t greatest(const uint32_t *load, uint32_t experts)
{
	uint32_t most = 0, e;

	for (e = 0; e < experts; e++)
		most = load[e] > most ? load[e] : most;
	return most;
}

/* The greatest load is at least twice the mean, and with balance at most a quarter more than it. */
static void few_are_wanted(void **unused)
{
	static const uint32_t sizes[] = { 8, 64, 100, 128, 256 };
	uint32_t load[RILL_GATE_EXPERTS], i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t top_k = sizes[i] > 8 ? 8 : 2, mean = LONG / 2 * top_k / sizes[i];

		draw_skewed(sizes[i], LONG, sizes[i] - 3, 3);
		loads(sizes[i], top_k, 0, load);
		assert_true(greatest(load, sizes[i]) > 2 * mean);
		loads(sizes[i], top_k, ONE / 16, load);
		assert_true(greatest(load, sizes[i]) < mean * 5 / 4);
	}
}

/* All of one word of the mask, which only thresholds of all together can balance */
static void one_word_is_wanted(void **unused)
{
	static const uint32_t sizes[] = { 128, 256 };
	uint32_t load[RILL_GATE_EXPERTS], all = LONG / 2 * 8, i;

	for (i = 0; i < 2; i++) {
		draw_skewed(sizes[i], LONG, 64, 64);
		loads(sizes[i], 8, 0, load);
		assert_int_equal(sum(load, 64, 128), all);
		loads(sizes[i], 8, ONE / 16, load);
		assert_true(sum(load, 64, 128) < all * 64 / sizes[i] * 11 / 10);
		assert_true(greatest(load, sizes[i]) < all / sizes[i] * 5 / 4);
	}
}

static uint32_t changed_choices(const struct rill_gate *gate)
{
	struct rill_gate without = *gate;
	uint64_t *a = calloc(LONG * GATE_RIG_WORDS, sizeof(*a)), *b = calloc(LONG * GATE_RIG_WORDS, sizeof(*b));
	char error[RILL_GRAPH_ERROR_BYTES];
	uint32_t changed = 0, i;

	without.balance = 0;
	assert_int_equal(rill_gate_choose(&without, logits, LONG, a, error), 0);
	assert_int_equal(rill_gate_choose(gate, logits, LONG, b, error), 0);
	for (i = 0; i < LONG * GATE_RIG_WORDS; i++)
		changed += (uint32_t)__builtin_popcountll(a[i] & ~b[i]);
	free(a);
	free(b);
	return changed;
}

/* Each token clearly wants the next top_k experts, so all are wanted as often: balance has to change nothing. */
static void all_are_wanted(void **unused)
{
	static const uint32_t sizes[] = { 8, 64, 100, 128, 256 };
	uint32_t i, t, j;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct rill_gate gate = {
			.experts = sizes[i], .top_k = sizes[i] > 8 ? 8 : 2, .balance = ONE / 16, .most = 4LL * ONE,
			.rate = 6,
		};

		draw_skewed(gate.experts, LONG, 0, 0);
		for (t = 0; t < LONG; t++)
			for (j = t * gate.top_k; j < (t + 1) * gate.top_k; j++)
				logits[t * gate.experts + j % gate.experts] += 3 * ONE;
		assert_int_equal(changed_choices(&gate), 0);
	}
}

/* As docs/ndf-rules.rst tells: what is wanted by chance alone balance changes a little, the less the weaker it is. */
static void strengths(void **unused)
{
	static const struct {
		uint32_t balance, changed, busiest;
	} known[] = { { 0, 0, 475 }, { ONE / 16, 2554, 56 }, { ONE / 64, 1308, 60 }, { ONE / 256, 650, 91 } };
	uint32_t load[RILL_GATE_EXPERTS], i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct rill_gate gate = {
			.experts = 128, .top_k = 8, .balance = known[i].balance, .most = 4LL * ONE, .rate = 6,
		};

		draw_skewed(128, LONG, 0, 0);
		assert_int_equal(changed_choices(&gate), known[i].changed);
		draw_skewed(128, LONG, 125, 3);
		loads(128, 8, known[i].balance, load);
		assert_int_equal(greatest(load, 128), known[i].busiest);
	}
}

/* ---- what is kept ---- */

/* As text, as it would be in a file, and back */
static struct rill_weights *through_text(struct rill_weights *weights)
{
	char error[RILL_GRAPH_ERROR_BYTES] = "", *text = NULL;
	struct rill_weights *back;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(rill_weights_write(weights, file), 0);
	fclose(file);
	back = rill_weights_parse("gate", text, size, error);
	assert_string_equal(error, "");
	rill_weights_free(weights);
	free(text);
	return back;
}

static void expect_weights(const struct rill_weights *weights, const struct rill_gate *gate,
			   const struct plain_gate *plain)
{
	uint32_t e = 0, k;

	for (; weights; weights = weights->next) {
		assert_int_equal(weights->frac, RILL_GATE_FRAC);
		for (k = 0; k < weights->dims; k++, e++) {
			assert_int_equal(weights->theta[k], plain->theta[e]);
			assert_int_equal(weights->bias[k], gate->bias ? gate->bias[e] : 0);
		}
	}
	assert_int_equal(e, gate->experts);
}

/* A run, what it has learned as text, and a second run that goes on with it; rates begin anew, as in each run. */
static void goes_on(const struct rill_gate *gate)
{
	const int64_t *second = logits + SHORT * gate->experts;
	struct rill_gate without_bias = *gate;
	struct plain_gate plain = { 0 };
	struct rill_weights *weights;
	struct gate_rig rig;

	gate_rig_build(&rig, gate, logits, SHORT, 2);
	gate_rig_run(&rig, 0);
	gate_rig_expect(&rig, gate, &plain, logits);
	weights = rill_gate_weights(rig.run, &rig.ports);
	gate_rig_free(&rig);
	expect_weights(weights, gate, &plain);
	weights = through_text(weights);
	expect_weights(weights, gate, &plain);
	memset(plain.rate, 0, sizeof(plain.rate));
	without_bias.bias = NULL;	/* which is in the weights */
	gate_rig_build(&rig, &without_bias, second, SHORT, 1);
	assert_int_equal(rill_gate_load_weights(rig.graph, &rig.ports, weights), 0);
	rill_weights_free(weights);
	gate_rig_run(&rig, 0);
	gate_rig_expect(&rig, gate, &plain, second);
	weights = rill_gate_weights(rig.run, &rig.ports);
	expect_weights(weights, gate, &plain);
	rill_weights_free(weights);
	gate_rig_free(&rig);
}

static void weights_go_on(void **unused)
{
	int64_t bias[RILL_GATE_EXPERTS];
	struct gate_draw draw = { 0 };
	uint32_t i;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		const struct rill_gate gate = {
			.experts = gate_rig_sizes[i], .top_k = at_most(4, gate_rig_sizes[i]), .bias = bias,
			.balance = ONE / 8, .most = 4LL * ONE, .rate = 3,
		};

		gate_draw_many(&draw, bias, gate.experts, ONE);
		draw_skewed(gate.experts, 2 * SHORT, 0, at_most(3, gate.experts));
		goes_on(&gate);
	}
}

/* In memory that the graph has besides, which stays as it is */
static void thresholds_in_memory(void **unused)
{
	static const uint8_t own[13] = "hello, world";
	const struct rill_gate gate = { .experts = 70, .top_k = 2, .balance = ONE };
	struct rill_graph *graph = rill_graph_new("gate");
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	struct rill_gate_ports ports;
	struct rill_weights *weights;
	struct rill_run *run;
	uint64_t bytes, word = 0;
	uint32_t e;

	rill_graph_memory(graph, sizeof(own), own, sizeof(own));
	assert_true(rill_gate_nodes(graph, "gate", &gate, &ports));
	assert_int_equal(ports.thresholds, 16);
	for (e = 0; e < gate.experts; e++)
		rill_graph_arc(graph, rill_graph_source(graph, "logit", &word, 1), 0, ports.logit[e].node,
			       ports.logit[e].port, 0);
	for (e = 0; e < 2; e++)
		rill_graph_arc(graph, ports.mask[e], 0, rill_graph_sink(graph, "mask", RILL_NDF_SINK_QUIET, 0), 0, 0);
	run = rill_run_new(graph, 0, error);
	assert_string_equal(error, "");
	weights = rill_gate_weights(run, &ports);
	weights->theta[5] = -77;
	weights->next->theta[5] = INT64_MIN;
	assert_int_equal(rill_gate_load_weights(graph, &ports, weights), 0);
	rill_weights_free(weights);
	rill_run_free(run);
	run = rill_run_new(graph, 0, error);
	weights = rill_gate_weights(run, &ports);
	assert_int_equal(weights->theta[5], -77);
	assert_int_equal(weights->next->theta[5], INT64_MIN);
	assert_memory_equal(rill_run_memory(run, &bytes), own, sizeof(own));
	assert_int_equal(bytes, 16 + 8 * 70);
	rill_weights_free(weights);
	rill_run_free(run);
	rill_graph_free(graph);
}

/* Two gates in one graph keep apart. */
static void weights_have_names(void **unused)
{
	const struct rill_gate gate = { .experts = 70, .top_k = 2, .balance = ONE };
	struct rill_graph *graph = rill_graph_new("gate");
	struct rill_gate_ports a, b;

	assert_true(rill_gate_nodes(graph, "gate", &gate, &a));
	assert_true(rill_gate_nodes(graph, "gate", &gate, &b));
	assert_string_equal(rill_graph_node_name(graph, a.when[1]), "gate.2");
	assert_string_equal(rill_graph_node_name(graph, b.when[0]), "gate.4");
	assert_int_equal(b.thresholds, a.thresholds + 8 * 70);
	rill_graph_free(graph);
}

static void refused(const struct rill_gate *gate, const struct rill_weights *weights, const char *why)
{
	struct rill_graph *graph = rill_graph_new("gate");
	struct rill_gate_ports ports;

	assert_true(rill_gate_nodes(graph, "gate", gate, &ports));
	assert_int_equal(rill_gate_load_weights(graph, &ports, weights), -22);
	assert_non_null(strstr(rill_graph_error(graph), why));
	rill_graph_free(graph);
}

static void bad_weights(void **unused)
{
	struct rill_gate gate = { .experts = 65, .top_k = 1, .balance = 1, .most = 1 };
	static int32_t weights[64 * 64];
	int64_t zeroes[64] = { 0 };
	struct rill_weights second = {
		.name = "gate.2", .frac = 16, .x_frac = 16, .inputs = 1, .dims = 1, .weights = weights,
		.bias = zeroes, .theta = zeroes,
	};
	struct rill_weights first = second;
	uint32_t e;

	first.name = "gate";
	first.inputs = 64;
	first.dims = 64;
	for (e = 0; e < 64; e++)
		weights[65 * e] = 1 << 16;
	refused(&gate, NULL, "gate: weights: 'gate' are not there");
	refused(&gate, &first, "gate: weights: 'gate.2' are not there");
	refused(&gate, &second, "gate: weights: 'gate' are not there");
	first.next = &second;
	second.dims = 2;
	refused(&gate, &first, "gate: weights of 'gate.2': 1 inputs, 2 dimensions");
	second.dims = 1;
	weights[1] = 1;
	refused(&gate, &first, "gate: weights of 'gate': they are not those of a gate");
	gate.balance = 0;
	refused(&gate, &first, "gate: weights: it has no balance");
	gate.experts = 64;
	gate.balance = 1;
	refused(&gate, NULL, "gate: weights: 'gate' are not there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes),
		cmocka_unit_test(extremes),
		cmocka_unit_test(few_are_wanted),
		cmocka_unit_test(one_word_is_wanted),
		cmocka_unit_test(all_are_wanted),
		cmocka_unit_test(strengths),
		cmocka_unit_test(weights_go_on),
		cmocka_unit_test(thresholds_in_memory),
		cmocka_unit_test(weights_have_names),
		cmocka_unit_test(bad_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
