// SPDX-License-Identifier: MIT
/* The gate of a mixture of experts as a top-k `when`. */
#include "gate.h"

static bool check_balance(struct rill_graph *graph, const struct rill_gate *gate)
{
	if (gate->rate > 16)
		return rill_graph_fail(graph, "gate: rate: %u is not in 0..16", gate->rate);
	if (gate->balance > INT32_MAX)
		return rill_graph_fail(graph, "gate: balance: %u is more than 2^31 - 1", gate->balance);
	if (gate->most < 0)
		return rill_graph_fail(graph, "gate: most: it is negative");
	if (gate->most > RILL_GATE_MOST)
		return rill_graph_fail(graph, "gate: most: it is more than 2^62");
	return true;
}

static bool check(struct rill_graph *graph, const struct rill_gate *gate)
{
	uint32_t most;

	if (!gate->experts || gate->experts > RILL_GATE_EXPERTS)
		return rill_graph_fail(graph, "gate: experts: %u is not in 1..%u", gate->experts, RILL_GATE_EXPERTS);
	most = RILL_GATE_WORD / RILL_GATE_WORDS(gate->experts);
	most = most < gate->experts ? most : gate->experts;
	if (!gate->top_k || gate->top_k > most)
		return rill_graph_fail(graph, "gate: top_k: %u is not in 1..%u, for %u experts", gate->top_k, most,
				       gate->experts);
	return check_balance(graph, gate);
}

uint32_t rill_gate_when(struct rill_graph *graph, const char *name, const struct rill_gate *gate)
{
	static const int64_t zeroes[RILL_GATE_WORD];
	int32_t weights[RILL_GATE_WORD * RILL_GATE_WORD] = { 0 };
	struct rill_plastic balance = {
		.rule = RILL_NDF_RULE_NONE, .rate = gate->rate, .theta_eta = gate->balance,
		.target = 65536 * gate->top_k / gate->experts,
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

	for (e = 0; e < gate->experts; e++)
		weights[e * gate->experts + e] = 1 << RILL_GATE_FRAC;
	return rill_graph_when(graph, name, &spec);
}

bool rill_gate_nodes(struct rill_graph *graph, const char *name, const struct rill_gate *gate,
		     struct rill_gate_ports *ports)
{
	uint32_t e;

	if (!check(graph, gate))
		return false;
	*ports = (struct rill_gate_ports){
		.experts = gate->experts, .top_k = gate->top_k, .words = RILL_GATE_WORDS(gate->experts),
		.balanced = gate->balance,
	};
	if (ports->words > 1) {
		rill_gate_wide(graph, name, gate, ports);
	} else {
		ports->when[0] = rill_gate_when(graph, name, gate);
		ports->mask[0] = ports->when[0];
		for (e = 0; e < gate->experts; e++)
			ports->logit[e] = (struct rill_port){ .node = ports->when[0], .port = e };
	}
	return !rill_graph_error(graph);
}
