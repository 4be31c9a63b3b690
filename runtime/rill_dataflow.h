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
uint32_t rill_graph_placed(const struct rill_graph *graph, uint32_t node);	/* 0 if there is no such node */

/* capacity 0: RILL_GRAPH_CAPACITY. Returns the arc's number here; the binary sorts arcs. */
uint32_t rill_graph_arc(struct rill_graph *graph, uint32_t src, uint32_t src_port, uint32_t dst,
			uint32_t dst_port, uint32_t capacity);
void rill_graph_token(struct rill_graph *graph, uint32_t arc, uint64_t word);	/* initial; oldest first */

/* Of all arcs; where there are more initial tokens, as many as these. */
void rill_graph_capacity(struct rill_graph *graph, uint32_t capacity);

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

/* ---- flows: structured programs, which become graphs ---- */

/*
 * A flow is written like a sequential program: variables, operations, if, case, while, functions.
 * It becomes a graph in one of three forms, with the same results:
 *   FUSED	a loop is one `when` and one `where`
 *   UNFUSED	a loop is one `when` and two `where`
 *   CLASSIC	deciders, gates and merges, each one node
 * Only what is used becomes nodes. Conditions and case selectors are decided by the `when`
 * itself as far as they are comparisons of weighted sums.
 */
enum rill_form {
	RILL_FUSED,
	RILL_UNFUSED,
	RILL_CLASSIC,
};

struct rill_flow;

/* A word at some place of the program. Make them with the functions below only. */
struct rill_value {
	uint32_t kind, region, index, slot, depth;
	uint64_t word;
};

#define RILL_NO_VALUE		((struct rill_value){ 0 })
#define RILL_FLOW_MEMORY	0u	/* the variable that orders loads and stores */
#define RILL_FLOW_MAX_DEPTH	64u	/* of nested if, case, while */
#define RILL_FLOW_MAX_ARMS	64u	/* of a case or route */

struct rill_flow *rill_flow_new(const char *name, enum rill_form form);
void rill_flow_free(struct rill_flow *flow);
/* The graph that the flow has become, or NULL; the flow is good for rill_flow_error() and _free() then. */
struct rill_graph *rill_flow_finish(struct rill_flow *flow);
const char *rill_flow_error(const struct rill_flow *flow);
/* Where the text is of what follows; errors and nodes remember it. */
void rill_flow_at(struct rill_flow *flow, uint32_t line, uint32_t column);
void rill_flow_capacity(struct rill_flow *flow, uint32_t capacity);	/* of arcs made from now on */
void rill_flow_memory(struct rill_flow *flow, uint64_t bytes, const void *data, uint32_t data_bytes);
/* After rill_flow_finish(): control nodes by the rules of the flow's form; see docs/ndf-language.rst */
uint32_t rill_flow_control_nodes(const struct rill_flow *flow);

/* A stream: the program runs once for each of its words. Else count is at most 1. */
struct rill_value rill_flow_input(struct rill_flow *flow, const char *name, const uint64_t *words, uint32_t count,
				  bool stream);
void rill_flow_output(struct rill_flow *flow, const char *name, struct rill_value value);

struct rill_value rill_flow_const(uint64_t word);
/* b, c: RILL_NO_VALUE if the operation has none. Not for LOAD, STORE, ATOMIC_ADD, STREAM. */
struct rill_value rill_flow_op(struct rill_flow *flow, enum rill_ndf_op op, struct rill_value a,
			       struct rill_value b, struct rill_value c);
/* The word at base + 8 * index; order is that of the calls. */
struct rill_value rill_flow_load(struct rill_flow *flow, uint32_t base, struct rill_value index);
void rill_flow_store(struct rill_flow *flow, uint32_t base, struct rill_value index, struct rill_value value);

uint32_t rill_flow_var(struct rill_flow *flow, const char *name);
void rill_flow_set(struct rill_flow *flow, uint32_t var, struct rill_value value);
struct rill_value rill_flow_get(struct rill_flow *flow, uint32_t var);	/* an error if it has none */

/* ---- decisions ---- */

#define RILL_DECISION_OPERANDS	16u
#define RILL_DECISION_DIMS	8u

/*
 * What a `when` decides: dimension k is 1 if sum(weight[i][k] * operand[i]) + bias[k] >= 0, and
 * id[s] is the outcome for the dimensions' bits s. Outcomes of a condition are 0 and 1.
 */
struct rill_decision {
	uint32_t operands, dims;
	bool direct;			/* operand[0] is the outcome itself */
	struct rill_value operand[RILL_DECISION_OPERANDS];
	int32_t weight[RILL_DECISION_OPERANDS][RILL_DECISION_DIMS];
	int64_t bias[RILL_DECISION_DIMS];
	uint8_t id[1 << RILL_DECISION_DIMS];
};

/* op: RILL_NDF_EQ .. RILL_NDF_GE. False: too many operands or dimensions. */
bool rill_decision_compare(struct rill_decision *decision, enum rill_ndf_op op, struct rill_value a,
			   struct rill_value b);
bool rill_decision_and(struct rill_decision *decision, const struct rill_decision *other);
bool rill_decision_or(struct rill_decision *decision, const struct rill_decision *other);
void rill_decision_not(struct rill_decision *decision);
/* Outcome i if a == values[i], else `count`; for rill_flow_case(). */
bool rill_decision_among(struct rill_decision *decision, struct rill_value a, const int64_t *values,
			 uint32_t count);

/* ---- control ---- */

/* Labels name the nodes; NULL: "if", "while" and so on. */
void rill_flow_if(struct rill_flow *flow, const char *label, const struct rill_decision *decision);
void rill_flow_else(struct rill_flow *flow);
void rill_flow_end_if(struct rill_flow *flow);

/* rill_flow_arm(0) first, then 1, .. arms - 1; the decision's outcomes are their numbers. */
void rill_flow_case(struct rill_flow *flow, const char *label, const struct rill_decision *decision, uint32_t arms);
/* The same, but the selector's word is the arm's number, without a `when`. Another word is a fault. */
void rill_flow_route(struct rill_flow *flow, const char *label, struct rill_value selector, uint32_t arms);
void rill_flow_arm(struct rill_flow *flow, uint32_t arm);
void rill_flow_end_case(struct rill_flow *flow);

/*
 * vars: all that the body or the condition assigns, RILL_FLOW_MEMORY for loads and stores. The condition is asked for
 * once, or in a fused loop twice: before the loop, and at the end of its body.
 */
typedef bool (*rill_flow_condition)(struct rill_flow *flow, void *opaque, struct rill_decision *decision);
void rill_flow_while(struct rill_flow *flow, const char *label, const uint32_t *vars, uint32_t count,
		     rill_flow_condition condition, void *opaque, bool unfused);
void rill_flow_end_while(struct rill_flow *flow);

/*
 * One body for several callers. Its parameters and results are variables; it sees no others. A
 * function that loads or stores has RILL_FLOW_MEMORY among both.
 */
uint32_t rill_flow_function(struct rill_flow *flow, const char *name, const uint32_t *params, uint32_t count);
void rill_flow_end_function(struct rill_flow *flow, const uint32_t *results, uint32_t count);
void rill_flow_call(struct rill_flow *flow, uint32_t function, const struct rill_value *args,
		    struct rill_value *results);

/* A `when` of one's own; its ids. If it has a rule, it must be taught. */
struct rill_value rill_flow_when(struct rill_flow *flow, const char *name, const struct rill_when_spec *spec,
				 const struct rill_value *inputs);
void rill_flow_teach(struct rill_flow *flow, struct rill_value when, struct rill_value lesson);

/* ---- text: docs/ndf-language.rst ---- */

/* A text as parsed: a program (in any form), or a graph. */
struct rill_program;

/* What a plastic `when` does where the program uses it */
enum rill_learning {
	RILL_LEARN,			/* decides, and is taught */
	RILL_FROZEN,			/* decides with given weights; what teaches it is not there */
	RILL_EXACT,			/* what would teach it decides */
};

/* What a plastic `when` has learned; raw fixed point. */
struct rill_weights {
	char *name;
	uint32_t frac, x_frac, inputs, dims;	/* x_frac: of the inputs, which are divided by 2^x_frac */
	int32_t *weights;		/* [inputs][dims] */
	int64_t *bias, *theta;		/* [dims] */
	struct rill_weights *next;
};

void rill_weights_free(struct rill_weights *weights);
/* 0 or -EIO */
int rill_weights_write(const struct rill_weights *weights, FILE *file);
/* The text of rill_weights_write(). NULL: error says why. */
struct rill_weights *rill_weights_parse(const char *file, const char *text, size_t size, char *error);

struct rill_build_options {
	enum rill_form form;
	uint32_t capacity;		/* of arcs; 0: as the text says */
	enum rill_learning learning;
	const struct rill_weights *weights;	/* to start from or, FROZEN, to decide with */
	uint64_t seed;			/* of random streams */
};

/* error: RILL_GRAPH_ERROR_BYTES for "file:line:column: ...". */
struct rill_program *rill_program_parse(const char *file, const char *text, size_t size, char *error);
void rill_program_free(struct rill_program *program);
bool rill_program_is_graph(const struct rill_program *program);	/* it has one form only */
/*
 * control_nodes may be NULL. NULL: error (RILL_GRAPH_ERROR_BYTES) says why, also where weights are not of a plastic
 * `when` of the program.
 */
struct rill_graph *rill_program_build(const struct rill_program *program, const struct rill_build_options *options,
				      uint32_t *control_nodes, char *error);

struct rill_program_array {
	const char *name;
	uint64_t base;			/* byte address */
	uint32_t size;			/* in words */
};

struct rill_program_expectation {
	const char *name;
	bool is_array;
	const uint64_t *words;
	uint32_t count;
};

/* A stream of random words */
struct rill_program_stream {
	const char *name;
	uint32_t count;
	int64_t low, high;
};

/* Is it an `input` of the text, which takes one word? */
bool rill_program_is_word(const struct rill_program *program, const char *name);
/* The i-th in the text; false: there is none. A graph has none. */
bool rill_program_stream(const struct rill_program *program, uint32_t i, struct rill_program_stream *stream);
bool rill_program_array(const struct rill_program *program, uint32_t i, struct rill_program_array *array);
bool rill_program_expectation(const struct rill_program *program, uint32_t i,
			      struct rill_program_expectation *expectation);
const char *rill_program_plastic(const struct rill_program *program, uint32_t i, uint32_t *frac);

/* ---- mixture of experts as dataflow ---- */

#define RILL_GATE_EXPERTS		256
#define RILL_GATE_WORD			RILL_NDF_MAX_DIMS	/* experts that one `when` chooses among */
#define RILL_GATE_WORDS(experts)	(((experts) + RILL_GATE_WORD - 1) / RILL_GATE_WORD)
#define RILL_GATE_FRAC			16	/* fraction bits of logits */

struct rill_gate {
	uint32_t experts, top_k;	/* 1..256; top_k: 1..64 / RILL_GATE_WORDS(experts) */
	const int64_t *bias;		/* [experts], added to the logits; NULL: 0 */
	/*
	 * Load balance by homeostasis: an expert that is chosen more often than top_k of experts has its
	 * threshold rise by balance x the difference of the rates each token, another's falls; up to `most`.
	 */
	uint32_t balance;		/* RILL_GATE_FRAC fraction bits; 0: none */
	int64_t most;			/* 0..2^62 */
	uint8_t rate;			/* of 2^rate tokens the rates are means, about; 0..16 */
};

/* A port of a node: an input or an output */
struct rill_port {
	uint32_t node, port;
};

/*
 * A gate. Up to 64 experts it is one `when`. More: one for each 64 of them, another of what these choose, and OPs; bias
 * and thresholds have to leave the logits within 64 bits then.
 */
struct rill_gate_ports {
	uint32_t experts, top_k, words;
	bool balanced;
	struct rill_port logit[RILL_GATE_EXPERTS];	/* takes expert e's */
	/* Output 0: the mask of those chosen of experts 64w .. 64w + 63, the lowest of equals first */
	uint32_t mask[RILL_GATE_WORDS(RILL_GATE_EXPERTS)];
	uint32_t when[RILL_GATE_WORDS(RILL_GATE_EXPERTS)];	/* that chooses among those */
	uint64_t thresholds;	/* balanced, with several words: where they are in the program's memory, 8 bytes each */
};

/* The token that it takes goes out at each expert of the mask. */
struct rill_dispatch_ports {
	struct rill_port token, expert[RILL_GATE_EXPERTS];
};

/* Waits for exactly the experts of the mask; what they give goes out at chosen[0 .. top_k - 1], in their order. */
struct rill_combine_ports {
	struct rill_port expert[RILL_GATE_EXPERTS], chosen[RILL_GATE_WORD];
};

/*
 * The nodes in a graph; false after an error. Memory of the graph's own is to be there before. A name, if it has one,
 * is that of the first `when` or `where`, and further ones have a suffix.
 */
bool rill_gate_nodes(struct rill_graph *graph, const char *name, const struct rill_gate *gate,
		     struct rill_gate_ports *ports);
bool rill_dispatch_nodes(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
			 struct rill_dispatch_ports *ports);
bool rill_combine_nodes(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
			struct rill_combine_ports *ports);
/* Run a gate in this process: masks[t][words] for logits[t][experts]. 0, -EINVAL or -ENOMEM; error says why. */
int rill_gate_choose(const struct rill_gate *gate, const int64_t *logits, uint32_t tokens, uint64_t *masks,
		     char *error);

/* The streaming rules of FSE-DP as a program, fse_dp.ndf: its text, not terminated, and its binary from malloc(). */
const char *rill_fse_dp_text(size_t *size);
/* The same with a choice of links that learns from what hops cost; from malloc(), terminated. */
char *rill_fse_dp_learned_text(size_t *size);
int rill_fse_dp_rules(bool learned, void **binary, size_t *bytes, char *error);

/* What was learned becomes what the graph has; each by its name. -EINVAL: see rill_graph_error(). */
int rill_graph_load_weights(struct rill_graph *graph, const struct rill_weights *weights);
/*
 * What its plastic whens begin with, as jobs and passes take it: rill_ndf.h, "Weights". Returns the bytes, 0 if it
 * does not learn. to: NULL, or room for them.
 */
size_t rill_graph_weights(const struct rill_graph *graph, void *to);
/* The name of the i-th plastic `when` ("" if it has none); NULL: there is none. */
const char *rill_graph_plastic(const struct rill_graph *graph, uint32_t i);

/* ---- runs: in this process here, on a chip: rill_dataflow_device.h ---- */

struct rill_run;

struct rill_run_counts {
	uint64_t firings, op, when, where, source, sink, lessons, steps;
};

/* order_seed not 0: one firing at a time, in a random order. NULL: error says why. */
struct rill_run *rill_run_new(struct rill_graph *graph, uint64_t order_seed, char *error);
void rill_run_free(struct rill_run *run);
/*
 * Words for a SOURCE; sinks that expected as many tokens as it had words expect as many as it has now. -ENOENT: there
 * is none of that name; -ENOMEM.
 */
int rill_run_input(struct rill_run *run, const char *name, const uint64_t *words, uint32_t count);
uint8_t *rill_run_memory(struct rill_run *run, uint64_t *bytes);
/* enum rill_ndf_end; or a negative errno, and why: rill_run_failure(). Only a chip fails so, and has no steps. */
int rill_run_go(struct rill_run *run, uint64_t firings, uint64_t steps);
const char *rill_run_failure(const struct rill_run *run);
void rill_run_count(const struct rill_run *run, struct rill_run_counts *counts);
/* The i-th SINK and what it took; NULL: there is none. */
const uint64_t *rill_run_sink(const struct rill_run *run, uint32_t i, const char **name, uint32_t *mode,
			      size_t *count);
/* Why it stands still, or what the fault was: a line for each arc, or one for the fault. */
void rill_run_explain(const struct rill_run *run, int end, FILE *file);
/* The state of a plastic `when`; NULL: there is none of that name, or no memory. */
struct rill_weights *rill_run_weights(const struct rill_run *run, const char *name);

/*
 * What a balanced gate with a name has learned, in the same form: one for each word of its mask, named as its `when`.
 * What is added to a logit is bias - theta. With several words the last token's share is in it only once nothing is
 * left to do, so give the graph a QUIET sink. NULL: it has no balance, or no memory.
 */
struct rill_weights *rill_gate_weights(struct rill_run *run, const struct rill_gate_ports *gate);
/* What a gate begins with in runs made after this. -EINVAL: see rill_graph_error(). */
int rill_gate_load_weights(struct rill_graph *graph, const struct rill_gate_ports *gate,
			   const struct rill_weights *weights);

#endif
