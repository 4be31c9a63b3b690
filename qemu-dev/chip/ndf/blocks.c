// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a program stands still: from unsatisfied SINKs back over what each node waits for. */
#include <stdlib.h>

#include "internal.h"

struct search {
	const struct rill_ndf_engine *engine;
	struct rill_ndf_block *blocks;
	size_t max, count;
	uint8_t *seen;			/* per node */
	uint32_t *queue;
	uint32_t tail;
};

static void visit(struct search *s, uint32_t node)
{
	if (s->seen[node])
		return;
	s->seen[node] = 1;
	s->queue[s->tail++] = node;
}

/* `node` waits at this arc: for a token from its producer, or for its consumer to make room. */
static void found(struct search *s, uint32_t node, uint32_t arc, bool full)
{
	if (s->count < s->max)
		s->blocks[s->count] = (struct rill_ndf_block){ .arc = arc, .node = node, .full = full };
	s->count++;
	visit(s, full ? s->engine->program->arcs[arc].dst : s->engine->program->arcs[arc].src);
}

static bool is_full(const struct rill_ndf_engine *engine, uint32_t number)
{
	const struct ndf_arc *arc = &engine->arcs[number];

	return arc->count + (engine->transit ? engine->transit[number].owed : 0) >= arc->capacity;
}

/* Output ports and input ports that a node waits for now */
struct waits {
	uint64_t inputs, outputs;
	bool extra;			/* the last input: switch or teacher */
};

static struct waits wide_waits(const struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

	if (engine->nodes[node].inner != NDF_CODE_EVENT)
		return (struct waits){
			.inputs = wide->want & ~wide->have, .outputs = wide->want_out & wide->full,
			.extra = wide->want_extra && !wide->have_extra && wide->extra_port != UINT32_MAX,
		};
	if (wide->have || wide->ripe)
		return (struct waits){ .outputs = wide->full };
	return (struct waits){
		.inputs = ndf_low_bits(ndf_when_of(engine, node)->inputs),
	};
}

static void search_wide(struct search *s, uint32_t node)
{
	const struct rill_ndf_program *program = s->engine->program;
	const uint32_t *ports = program->port_arcs + program->first_port[node];
	const uint32_t *in = program->in_arcs + program->first_in[node];
	struct waits waits = wide_waits(s->engine, node);
	uint32_t a;

	for (; waits.inputs; waits.inputs &= waits.inputs - 1)
		found(s, node, in[__builtin_ctzll(waits.inputs)], false);
	if (waits.extra)
		found(s, node, in[program->nodes[node].inputs - 1], false);
	for (; waits.outputs; waits.outputs &= waits.outputs - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(waits.outputs);

		for (a = ports[port]; a < ports[port + 1]; a++) {
			if (is_full(s->engine, a))
				found(s, node, a, true);
		}
	}
}

static void search_narrow(struct search *s, uint32_t node)
{
	const struct rill_ndf_program *program = s->engine->program;
	const struct ndf_node *n = &s->engine->nodes[node];
	unsigned int inputs = program->nodes[node].inputs;
	uint32_t missing = n->want & ~n->have & ~NDF_NEVER;

	for (; missing; missing &= missing - 1) {
		unsigned int bit = (unsigned int)__builtin_ctz(missing);

		if (bit < inputs)
			found(s, node, program->in_arcs[program->first_in[node] + bit], false);
		else
			found(s, node, ndf_first_out(program, node) + bit - inputs, true);
	}
}

static void search_all(struct search *s)
{
	const struct rill_ndf_program *program = s->engine->program;
	uint32_t i, head;

	for (i = 0; i < program->sink_count; i++) {
		if (!rill_ndf_sink_satisfied(s->engine, i))
			visit(s, program->sink_nodes[i]);
	}
	for (head = 0; head < s->tail; head++) {
		if (s->engine->nodes[s->queue[head]].code == NDF_CODE_WIDE)
			search_wide(s, s->queue[head]);
		else
			search_narrow(s, s->queue[head]);
	}
}

size_t rill_ndf_blocks(const struct rill_ndf_engine *engine, struct rill_ndf_block *blocks, size_t max)
{
	struct search s = { .engine = engine, .blocks = blocks, .max = max };

	s.seen = calloc(engine->program->node_count, 1);
	s.queue = malloc(engine->program->node_count * sizeof(*s.queue));
	if (s.seen && s.queue)
		search_all(&s);
	free(s.seen);
	free(s.queue);
	return s.count;
}
