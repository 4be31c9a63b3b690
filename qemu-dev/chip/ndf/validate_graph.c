// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: arcs and tokens, and what takes the whole graph to see. */
#include <stdlib.h>

#include "validate.h"

struct graph {
	struct ndf_check *check;
	struct ndf_view *view;
	uint32_t *first_in;	/* per node: number of its first input port among all input ports */
	uint64_t *fed;		/* bitmap of input ports that have an arc */
	uint8_t *primed;	/* per arc: it has initial tokens */
	uint32_t *waits;	/* per node: arcs without which it never fires */
	uint32_t *queue;	/* nodes */
};

static bool bad_arc(struct graph *g, enum rill_ndf_code code, uint32_t arc)
{
	return ndf_fail(g->check, code, RILL_NDF_AT_ARC, arc);
}

static bool check_arc_ends(struct graph *g, uint32_t i, const struct ndf_arc_desc *arc)
{
	struct ndf_node_desc src, dst;
	uint32_t port;

	if (arc->src >= g->view->node_count || arc->dst >= g->view->node_count)
		return bad_arc(g, RILL_NDF_BAD_ARC_NODE, i);
	src = ndf_view_node(g->view, arc->src);
	dst = ndf_view_node(g->view, arc->dst);
	if (arc->src_port >= src.outputs || arc->dst_port >= dst.inputs)
		return bad_arc(g, RILL_NDF_BAD_ARC_PORT, i);
	port = g->first_in[arc->dst] + arc->dst_port;
	if (g->fed[port / 64] >> port % 64 & 1)
		return bad_arc(g, RILL_NDF_TWO_PRODUCERS, i);
	g->fed[port / 64] |= 1ULL << port % 64;
	return true;
}

static bool check_arcs(struct graph *g)
{
	struct ndf_arc_desc last = { 0 };
	uint32_t i, slots = 0;

	for (i = 0; i < g->view->arc_count; i++) {
		const struct ndf_arc_desc arc = ndf_view_arc(g->view, i);

		if (!check_arc_ends(g, i, &arc))
			return false;
		if (arc.src < last.src || (arc.src == last.src && arc.src_port < last.src_port))
			return bad_arc(g, RILL_NDF_BAD_ARC_ORDER, i);
		slots += arc.capacity;
		if (!arc.capacity || arc.capacity > RILL_NDF_MAX_CAPACITY || slots > RILL_NDF_MAX_SLOTS)
			return bad_arc(g, RILL_NDF_BAD_CAPACITY, i);
		if (arc.reserved)
			return bad_arc(g, RILL_NDF_BAD_RESERVED, i);
		last = arc;
	}
	return true;
}

/* Arcs are sorted, so each output port must be met in turn. */
static bool check_connected(struct graph *g)
{
	uint32_t i, port, a = 0;

	for (i = 0; i < g->view->node_count; i++) {
		const struct ndf_node_desc node = ndf_view_node(g->view, i);

		for (port = g->first_in[i]; port < g->first_in[i] + node.inputs; port++) {
			if (!(g->fed[port / 64] >> port % 64 & 1))
				return ndf_fail(g->check, RILL_NDF_UNCONNECTED, RILL_NDF_AT_NODE, i);
		}
		for (port = 0; port < node.outputs; port++) {
			uint32_t first = a;

			while (a < g->view->arc_count && ndf_view_arc(g->view, a).src == i &&
			       ndf_view_arc(g->view, a).src_port == port)
				a++;
			if (a == first)
				return ndf_fail(g->check, RILL_NDF_UNCONNECTED, RILL_NDF_AT_NODE, i);
		}
	}
	return true;
}

/* The greatest switch token that the arc's consumer has a pattern for */
static uint64_t greatest_id(struct graph *g, const struct ndf_arc_desc *arc)
{
	const struct ndf_node_desc dst = ndf_view_node(g->view, arc->dst);
	uint32_t count;

	if (!ndf_has_switch(&dst) || arc->dst_port != dst.inputs - 1)
		return UINT64_MAX;
	count = NDF_LE32(ndf_view_block(g->view, &dst), rill_ndf_where, count);
	return dst.mode == RILL_NDF_MASK ? ndf_low_bits(count) : count - 1;
}

static bool check_tokens(struct graph *g)
{
	uint32_t i, last = 0, held = 0;

	for (i = 0; i < g->view->token_count; i++) {
		const uint8_t *token = ndf_view_token(g->view, i);
		uint32_t a = NDF_LE32(token, rill_ndf_token, arc);
		struct ndf_arc_desc arc;

		if (a >= g->view->arc_count || a < last)
			return ndf_fail(g->check, RILL_NDF_BAD_TOKEN_ARC, RILL_NDF_AT_TOKEN, i);
		if (NDF_LE32(token, rill_ndf_token, reserved))
			return ndf_fail(g->check, RILL_NDF_BAD_RESERVED, RILL_NDF_AT_TOKEN, i);
		held = a == last ? held + 1 : 1;
		arc = ndf_view_arc(g->view, a);
		if (held > arc.capacity)
			return ndf_fail(g->check, RILL_NDF_TOO_MANY_TOKENS, RILL_NDF_AT_TOKEN, i);
		if (NDF_LE64(token, rill_ndf_token, word) > greatest_id(g, &arc))
			return bad_arc(g, RILL_NDF_BAD_ID, a);
		g->primed[a] = 1;
		last = a;
	}
	return true;
}

static uint64_t greatest_emitted(struct graph *g, const struct ndf_node_desc *node)
{
	const uint8_t *block = ndf_view_block(g->view, node);
	unsigned int dims = block[offsetof(struct rill_ndf_when, dims)];
	unsigned int decode = block[offsetof(struct rill_ndf_when, decode)];
	const struct ndf_when_layout at = ndf_when_layout(block, node);
	uint32_t greatest = 0;
	const uint8_t *entry;

	if (decode != RILL_NDF_DECODE_TABLE)
		return decode == RILL_NDF_DECODE_WTA ? dims - 1 : ndf_low_bits(dims);
	for (entry = block + at.table; entry < block + at.plastic; entry += sizeof(struct rill_ndf_entry)) {
		uint32_t id = NDF_LE32(entry, rill_ndf_entry, id);

		greatest = id > greatest ? id : greatest;
	}
	return greatest;
}

/* What a WHEN emits straight into a switch must name a pattern. */
static bool check_ids(struct graph *g)
{
	uint64_t emitted = 0;
	uint32_t i, src = UINT32_MAX;

	for (i = 0; i < g->view->arc_count; i++) {
		const struct ndf_arc_desc arc = ndf_view_arc(g->view, i);

		if (arc.src != src) {
			const struct ndf_node_desc node = ndf_view_node(g->view, arc.src);

			src = arc.src;
			emitted = node.kind == RILL_NDF_WHEN ? greatest_emitted(g, &node) : 0;
		}
		if (emitted > greatest_id(g, &arc))
			return bad_arc(g, RILL_NDF_BAD_ID, i);
	}
	return true;
}

/* Does the consumer of the arc always wait for it? */
static bool always_waits(struct graph *g, uint32_t i, const struct ndf_arc_desc *arc)
{
	const struct ndf_node_desc dst = ndf_view_node(g->view, arc->dst);

	if (g->primed[i])
		return false;
	if (ndf_has_switch(&dst) && arc->dst_port == dst.inputs - 1)
		return true;
	if (dst.kind == RILL_NDF_WHEN && dst.flags & RILL_NDF_WHEN_TEACHER && arc->dst_port == dst.inputs - 1)
		return false;
	if (dst.kind == RILL_NDF_WHEN || dst.kind == RILL_NDF_WHERE)
		return g->check->always[arc->dst] >> arc->dst_port & 1;
	return true;
}

/* Some arc of a cycle among the nodes that still wait: go back until a node comes again. */
static bool report_cycle(struct graph *g)
{
	uint32_t i, node = UINT32_MAX, *from = g->queue;	/* per node: an arc that it waits for */

	for (i = 0; i < g->view->arc_count; i++) {
		const struct ndf_arc_desc arc = ndf_view_arc(g->view, i);

		if (always_waits(g, i, &arc) && g->waits[arc.src]) {
			from[arc.dst] = i;
			node = arc.dst;
		}
	}
	for (i = 0; i < g->view->node_count; i++)
		node = ndf_view_arc(g->view, from[node]).src;
	return bad_arc(g, RILL_NDF_DEAD_CYCLE, from[node]);
}

/* Nodes in the order in which they could fire for the first time; what is left waits for itself. */
static bool check_cycles(struct graph *g)
{
	uint32_t head, tail = 0, i, a, *first_out = calloc(g->view->node_count + 1ULL, sizeof(*first_out));

	if (!first_out)
		return false;
	for (i = 0; i < g->view->arc_count; i++) {
		const struct ndf_arc_desc arc = ndf_view_arc(g->view, i);

		first_out[arc.src + 1]++;
		g->waits[arc.dst] += always_waits(g, i, &arc);
	}
	for (i = 0; i < g->view->node_count; i++) {
		first_out[i + 1] += first_out[i];
		if (!g->waits[i])
			g->queue[tail++] = i;
	}
	for (head = 0; head < tail; head++) {
		i = g->queue[head];
		for (a = first_out[i]; a < first_out[i + 1]; a++) {
			const struct ndf_arc_desc arc = ndf_view_arc(g->view, a);

			if (always_waits(g, a, &arc) && !--g->waits[arc.dst])
				g->queue[tail++] = arc.dst;
		}
	}
	free(first_out);
	return tail == g->view->node_count || report_cycle(g);
}

static uint32_t number_inputs(struct graph *g)
{
	uint32_t i, ports = 0;

	for (i = 0; i < g->view->node_count; i++) {
		g->first_in[i] = ports;
		ports += ndf_view_node(g->view, i).inputs;
	}
	return ports;
}

bool ndf_check_graph(struct ndf_check *check)
{
	struct graph g = { .check = check, .view = &check->view };
	size_t nodes = check->view.node_count;
	bool ok = false;

	g.first_in = malloc(nodes * sizeof(*g.first_in));
	g.waits = calloc(nodes, sizeof(*g.waits));
	g.queue = malloc(nodes * sizeof(*g.queue));
	g.primed = calloc(check->view.arc_count + 1ULL, 1);
	if (g.first_in && g.waits && g.queue && g.primed) {
		g.fed = calloc(number_inputs(&g) / 64 + 1, sizeof(*g.fed));
		ok = g.fed && check_arcs(&g) && check_connected(&g) && check_tokens(&g) && check_ids(&g) &&
		     check_cycles(&g);
	}
	free(g.first_in);
	free(g.waits);
	free(g.queue);
	free(g.primed);
	free(g.fed);
	return ok;
}
