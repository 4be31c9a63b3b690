// SPDX-License-Identifier: GPL-2.0-or-later
/* What one may ask an engine. */
#include <string.h>

#include "internal.h"

uint64_t rill_ndf_arc_tokens(const struct rill_ndf_engine *engine, uint32_t arc)
{
	return (uint64_t)engine->carries[arc] << 32 | engine->arcs[arc].pushed;
}

uint32_t rill_ndf_arc_held(const struct rill_ndf_engine *engine, uint32_t arc)
{
	return engine->arcs[arc].count;
}

uint64_t rill_ndf_arc_word(const struct rill_ndf_engine *engine, uint32_t number, uint32_t i)
{
	const struct ndf_arc *arc = &engine->arcs[number];
	const struct ndf_ring *ring = &engine->rings[number];
	uint32_t token = arc->pushed - arc->count + i;

	if (i >= arc->count)
		return 0;
	return i < NDF_NEAR ? arc->words[token % NDF_NEAR] : engine->far[ring->at + (token & ring->mask)];
}

void rill_ndf_stats(const struct rill_ndf_engine *engine, struct rill_ndf_stats *stats)
{
	uint32_t i;

	*stats = (struct rill_ndf_stats){
		.firings = engine->firings,
		.op = engine->firings - engine->when - engine->where - engine->source - engine->sink -
		      engine->lessons,
		.when = engine->when, .where = engine->where, .source = engine->source, .sink = engine->sink,
		.lessons = engine->lessons, .steps = engine->steps,
	};
	for (i = 0; i < engine->program->arc_count; i++)
		stats->tokens += engine->arcs[i].count;
}

uint64_t rill_ndf_firings(const struct rill_ndf_engine *engine)
{
	return engine->firings;
}

uint64_t rill_ndf_source_left(const struct rill_ndf_engine *engine, uint32_t source)
{
	return engine->sources[source].count - engine->sources[source].next;
}

void rill_ndf_fault(const struct rill_ndf_engine *engine, struct rill_ndf_fault_report *report)
{
	*report = engine->fault;
}

const uint64_t *rill_ndf_sink_words(const struct rill_ndf_engine *engine, uint32_t sink, size_t *count)
{
	*count = engine->sinks[sink].count;
	return engine->sinks[sink].words;
}

bool rill_ndf_sink_satisfied(const struct rill_ndf_engine *engine, uint32_t sink)
{
	unsigned int mode = engine->sinks[sink].mode;

	return engine->sinks[sink].satisfied || mode == RILL_NDF_SINK_QUIET || mode == RILL_NDF_SINK_IGNORE;
}

bool rill_ndf_when_state(const struct rill_ndf_engine *engine, uint32_t node,
			 struct rill_ndf_when_state *state)
{
	static const int64_t zero[RILL_NDF_MAX_DIMS];
	const struct ndf_when_run *run;
	const struct ndf_when *when;

	if (node >= engine->program->node_count || engine->program->nodes[node].kind != RILL_NDF_WHEN)
		return false;
	when = ndf_when_of(engine, node);
	*state = (struct rill_ndf_when_state){
		.inputs = when->inputs, .dims = when->dims, .weights = when->weights, .bias = when->bias,
		.theta = when->theta, .v = zero, .q = engine->nodes[node].op,
	};
	if (when->plain)
		return true;
	run = ndf_state_of(engine, node);
	state->weights = run->weights;
	state->bias = run->bias;
	state->theta = run->theta;
	state->v = run->v;
	state->samples = run->samples;
	state->lessons = run->lessons;
	return true;
}
