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

/* wide.c */
void ndf_wide_gain(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output);
void ndf_wide_lose(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output);
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

/* All of `want` is there. */
NDF_INLINE void ndf_enabled(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];

	if (NDF_UNLIKELY(n->code == NDF_CODE_SWITCH)) {
		ndf_where_select(engine, node);
		if (n->want & ~n->have)
			return;
	}
	ndf_enqueue(engine, node, hooked);
}

NDF_INLINE void ndf_gain(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output,
			 const bool hooked)
{
	uint32_t node = output ? arc->src : arc->dst, bit = output ? arc->src_bit : arc->dst_bit;
	struct ndf_node *n = &engine->nodes[node];

	if (NDF_UNLIKELY(bit == NDF_WIDE)) {
		ndf_wide_gain(engine, arc, output);
		return;
	}
	bit = 1u << bit;
	n->have |= bit;
	if (!(n->want & ~n->have) && n->want & bit)
		ndf_enabled(engine, node, hooked);
}

NDF_INLINE void ndf_lose(struct rill_ndf_engine *engine, struct ndf_node *n, const struct ndf_arc *arc,
			 bool output)
{
	uint32_t bit = output ? arc->src_bit : arc->dst_bit;

	if (NDF_UNLIKELY(bit == NDF_WIDE))
		ndf_wide_lose(engine, arc, output);
	else
		n->have &= ~(1u << bit);
}

NDF_INLINE uint64_t ndf_peek(const struct ndf_arc *arc)
{
	return arc->words[(arc->pushed - arc->count) & arc->ring];
}

/* Node n takes the oldest token. */
NDF_INLINE uint64_t ndf_pop(struct rill_ndf_engine *engine, struct ndf_node *n, struct ndf_arc *arc,
			    const bool hooked)
{
	uint64_t word = ndf_peek(arc);

	if (hooked) {
		arc->count--;
		arc->owed++;
		if (!--arc->arrived)
			ndf_lose(engine, n, arc, false);
		engine->hooks.taken(engine->hooks.opaque, arc->id);
		return word;
	}
	if (arc->count-- == arc->capacity)
		ndf_gain(engine, arc, true, false);
	if (!arc->count)
		ndf_lose(engine, n, arc, false);
	return word;
}

/* Node n puts in a token; there is room. */
NDF_INLINE void ndf_push(struct rill_ndf_engine *engine, struct ndf_node *n, struct ndf_arc *arc, uint64_t word,
			 const bool hooked)
{
	arc->words[arc->pushed++ & arc->ring] = word;
	if (hooked) {
		if (++arc->count + arc->owed == arc->capacity)
			ndf_lose(engine, n, arc, true);
		engine->hooks.sent(engine->hooks.opaque, arc->id);
		return;
	}
	if (!arc->count++)
		ndf_gain(engine, arc, false, false);
	if (arc->count == arc->capacity)
		ndf_lose(engine, n, arc, true);
}

/* On every arc of an output port; arcs are numbered through the ports. */
NDF_INLINE void ndf_push_range(struct rill_ndf_engine *engine, struct ndf_node *n, uint32_t first, uint32_t end,
			       uint64_t word, const bool hooked)
{
	for (; first < end; first++)
		ndf_push(engine, n, ndf_arc_at(engine, engine->out_arcs[first]), word, hooked);
}

NDF_INLINE void ndf_push_port(struct rill_ndf_engine *engine, uint32_t node, unsigned int port, uint64_t word,
			      const bool hooked)
{
	const uint32_t *arcs = engine->program->port_arcs + engine->program->first_port[node] + port;

	ndf_push_range(engine, &engine->nodes[node], arcs[0], arcs[1], word, hooked);
}

/* The input arc of a port, for nodes that are not SIMPLE */
NDF_INLINE struct ndf_arc *ndf_input(const struct rill_ndf_engine *engine, const struct ndf_node *n,
				     unsigned int port)
{
	return ndf_arc_at(engine, engine->in_arcs[n->in + port]);
}

/*
 * A firing begins and ends with these. In between the node wants what never comes, so
 * that an arc to itself does not enqueue it.
 */
NDF_INLINE uint32_t ndf_begin(struct ndf_node *n)
{
	uint32_t want = n->want;

	n->want = UINT32_MAX;
	return want;
}

NDF_INLINE void ndf_finish(struct rill_ndf_engine *engine, uint32_t node, uint32_t want, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];

	if (NDF_UNLIKELY(n->fan == NDF_WIDE)) {
		engine->wide[engine->wide_at[node]].queued = false;
		ndf_wide_try(engine, node);
		return;
	}
	n->want = want;
	if (!(want & ~n->have))
		ndf_enabled(engine, node, hooked);
}

#endif
