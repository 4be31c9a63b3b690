// SPDX-License-Identifier: MIT
/* Flows: their beginning and end. */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

struct rill_flow *rill_flow_new(const char *name, enum rill_form form)
{
	struct rill_flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return NULL;
	flow->graph = rill_graph_new(name);
	if (!flow->graph) {
		free(flow);
		return NULL;
	}
	flow->form = form;
	flow->activations = 1;
	rill_flow_var(flow, "memory");
	flow->current = rill_flow_region(flow, REGION_TOP, FLOW_NONE, 0, 0);
	return flow;
}

void rill_flow_capacity(struct rill_flow *flow, uint32_t capacity)
{
	if (!capacity || capacity > RILL_NDF_MAX_CAPACITY)
		rill_flow_fail(flow, "capacity %u is not in 1..%u", capacity, RILL_NDF_MAX_CAPACITY);
	else
		flow->graph->default_capacity = capacity;
}

void rill_flow_at(struct rill_flow *flow, uint32_t line, uint32_t column)
{
	flow->graph->line = line;
	flow->graph->column = column;
}

void rill_flow_memory(struct rill_flow *flow, uint64_t bytes, const void *data, uint32_t data_bytes)
{
	rill_graph_memory(flow->graph, bytes, data, data_bytes);
}

const char *rill_flow_error(const struct rill_flow *flow)
{
	return rill_graph_error(flow->graph);
}

uint32_t rill_flow_control_nodes(const struct rill_flow *flow)
{
	return flow->control_nodes;
}

static void free_region(struct flow_region *region)
{
	free(region->env);
	free(region->env_index);
	free(region->imports);
	free(region->consts);
}

static void free_branch(struct flow_branch *branch)
{
	uint32_t i;

	for (i = 0; i < branch->count; i++)
		free(branch->slots[i]);
	free(branch->slots);
	free(branch->decision);
	free(branch->label);
	rill_crossbar_free(&branch->split);
	rill_crossbar_free(&branch->join);
	free(branch);
}

static void free_loop(struct flow_loop *loop)
{
	free(loop->label);
	free(loop->first);
	free(loop->again);
	free(loop->slots);
	rill_crossbar_free(&loop->merge);
	rill_crossbar_free(&loop->split);
	free(loop);
}

static void free_function(struct flow_function *function)
{
	free(function->name);
	free(function->param_ports);
	free(function->result_values);
	rill_crossbar_free(&function->call);
	rill_crossbar_free(&function->back);
	free(function);
}

void rill_flow_free(struct rill_flow *flow)
{
	uint32_t i;

	if (!flow)
		return;
	for (i = 0; i < flow->region_count; i++)
		free_region(&flow->regions[i]);
	for (i = 0; i < flow->var_count; i++)
		free(flow->vars[i]);
	for (i = 0; i < flow->branch_count; i++)
		free_branch(flow->branches[i]);
	for (i = 0; i < flow->loop_count; i++)
		free_loop(flow->loops[i]);
	for (i = 0; i < flow->function_count; i++)
		free_function(flow->functions[i]);
	for (i = 0; i < flow->call_count; i++) {
		free(flow->calls[i].args);
		free(flow->calls[i].ports);
	}
	for (i = 0; i < RILL_FLOW_MAX_DEPTH; i++)
		free(flow->cases[i]);
	free(flow->regions);
	free(flow->vars);
	free(flow->branches);
	free(flow->loops);
	free(flow->functions);
	free(flow->calls);
	free(flow->ops);
	rill_graph_free(flow->graph);
	free(flow);
}

/* What a node gives and nobody takes, such as a load's value: a sink that takes all. */
static void drain(struct rill_flow *flow)
{
	struct rill_graph *graph = flow->graph;
	uint32_t i, port, node, count = graph->node_count;
	uint64_t *used = calloc(count + 1, sizeof(*used));

	if (!used) {
		rill_graph_no_memory(graph);
		return;
	}
	for (i = 0; i < graph->arc_count; i++)
		used[graph->arcs[i].src] |= 1ULL << graph->arcs[i].src_port;
	for (i = 0; i < count; i++) {
		for (port = 0; port < graph->nodes[i].outputs; port++) {
			if (used[i] >> port & 1)
				continue;
			node = rill_graph_sink(graph, "unused", RILL_NDF_SINK_IGNORE, 0);
			rill_graph_arc(graph, i, port, node, 0, 0);
			if (graph->failed)
				break;
		}
		if (graph->failed)
			break;
	}
	free(used);
}

/* One input to one of several outputs is what INDEX says with a byte for each. */
static void simplify(struct graph_node *node)
{
	uint32_t k, o;

	if (node->kind != RILL_NDF_WHERE || node->mode != RILL_NDF_TABLE || node->inputs != 2 ||
	    node->outputs != node->where.count || node->where.count < 2)
		return;
	for (k = 0; k < node->where.count; k++) {
		for (o = 0; o < node->outputs; o++) {
			if ((node->where.patterns[k].from[o] == 0) != (o == k))
				return;
		}
		if (node->where.patterns[k].cons != 1)
			return;
	}
	free(node->where.patterns);
	node->where.patterns = NULL;
	node->mode = RILL_NDF_INDEX;
	memset(node->where.rows, 0, sizeof(node->where.rows));
}

static void finish_memory(struct rill_flow *flow)
{
	struct rill_value last = rill_flow_lookup(flow, FLOW_TOP, RILL_FLOW_MEMORY);
	uint32_t sink;

	if (last.kind == VALUE_NONE || last.kind == VALUE_MEMORY)
		return;
	last = rill_flow_use(flow, FLOW_TOP, last);
	sink = rill_graph_sink(flow->graph, "memory.done", RILL_NDF_SINK_COUNT, 1);
	rill_flow_connect(flow, last, sink, 0);
}

struct rill_graph *rill_flow_finish(struct rill_flow *flow)
{
	struct rill_graph *graph = flow->graph, *empty;
	struct rill_graph_counts counts;
	uint32_t i;

	if (!graph->failed && (flow->depth || flow->current != FLOW_TOP))
		rill_flow_fail(flow, "the program ends inside a control construct or function");
	if (!graph->failed)
		finish_memory(flow);
	rill_loop_settle(flow);
	rill_call_settle(flow);
	rill_call_finish(flow);
	rill_loop_finish(flow);
	if (!graph->failed)
		drain(flow);
	if (graph->failed)
		return NULL;
	/* INDEX is not how a gate or merge is made. */
	for (i = 0; i < graph->node_count && flow->form != RILL_CLASSIC; i++)
		simplify(&graph->nodes[i]);
	empty = rill_graph_new(NULL);
	if (!empty) {
		rill_graph_no_memory(graph);
		return NULL;
	}
	rill_graph_count(graph, &counts);
	flow->control_nodes = counts.whens + counts.wheres + flow->extra_control;
	flow->graph = empty;
	graph->line = 0;
	graph->column = 0;
	return graph;
}
