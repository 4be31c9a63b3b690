// SPDX-License-Identifier: MIT
/* Graphs run in this process on the model of an array of chiplets. */
#include "map.h"
#include "ndf/mapped.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS	(1u << 20)	/* in a step */

struct array_run {
	struct rill_run run;
	struct rill_ndf_program *program;
	struct rill_ndf_mapped *mapped;
	uint32_t chiplets;
	uint8_t *memory;
};

static struct array_run *array(const struct rill_run *run)
{
	return (struct array_run *)run;
}

static struct rill_ndf_engine *engine(const struct rill_run *run)
{
	return rill_ndf_mapped_engine(array(run)->mapped);
}

static void array_free(struct rill_run *run)
{
	rill_ndf_mapped_free(array(run)->mapped);
	rill_ndf_program_free(array(run)->program);
	free(array(run)->memory);
	free(run);
}

static int array_input(struct rill_run *run, uint32_t source, const uint64_t *words, uint32_t count)
{
	return rill_ndf_source_push(engine(run), source, words, count) ? 0 : -ENOMEM;
}

static void array_expect(struct rill_run *run, uint32_t sink, uint64_t count)
{
	rill_ndf_sink_expect(engine(run), sink, count);
}

static uint8_t *array_memory(struct rill_run *run)
{
	return array(run)->memory;
}

static int array_go(struct rill_run *run, uint64_t firings, uint64_t steps)
{
	struct rill_ndf_mapped *mapped = array(run)->mapped;
	enum rill_ndf_end end;

	if (!firings)
		return RILL_NDF_LIMIT;
	rill_ndf_mapped_limit(mapped, firings);
	do
		end = rill_ndf_mapped_step(mapped, EVENTS);
	while (end == RILL_NDF_LIMIT && !rill_ndf_mapped_spent(mapped));
	return end;
}

static const char *array_failure(const struct rill_run *run)
{
	return "";
}

static void array_count(const struct rill_run *run, struct rill_run_counts *counts)
{
	struct rill_ndf_stats stats;

	rill_ndf_stats(engine(run), &stats);
	*counts = (struct rill_run_counts){
		.firings = stats.firings, .op = stats.op, .when = stats.when, .where = stats.where,
		.source = stats.source, .sink = stats.sink, .lessons = stats.lessons,
	};
}

static const uint64_t *array_sink(const struct rill_run *run, uint32_t sink, size_t *count)
{
	return rill_ndf_sink_words(engine(run), sink, count);
}

static void array_fault(const struct rill_run *run, struct rill_ndf_fault_report *fault)
{
	rill_ndf_fault(engine(run), fault);
}

static size_t array_blocks(const struct rill_run *run, struct rill_ndf_block *blocks, size_t max)
{
	return rill_ndf_blocks(engine(run), blocks, max);
}

static uint32_t array_held(const struct rill_run *run, const struct rill_ndf_block *block)
{
	return rill_ndf_arc_held(engine(run), block->arc);
}

static bool array_when(const struct rill_run *run, uint32_t node, struct rill_ndf_when_state *state)
{
	return rill_ndf_when_state(engine(run), node, state);
}

static const struct rill_runner runner = {
	.free = array_free,
	.input = array_input,
	.expect = array_expect,
	.memory = array_memory,
	.go = array_go,
	.failure = array_failure,
	.count = array_count,
	.sink = array_sink,
	.fault = array_fault,
	.blocks = array_blocks,
	.held = array_held,
	.when = array_when,
};

static int start(struct array_run *to, const void *binary, size_t bytes, const struct rill_array *from, char *error)
{
	const struct rill_graph *graph = to->run.graph;
	const struct rill_ndf_array own = {
		.rows = from->rows, .cols = from->cols, .op_ps = from->op_ps, .when_ps = from->when_ps,
		.where_ps = from->where_ps, .memory_ps = from->memory_ps, .hop_ps = from->hop_ps,
		.token_ps = from->token_ps, .wave_gap_ps = from->wave_gap_ps, .waves = true,
	};
	struct rill_ndf_options options = { 0 };
	struct rill_ndf_mapped_error why;
	struct rill_ndf_verdict verdict;

	to->program = rill_ndf_program_new(binary, bytes, &verdict);
	to->memory = calloc(1, graph->memory_bytes + 1);
	if (!to->program || !to->memory)
		return map_no_memory(error);
	if (graph->data_bytes)
		memcpy(to->memory, graph->data, graph->data_bytes);
	options.host.memory = to->memory;
	to->chiplets = from->rows * from->cols;
	to->mapped = rill_ndf_mapped_create(to->program, binary, &options, &own, &why);
	if (to->mapped)
		return 0;
	rill_ndf_mapped_error_text(&why, error, RILL_GRAPH_ERROR_BYTES);
	return why.code == RILL_NDF_MAPPED_NO_MEMORY ? -ENOMEM : -EINVAL;
}

struct rill_run *rill_run_new_on_array(struct rill_graph *graph, const struct rill_array *from, char *error)
{
	struct array_run *to = calloc(1, sizeof(*to));
	void *binary = NULL;
	size_t bytes;
	int ret;

	if (!to) {
		map_no_memory(error);
		return NULL;
	}
	to->run.runner = &runner;
	ret = rill_run_init(&to->run, graph, &binary, &bytes, error);
	if (!ret)
		ret = start(to, binary, bytes, from, error);
	free(binary);
	if (!ret)
		return &to->run;
	rill_run_free(&to->run);
	return NULL;
}

bool rill_run_array_counts(const struct rill_run *run, struct rill_array_counts *counts)
{
	struct rill_ndf_detection found;
	uint32_t i, way;

	if (run->runner != &runner)
		return false;
	rill_ndf_mapped_detection(array(run)->mapped, &found);
	*counts = (struct rill_array_counts){
		.time_ps = rill_ndf_mapped_time(array(run)->mapped), .settled_ps = found.settled_ps,
		.waves = found.waves, .messages = found.messages,
	};
	for (i = 0; i < array(run)->chiplets; i++) {
		counts->chiplet[i].firings = rill_ndf_mapped_firings(array(run)->mapped, i);
		counts->chiplet[i].busy_ps = rill_ndf_mapped_busy(array(run)->mapped, i);
		for (way = 0; way < 4; way++)
			counts->chiplet[i].link[way] = rill_ndf_mapped_link(array(run)->mapped, i, way);
	}
	return true;
}
