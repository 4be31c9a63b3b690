// SPDX-License-Identifier: MIT
/*
 * May lanes change what a program does? A where that is whole holds back one value for another, and what
 * relies on that must not be cut: EVENT nodes, the order of calls of the stream engine, and the order of memory
 * accesses unless a token of its own gives it. That is so if all accesses are threaded by one token, of which
 * only one copy ever gets on to another access: then there is one order, whatever else happens.
 */
#include "map.h"

#include <stdlib.h>

#include "ndf/layout.h"

static const char no_memory[] = "out of memory";
#define MAX_COPIES 64u	/* of one port that are compared */

static const char many_threads[] = "memory is not ordered by one token";

struct order {
	const struct rill_graph *graph;
	uint32_t *first;	/* [nodes + 1] into in */
	uint32_t *in;		/* arc of each input port */
	bool *threads;		/* arcs that carry what orders memory */
	bool *port_taken;	/* [nodes * 64] output ports that have such an arc */
	uint32_t *left;		/* such arcs, whose source is still to be looked at */
	uint32_t left_count;
	uint64_t tokens;	/* that there are to begin with */
	const char *unsafe;
};

static bool is_access(const struct graph_node *node)
{
	return node->kind == RILL_NDF_OP && ndf_is_memory_op(node->mode);
}

static bool is_threaded(const struct graph_node *node)
{
	return node->inputs + (node->flags & RILL_NDF_OP_IMM_MASK ? 1 : 0) > ndf_op_operands(node->mode);
}

/* The output that tells that the access is done; UINT32_MAX: it has none. */
static uint32_t done_port(const struct graph_node *node)
{
	return node->outputs > (node->mode == RILL_NDF_STORE ? 0 : 1) ? node->outputs - 1 : UINT32_MAX;
}

static void add_thread(struct order *order, uint32_t arc)
{
	const struct graph_arc *a = &order->graph->arcs[arc];

	if (order->threads[arc])
		return;
	order->port_taken[a->src * 64 + a->src_port] = true;
	order->threads[arc] = true;
	order->tokens += a->token_count;
	order->left[order->left_count++] = arc;
}

/* The input that may come out at this port; a copy beside the token would be a second one. */
static void follow_pattern(struct order *order, uint32_t where, uint32_t port,
			   const struct rill_where_pattern *pattern)
{
	uint32_t o, from = pattern->from[port];

	if (from == RILL_NDF_NO_INPUT)
		return;
	if (!(pattern->cons >> from & 1))
		order->unsafe = many_threads;
	for (o = 0; o < order->graph->nodes[where].outputs; o++) {
		if (o != port && pattern->from[o] == from && order->port_taken[where * 64 + o])
			order->unsafe = many_threads;
	}
	add_thread(order, order->in[order->first[where] + from]);
}

/* Rows are only followed where no input has two of them. */
static void follow_rows(struct order *order, uint32_t where, uint32_t port)
{
	const struct graph_node *node = &order->graph->nodes[where];
	bool packed = node->flags & RILL_NDF_WHERE_PACKED;
	uint64_t seen = 0;
	uint32_t r;

	for (r = 0; r < node->where.count; r++) {
		uint32_t from = node->where.rows[r];

		if (seen >> from & 1)
			order->unsafe = many_threads;
		seen |= 1ULL << from;
		if (packed || r == port)
			add_thread(order, order->in[order->first[where] + from]);
	}
}

static void follow(struct order *order, uint32_t arc)
{
	const struct graph_arc *a = &order->graph->arcs[arc];
	const struct graph_node *node = &order->graph->nodes[a->src];
	uint32_t k;

	if (node->kind == RILL_NDF_SOURCE && node->source.count) {
		order->tokens += node->source.count;
	} else if (node->kind == RILL_NDF_WHERE && node->mode <= RILL_NDF_TABLE) {
		for (k = 0; k < node->where.count; k++)
			follow_pattern(order, a->src, a->src_port, &node->where.patterns[k]);
	} else if (node->kind == RILL_NDF_WHERE) {
		follow_rows(order, a->src, a->src_port);
	} else if (!is_access(node) || a->src_port != done_port(node)) {
		order->unsafe = many_threads;
	}
}

/*
 * Patterns see only ports that were taken before them, so a port that is taken later makes
 * them worth another look.
 */
static void check_copies(struct order *order)
{
	uint32_t i, k, o;

	for (i = 0; i < order->graph->node_count && !order->unsafe; i++) {
		const struct graph_node *node = &order->graph->nodes[i];

		if (node->kind != RILL_NDF_WHERE || node->mode > RILL_NDF_TABLE)
			continue;
		for (o = 0; o < node->outputs; o++) {
			for (k = 0; order->port_taken[i * 64 + o] && k < node->where.count; k++)
				follow_pattern(order, i, o, &node->where.patterns[k]);
		}
	}
}

/* Does pattern k take the token that this arc brings, and does it send it on? */
static bool takes(const struct order *order, const struct graph_arc *arc, uint32_t k)
{
	return order->graph->nodes[arc->dst].where.patterns[k].cons >> arc->dst_port & 1;
}

static bool passes(const struct order *order, const struct graph_arc *arc, uint32_t k)
{
	const struct graph_node *node = &order->graph->nodes[arc->dst];
	uint32_t o;

	for (o = 0; o < node->outputs; o++) {
		if (node->where.patterns[k].from[o] == arc->dst_port && order->port_taken[arc->dst * 64 + o])
			return true;
	}
	return false;
}

static const struct graph_arc *switch_of(const struct order *order, uint32_t where)
{
	return &order->graph->arcs[order->in[order->first[where] + order->graph->nodes[where].inputs - 1]];
}

/* Do two wheres choose the same pattern for the same token? */
static bool in_step(const struct order *order, const struct graph_arc *a, const struct graph_arc *b)
{
	const struct graph_node *from = &order->graph->nodes[a->dst], *to = &order->graph->nodes[b->dst];
	const struct graph_arc *one, *other;
	uint32_t k;

	if (from->kind != RILL_NDF_WHERE || from->mode != RILL_NDF_TABLE || to->kind != RILL_NDF_WHERE ||
	    to->mode != RILL_NDF_TABLE || from->where.count != to->where.count)
		return false;
	one = switch_of(order, a->dst);
	other = switch_of(order, b->dst);
	if (one->src != other->src || one->src_port != other->src_port || one->token_count || other->token_count ||
	    a->token_count || b->token_count)
		return false;
	for (k = 0; k < from->where.count; k++) {
		if (takes(order, a, k) != takes(order, b, k) || (passes(order, a, k) && passes(order, b, k)))
			return false;
	}
	return true;
}

/* Of the copies that a port puts on its arcs, one at most may get on. */
static void check_port(struct order *order, const uint32_t *arcs, uint32_t count)
{
	const struct graph_arc *copies[MAX_COPIES];
	uint32_t i, k, n = 0;

	for (i = 0; i < count; i++) {
		if (!order->threads[arcs[i]])
			continue;
		if (n == MAX_COPIES) {
			order->unsafe = many_threads;
			return;
		}
		copies[n++] = &order->graph->arcs[arcs[i]];
		for (k = 0; k + 1 < n; k++) {
			if (!in_step(order, copies[k], copies[n - 1]))
				order->unsafe = many_threads;
		}
	}
}

static void check_ports(struct order *order)
{
	uint32_t i, end, *arcs = rill_graph_arc_order(order->graph);

	if (!arcs)
		order->unsafe = no_memory;
	for (i = 0; i < order->graph->arc_count && !order->unsafe; i = end) {
		const struct graph_arc *arc = &order->graph->arcs[arcs[i]];

		for (end = i + 1; end < order->graph->arc_count; end++) {
			const struct graph_arc *next = &order->graph->arcs[arcs[end]];

			if (next->src != arc->src || next->src_port != arc->src_port)
				break;
		}
		if (order->port_taken[arc->src * 64 + arc->src_port])
			check_port(order, arcs + i, end - i);
	}
	free(arcs);
}

static void trace(struct order *order)
{
	uint32_t i;

	for (i = 0; i < order->graph->node_count && !order->unsafe; i++) {
		const struct graph_node *node = &order->graph->nodes[i];

		if (!is_access(node))
			continue;
		if (is_threaded(node))
			add_thread(order, order->in[order->first[i] + node->inputs - 1]);
		else
			order->unsafe = many_threads;
	}
	while (order->left_count && !order->unsafe)
		follow(order, order->left[--order->left_count]);
	check_copies(order);
	if (!order->unsafe)
		check_ports(order);
	if (order->tokens > 1)
		order->unsafe = many_threads;
}

static const char *trace_memory(const struct rill_graph *graph)
{
	uint32_t i, ports = 0;
	struct order order = {
		.graph = graph,
		.first = calloc(graph->node_count + 1, sizeof(*order.first)),
		.in = calloc(graph->arc_count + 1, sizeof(*order.in)),
		.threads = calloc(graph->arc_count + 1, sizeof(*order.threads)),
		.port_taken = calloc(graph->node_count * 64ULL + 1, sizeof(*order.port_taken)),
		.left = calloc(graph->arc_count + 1, sizeof(*order.left)),
		.unsafe = no_memory,
	};

	if (order.first && order.in && order.threads && order.port_taken && order.left) {
		order.unsafe = NULL;
		for (i = 0; i < graph->node_count; i++) {
			order.first[i] = ports;
			ports += graph->nodes[i].inputs;
		}
		for (i = 0; i < graph->arc_count; i++)
			order.in[order.first[graph->arcs[i].dst] + rill_graph_arc_port(graph, &graph->arcs[i])] = i;
		trace(&order);
	}
	free(order.first);
	free(order.in);
	free(order.threads);
	free(order.port_taken);
	free(order.left);
	return order.unsafe;
}

const char *map_order_unsafe(const struct rill_graph *graph)
{
	uint32_t i, accesses = 0;
	bool writes = false;

	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		if (node->kind == RILL_NDF_WHEN && node->mode == RILL_NDF_EVENT)
			return "an EVENT when sees in what order tokens come";
		if (node->kind == RILL_NDF_OP && node->mode == RILL_NDF_STREAM)
			return "the stream engine sees in what order it is called";
		accesses += is_access(node);
		writes |= is_access(node) && node->mode != RILL_NDF_LOAD;
	}
	return writes && accesses > 1 ? trace_memory(graph) : NULL;
}
