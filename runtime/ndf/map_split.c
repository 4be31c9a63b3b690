// SPDX-License-Identifier: MIT
/*
 * Cutting a where into lanes. Lane 0 stays in the node's place, the others become nodes at the end. Each has all
 * patterns, restricted to its ports, and its own arc from the switch.
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

void map_split_free(struct map_split *split)
{
	free(split->wheres);
	free(split->lanes);
	memset(split, 0, sizeof(*split));
}

/* own[node's number among wheres][output]; a where that switches itself is marked by `self`. */
static void find_own(const struct rill_graph *graph, const uint32_t *number, uint64_t (*own)[RILL_NDF_MAX_PORTS],
		     bool *self)
{
	uint32_t i;

	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[i];
		const struct graph_node *node = &graph->nodes[arc->dst];
		uint32_t port = rill_graph_arc_port(graph, arc);

		if (arc->src != arc->dst || node->kind != RILL_NDF_WHERE)
			continue;
		if (port == rill_graph_data_inputs(node))
			self[number[arc->dst]] = true;
		else
			own[number[arc->dst]][arc->src_port] |= 1ULL << port;
	}
}

static void look_at(const struct rill_graph *graph, const uint32_t *number, struct map_split *split,
		    uint64_t (*own)[RILL_NDF_MAX_PORTS], const bool *self)
{
	uint32_t i;

	for (i = 0; i < graph->node_count; i++) {
		struct map_lanes *lanes = &split->lanes[split->count];

		if (graph->nodes[i].kind != RILL_NDF_WHERE || self[number[i]])
			continue;
		map_find_lanes(&graph->nodes[i], own[number[i]], lanes);
		if (lanes->count > 1)
			split->wheres[split->count++] = i;
	}
}

bool map_split_find(const struct rill_graph *graph, struct map_split *split)
{
	uint32_t i, wheres = 0, *number = calloc(graph->node_count + 1, sizeof(*number));
	uint64_t (*own)[RILL_NDF_MAX_PORTS];
	bool *self, ok;

	for (i = 0; number && i < graph->node_count; i++) {
		number[i] = wheres;
		wheres += graph->nodes[i].kind == RILL_NDF_WHERE;
	}
	own = calloc(wheres + 1, sizeof(*own));
	self = calloc(wheres + 1, sizeof(*self));
	*split = (struct map_split){
		.wheres = calloc(wheres + 1, sizeof(*split->wheres)),
		.lanes = calloc(wheres + 1, sizeof(*split->lanes)),
	};
	ok = number && own && self && split->wheres && split->lanes;
	if (ok) {
		find_own(graph, number, own, self);
		look_at(graph, number, split, own, self);
	} else {
		map_split_free(split);
	}
	free(number);
	free(own);
	free(self);
	return ok;
}

/* ---- one lane ---- */

/* INDEX and MASK as a table: what the switch token takes part in */
static uint64_t rows_of(const struct graph_node *node, uint32_t token)
{
	return node->mode == RILL_NDF_INDEX ? 1ULL << token : token;
}

static uint32_t pattern_count(const struct graph_node *node)
{
	return node->mode == RILL_NDF_MASK ? 1u << node->where.count : node->where.count;
}

static void full_pattern(const struct graph_node *node, uint32_t k, struct rill_where_pattern *pattern)
{
	uint32_t r;

	if (node->mode <= RILL_NDF_TABLE) {
		*pattern = node->where.patterns[k];
		return;
	}
	*pattern = (struct rill_where_pattern){ 0 };
	memset(pattern->from, RILL_NDF_NO_INPUT, sizeof(pattern->from));
	for (r = 0; r < node->where.count; r++) {
		if (!(rows_of(node, k) >> r & 1))
			continue;
		pattern->from[r] = node->where.rows[r];
		pattern->need |= 1ULL << node->where.rows[r];
	}
	pattern->cons = pattern->need;
}

/* The bits of those inputs that are in the lane, close together */
static uint64_t restricted(uint64_t inputs, const struct map_lanes *lanes, uint32_t count, uint32_t lane)
{
	uint64_t mask = 0;
	uint32_t i, at = 0;

	for (i = 0; i < count; i++) {
		if (lanes->input[i] == lane)
			mask |= (inputs >> i & 1) << at++;
	}
	return mask;
}

/* How many ports before this one are in its lane: its number there */
static uint32_t port_in_lane(const uint8_t *lane, uint32_t port)
{
	uint32_t i, at = 0;

	for (i = 0; i < port; i++)
		at += lane[i] == lane[port];
	return at;
}

static void lane_pattern(const struct graph_node *node, const struct map_lanes *lanes, uint32_t lane,
			 const struct rill_where_pattern *full, struct rill_where_pattern *pattern)
{
	uint32_t inputs = rill_graph_data_inputs(node), o, at = 0;

	pattern->need = restricted(full->need, lanes, inputs, lane);
	pattern->cons = restricted(full->cons, lanes, inputs, lane);
	memset(pattern->from, RILL_NDF_NO_INPUT, sizeof(pattern->from));
	for (o = 0; o < node->outputs; o++) {
		if (lanes->output[o] != lane)
			continue;
		if (full->from[o] != RILL_NDF_NO_INPUT)
			pattern->from[at] = (uint8_t)port_in_lane(lanes->input, full->from[o]);
		at++;
	}
}

static uint32_t count_in(const uint8_t *of, uint32_t ports, uint32_t lane)
{
	uint32_t i, count = 0;

	for (i = 0; i < ports; i++)
		count += of[i] == lane;
	return count;
}

/* From malloc(); NULL: out of memory. */
static struct rill_where_pattern *lane_patterns(const struct graph_node *node, const struct map_lanes *lanes,
						uint32_t lane)
{
	uint32_t k, count = pattern_count(node);
	struct rill_where_pattern full, *patterns = calloc(count, sizeof(*patterns));

	for (k = 0; patterns && k < count; k++) {
		full_pattern(node, k, &full);
		lane_pattern(node, lanes, lane, &full, &patterns[k]);
	}
	return patterns;
}

/* ---- the whole ---- */

/* Nodes for all lanes but the first; *first is the first of them. */
static bool add_lanes(struct rill_graph *graph, uint32_t where, const struct map_lanes *lanes, uint32_t *first)
{
	uint32_t lane, inputs = rill_graph_data_inputs(&graph->nodes[where]);
	char name[200];

	*first = graph->node_count;
	for (lane = 1; lane < lanes->count; lane++) {
		const struct graph_node *node = &graph->nodes[where];
		struct rill_where_pattern *patterns = lane_patterns(node, lanes, lane);
		bool named = node->name && strlen(node->name) < sizeof(name) - 6;
		uint32_t made;

		if (!patterns)
			return rill_graph_no_memory(graph);
		if (named)
			snprintf(name, sizeof(name), "%s.lane", node->name);
		graph->line = node->line;
		graph->column = node->column;
		made = rill_graph_where(graph, named ? name : NULL,
					node->mode == RILL_NDF_STATIC ? RILL_NDF_STATIC : RILL_NDF_TABLE,
					count_in(lanes->input, inputs, lane),
					count_in(lanes->output, node->outputs, lane), patterns, pattern_count(node));
		free(patterns);
		if (made == RILL_NDF_NONE)
			return false;
		graph->nodes[made].chiplet = graph->nodes[where].chiplet;
	}
	return true;
}

/* The node becomes its own lane 0. */
static bool shrink(struct rill_graph *graph, uint32_t where, const struct map_lanes *lanes)
{
	struct graph_node *node = &graph->nodes[where];
	struct rill_where_pattern *patterns = lane_patterns(node, lanes, 0);
	uint32_t inputs = rill_graph_data_inputs(node);

	if (!patterns)
		return rill_graph_no_memory(graph);
	node->where.count = pattern_count(node);
	free(node->where.patterns);
	node->where.patterns = patterns;
	if (node->mode != RILL_NDF_STATIC)
		node->mode = RILL_NDF_TABLE;
	node->inputs = count_in(lanes->input, inputs, 0) + (node->mode != RILL_NDF_STATIC);
	node->outputs = count_in(lanes->output, node->outputs, 0);
	return true;
}

/* What is cut: where its lanes are */
struct cut {
	const struct map_lanes *lanes;	/* NULL: whole */
	uint32_t first, inputs;		/* lanes 1..; data inputs that there were */
};

static uint32_t lane_node(const struct cut *cut, uint32_t node, uint32_t lane)
{
	return lane ? cut->first + lane - 1 : node;
}

/* Each lane gets what the switch's arc brings. */
static void share_switch(struct rill_graph *graph, uint32_t i, const struct cut *cut)
{
	uint32_t lane, k, made;

	graph->arcs[i].dst_port = RILL_PORT_LAST;
	for (lane = 1; lane < cut->lanes->count; lane++) {
		const struct graph_arc arc = graph->arcs[i];

		graph->line = arc.line;
		graph->column = arc.column;
		made = rill_graph_arc(graph, arc.src, arc.src_port, lane_node(cut, arc.dst, lane), RILL_PORT_LAST,
				      arc.capacity);
		for (k = 0; k < arc.token_count; k++)
			rill_graph_token(graph, made, arc.tokens[k]);
	}
}

static void lead(struct rill_graph *graph, const struct cut *cuts)
{
	uint32_t i, count = graph->arc_count;

	for (i = 0; i < count && !graph->failed; i++) {
		struct graph_arc *arc = &graph->arcs[i];
		const struct cut *from = &cuts[arc->src], *to = &cuts[arc->dst];

		if (from->lanes) {
			uint32_t port = arc->src_port;

			arc->src_port = port_in_lane(from->lanes->output, port);
			arc->src = lane_node(from, arc->src, from->lanes->output[port]);
		}
		if (!to->lanes)
			continue;
		if (arc->dst_port == RILL_PORT_LAST || arc->dst_port == to->inputs) {
			share_switch(graph, i, to);
		} else {
			uint32_t port = arc->dst_port;

			arc->dst_port = port_in_lane(to->lanes->input, port);
			arc->dst = lane_node(to, arc->dst, to->lanes->input[port]);
		}
	}
}

bool map_split_apply(struct rill_graph *graph, const struct map_split *split, const bool *chosen)
{
	uint32_t i, nodes = graph->node_count;
	struct cut *cuts = calloc(nodes + 1, sizeof(*cuts));

	if (!cuts)
		return rill_graph_no_memory(graph);
	for (i = 0; i < split->count && !graph->failed; i++) {
		struct cut *cut = &cuts[split->wheres[i]];

		if (chosen && !chosen[i])
			continue;
		cut->inputs = rill_graph_data_inputs(&graph->nodes[split->wheres[i]]);
		if (!add_lanes(graph, split->wheres[i], &split->lanes[i], &cut->first) ||
		    !shrink(graph, split->wheres[i], &split->lanes[i]))
			break;
		cut->lanes = &split->lanes[i];
	}
	if (!graph->failed)
		lead(graph, cuts);
	free(cuts);
	return !graph->failed;
}
