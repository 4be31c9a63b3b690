// SPDX-License-Identifier: MIT
/* What the validator says of a binary, in terms of the graph that it came from. */
#include "verdict.h"

#include <endian.h>
#include <string.h>

#include "ndf/ndf.h"

static void node_text(const struct rill_graph *graph, uint32_t node, char *text, size_t size)
{
	if (node < graph->node_count && graph->nodes[node].name)
		snprintf(text, size, "%s", graph->nodes[node].name);
	else
		snprintf(text, size, "#%u", node);
}

void rill_graph_arc_text(const struct rill_graph *graph, const struct graph_arc *arc, char *text, size_t size)
{
	char src[128], dst[128], port[16] = "switch";

	node_text(graph, arc->src, src, sizeof(src));
	node_text(graph, arc->dst, dst, sizeof(dst));
	if (arc->dst_port != RILL_PORT_LAST)
		snprintf(port, sizeof(port), "%u", arc->dst_port);
	else if (graph->nodes[arc->dst].kind == RILL_NDF_WHEN)
		strcpy(port, "teacher");
	snprintf(text, size, "%s:%u -> %s:%s", src, arc->src_port, dst, port);
}

static void blame_node(struct rill_graph *graph, uint32_t node, const char *what)
{
	char name[128];

	node_text(graph, node, name, sizeof(name));
	graph->line = graph->nodes[node].line;
	graph->column = graph->nodes[node].column;
	rill_graph_fail(graph, "node '%s': %s", name, what);
}

static void blame_arc(struct rill_graph *graph, const struct graph_arc *arc, const char *what)
{
	char text[300];

	rill_graph_arc_text(graph, arc, text, sizeof(text));
	graph->line = arc->line;
	graph->column = arc->column;
	rill_graph_fail(graph, "arc %s: %s", text, what);
}

/* The node in whose block a byte of the binary is; or node_count. */
static uint32_t block_owner(const struct rill_graph *graph, const uint8_t *binary, uint64_t byte)
{
	uint64_t at;
	uint32_t i, params;

	memcpy(&params, binary + offsetof(struct rill_ndf_header, params), sizeof(params));
	at = le32toh(params);
	for (i = 0; i < graph->node_count && at <= byte; i++) {
		at += rill_graph_block_bytes(&graph->nodes[i]);
		if (byte < at)
			return i;
	}
	return graph->node_count;
}

void rill_graph_blame(struct rill_graph *graph, const struct rill_ndf_verdict *verdict, const uint32_t *order,
		      const uint8_t *binary)
{
	const char *what = rill_ndf_code_text(le32toh(verdict->code));
	uint32_t unit = le32toh(verdict->unit), owner;
	uint64_t position = le64toh(verdict->position);

	if (le32toh(verdict->code) == RILL_NDF_VALID) {
		rill_graph_no_memory(graph);
		return;
	}
	if (unit == RILL_NDF_AT_NODE && position < graph->node_count) {
		blame_node(graph, (uint32_t)position, what);
	} else if (unit == RILL_NDF_AT_ARC && position < graph->arc_count) {
		blame_arc(graph, &graph->arcs[order[position]], what);
	} else {
		owner = unit == RILL_NDF_AT_BYTE ? block_owner(graph, binary, position) : graph->node_count;
		if (owner < graph->node_count)
			blame_node(graph, owner, what);
		else
			rill_graph_fail(graph, "%s (%s %llu)", what, rill_ndf_unit_text(unit),
					(unsigned long long)position);
	}
}
