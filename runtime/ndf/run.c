// SPDX-License-Identifier: MIT
/* Runs: names, sentences, and what is the same whoever runs the graph. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "verdict.h"

void rill_run_free(struct rill_run *run)
{
	uint32_t *order = run ? run->order : NULL;

	if (run)
		run->runner->free(run);
	free(order);
}

int rill_run_init(struct rill_run *run, struct rill_graph *graph, void **binary, size_t *bytes, char *error)
{
	int ret = rill_graph_encode(graph, binary, bytes);

	run->graph = graph;
	if (ret) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
		return ret;
	}
	run->order = rill_graph_arc_order(graph);
	if (run->order)
		return 0;
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
	return -ENOMEM;
}

/* The i-th node of a kind, or RILL_NDF_NONE */
static uint32_t nth_of_kind(const struct rill_graph *graph, enum rill_ndf_kind kind, uint32_t i)
{
	uint32_t node;

	for (node = 0; node < graph->node_count; node++) {
		if (graph->nodes[node].kind == kind && !i--)
			return node;
	}
	return RILL_NDF_NONE;
}

/* Sinks that expect `was` tokens expect `now`. */
static void expect(struct rill_run *run, uint64_t was, uint64_t now)
{
	uint32_t node, i = 0;

	for (node = 0; node < run->graph->node_count; node++) {
		const struct graph_node *n = &run->graph->nodes[node];

		if (n->kind != RILL_NDF_SINK)
			continue;
		if (n->mode == RILL_NDF_SINK_COUNT && n->imm == was)
			run->runner->expect(run, i, now);
		i++;
	}
}

int rill_run_input(struct rill_run *run, const char *name, const uint64_t *words, uint32_t count)
{
	uint32_t was, i, source = 0, node = rill_graph_find(run->graph, name);
	int ret;

	if (node == RILL_NDF_NONE || run->graph->nodes[node].kind != RILL_NDF_SOURCE)
		return -ENOENT;
	for (i = 0; i < node; i++)
		source += run->graph->nodes[i].kind == RILL_NDF_SOURCE;
	ret = run->runner->input(run, source, words, count);
	if (ret)
		return ret;
	/* A stream without words is built as if it had one. */
	was = run->graph->nodes[node].source.count;
	if (count != was)
		expect(run, was ? was : 1, count);
	return 0;
}

uint8_t *rill_run_memory(struct rill_run *run, uint64_t *bytes)
{
	*bytes = run->graph->memory_bytes;
	return run->runner->memory(run);
}

int rill_run_go(struct rill_run *run, uint64_t firings, uint64_t steps)
{
	return run->runner->go(run, firings, steps);
}

const char *rill_run_failure(const struct rill_run *run)
{
	return run->runner->failure(run);
}

void rill_run_count(const struct rill_run *run, struct rill_run_counts *counts)
{
	run->runner->count(run, counts);
}

const uint64_t *rill_run_sink(const struct rill_run *run, uint32_t i, const char **name, uint32_t *mode,
			      size_t *count)
{
	uint32_t node = nth_of_kind(run->graph, RILL_NDF_SINK, i);
	static const uint64_t none[1];
	const uint64_t *words;

	if (node == RILL_NDF_NONE)
		return NULL;
	*name = rill_graph_node_name(run->graph, node);
	*mode = run->graph->nodes[node].mode;
	words = run->runner->sink(run, i, count);
	return words ? words : none;
}

static void explain_fault(const struct rill_run *run, FILE *file)
{
	struct rill_ndf_fault_report fault;

	run->runner->fault(run, &fault);
	fprintf(file, "%s at '%s': %" PRId64 " (0x%" PRIx64 ")\n", rill_ndf_fault_text(fault.fault),
		rill_graph_node_name(run->graph, fault.node), (int64_t)fault.word, fault.word);
}

static void explain_block(const struct rill_run *run, const struct rill_ndf_block *block, FILE *file)
{
	const struct graph_arc *arc = &run->graph->arcs[run->order[block->arc]];
	char text[300];

	rill_graph_arc_text(run->graph, arc, text, sizeof(text));
	fprintf(file, "'%s' waits for %s: arc %s holds %u of %u\n", rill_graph_node_name(run->graph, block->node),
		block->full ? "room" : "a token", text, run->runner->held(run, block), arc->capacity);
}

void rill_run_explain(const struct rill_run *run, int end, FILE *file)
{
	struct rill_ndf_block blocks[32];
	size_t count, i;

	if (end == RILL_NDF_FAULT)
		explain_fault(run, file);
	if (end != RILL_NDF_DEADLOCK)
		return;
	count = run->runner->blocks(run, blocks, sizeof(blocks) / sizeof(blocks[0]));
	for (i = 0; i < count && i < sizeof(blocks) / sizeof(blocks[0]); i++)
		explain_block(run, &blocks[i], file);
	if (count > i)
		fprintf(file, "and %zu arcs more\n", count - i);
}

static void *copy(const void *from, size_t bytes)
{
	void *to = malloc(bytes + 1);

	if (to)
		memcpy(to, from, bytes);
	return to;
}

struct rill_weights *rill_run_weights(const struct rill_run *run, const char *name)
{
	uint32_t node = rill_graph_find(run->graph, name);
	struct rill_ndf_when_state state;
	struct rill_weights *w;

	if (node == RILL_NDF_NONE || !run->runner->when(run, node, &state))
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->frac = run->graph->nodes[node].when.scalar.frac;
	w->x_frac = run->graph->nodes[node].when.scalar.x_frac;
	w->inputs = state.inputs;
	w->dims = state.dims;
	w->name = strdup(name);
	w->weights = copy(state.weights, (size_t)state.inputs * state.dims * sizeof(*state.weights));
	w->bias = copy(state.bias, state.dims * sizeof(*state.bias));
	w->theta = copy(state.theta, state.dims * sizeof(*state.theta));
	if (w->name && w->weights && w->bias && w->theta)
		return w;
	rill_weights_free(w);
	return NULL;
}
