/* SPDX-License-Identifier: MIT */
/* A graph from within. */
#ifndef RILL_NDF_GRAPH_H
#define RILL_NDF_GRAPH_H

#include "rill_dataflow.h"

/* WHEN and WHERE own what their blocks hold; a `where` of a flow grows while it is built. */
struct graph_when {
	struct rill_ndf_when scalar;
	uint64_t *need;
	int64_t *bias, *theta;
	int32_t *weights;
	struct rill_when_entry *table;
	struct rill_plastic *plastic;
};

struct graph_where {
	struct rill_where_pattern *patterns;
	uint32_t count;				/* patterns or rows */
	uint8_t rows[RILL_NDF_MAX_PORTS];
};

struct graph_source {
	uint64_t *words;
	uint32_t count;
};

struct graph_node {
	uint8_t kind, mode;
	uint32_t inputs, outputs;		/* inputs with switch or teacher */
	uint16_t flags, chiplet;
	uint32_t param;				/* an OP's */
	uint64_t imm;
	char *name;
	uint32_t line, column;			/* where its text is; 0: it has none */
	union {
		struct graph_when when;
		struct graph_where where;
		struct graph_source source;
	};
};

struct graph_arc {
	uint32_t src, dst;
	uint32_t src_port, dst_port;		/* dst_port: or RILL_PORT_LAST */
	uint32_t capacity, token_count;
	uint64_t *tokens;
	uint32_t line, column;
};

struct rill_graph {
	char *name;
	char error[RILL_GRAPH_ERROR_BYTES];
	bool failed;
	uint32_t error_line, error_column;	/* of the node or arc at fault */
	uint32_t line, column;			/* for nodes and arcs that are made now */
	uint32_t default_capacity;
	uint64_t memory_bytes;
	uint8_t *data;
	uint32_t data_bytes;
	struct graph_node *nodes;
	uint32_t node_count, node_room;
	struct graph_arc *arcs;
	uint32_t arc_count, arc_room;
	uint32_t *buckets;			/* of names: node + 1 */
	uint32_t bucket_count, named;
};

/* Keep the first error; returns false. */
bool rill_graph_fail(struct rill_graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool rill_graph_no_memory(struct rill_graph *graph);
/* Room for `count` elements of `size`; *room is how many there is for. */
bool rill_graph_grow(void **array, uint32_t *room, uint32_t count, size_t size);
/* More memory of the program, zeros: its address, a multiple of 8; and what some of its memory begins with */
uint64_t rill_graph_more_memory(struct rill_graph *graph, uint32_t bytes);
bool rill_graph_data(struct rill_graph *graph, uint64_t address, const void *from, uint32_t bytes);

static inline bool rill_graph_switched(const struct graph_node *node)
{
	return node->kind == RILL_NDF_WHERE && node->mode != RILL_NDF_STATIC;
}

static inline bool rill_graph_teachable(const struct graph_node *node)
{
	return node->kind == RILL_NDF_WHEN && node->flags & RILL_NDF_WHEN_TEACHER;
}

/* Inputs without switch or teacher */
static inline uint32_t rill_graph_data_inputs(const struct graph_node *node)
{
	return node->inputs - (rill_graph_switched(node) || rill_graph_teachable(node) ? 1 : 0);
}

static inline uint32_t rill_graph_arc_port(const struct rill_graph *graph, const struct graph_arc *arc)
{
	return arc->dst_port == RILL_PORT_LAST ? graph->nodes[arc->dst].inputs - 1 : arc->dst_port;
}

/* Crossbars that grow: a port more; RILL_NDF_NONE if there is no room for it. */
uint32_t rill_graph_where_input(struct rill_graph *graph, uint32_t where);
uint32_t rill_graph_where_output(struct rill_graph *graph, uint32_t where);
/* At least so many patterns; the new ones are empty. */
bool rill_graph_where_patterns(struct rill_graph *graph, uint32_t where, uint32_t count);
void rill_graph_where_copy(struct rill_graph *graph, uint32_t where, uint32_t pattern, uint32_t output,
			   uint32_t input);
void rill_graph_where_take(struct rill_graph *graph, uint32_t where, uint32_t pattern, uint32_t input);

/* Of a node's parameter block in the binary; 0: it has none. */
uint64_t rill_graph_block_bytes(const struct graph_node *node);
/* Arcs in the order of the binary: numbers, from malloc(). */
uint32_t *rill_graph_arc_order(const struct rill_graph *graph);

/* Operations by name. operands: 0 for STREAM, which takes what it gets. */
struct rill_op_info {
	const char *name;
	uint8_t op, operands;
	bool memory;
};

const struct rill_op_info *rill_op_named(const char *name, size_t length);
const struct rill_op_info *rill_op_info(unsigned int op);
/* What is known already. False: it needs thought about rounding or signs, and is left to the chip. */
bool rill_op_fold(unsigned int op, uint64_t a, uint64_t b, uint64_t *word);

/* As names are written in text: [A-Za-z_][A-Za-z0-9_]*, parts joined by dots. */
bool rill_graph_plain_name(const char *name);

#endif
