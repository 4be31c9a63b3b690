// SPDX-License-Identifier: MIT
/* A trial run on the host: how often nodes fire, how many tokens arcs carry, and what comes out. */
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void map_trial_free(struct map_trial *trial)
{
	rill_ndf_engine_free(trial->engine);
	rill_ndf_program_free(trial->program);
	free(trial->memory);
	memset(trial, 0, sizeof(*trial));
}

int map_trial_run(struct rill_graph *graph, uint64_t firings, uint32_t capacity, struct map_trial *trial)
{
	struct rill_ndf_options options = { .capacity = capacity };
	struct rill_ndf_verdict verdict;
	void *binary;
	size_t bytes;
	int ret = rill_graph_encode(graph, &binary, &bytes);

	*trial = (struct map_trial){ .memory_bytes = graph->memory_bytes };
	if (ret)
		return ret;
	trial->program = rill_ndf_program_new(binary, bytes, &verdict);
	trial->memory = calloc(1, graph->memory_bytes + 1);
	free(binary);
	if (trial->program && trial->memory) {
		if (graph->data_bytes)
			memcpy(trial->memory, graph->data, graph->data_bytes);
		options.host.memory = trial->memory;
		trial->engine = rill_ndf_engine_new(trial->program, &options);
	}
	if (!trial->engine) {
		map_trial_free(trial);
		return -ENOMEM;
	}
	trial->end = rill_ndf_run(trial->engine, firings, UINT64_MAX);
	return 0;
}

bool map_trial_good(const struct map_trial *trial)
{
	return trial->end == RILL_NDF_FINISHED || trial->end == RILL_NDF_QUIESCENT;
}

uint64_t map_trial_steps(const struct map_trial *trial)
{
	struct rill_ndf_stats stats;

	rill_ndf_stats(trial->engine, &stats);
	return stats.steps;
}

bool map_trial_same(const struct map_trial *a, const struct map_trial *b)
{
	const uint64_t *words_a, *words_b;
	size_t count_a, count_b;
	uint32_t i;

	if (a->end != b->end || memcmp(a->memory, b->memory, a->memory_bytes))
		return false;
	for (i = 0; i < rill_ndf_program_sinks(a->program); i++) {
		words_a = rill_ndf_sink_words(a->engine, i, &count_a);
		words_b = rill_ndf_sink_words(b->engine, i, &count_b);
		if (count_a != count_b || (count_a && memcmp(words_a, words_b, 8 * count_a)))
			return false;
	}
	return true;
}

/* ---- rates ---- */

/* Of one arc: put in by its producer, taken by its consumer */
struct flow {
	uint64_t put, taken;
};

static struct flow flow_of(const struct map_trial *trial, const struct graph_arc *arc, uint32_t number)
{
	uint64_t all = rill_ndf_arc_tokens(trial->engine, number);

	return (struct flow){ all - arc->token_count, all - rill_ndf_arc_held(trial->engine, number) };
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * A node fired at least as often as any arc of it moved a token. Where each firing moves one
 * on some arc, as of all but EVENT nodes and lessons, that is how often it fired; a lesson is one on the teacher's arc.
 */
bool map_trial_rates(const struct map_trial *trial, const struct rill_graph *graph, uint64_t *tokens,
		     uint64_t *firings)
{
	uint32_t i, *order = rill_graph_arc_order(graph);

	if (!order)
		return false;
	memset(firings, 0, graph->node_count * sizeof(*firings));
	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[order[i]];
		struct flow flow = flow_of(trial, arc, i);

		tokens[order[i]] = flow.put;
		firings[arc->src] = most(firings[arc->src], flow.put);
		firings[arc->dst] = most(firings[arc->dst], flow.taken);
	}
	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[order[i]];
		const struct graph_node *dst = &graph->nodes[arc->dst];

		if (rill_graph_teachable(dst) && rill_graph_arc_port(graph, arc) == dst->inputs - 1)
			firings[arc->dst] += flow_of(trial, arc, i).taken;
	}
	free(order);
	return true;
}
