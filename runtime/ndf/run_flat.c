// SPDX-License-Identifier: MIT
/* Graphs run in this process by the chip's flat engine. */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct flat_run {
	struct rill_run run;
	struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	uint8_t *memory;
};

static struct flat_run *flat(const struct rill_run *run)
{
	return (struct flat_run *)run;
}

static void flat_free(struct rill_run *run)
{
	rill_ndf_engine_free(flat(run)->engine);
	rill_ndf_program_free(flat(run)->program);
	free(flat(run)->memory);
	free(run);
}

static int flat_input(struct rill_run *run, uint32_t source, const uint64_t *words, uint32_t count)
{
	return rill_ndf_source_push(flat(run)->engine, source, words, count) ? 0 : -ENOMEM;
}

static void flat_expect(struct rill_run *run, uint32_t sink, uint64_t count)
{
	rill_ndf_sink_expect(flat(run)->engine, sink, count);
}

static uint8_t *flat_memory(struct rill_run *run)
{
	return flat(run)->memory;
}

static int flat_go(struct rill_run *run, uint64_t firings, uint64_t steps)
{
	return rill_ndf_run(flat(run)->engine, firings, steps);
}

static const char *flat_failure(const struct rill_run *run)
{
	return "";
}

static void flat_count(const struct rill_run *run, struct rill_run_counts *counts)
{
	struct rill_ndf_stats stats;

	rill_ndf_stats(flat(run)->engine, &stats);
	*counts = (struct rill_run_counts){
		.firings = stats.firings, .op = stats.op, .when = stats.when, .where = stats.where,
		.source = stats.source, .sink = stats.sink, .lessons = stats.lessons, .steps = stats.steps,
	};
}

static const uint64_t *flat_sink(const struct rill_run *run, uint32_t sink, size_t *count)
{
	return rill_ndf_sink_words(flat(run)->engine, sink, count);
}

static void flat_fault(const struct rill_run *run, struct rill_ndf_fault_report *fault)
{
	rill_ndf_fault(flat(run)->engine, fault);
}

static size_t flat_blocks(const struct rill_run *run, struct rill_ndf_block *blocks, size_t max)
{
	return rill_ndf_blocks(flat(run)->engine, blocks, max);
}

static uint32_t flat_held(const struct rill_run *run, const struct rill_ndf_block *block)
{
	return rill_ndf_arc_held(flat(run)->engine, block->arc);
}

static bool flat_when(const struct rill_run *run, uint32_t node, struct rill_ndf_when_state *state)
{
	return rill_ndf_when_state(flat(run)->engine, node, state);
}

static const struct rill_runner runner = {
	.free = flat_free,
	.input = flat_input,
	.expect = flat_expect,
	.memory = flat_memory,
	.go = flat_go,
	.failure = flat_failure,
	.count = flat_count,
	.sink = flat_sink,
	.fault = flat_fault,
	.blocks = flat_blocks,
	.held = flat_held,
	.when = flat_when,
};

static bool start(struct flat_run *flat, const void *binary, size_t bytes, uint64_t order_seed)
{
	const struct rill_graph *graph = flat->run.graph;
	struct rill_ndf_options options = { .order_seed = order_seed };
	struct rill_ndf_verdict verdict;

	flat->program = rill_ndf_program_new(binary, bytes, &verdict);
	flat->memory = calloc(1, graph->memory_bytes + 1);
	if (!flat->program || !flat->memory)
		return false;
	if (graph->data_bytes)
		memcpy(flat->memory, graph->data, graph->data_bytes);
	options.host.memory = flat->memory;
	flat->engine = rill_ndf_engine_new(flat->program, &options);
	return flat->engine;
}

struct rill_run *rill_run_new(struct rill_graph *graph, uint64_t order_seed, char *error)
{
	struct flat_run *flat = calloc(1, sizeof(*flat));
	void *binary = NULL;
	size_t bytes;
	bool ok;

	if (!flat) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
		return NULL;
	}
	flat->run.runner = &runner;
	ok = !rill_run_init(&flat->run, graph, &binary, &bytes, error);
	if (ok && !start(flat, binary, bytes, order_seed)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
		ok = false;
	}
	free(binary);
	if (ok)
		return &flat->run;
	rill_run_free(&flat->run);
	return NULL;
}
