// SPDX-License-Identifier: MIT
/* Graphs: storage, names, errors. */
#include "graph.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool rill_graph_fail(struct rill_graph *graph, const char *format, ...)
{
	va_list args;

	if (graph->failed)
		return false;
	graph->failed = true;
	graph->error_line = graph->line;
	graph->error_column = graph->column;
	va_start(args, format);
	vsnprintf(graph->error, sizeof(graph->error), format, args);
	va_end(args);
	return false;
}

bool rill_graph_no_memory(struct rill_graph *graph)
{
	return rill_graph_fail(graph, "out of memory");
}

bool rill_graph_grow(void **array, uint32_t *room, uint32_t count, size_t size)
{
	uint64_t wanted = *room ? *room : 8;
	void *grown;

	if (count <= *room)
		return true;
	while (wanted < count)
		wanted *= 2;
	if (wanted > UINT32_MAX)
		return false;
	grown = realloc(*array, wanted * size);
	if (!grown)
		return false;
	*array = grown;
	*room = (uint32_t)wanted;
	return true;
}

struct rill_graph *rill_graph_new(const char *name)
{
	struct rill_graph *graph = calloc(1, sizeof(*graph));

	if (!graph)
		return NULL;
	graph->default_capacity = RILL_GRAPH_CAPACITY;
	if (name) {
		graph->name = strdup(name);
		if (!graph->name)
			rill_graph_no_memory(graph);
	}
	return graph;
}

static void free_node(struct graph_node *node)
{
	free(node->name);
	switch (node->kind) {
	case RILL_NDF_WHEN:
		free(node->when.need);
		free(node->when.bias);
		free(node->when.theta);
		free(node->when.weights);
		free(node->when.table);
		free(node->when.plastic);
		break;
	case RILL_NDF_WHERE:
		free(node->where.patterns);
		break;
	case RILL_NDF_SOURCE:
		free(node->source.words);
		break;
	}
}

void rill_graph_free(struct rill_graph *graph)
{
	uint32_t i;

	if (!graph)
		return;
	for (i = 0; i < graph->node_count; i++)
		free_node(&graph->nodes[i]);
	for (i = 0; i < graph->arc_count; i++)
		free(graph->arcs[i].tokens);
	free(graph->nodes);
	free(graph->arcs);
	free(graph->buckets);
	free(graph->data);
	free(graph->name);
	free(graph);
}

const char *rill_graph_error(const struct rill_graph *graph)
{
	return graph->failed ? graph->error : NULL;
}

const char *rill_graph_name(const struct rill_graph *graph)
{
	return graph->name ? graph->name : "";
}

void rill_graph_memory(struct rill_graph *graph, uint64_t bytes, const void *data, uint32_t data_bytes)
{
	if (graph->failed)
		return;
	if (bytes > RILL_NDF_MAX_MEMORY || data_bytes > bytes) {
		rill_graph_fail(graph, "memory of %llu bytes with %u bytes of data; the limit is %llu bytes",
				(unsigned long long)bytes, data_bytes, (unsigned long long)RILL_NDF_MAX_MEMORY);
		return;
	}
	free(graph->data);
	graph->data = NULL;
	graph->data_bytes = 0;
	graph->memory_bytes = bytes;
	if (!data_bytes)
		return;
	graph->data = malloc(data_bytes);
	if (!graph->data) {
		rill_graph_no_memory(graph);
		return;
	}
	memcpy(graph->data, data, data_bytes);
	graph->data_bytes = data_bytes;
}

uint64_t rill_graph_more_memory(struct rill_graph *graph, uint32_t bytes)
{
	uint64_t address = (graph->memory_bytes + 7) & ~7ULL;

	if (graph->failed)
		return 0;
	if (address + bytes > RILL_NDF_MAX_MEMORY) {
		rill_graph_fail(graph, "memory of %llu bytes, and %u more; the limit is %llu bytes",
				(unsigned long long)graph->memory_bytes, bytes,
				(unsigned long long)RILL_NDF_MAX_MEMORY);
		return 0;
	}
	graph->memory_bytes = address + bytes;
	return address;
}

bool rill_graph_data(struct rill_graph *graph, uint64_t address, const void *from, uint32_t bytes)
{
	uint64_t end = address + bytes;
	uint8_t *data;

	if (end > graph->memory_bytes || end > RILL_NDF_MAX_BYTES)
		return rill_graph_fail(graph, "data at %llu, of %u bytes: there is no room for it",
				       (unsigned long long)address, bytes);
	if (end > graph->data_bytes) {
		data = realloc(graph->data, end);
		if (!data)
			return rill_graph_no_memory(graph);
		memset(data + graph->data_bytes, 0, end - graph->data_bytes);
		graph->data = data;
		graph->data_bytes = (uint32_t)end;
	}
	memcpy(graph->data + address, from, bytes);
	return true;
}

/* ---- arcs ---- */

static bool check_end(struct rill_graph *graph, uint32_t node, uint32_t port, bool source)
{
	const struct graph_node *n;
	uint32_t ports;

	if (node >= graph->node_count)
		return rill_graph_fail(graph, "an arc %s node %u, but there are %u", source ? "from" : "to",
				       node, graph->node_count);
	n = &graph->nodes[node];
	ports = source ? n->outputs : n->inputs;
	if (!source && port == RILL_PORT_LAST && (rill_graph_switched(n) || rill_graph_teachable(n)))
		return true;
	if (port < ports)
		return true;
	return rill_graph_fail(graph, "an arc %s port %u of '%s', which has %u %s", source ? "from" : "to", port,
			       rill_graph_node_name(graph, node), ports, source ? "outputs" : "inputs");
}

uint32_t rill_graph_arc(struct rill_graph *graph, uint32_t src, uint32_t src_port, uint32_t dst,
			uint32_t dst_port, uint32_t capacity)
{
	if (graph->failed || !check_end(graph, src, src_port, true) || !check_end(graph, dst, dst_port, false))
		return RILL_NDF_NONE;
	if (!capacity)
		capacity = graph->default_capacity;
	if (capacity > RILL_NDF_MAX_CAPACITY) {
		rill_graph_fail(graph, "capacity %u of an arc; the limit is %u", capacity, RILL_NDF_MAX_CAPACITY);
		return RILL_NDF_NONE;
	}
	if (graph->arc_count == RILL_NDF_MAX_ARCS) {
		rill_graph_fail(graph, "more than %u arcs", RILL_NDF_MAX_ARCS);
		return RILL_NDF_NONE;
	}
	if (!rill_graph_grow((void **)&graph->arcs, &graph->arc_room, graph->arc_count + 1,
			     sizeof(*graph->arcs))) {
		rill_graph_no_memory(graph);
		return RILL_NDF_NONE;
	}
	graph->arcs[graph->arc_count] = (struct graph_arc){
		.src = src, .src_port = src_port, .dst = dst, .dst_port = dst_port, .capacity = capacity,
		.line = graph->line, .column = graph->column,
	};
	return graph->arc_count++;
}

void rill_graph_token(struct rill_graph *graph, uint32_t arc, uint64_t word)
{
	struct graph_arc *a;
	uint64_t *tokens;

	if (graph->failed)
		return;
	if (arc >= graph->arc_count) {
		rill_graph_fail(graph, "a token on arc %u, but there are %u", arc, graph->arc_count);
		return;
	}
	a = &graph->arcs[arc];
	if (a->token_count == a->capacity) {
		rill_graph_fail(graph, "more initial tokens on an arc than its capacity of %u", a->capacity);
		return;
	}
	tokens = realloc(a->tokens, (a->token_count + 1) * sizeof(*tokens));
	if (!tokens) {
		rill_graph_no_memory(graph);
		return;
	}
	tokens[a->token_count++] = word;
	a->tokens = tokens;
}

void rill_graph_capacity(struct rill_graph *graph, uint32_t capacity)
{
	uint32_t i;

	if (!capacity || capacity > RILL_NDF_MAX_CAPACITY) {
		rill_graph_fail(graph, "capacity %u is not in 1..%u", capacity, RILL_NDF_MAX_CAPACITY);
		return;
	}
	for (i = 0; i < graph->arc_count; i++) {
		struct graph_arc *arc = &graph->arcs[i];

		arc->capacity = capacity > arc->token_count ? capacity : arc->token_count;
	}
}

uint32_t *rill_graph_arc_order(const struct rill_graph *graph)
{
	uint32_t i, *order = malloc((graph->arc_count + 1) * sizeof(*order));
	uint32_t *slot = calloc(graph->node_count * 64ULL + 1, sizeof(*slot));

	if (!order || !slot) {
		free(order);
		free(slot);
		return NULL;
	}
	/* A counting sort by (src, src_port), which keeps the order of a port's arcs */
	for (i = 0; i < graph->arc_count; i++)
		slot[graph->arcs[i].src * 64 + graph->arcs[i].src_port + 1]++;
	for (i = 0; i < graph->node_count * 64; i++)
		slot[i + 1] += slot[i];
	for (i = 0; i < graph->arc_count; i++)
		order[slot[graph->arcs[i].src * 64 + graph->arcs[i].src_port]++] = i;
	free(slot);
	return order;
}
