// SPDX-License-Identifier: MIT
/* What a balanced gate has learned: that of its `when`, or of several, whose thresholds are in memory. */
#include "gate.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* As if the w-th `when` had thresholds of its own */
static struct rill_weights *word_weights(const struct rill_graph *graph, const struct rill_gate_ports *gate,
					 uint32_t w, const uint8_t *thresholds)
{
	uint32_t experts = rill_gate_experts_of(gate->experts, w), first = w * RILL_GATE_WORD, e;
	struct rill_weights *weights = calloc(1, sizeof(*weights));
	uint64_t theta;

	if (!weights)
		return NULL;
	weights->frac = RILL_GATE_FRAC;
	weights->x_frac = RILL_GATE_FRAC;
	weights->inputs = experts;
	weights->dims = experts;
	weights->name = strdup(rill_graph_node_name(graph, gate->when[w]));
	weights->weights = calloc((size_t)experts * experts, sizeof(*weights->weights));
	weights->bias = calloc(experts, sizeof(*weights->bias));
	weights->theta = calloc(experts, sizeof(*weights->theta));
	if (!weights->name || !weights->weights || !weights->bias || !weights->theta) {
		rill_weights_free(weights);
		return NULL;
	}
	for (e = 0; e < experts; e++) {
		weights->weights[e * experts + e] = 1 << RILL_GATE_FRAC;
		weights->bias[e] = (int64_t)graph->nodes[gate->logit[first + e].node].imm;
		memcpy(&theta, thresholds + 8 * (first + e), 8);
		weights->theta[e] = (int64_t)le64toh(theta);
	}
	return weights;
}

struct rill_weights *rill_gate_weights(struct rill_run *run, const struct rill_gate_ports *gate)
{
	struct rill_weights *all = NULL, **last = &all;
	const uint8_t *memory;
	uint64_t bytes;
	uint32_t w;

	if (!gate->balanced)
		return NULL;
	if (gate->words == 1)
		return rill_run_weights(run, rill_graph_node_name(run->graph, gate->when[0]));
	memory = rill_run_memory(run, &bytes);
	for (w = 0; w < gate->words; w++, last = &(*last)->next) {
		*last = word_weights(run->graph, gate, w, memory + gate->thresholds);
		if (!*last) {
			rill_weights_free(all);
			return NULL;
		}
	}
	return all;
}

/* Weights themselves do not change in a gate. */
static bool fits(struct rill_graph *graph, const struct rill_gate_ports *gate, uint32_t w,
		 const struct rill_weights *weights)
{
	uint32_t experts = rill_gate_experts_of(gate->experts, w), i;

	if (!weights || strcmp(weights->name, rill_graph_node_name(graph, gate->when[w])))
		return rill_graph_fail(graph, "gate: weights: '%s' are not there",
				       rill_graph_node_name(graph, gate->when[w]));
	if (weights->inputs != experts || weights->dims != experts || weights->frac != RILL_GATE_FRAC ||
	    weights->x_frac != RILL_GATE_FRAC)
		return rill_graph_fail(graph, "gate: weights of '%s': %u inputs, %u dimensions, frac %u, x_frac %u; "
				       "it has %u, %u, %u, %u", weights->name, weights->inputs, weights->dims,
				       weights->frac, weights->x_frac, experts, experts, RILL_GATE_FRAC,
				       RILL_GATE_FRAC);
	for (i = 0; i < experts * experts; i++) {
		if (weights->weights[i] != (i % (experts + 1) ? 0 : 1 << RILL_GATE_FRAC))
			return rill_graph_fail(graph, "gate: weights of '%s': they are not those of a gate",
					       weights->name);
	}
	return true;
}

static bool load_word(struct rill_graph *graph, const struct rill_gate_ports *gate, uint32_t w,
		      const struct rill_weights *weights)
{
	uint32_t first = w * RILL_GATE_WORD, e;
	uint64_t theta[RILL_GATE_WORD];

	if (!fits(graph, gate, w, weights))
		return false;
	for (e = 0; e < weights->dims; e++) {
		theta[e] = htole64((uint64_t)weights->theta[e]);
		rill_graph_op_imm(graph, gate->logit[first + e].node, 1, (uint64_t)weights->bias[e]);
	}
	return rill_graph_data(graph, gate->thresholds + 8 * first, theta, 8 * weights->dims);
}

int rill_gate_load_weights(struct rill_graph *graph, const struct rill_gate_ports *gate,
			   const struct rill_weights *weights)
{
	uint32_t w;

	if (graph->failed)
		return -EINVAL;
	if (!gate->balanced) {
		rill_graph_fail(graph, "gate: weights: it has no balance");
		return -EINVAL;
	}
	if (weights && gate->words == 1)
		return rill_graph_load_weights(graph, weights);
	for (w = 0; w < gate->words; w++, weights = weights->next) {
		if (!load_word(graph, gate, w, weights))
			return -EINVAL;
	}
	return 0;
}
