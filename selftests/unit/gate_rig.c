// SPDX-License-Identifier: MIT
#include "gate_rig.h"

#include <stdlib.h>
#include <string.h>

#include "rill_stream.h"

int64_t gate_draw(struct gate_draw *draw, int64_t below)
{
	return (int64_t)(rill_pattern(draw->seed, draw->count++) % (uint64_t)below);
}

void gate_draw_many(struct gate_draw *draw, int64_t *words, size_t count, int64_t range)
{
	size_t i;

	for (i = 0; i < count; i++)
		words[i] = gate_draw(draw, range + 1) - range / 2;
}

static uint32_t best_left(const struct rill_gate *gate, const struct plain_gate *plain, const int64_t *logits,
			  const uint64_t *mask)
{
	int64_t score, most = 0;
	uint32_t best = gate->experts, e;

	for (e = 0; e < gate->experts; e++) {
		score = logits[e] + (gate->bias ? gate->bias[e] : 0) - plain->theta[e];
		if (mask[e / 64] >> e % 64 & 1 || (best < gate->experts && score <= most))
			continue;
		best = e;
		most = score;
	}
	return best;
}

static void adapt(const struct rill_gate *gate, struct plain_gate *plain, uint32_t e, bool chosen)
{
	int64_t target = 65536 * gate->top_k / gate->experts, *theta = &plain->theta[e];

	plain->rate[e] += ((chosen ? 65536 : 0) - plain->rate[e]) >> gate->rate;
	*theta += (gate->balance * (plain->rate[e] - target) + 32768) >> 16;
	if (*theta > gate->most)
		*theta = gate->most;
	if (*theta < -gate->most)
		*theta = -gate->most;
}

void plain_choose(const struct rill_gate *gate, struct plain_gate *plain, const int64_t *logits, uint64_t *mask)
{
	uint32_t e, j;

	memset(mask, 0, RILL_GATE_WORDS(gate->experts) * sizeof(*mask));
	for (j = 0; j < gate->top_k; j++) {
		e = best_left(gate, plain, logits, mask);
		mask[e / 64] |= 1ULL << e % 64;
	}
	for (e = 0; gate->balance && e < gate->experts; e++)
		adapt(gate, plain, e, mask[e / 64] >> e % 64 & 1);
}

void gate_rig_build(struct gate_rig *rig, const struct rill_gate *gate, const int64_t *logits, uint32_t tokens,
		    uint32_t capacity)
{
	uint64_t *words = calloc(tokens + 1, sizeof(*words));
	uint32_t e, t, w, sink;

	*rig = (struct gate_rig){ .graph = rill_graph_new("gate"), .tokens = tokens };
	assert_true(rill_gate_nodes(rig->graph, "gate", gate, &rig->ports));
	for (e = 0; e < gate->experts; e++) {
		for (t = 0; t < tokens; t++)
			words[t] = (uint64_t)logits[t * gate->experts + e];
		rill_graph_arc(rig->graph, rill_graph_source(rig->graph, "logit", words, tokens), 0,
			       rig->ports.logit[e].node, rig->ports.logit[e].port, 0);
	}
	for (w = 0; w < rig->ports.words; w++) {
		sink = rill_graph_sink(rig->graph, "mask", RILL_NDF_SINK_QUIET, 0);
		rill_graph_arc(rig->graph, rig->ports.mask[w], 0, sink, 0, 0);
	}
	if (capacity)
		rill_graph_capacity(rig->graph, capacity);
	free(words);
}

void gate_rig_run(struct gate_rig *rig, uint64_t order_seed)
{
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	int end;

	rig->run = rill_run_new(rig->graph, order_seed, error);
	assert_string_equal(error, "");
	end = rill_run_go(rig->run, UINT64_MAX, UINT64_MAX);
	if (end != RILL_NDF_FINISHED)
		rill_run_explain(rig->run, end, stderr);
	assert_int_equal(end, RILL_NDF_FINISHED);
}

const uint64_t *gate_rig_sink(const struct gate_rig *rig, uint32_t sink)
{
	const uint64_t *words;
	const char *name;
	uint32_t mode;
	size_t count;

	words = rill_run_sink(rig->run, sink, &name, &mode, &count);
	assert_non_null(words);
	assert_int_equal(count, rig->tokens);
	return words;
}

void gate_rig_expect(const struct gate_rig *rig, const struct rill_gate *gate, struct plain_gate *plain,
		     const int64_t *logits)
{
	uint64_t want[GATE_RIG_WORDS];
	uint32_t t, w;

	for (t = 0; t < rig->tokens; t++) {
		plain_choose(gate, plain, logits + (size_t)t * gate->experts, want);
		for (w = 0; w < rig->ports.words; w++)
			assert_int_equal(gate_rig_sink(rig, w)[t], want[w]);
	}
}

void gate_rig_free(struct gate_rig *rig)
{
	rill_run_free(rig->run);
	rill_graph_free(rig->graph);
}

void gate_rig_all_sizes(gate_test test)
{
	uint32_t i, c;

	for (i = 0; i < GATE_RIG_SIZES; i++) {
		struct rill_gate gate = { .experts = gate_rig_sizes[i] };

		for (gate.top_k = 1; gate.top_k <= 8 && gate.top_k <= gate.experts; gate.top_k++) {
			for (c = 0; c < 3; c++) {
				test(&gate, 3, gate_rig_capacities[c], 0);
				test(&gate, 20 << RILL_GATE_FRAC, gate_rig_capacities[c], 0);
			}
		}
	}
}
