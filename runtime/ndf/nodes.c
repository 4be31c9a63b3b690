// SPDX-License-Identifier: MIT
/* Graphs: making nodes. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

/* NULL after an error. The node is the graph's last. */
static struct graph_node *new_node(struct rill_graph *graph, const char *name, enum rill_ndf_kind kind,
				   uint32_t mode, uint32_t inputs, uint32_t outputs)
{
	struct graph_node *node;

	if (graph->failed)
		return NULL;
	if (graph->node_count == RILL_NDF_MAX_NODES) {
		rill_graph_fail(graph, "more than %u nodes", RILL_NDF_MAX_NODES);
		return NULL;
	}
	if (inputs > RILL_NDF_MAX_PORTS + 1 || outputs > RILL_NDF_MAX_PORTS) {
		rill_graph_fail(graph, "node '%s' has %u inputs and %u outputs; the limit is %u each",
				name ? name : "", inputs, outputs, RILL_NDF_MAX_PORTS);
		return NULL;
	}
	if (!rill_graph_grow((void **)&graph->nodes, &graph->node_room, graph->node_count + 1,
			     sizeof(*graph->nodes))) {
		rill_graph_no_memory(graph);
		return NULL;
	}
	node = &graph->nodes[graph->node_count];
	*node = (struct graph_node){
		.kind = kind, .mode = (uint8_t)mode, .inputs = inputs, .outputs = outputs,
		.line = graph->line, .column = graph->column,
	};
	graph->node_count++;
	if (name && !rill_graph_name_node(graph, graph->node_count - 1, name, false))
		return NULL;
	return node;
}

static uint32_t number(struct rill_graph *graph, bool ok)
{
	if (!ok)
		rill_graph_no_memory(graph);
	return graph->failed ? RILL_NDF_NONE : graph->node_count - 1;
}

/* A copy of count elements, from malloc(); count 0 gives NULL, which is fine. */
static bool duplicate(void *to, const void *from, uint64_t count, size_t size)
{
	void *copy = NULL;

	if (count) {
		copy = malloc(count * size);
		if (!copy)
			return false;
		if (from)
			memcpy(copy, from, count * size);
		else
			memset(copy, 0, count * size);
	}
	memcpy(to, &copy, sizeof(copy));
	return true;
}

uint32_t rill_graph_source(struct rill_graph *graph, const char *name, const uint64_t *words, uint32_t count)
{
	struct graph_node *node = new_node(graph, name, RILL_NDF_SOURCE, 0, 0, 1);

	if (!node)
		return RILL_NDF_NONE;
	node->source.count = count;
	return number(graph, duplicate(&node->source.words, words, count, sizeof(*words)));
}

uint32_t rill_graph_sink(struct rill_graph *graph, const char *name, enum rill_ndf_sink_mode mode, uint64_t imm)
{
	struct graph_node *node = new_node(graph, name, RILL_NDF_SINK, mode, 1, 0);

	if (!node)
		return RILL_NDF_NONE;
	node->imm = imm;
	return graph->node_count - 1;
}

uint32_t rill_graph_op(struct rill_graph *graph, const char *name, enum rill_ndf_op op, uint32_t inputs,
		       uint32_t outputs)
{
	return new_node(graph, name, RILL_NDF_OP, op, inputs, outputs) ? graph->node_count - 1 : RILL_NDF_NONE;
}

static struct graph_node *find_op(struct rill_graph *graph, uint32_t op)
{
	if (graph->failed)
		return NULL;
	if (op < graph->node_count && graph->nodes[op].kind == RILL_NDF_OP)
		return &graph->nodes[op];
	rill_graph_fail(graph, "node %u is no OP", op);
	return NULL;
}

void rill_graph_op_imm(struct rill_graph *graph, uint32_t op, uint32_t operand, uint64_t word)
{
	struct graph_node *node = find_op(graph, op);

	if (!node)
		return;
	if (operand > 2) {
		rill_graph_fail(graph, "'%s': an immediate for operand %u; there are 0..2",
				rill_graph_node_name(graph, op), operand);
		return;
	}
	node->flags = (uint16_t)((node->flags & ~RILL_NDF_OP_IMM_MASK) | RILL_NDF_OP_IMM(operand));
	node->imm = word;
}

void rill_graph_op_param(struct rill_graph *graph, uint32_t op, uint32_t flags, uint32_t param)
{
	struct graph_node *node = find_op(graph, op);

	if (!node)
		return;
	node->flags = (uint16_t)((node->flags & RILL_NDF_OP_IMM_MASK) | (flags & ~RILL_NDF_OP_IMM_MASK));
	node->param = param;
}

static bool copy_when(struct graph_when *when, const struct rill_when_spec *spec)
{
	uint64_t entries = spec->table ? (uint64_t)spec->when.states << spec->when.dims : 0;
	uint64_t all = spec->mode == RILL_NDF_EVENT ? 0 : spec->inputs >= 64 ? ~0ULL : (1ULL << spec->inputs) - 1;
	uint32_t i;

	if (!duplicate(&when->need, spec->need, spec->when.states, 8) ||
	    !duplicate(&when->bias, spec->bias, spec->when.dims, 8) ||
	    !duplicate(&when->theta, spec->theta, spec->when.dims, 8) ||
	    !duplicate(&when->weights, spec->weights, (uint64_t)spec->inputs * spec->when.dims, 4) ||
	    !duplicate(&when->table, spec->table, entries, sizeof(*spec->table)) ||
	    !duplicate(&when->plastic, spec->plastic, spec->plastic ? 1 : 0, sizeof(*spec->plastic)))
		return false;
	for (i = 0; !spec->need && i < spec->when.states; i++)
		when->need[i] = all;
	return true;
}

uint32_t rill_graph_when(struct rill_graph *graph, const char *name, const struct rill_when_spec *spec)
{
	bool taught = spec->plastic && spec->plastic->rule != RILL_NDF_RULE_NONE;
	bool table = spec->when.decode == RILL_NDF_DECODE_TABLE;
	struct graph_node *node;

	if (spec->when.dims > RILL_NDF_MAX_DIMS || spec->when.states > RILL_NDF_MAX_STATES ||
	    table != !!spec->table ||
	    (table && (uint64_t)spec->when.states << spec->when.dims > RILL_NDF_MAX_ENTRIES)) {
		rill_graph_fail(graph, "when '%s': %u dimensions, %u states; limits: %u, %u, a table of %u entries",
				name ? name : "", spec->when.dims, spec->when.states, RILL_NDF_MAX_DIMS,
				RILL_NDF_MAX_STATES, RILL_NDF_MAX_ENTRIES);
		return RILL_NDF_NONE;
	}
	node = new_node(graph, name, RILL_NDF_WHEN, spec->mode, spec->inputs + taught, 1);
	if (!node)
		return RILL_NDF_NONE;
	node->flags = (spec->plastic ? RILL_NDF_WHEN_PLASTIC : 0) | (taught ? RILL_NDF_WHEN_TEACHER : 0);
	node->when.scalar = spec->when;
	return number(graph, copy_when(&node->when, spec));
}

uint32_t rill_graph_where(struct rill_graph *graph, const char *name, enum rill_ndf_where_mode mode,
			  uint32_t inputs, uint32_t outputs, const struct rill_where_pattern *patterns,
			  uint32_t count)
{
	struct graph_node *node;

	if (!count || count > RILL_NDF_MAX_PATTERNS) {
		rill_graph_fail(graph, "where '%s': %u patterns, not 1..%u", name ? name : "", count,
				RILL_NDF_MAX_PATTERNS);
		return RILL_NDF_NONE;
	}
	node = new_node(graph, name, RILL_NDF_WHERE, mode, inputs + (mode != RILL_NDF_STATIC), outputs);
	if (!node)
		return RILL_NDF_NONE;
	node->where.count = count;
	if (!duplicate(&node->where.patterns, patterns, count, sizeof(*patterns)))
		return number(graph, false);
	if (!patterns) {
		uint32_t i;

		for (i = 0; i < count; i++)
			memset(node->where.patterns[i].from, RILL_NDF_NO_INPUT, RILL_NDF_MAX_PORTS);
	}
	return graph->node_count - 1;
}

uint32_t rill_graph_where_rows(struct rill_graph *graph, const char *name, enum rill_ndf_where_mode mode,
			       uint32_t inputs, uint32_t outputs, const uint8_t *from, uint32_t rows,
			       bool packed)
{
	struct graph_node *node;

	if (!rows || rows > RILL_NDF_MAX_PORTS) {
		rill_graph_fail(graph, "where '%s': %u rows, not 1..%u", name ? name : "", rows,
				RILL_NDF_MAX_PORTS);
		return RILL_NDF_NONE;
	}
	node = new_node(graph, name, RILL_NDF_WHERE, mode, inputs + 1, outputs);
	if (!node)
		return RILL_NDF_NONE;
	node->flags = packed ? RILL_NDF_WHERE_PACKED : 0;
	node->where.count = rows;
	memcpy(node->where.rows, from, rows);
	return graph->node_count - 1;
}

void rill_graph_place(struct rill_graph *graph, uint32_t node, uint32_t chiplet)
{
	if (graph->failed)
		return;
	if (node >= graph->node_count || chiplet >= RILL_NDF_MAX_CHIPLETS)
		rill_graph_fail(graph, "node %u on chiplet %u; there are %u nodes, and chiplets 0..%u", node,
				chiplet, graph->node_count, RILL_NDF_MAX_CHIPLETS - 1);
	else
		graph->nodes[node].chiplet = (uint16_t)chiplet;
}

uint32_t rill_graph_placed(const struct rill_graph *graph, uint32_t node)
{
	return node < graph->node_count ? graph->nodes[node].chiplet : 0;
}

uint32_t rill_graph_where_input(struct rill_graph *graph, uint32_t where)
{
	struct graph_node *node;

	if (graph->failed)
		return RILL_NDF_NONE;
	node = &graph->nodes[where];
	if (rill_graph_data_inputs(node) == RILL_NDF_MAX_PORTS) {
		rill_graph_fail(graph, "'%s' routes more than %u values in", node->name, RILL_NDF_MAX_PORTS);
		return RILL_NDF_NONE;
	}
	node->inputs++;
	return rill_graph_data_inputs(node) - 1;
}

uint32_t rill_graph_where_output(struct rill_graph *graph, uint32_t where)
{
	struct graph_node *node;

	if (graph->failed)
		return RILL_NDF_NONE;
	node = &graph->nodes[where];
	if (node->outputs == RILL_NDF_MAX_PORTS) {
		rill_graph_fail(graph, "'%s' routes more than %u values out", node->name, RILL_NDF_MAX_PORTS);
		return RILL_NDF_NONE;
	}
	return node->outputs++;
}

bool rill_graph_where_patterns(struct rill_graph *graph, uint32_t where, uint32_t count)
{
	struct graph_where *w;
	struct rill_where_pattern *patterns;

	if (graph->failed)
		return false;
	w = &graph->nodes[where].where;
	patterns = realloc(w->patterns, count * sizeof(*patterns));
	if (!patterns)
		return rill_graph_no_memory(graph);
	w->patterns = patterns;
	for (; w->count < count; w->count++) {
		memset(&patterns[w->count], 0, sizeof(*patterns));
		memset(patterns[w->count].from, RILL_NDF_NO_INPUT, RILL_NDF_MAX_PORTS);
	}
	return true;
}

void rill_graph_where_copy(struct rill_graph *graph, uint32_t where, uint32_t pattern, uint32_t output,
			   uint32_t input)
{
	struct rill_where_pattern *p;

	if (graph->failed)
		return;
	p = &graph->nodes[where].where.patterns[pattern];
	p->from[output] = (uint8_t)input;
	p->need |= 1ULL << input;
}

void rill_graph_where_take(struct rill_graph *graph, uint32_t where, uint32_t pattern, uint32_t input)
{
	struct rill_where_pattern *p;

	if (graph->failed)
		return;
	p = &graph->nodes[where].where.patterns[pattern];
	p->need |= 1ULL << input;
	p->cons |= 1ULL << input;
}

void rill_graph_count(const struct rill_graph *graph, struct rill_graph_counts *counts)
{
	uint32_t i;

	*counts = (struct rill_graph_counts){ .nodes = graph->node_count, .arcs = graph->arc_count };
	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		counts->ops += node->kind == RILL_NDF_OP;
		counts->whens += node->kind == RILL_NDF_WHEN;
		counts->wheres += node->kind == RILL_NDF_WHERE;
		counts->sources += node->kind == RILL_NDF_SOURCE;
		counts->sinks += node->kind == RILL_NDF_SINK;
		if (node->kind == RILL_NDF_WHERE)
			counts->crosspoints += (uint64_t)rill_graph_data_inputs(node) * node->outputs;
		if (node->kind == RILL_NDF_WHERE || node->kind == RILL_NDF_WHEN)
			counts->table_bytes += rill_graph_block_bytes(node);
	}
}
