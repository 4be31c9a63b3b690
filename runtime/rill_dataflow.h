/* SPDX-License-Identifier: MIT */
/*
 * librill, neuromorphic dataflow: graphs, structured programs that become graphs, their text
 * form (docs/ndf-language.rst), and running them in this process.
 *
 * The model, `where` and `when`, is that of arXiv 2408.01090; the binary form is
 * uapi/rill_ndf.h. Language, macros and lowerings are ours.
 *
 * A graph or a flow remembers its first error: later calls do nothing, and rill_graph_error() or
 * rill_flow_error() has the sentence. So a program is built without a check after each call.
 */
#ifndef RILL_DATAFLOW_H
#define RILL_DATAFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rill_ndf.h"

#define RILL_GRAPH_ERROR_BYTES	512
#define RILL_GRAPH_CAPACITY	4		/* of an arc, unless said otherwise */
#define RILL_PORT_LAST		0xffu		/* the switch of a WHERE, the teacher of a WHEN */

/* ---- graphs: nodes and arcs, one for one what the binary has ---- */

struct rill_graph;

struct rill_graph *rill_graph_new(const char *name);
void rill_graph_free(struct rill_graph *graph);
const char *rill_graph_error(const struct rill_graph *graph);	/* NULL: none so far */
const char *rill_graph_name(const struct rill_graph *graph);
/* Memory of the program; data_bytes of it start with a copy of data. */
void rill_graph_memory(struct rill_graph *graph, uint64_t bytes, const void *data, uint32_t data_bytes);

/*
 * Nodes. A name is made unique by a suffix; NULL: a node without one. They return the node's
 * number, or RILL_NDF_NONE after an error.
 */
uint32_t rill_graph_source(struct rill_graph *graph, const char *name, const uint64_t *words, uint32_t count);
uint32_t rill_graph_sink(struct rill_graph *graph, const char *name, enum rill_ndf_sink_mode mode, uint64_t imm);
uint32_t rill_graph_op(struct rill_graph *graph, const char *name, enum rill_ndf_op op, uint32_t inputs,
		       uint32_t outputs);
/* operand: 0 for a, 1 for b, 2 for c. The inputs of rill_graph_op() are those that are left. */
void rill_graph_op_imm(struct rill_graph *graph, uint32_t op, uint32_t operand, uint64_t word);
/* Of LOAD, STORE, ATOMIC_ADD: RILL_NDF_MEM_ flags and the address to add; of STREAM: param is the function. */
void rill_graph_op_param(struct rill_graph *graph, uint32_t op, uint32_t flags, uint32_t param);

struct rill_when_spec {
	struct rill_ndf_when when;	/* host byte order does not matter: bytes only */
	enum rill_ndf_when_mode mode;
	uint32_t inputs;		/* without the teacher's */
	/* [states], [dims], [dims], [inputs][dims], [states << dims]. need NULL: all inputs, or none for EVENT */
	const uint64_t *need;
	const int64_t *bias, *theta;
	const int32_t *weights;
	const struct rill_when_entry {
		uint32_t id;
		uint8_t next, emit;
	} *table;			/* TABLE only */
	const struct rill_plastic {
		uint8_t rule, history, trace, rate;
		uint32_t eta, psi_min;
		int32_t miss, weight_min, weight_max;
		int64_t bias_min, bias_max, theta_min, theta_max;
		uint32_t theta_eta, target;
		uint64_t first, length, period;
	} *plastic;			/* NULL: none */
};

uint32_t rill_graph_when(struct rill_graph *graph, const char *name, const struct rill_when_spec *spec);

struct rill_where_pattern {
	uint64_t need, cons;
	uint8_t from[RILL_NDF_MAX_PORTS];	/* of each output; RILL_NDF_NO_INPUT: none */
};

/* STATIC (count 1) and TABLE. inputs are data inputs, without the switch. */
uint32_t rill_graph_where(struct rill_graph *graph, const char *name, enum rill_ndf_where_mode mode,
			  uint32_t inputs, uint32_t outputs, const struct rill_where_pattern *patterns,
			  uint32_t count);
/* INDEX and MASK; from[rows]. packed: outputs is how many rows are chosen, else it is rows. */
uint32_t rill_graph_where_rows(struct rill_graph *graph, const char *name, enum rill_ndf_where_mode mode,
			       uint32_t inputs, uint32_t outputs, const uint8_t *from, uint32_t rows,
			       bool packed);
void rill_graph_place(struct rill_graph *graph, uint32_t node, uint32_t chiplet);

/* capacity 0: RILL_GRAPH_CAPACITY. Returns the arc's number here; the binary sorts arcs. */
uint32_t rill_graph_arc(struct rill_graph *graph, uint32_t src, uint32_t src_port, uint32_t dst,
			uint32_t dst_port, uint32_t capacity);
void rill_graph_token(struct rill_graph *graph, uint32_t arc, uint64_t word);	/* initial; oldest first */

/* The validated binary, from malloc(). -EINVAL: see rill_graph_error(). */
int rill_graph_encode(struct rill_graph *graph, void **binary, size_t *bytes);
/* NULL: error (RILL_GRAPH_ERROR_BYTES) says why. */
struct rill_graph *rill_graph_decode(const void *binary, size_t bytes, char *error);

/* As text that assembles to the same graph; for graphviz. 0 or -EIO. */
int rill_graph_print(const struct rill_graph *graph, FILE *file);
int rill_graph_dot(const struct rill_graph *graph, FILE *file);

struct rill_graph_counts {
	uint32_t nodes, ops, whens, wheres, sources, sinks, arcs;
	uint64_t crosspoints;		/* inputs x outputs, over all WHEREs, without switches */
	uint64_t table_bytes;		/* parameters of WHENs and WHEREs in the binary */
};

void rill_graph_count(const struct rill_graph *graph, struct rill_graph_counts *counts);
uint32_t rill_graph_find(const struct rill_graph *graph, const char *name);	/* or RILL_NDF_NONE */
const char *rill_graph_node_name(const struct rill_graph *graph, uint32_t node);	/* "" if none */

#endif
