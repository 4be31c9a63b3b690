// SPDX-License-Identifier: MIT
/* The gate of a mixture of experts as a top-k `when`; dispatch and combine as `where` of its mask. */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool check(struct rill_graph *graph, const struct rill_gate *gate)
{
	if (!gate->experts || gate->experts > RILL_GATE_EXPERTS)
		return rill_graph_fail(graph, "gate: experts: %u is not in 1..%u", gate->experts, RILL_GATE_EXPERTS);
	if (!gate->top_k || gate->top_k > gate->experts)
		return rill_graph_fail(graph, "gate: top_k: %u is not in 1..%u", gate->top_k, gate->experts);
	if (gate->rate > 16)
		return rill_graph_fail(graph, "gate: rate: %u is not in 0..16", gate->rate);
	if (gate->balance > INT32_MAX)
		return rill_graph_fail(graph, "gate: balance: %u is more than 2^31 - 1", gate->balance);
	if (gate->most < 0)
		return rill_graph_fail(graph, "gate: most: it is negative");
	return true;
}

uint32_t rill_gate_node(struct rill_graph *graph, const char *name, const struct rill_gate *gate)
{
	static const int64_t zeroes[RILL_GATE_EXPERTS];
	int32_t weights[RILL_GATE_EXPERTS * RILL_GATE_EXPERTS];
	struct rill_plastic balance = {
		.rule = RILL_NDF_RULE_NONE, .rate = gate->rate, .theta_eta = gate->balance,
		.theta_min = -gate->most, .theta_max = gate->most,
		.bias_min = INT64_MIN, .bias_max = INT64_MAX, .weight_min = INT32_MIN, .weight_max = INT32_MAX,
	};
	struct rill_when_spec spec = {
		.mode = RILL_NDF_PRED, .inputs = gate->experts, .weights = weights,
		.bias = gate->bias ? gate->bias : zeroes, .plastic = gate->balance ? &balance : NULL,
		.when = { .decode = RILL_NDF_DECODE_TOPK, .dims = (uint8_t)gate->experts, .top = (uint8_t)gate->top_k,
			  .states = 1, .width = 64, .frac = RILL_GATE_FRAC, .x_frac = RILL_GATE_FRAC },
	};
	uint32_t e;

	if (!check(graph, gate))
		return RILL_NDF_NONE;
	balance.target = 65536 * gate->top_k / gate->experts;
	memset(weights, 0, sizeof(weights));
	for (e = 0; e < gate->experts; e++)
		weights[e * gate->experts + e] = 1 << RILL_GATE_FRAC;
	return rill_graph_when(graph, name, &spec);
}

uint32_t rill_dispatch_node(struct rill_graph *graph, const char *name, uint32_t experts)
{
	static const uint8_t rows[RILL_NDF_MAX_PORTS];

	return rill_graph_where_rows(graph, name, RILL_NDF_MASK, 1, experts, rows, experts, false);
}

uint32_t rill_combine_node(struct rill_graph *graph, const char *name, const struct rill_gate *gate)
{
	uint8_t rows[RILL_NDF_MAX_PORTS];
	uint32_t e;

	if (!check(graph, gate))
		return RILL_NDF_NONE;
	for (e = 0; e < gate->experts; e++)
		rows[e] = (uint8_t)e;
	return rill_graph_where_rows(graph, name, RILL_NDF_MASK, gate->experts, gate->top_k, rows, gate->experts,
				     true);
}

static void add_sources(struct rill_graph *graph, const struct rill_gate *gate, const int64_t *logits,
			uint32_t tokens, uint32_t node, uint64_t *words)
{
	uint32_t e, t;

	for (e = 0; e < gate->experts; e++) {
		for (t = 0; t < tokens; t++)
			words[t] = (uint64_t)logits[(size_t)t * gate->experts + e];
		rill_graph_arc(graph, rill_graph_source(graph, "logit", words, tokens), 0, node, e, 0);
	}
}

static int choose(struct rill_graph *graph, uint32_t tokens, uint64_t *masks, char *error)
{
	struct rill_run *run = rill_run_new(graph, 0, error);
	const uint64_t *words;
	const char *name;
	uint32_t mode;
	size_t count;
	int ret = run ? 0 : -EINVAL;

	if (!run)
		return ret;
	words = rill_run_go(run, UINT64_MAX, UINT64_MAX) == RILL_NDF_FINISHED ?
		rill_run_sink(run, 0, &name, &mode, &count) : NULL;
	if (words && count == tokens) {
		memcpy(masks, words, tokens * sizeof(*masks));
	} else {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: out of memory");
		ret = -ENOMEM;
	}
	rill_run_free(run);
	return ret;
}

int rill_gate_choose(const struct rill_gate *gate, const int64_t *logits, uint32_t tokens, uint64_t *masks,
		     char *error)
{
	struct rill_graph *graph = rill_graph_new("gate");
	uint64_t *words = calloc((size_t)tokens + 1, sizeof(*words));
	uint32_t node, sink;
	int ret = -ENOMEM;

	snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: out of memory");
	if (graph && words) {
		node = rill_gate_node(graph, "gate", gate);
		sink = rill_graph_sink(graph, "masks", RILL_NDF_SINK_COUNT, tokens);
		if (!rill_graph_error(graph)) {
			add_sources(graph, gate, logits, tokens, node, words);
			rill_graph_arc(graph, node, 0, sink, 0, 0);
			ret = choose(graph, tokens, masks, error);
		} else {
			snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
			ret = -EINVAL;
		}
	}
	free(words);
	rill_graph_free(graph);
	return ret;
}
