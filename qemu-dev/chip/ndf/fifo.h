/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens in and out of FIFOs, and what that enables. All of it is inlined into
 * the firing: `hooked` is a constant there.
 *
 * Steps need no second pass. A node in the current step's list was enabled when the step began, and others can
 * only put tokens behind those it takes and make room; so nodes fire one after another, and what becomes enabled
 * meanwhile goes to the next list, once, since only its own firing disables a node.
 */
#ifndef RILL_CHIP_NDF_FIFO_H
#define RILL_CHIP_NDF_FIFO_H

#include "internal.h"

/* wide.c: an end of an arc at a wide node changed */
void ndf_wide_gain(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_arc *arc, bool output);
void ndf_wide_lose(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_arc *arc, bool output);
void ndf_wide_try(struct rill_ndf_engine *engine, uint32_t node);
/* Data inputs that arcs from these output ports of the same node lead to */
uint64_t ndf_own_inputs(const struct rill_ndf_program *program, uint32_t node, uint64_t ports);
/* where.c: choose the pattern for the switch token that has come */
void ndf_where_select(struct rill_ndf_engine *engine, uint32_t node);

NDF_INLINE void ndf_enqueue(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	if (hooked)
		engine->hooks.ready(engine->hooks.opaque, node);
	else
		engine->next[engine->next_count++] = node;
}

/* The oldest token */
NDF_INLINE uint64_t ndf_peek(const struct ndf_arc *arc)
{
	return arc->words[(arc->pushed - arc->count) % NDF_NEAR];
}

/* The switch has come: what does its pattern want? */
NDF_INLINE void ndf_select(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_where *where = &engine->wheres[n->in2];
	uint64_t token = ndf_peek(&engine->arcs[engine->in_arcs[n->in + where->inputs]]);

	if (NDF_LIKELY(where->mode == RILL_NDF_TABLE && token < where->count)) {
		n->imm = where->first + token;
		n->want = engine->patterns[n->imm].want;
		n->code = NDF_CODE_WHERE;
	} else {
		ndf_where_select(engine, node);
	}
	if (!(n->want & ~n->have))
		ndf_enqueue(engine, node, hooked);
}

/* An end of `arc` at this node came to be ready. */
NDF_INLINE void ndf_gain(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output,
			 const bool hooked)
{
	uint32_t end = output ? arc->src : arc->dst, node = ndf_end_node(end), bit = ndf_end_bit(end);
	struct ndf_node *n = &engine->nodes[node];

	n->have |= bit;
	if (n->want & ~n->have || !(n->want & bit))
		return;
	if (NDF_LIKELY(n->code < NDF_CODE_SWITCH))
		ndf_enqueue(engine, node, hooked);
	else if (n->code == NDF_CODE_SWITCH)
		ndf_select(engine, node, hooked);
	else
		ndf_wide_gain(engine, node, arc, output);
}

/* Where a token beyond the two oldest is */
NDF_INLINE uint64_t *ndf_far(struct rill_ndf_engine *engine, const struct ndf_arc *arc, uint32_t token)
{
	const struct ndf_ring *ring = &engine->rings[ndf_arc_number(engine, arc)];

	return &engine->far[ring->at + (token & ring->mask)];
}

/* The oldest token, whose place the third oldest takes; the caller counts. */
NDF_INLINE uint64_t ndf_oldest(struct rill_ndf_engine *engine, struct ndf_arc *arc)
{
	uint32_t token = arc->pushed - arc->count;
	uint64_t *near = &arc->words[token % NDF_NEAR], word = *near;

	if (NDF_UNLIKELY(arc->count > NDF_NEAR))
		*near = *ndf_far(engine, arc, token + NDF_NEAR);
	return word;
}

/* Takes the oldest token; `lost` gets the arc's bit if it was the last one. */
NDF_INLINE uint64_t ndf_take(struct rill_ndf_engine *engine, struct ndf_arc *arc, uint32_t *lost,
			     const bool hooked)
{
	uint64_t word = ndf_oldest(engine, arc);

	if (hooked) {
		uint32_t number = ndf_arc_number(engine, arc);
		struct ndf_transit *transit = &engine->transit[number];

		arc->count--;
		transit->owed++;
		if (!--transit->arrived)
			*lost |= ndf_end_bit(arc->dst);
		engine->hooks.taken(engine->hooks.opaque, number);
		return word;
	}
	if (arc->count-- == arc->capacity)
		ndf_gain(engine, arc, true, false);
	if (!arc->count)
		*lost |= ndf_end_bit(arc->dst);
	return word;
}

/* There is room; `lost` gets the arc's bit if there is no more. */
NDF_INLINE void ndf_give(struct rill_ndf_engine *engine, struct ndf_arc *arc, uint64_t word, uint32_t *lost,
			 const bool hooked)
{
	if (NDF_LIKELY(arc->count < NDF_NEAR))
		arc->words[arc->pushed % NDF_NEAR] = word;
	else
		*ndf_far(engine, arc, arc->pushed) = word;
	if (NDF_UNLIKELY(!++arc->pushed))
		engine->carries[ndf_arc_number(engine, arc)]++;
	if (hooked) {
		uint32_t number = ndf_arc_number(engine, arc);

		if (++arc->count + engine->transit[number].owed == arc->capacity)
			*lost |= ndf_end_bit(arc->src);
		engine->hooks.sent(engine->hooks.opaque, number);
		return;
	}
	if (!arc->count++)
		ndf_gain(engine, arc, false, false);
	if (arc->count == arc->capacity)
		*lost |= ndf_end_bit(arc->src);
}

/* One arc after another, for nodes that may be wide */
NDF_INLINE uint64_t ndf_pop(struct rill_ndf_engine *engine, uint32_t node, struct ndf_arc *arc,
			    const bool hooked)
{
	uint32_t lost = 0;
	uint64_t word = ndf_take(engine, arc, &lost, hooked);

	if (NDF_UNLIKELY(lost == NDF_WIDE_BIT))
		ndf_wide_lose(engine, node, arc, false);
	else
		engine->nodes[node].have &= ~lost;
	return word;
}

NDF_INLINE void ndf_push(struct rill_ndf_engine *engine, uint32_t node, struct ndf_arc *arc, uint64_t word,
			 const bool hooked)
{
	uint32_t lost = 0;

	ndf_give(engine, arc, word, &lost, hooked);
	if (NDF_UNLIKELY(lost == NDF_WIDE_BIT))
		ndf_wide_lose(engine, node, arc, true);
	else
		engine->nodes[node].have &= ~lost;
}

/* Arcs are numbered through the ports. */
NDF_INLINE void ndf_push_range(struct rill_ndf_engine *engine, uint32_t node, uint32_t first, uint32_t end,
			       uint64_t word, const bool hooked)
{
	for (; first < end; first++)
		ndf_push(engine, node, &engine->arcs[first], word, hooked);
}

NDF_INLINE void ndf_push_port(struct rill_ndf_engine *engine, uint32_t node, unsigned int port, uint64_t word,
			      const bool hooked)
{
	const uint32_t *arcs = engine->program->port_arcs + engine->program->first_port[node] + port;

	ndf_push_range(engine, node, arcs[0], arcs[1], word, hooked);
}

/* The input arc of a port, for nodes that are not simple */
NDF_INLINE struct ndf_arc *ndf_input(const struct rill_ndf_engine *engine, const struct ndf_node *n,
				     unsigned int port)
{
	return &engine->arcs[engine->in_arcs[n->in + port]];
}

/* A narrow node with one output port puts a token into each of its arcs. */
NDF_INLINE void ndf_give_all(struct rill_ndf_engine *engine, struct ndf_node *n, uint64_t word,
			     const bool hooked)
{
	uint32_t lost = 0, a = n->out, end = a + n->fan;

	do {
		ndf_give(engine, &engine->arcs[a], word, &lost, hooked);
	} while (++a < end);
	n->have &= ~lost;
}

/*
 * A firing begins and ends with these. In between the node wants what never comes, so
 * that an arc to itself does not enqueue it.
 */
NDF_INLINE uint32_t ndf_begin(struct ndf_node *n)
{
	uint32_t want = n->want;

	if (n->code != NDF_CODE_WIDE)
		n->want = UINT32_MAX;
	return want;
}

/* Of a narrow node that is not at a switch */
NDF_INLINE void ndf_finish_narrow(struct rill_ndf_engine *engine, uint32_t node, uint32_t want, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];

	n->want = want;
	if (!(want & ~n->have))
		ndf_enqueue(engine, node, hooked);
}

NDF_INLINE void ndf_finish(struct rill_ndf_engine *engine, uint32_t node, uint32_t want, const bool hooked)
{
	if (NDF_UNLIKELY(engine->nodes[node].code == NDF_CODE_WIDE)) {
		engine->wide[engine->wide_at[node]].queued = false;
		ndf_wide_try(engine, node);
		return;
	}
	ndf_finish_narrow(engine, node, want, hooked);
}

#endif
