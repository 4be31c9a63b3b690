// SPDX-License-Identifier: GPL-2.0-or-later
/* STREAM, SOURCE and SINK. */
#include <stdlib.h>
#include <string.h>

#include "io.h"

bool ndf_fault(struct rill_ndf_engine *engine, enum rill_ndf_fault fault, uint32_t node, uint64_t word)
{
	if (!engine->fault.fault)
		engine->fault = (struct rill_ndf_fault_report){ .fault = fault, .node = node, .word = word };
	return false;
}

bool ndf_fire_stream(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_node_desc *desc = &engine->program->nodes[node];
	unsigned int imm = desc->flags & RILL_NDF_OP_IMM_MASK, port = 0, i;
	enum rill_ndf_stream_answer answer = RILL_NDF_STREAM_REFUSED;
	struct ndf_node *n = &engine->nodes[node];
	struct rill_ndf_stream_op op = {
		.node = node, .function = desc->param, .result_count = desc->outputs,
		.operand_count = desc->inputs + (imm ? 1 : 0),
	};
	uint32_t want;

	for (i = 0; i < op.operand_count; i++)
		op.operands[i] = i + 1 == imm ? n->imm : ndf_peek(ndf_input(engine, n, port++));
	if (engine->host.stream)
		answer = engine->host.stream(engine->host.opaque, &op);
	if (answer == RILL_NDF_STREAM_BUSY) {
		engine->parked[engine->parked_count++] = node;
		return false;
	}
	if (answer != RILL_NDF_STREAM_DONE)
		return ndf_fault(engine, RILL_NDF_FAULT_STREAM, node, op.results[0]);
	want = ndf_begin(n);
	for (i = 0; i < desc->inputs; i++)
		ndf_pop(engine, node, ndf_input(engine, n, i), engine->hooked);
	for (i = 0; i < desc->outputs; i++)
		ndf_push_port(engine, node, i, op.results[i], engine->hooked);
	ndf_finish(engine, node, want, engine->hooked);
	return true;
}

/* ---- SOURCE ---- */

static void set_exhausted(struct rill_ndf_engine *engine, uint32_t node, bool exhausted)
{
	struct ndf_node *n = &engine->nodes[node];

	if (n->code == NDF_CODE_WIDE)
		engine->wide[engine->wide_at[node]].want_extra = exhausted;
	else
		n->want = exhausted ? NDF_NEVER : (uint32_t)ndf_low_bits(n->fan);
}

bool ndf_fire_source(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_node *n = &engine->nodes[node];
	struct ndf_source_run *source = &engine->sources[n->in2];
	const uint64_t *words = source->supplied ? source->own : engine->program->sources[n->in2].words;

	engine->source++;
	ndf_begin(n);
	ndf_push_port(engine, node, 0, words[source->next++], engine->hooked);
	set_exhausted(engine, node, source->next == source->count);
	ndf_finish(engine, node, n->want, engine->hooked);
	return true;
}

static bool make_room(uint64_t **words, uint64_t *room, uint64_t wanted)
{
	uint64_t more = *room ? *room : 16, *p;

	if (wanted <= *room)
		return true;
	while (more < wanted)
		more *= 2;
	p = more <= SIZE_MAX / 8 ? realloc(*words, more * 8) : NULL;
	if (!p)
		return false;
	*words = p;
	*room = more;
	return true;
}

/* Its own words become pushed ones: those that are left, or before the first run none. */
static bool supply(struct rill_ndf_engine *engine, struct ndf_source_run *source, const struct ndf_words *own,
		   uint64_t count)
{
	uint64_t left = engine->started ? source->count - source->next : 0;

	if (!make_room(&source->own, &source->room, left + count))
		return false;
	if (left)
		memcpy(source->own, own->words + source->next, left * 8);
	source->next = 0;
	source->count = left;
	source->supplied = true;
	return true;
}

bool rill_ndf_source_push(struct rill_ndf_engine *engine, uint32_t number, const uint64_t *words, size_t count)
{
	struct ndf_source_run *source = &engine->sources[number];
	uint32_t node = engine->program->source_nodes[number];
	struct ndf_node *n = &engine->nodes[node];
	bool idle;

	if (!source->supplied && !supply(engine, source, &engine->program->sources[number], count))
		return false;
	idle = source->next == source->count;
	/* Words that are gone make room for others, where moving the rest pays. */
	if (source->next && source->next >= source->count - source->next) {
		source->count -= source->next;
		memmove(source->own, source->own + source->next, source->count * 8);
		source->next = 0;
	}
	if (!make_room(&source->own, &source->room, source->count + count))
		return false;
	if (count)
		memcpy(source->own + source->count, words, count * 8);
	source->count += count;
	set_exhausted(engine, node, !source->count);
	/* One that still had words has been enqueued, or will be when there is room. */
	if (!engine->started || !idle || !count)
		return true;
	if (n->code == NDF_CODE_WIDE)
		ndf_wide_try(engine, node);
	else if (!(n->want & ~n->have))
		ndf_enqueue(engine, node, engine->hooked);
	return true;
}

/* ---- SINK ---- */

static bool counted(const struct ndf_sink_run *sink)
{
	return sink->mode == RILL_NDF_SINK_COUNT || sink->mode == RILL_NDF_SINK_UNTIL;
}

static void satisfy(struct rill_ndf_engine *engine, uint32_t number)
{
	engine->sinks[number].satisfied = true;
	engine->open_sinks--;
	engine->nodes[engine->program->sink_nodes[number]].want = NDF_NEVER;
}

void ndf_sink_check(struct rill_ndf_engine *engine, uint32_t number)
{
	struct ndf_sink_run *sink = &engine->sinks[number];

	if (!sink->satisfied && sink->mode == RILL_NDF_SINK_COUNT && sink->count >= sink->expected)
		satisfy(engine, number);
}

void rill_ndf_sink_expect(struct rill_ndf_engine *engine, uint32_t number, uint64_t count)
{
	struct ndf_sink_run *sink = &engine->sinks[number];

	if (sink->mode != RILL_NDF_SINK_COUNT || engine->started)
		return;
	if (sink->satisfied) {
		sink->satisfied = false;
		engine->open_sinks++;
		engine->nodes[engine->program->sink_nodes[number]].want = 1;
	}
	sink->expected = count;
	ndf_sink_check(engine, number);
}

static bool keep(struct rill_ndf_engine *engine, struct ndf_sink_run *sink, uint32_t node, uint64_t word)
{
	if (engine->sink_tokens == engine->sink_limit)
		return ndf_fault(engine, RILL_NDF_FAULT_SINKS, node, engine->sink_limit);
	if (!make_room(&sink->words, &sink->room, sink->count + 1))
		return ndf_fault(engine, RILL_NDF_FAULT_NO_MEMORY, node, 0);
	sink->words[sink->count++] = word;
	engine->sink_tokens++;
	return true;
}

bool ndf_fire_sink(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_node *n = &engine->nodes[node];
	struct ndf_sink_run *sink = &engine->sinks[n->in2];
	struct ndf_arc *arc = ndf_input(engine, n, 0);
	uint64_t word = ndf_peek(arc);
	uint32_t want;

	if (sink->mode != RILL_NDF_SINK_IGNORE && !keep(engine, sink, node, word))
		return false;
	want = ndf_begin(n);
	engine->sink++;
	ndf_pop(engine, node, arc, engine->hooked);
	if (counted(sink) && (sink->mode == RILL_NDF_SINK_COUNT ? sink->count == sink->expected :
								  word == sink->expected)) {
		satisfy(engine, n->in2);
		want = NDF_NEVER;
	}
	ndf_finish(engine, node, want, engine->hooked);
	return true;
}
