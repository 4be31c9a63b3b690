// SPDX-License-Identifier: MIT
/* Graphs run in this process by the chip's flat engine. */
#include "graph.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/ndf.h"
#include "verdict.h"

struct rill_run {
	struct rill_graph *graph;	/* the caller's */
	uint32_t *order;		/* of arcs: what the engine's numbers mean */
	struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	uint8_t *memory;
};

void rill_run_free(struct rill_run *run)
{
	if (!run)
		return;
	rill_ndf_engine_free(run->engine);
	rill_ndf_program_free(run->program);
	free(run->order);
	free(run->memory);
	free(run);
}

static bool start(struct rill_run *run, const void *binary, size_t bytes, uint64_t order_seed)
{
	struct rill_ndf_verdict verdict;
	struct rill_ndf_options options = { .order_seed = order_seed };

	run->program = rill_ndf_program_new(binary, bytes, &verdict);
	run->order = rill_graph_arc_order(run->graph);
	run->memory = calloc(1, run->graph->memory_bytes + 1);
	if (!run->program || !run->order || !run->memory)
		return false;
	if (run->graph->data_bytes)
		memcpy(run->memory, run->graph->data, run->graph->data_bytes);
	options.host.memory = run->memory;
	run->engine = rill_ndf_engine_new(run->program, &options);
	return run->engine;
}

struct rill_run *rill_run_new(struct rill_graph *graph, uint64_t order_seed, char *error)
{
	struct rill_run *run;
	void *binary;
	size_t bytes;

	if (rill_graph_encode(graph, &binary, &bytes)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
		return NULL;
	}
	run = calloc(1, sizeof(*run));
	if (run)
		run->graph = graph;
	if (!run || !start(run, binary, bytes, order_seed)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
		rill_run_free(run);
		run = NULL;
	}
	free(binary);
	return run;
}

/* Sinks that expect `was` tokens expect `now`. */
static void expect(struct rill_run *run, uint64_t was, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < rill_ndf_program_sinks(run->program); i++) {
		const struct graph_node *node = &run->graph->nodes[rill_ndf_program_sink_node(run->program, i)];

		if (node->mode == RILL_NDF_SINK_COUNT && node->imm == was)
			rill_ndf_sink_expect(run->engine, i, now);
	}
}

int rill_run_input(struct rill_run *run, const char *name, const uint64_t *words, uint32_t count)
{
	uint32_t i, was, node = rill_graph_find(run->graph, name);

	for (i = 0; i < rill_ndf_program_sources(run->program); i++) {
		if (rill_ndf_program_source_node(run->program, i) != node)
			continue;
		if (!rill_ndf_source_push(run->engine, i, words, count))
			return -ENOMEM;
		/* A stream without words is built as if it had one. */
		was = run->graph->nodes[node].source.count;
		if (count != was)
			expect(run, was ? was : 1, count);
		return 0;
	}
	return -ENOENT;
}

uint8_t *rill_run_memory(struct rill_run *run, uint64_t *bytes)
{
	*bytes = run->graph->memory_bytes;
	return run->memory;
}

enum rill_ndf_end rill_run_go(struct rill_run *run, uint64_t firings, uint64_t steps)
{
	return rill_ndf_run(run->engine, firings, steps);
}

void rill_run_count(const struct rill_run *run, struct rill_run_counts *counts)
{
	struct rill_ndf_stats stats;

	rill_ndf_stats(run->engine, &stats);
	*counts = (struct rill_run_counts){
		.firings = stats.firings, .op = stats.op, .when = stats.when, .where = stats.where,
		.source = stats.source, .sink = stats.sink, .lessons = stats.lessons, .steps = stats.steps,
	};
}

const uint64_t *rill_run_sink(const struct rill_run *run, uint32_t i, const char **name, uint32_t *mode,
			      size_t *count)
{
	static const uint64_t none[1];
	const uint64_t *words;
	uint32_t node;

	if (i >= rill_ndf_program_sinks(run->program))
		return NULL;
	node = rill_ndf_program_sink_node(run->program, i);
	*name = rill_graph_node_name(run->graph, node);
	*mode = run->graph->nodes[node].mode;
	words = rill_ndf_sink_words(run->engine, i, count);
	return words ? words : none;
}

static void explain_fault(const struct rill_run *run, FILE *file)
{
	struct rill_ndf_fault_report fault;

	rill_ndf_fault(run->engine, &fault);
	fprintf(file, "%s at '%s': %" PRId64 " (0x%" PRIx64 ")\n", rill_ndf_fault_text(fault.fault),
		rill_graph_node_name(run->graph, fault.node), (int64_t)fault.word, fault.word);
}

static void explain_block(const struct rill_run *run, const struct rill_ndf_block *block, FILE *file)
{
	const struct graph_arc *arc = &run->graph->arcs[run->order[block->arc]];
	char text[300];

	rill_graph_arc_text(run->graph, arc, text, sizeof(text));
	fprintf(file, "'%s' waits for %s: arc %s holds %u of %u\n", rill_graph_node_name(run->graph, block->node),
		block->full ? "room" : "a token", text, rill_ndf_arc_held(run->engine, block->arc), arc->capacity);
}

void rill_run_explain(const struct rill_run *run, enum rill_ndf_end end, FILE *file)
{
	struct rill_ndf_block blocks[32];
	size_t count, i;

	if (end == RILL_NDF_FAULT)
		explain_fault(run, file);
	if (end != RILL_NDF_DEADLOCK)
		return;
	count = rill_ndf_blocks(run->engine, blocks, sizeof(blocks) / sizeof(blocks[0]));
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

	if (node == RILL_NDF_NONE || !rill_ndf_when_state(run->engine, node, &state))
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
