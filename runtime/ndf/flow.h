/* SPDX-License-Identifier: MIT */
/*
 * Flows from within. A region is a piece of program whose tokens come together: the top, an arm
 * of a branch, a loop's body, what a loop's condition sees (its header), a function. A value belongs to the
 * region where it was made; where an inner region uses it, it is imported: routed in through the `where` or gate
 * that guards the region. Values that nobody uses are never made.
 */
#ifndef RILL_NDF_FLOW_H
#define RILL_NDF_FLOW_H

#include "graph.h"

#define FLOW_NONE	RILL_NDF_NONE
#define FLOW_TOP	0u		/* the first region */
#define FLOW_DEEP	200u		/* unmade values that depend on one another: made at this depth */

enum value_kind {
	VALUE_NONE = 0,
	VALUE_CONST,			/* word */
	VALUE_PORT,			/* index: node, slot: its output */
	/* Made when first used */
	VALUE_OP,			/* index: of flow.ops */
	VALUE_HEAD,			/* index: loop, slot: variable; at the start of a round */
	VALUE_EXIT,			/* the same, after the loop */
	VALUE_JOIN,			/* index: branch, slot: variable; after the branch */
	VALUE_PARAM,			/* index: function, slot: parameter */
	VALUE_RESULT,			/* index: call, slot: result */
	VALUE_MEMORY,			/* the first memory token */
};

enum region_kind { REGION_TOP, REGION_ARM, REGION_BODY, REGION_HEADER, REGION_FUNCTION };

struct flow_import {
	struct rill_value from, to;	/* both PORT */
};

struct flow_region {
	enum region_kind kind;
	uint32_t parent, owner, arm;	/* owner: branch, loop or function */
	struct flow_binding {
		uint32_t var;
		struct rill_value value;
	} *env;				/* variables assigned here; others: see the parent */
	uint32_t env_count, env_room;
	uint32_t *env_index;		/* by hash: binding + 1 */
	uint32_t env_index_size;
	struct flow_import *imports;
	uint32_t import_count, import_room;
	struct flow_import *consts;	/* from: CONST */
	uint32_t const_count, const_room;
};

/* A `where` that grows: which input carries which PORT or CONST. */
struct flow_crossbar {
	uint32_t node;
	struct flow_crossbar_input {
		struct rill_value value;
		uint32_t input;
	} *inputs;
	uint32_t count, room;
};

struct flow_op {
	enum rill_ndf_op op;
	struct rill_value args[3];
	uint32_t region, node, name;	/* name: a variable, or FLOW_NONE */
	uint32_t line, column;
};

struct flow_slot {			/* a variable of a branch */
	struct rill_value port;		/* once made */
	struct rill_value arm[];
};

struct flow_branch {
	char *label;
	uint32_t parent, arms, count, room;
	uint32_t regions[RILL_FLOW_MAX_ARMS];
	uint32_t next;			/* the if in this one's else, of a classic case; 0: none */
	struct rill_decision *decision;
	struct rill_value selector;	/* of a route, or of a direct decision */
	struct rill_value control;	/* the switch, once made */
	struct flow_crossbar split, join;
	struct flow_slot **slots;
};

struct flow_loop_slot {
	uint32_t var;			/* FLOW_NONE: something that only goes round */
	struct rill_value entry, back;
	struct rill_value head, exit;	/* PORT, once made */
	uint32_t connected_head, connected_exit;	/* their kinds when it was connected */
};

struct flow_loop {
	char *label;
	uint32_t line, column;
	bool fused, finished;
	uint32_t parent, header, body;
	rill_flow_condition condition;
	void *opaque;
	struct rill_decision *first, *again;	/* first: of a loop that is not fused, the only one */
	uint32_t when;
	struct flow_crossbar merge, split;	/* merge: the only one of a fused loop */
	struct flow_loop_slot *slots;
	uint32_t count, room;
	bool alive;				/* a real token goes in at the start */
};

struct flow_function {
	char *name;
	uint32_t region, params, results;
	struct rill_value *param_ports, *result_values;
	uint32_t *result_vars;
	struct flow_crossbar call, back;
};

struct flow_call {
	uint32_t function, region;
	struct rill_value *args, *ports;
};

struct flow_frame {			/* a construct that is open */
	enum region_kind kind;
	uint32_t owner;
	uint32_t nested, last;		/* ifs that a classic case is made of, and the innermost */
	uint32_t arms;			/* of a case; 0: an if */
};

struct rill_flow {
	struct rill_graph *graph;
	enum rill_form form;
	uint32_t activations;		/* words of the streams */
	bool streaming;
	uint32_t demands;		/* ports made so far because something uses them */
	uint32_t control_nodes;		/* known at the end */
	uint32_t extra_control;		/* control nodes that one node stands for, beyond one */
	uint32_t current;		/* region */
	struct flow_region *regions;
	uint32_t region_count, region_room;
	char **vars;
	uint32_t var_count, var_room;
	struct flow_op *ops;
	uint32_t op_count, op_room;
	struct flow_branch **branches;
	uint32_t branch_count, branch_room;
	struct flow_loop **loops;
	uint32_t loop_count, loop_room;
	struct flow_function **functions;
	uint32_t function_count, function_room;
	struct flow_call *calls;
	uint32_t call_count, call_room;
	struct flow_frame frames[RILL_FLOW_MAX_DEPTH];
	uint32_t depth;
	struct rill_decision *cases[RILL_FLOW_MAX_DEPTH];	/* of classic cases that are open */
	struct rill_value case_value[RILL_FLOW_MAX_DEPTH];	/* of classic routes */
	struct rill_value first_input, memory;
	struct rill_value start;		/* a token that starts what nothing else does */
};

bool rill_flow_fail(struct rill_flow *flow, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool rill_flow_failed(const struct rill_flow *flow);
bool rill_flow_room(struct rill_flow *flow, void *array, uint32_t *room, uint32_t count, size_t size);

struct rill_value rill_value_port(uint32_t region, uint32_t node, uint32_t port);
bool rill_value_same(const struct rill_value *a, const struct rill_value *b);

uint32_t rill_flow_region(struct rill_flow *flow, enum region_kind kind, uint32_t parent, uint32_t owner,
			  uint32_t arm);
/* The variable as assigned in this very region; NONE: it is not. */
struct rill_value rill_flow_binding(const struct flow_region *region, uint32_t var);
struct rill_value rill_flow_lookup(const struct rill_flow *flow, uint32_t region, uint32_t var);
void rill_flow_assign(struct rill_flow *flow, uint32_t region, uint32_t var, struct rill_value value);

/* The value as a node in the region can take it: CONST, or PORT of that region. NONE after an error. */
struct rill_value rill_flow_use(struct rill_flow *flow, uint32_t region, struct rill_value value);
/* The same, but a CONST becomes a token: one for each run of the region. */
struct rill_value rill_flow_token(struct rill_flow *flow, uint32_t region, struct rill_value value);
/* Some token that comes once for each run of the region. */
struct rill_value rill_flow_trigger(struct rill_flow *flow, uint32_t region);
/* A SOURCE with this one word, to be looked at and left there. */
struct rill_value rill_flow_literal(struct rill_flow *flow, uint64_t word);
void rill_flow_connect(struct rill_flow *flow, struct rill_value from, uint32_t node, uint32_t port);

struct rill_value rill_flow_build_op(struct rill_flow *flow, uint32_t op);
struct rill_value rill_flow_start_memory(struct rill_flow *flow);

void rill_crossbar_new(struct rill_flow *flow, struct flow_crossbar *crossbar, const char *label, const char *part,
		       uint32_t patterns);
/* Which input carries the value, a CONST or PORT; a new one if none does. */
uint32_t rill_crossbar_input(struct rill_flow *flow, struct flow_crossbar *crossbar, struct rill_value value);
/* The pattern copies the value to the output; a PORT's token is consumed, a CONST is looked at. */
void rill_crossbar_route(struct rill_flow *flow, struct flow_crossbar *crossbar, uint32_t pattern,
			 struct rill_value value, uint32_t output);
void rill_crossbar_free(struct flow_crossbar *crossbar);

/* A PRED `when` for the decision. */
struct rill_value rill_decision_build(struct rill_flow *flow, uint32_t region, const char *label,
				      const struct rill_decision *decision);
uint32_t rill_decision_build_loop(struct rill_flow *flow, struct flow_loop *loop);

struct rill_value rill_branch_import(struct rill_flow *flow, uint32_t region, struct rill_value value);
struct rill_value rill_branch_join(struct rill_flow *flow, uint32_t branch, uint32_t slot);
struct rill_value rill_loop_import(struct rill_flow *flow, uint32_t region, struct rill_value value);
struct rill_value rill_loop_head(struct rill_flow *flow, uint32_t loop, uint32_t slot);
void rill_loop_settle(struct rill_flow *flow);
void rill_loop_finish(struct rill_flow *flow);
struct rill_value rill_loop_exit(struct rill_flow *flow, uint32_t loop, uint32_t slot);
struct rill_value rill_call_param(struct rill_flow *flow, uint32_t function, uint32_t slot);
struct rill_value rill_call_result(struct rill_flow *flow, uint32_t call, uint32_t slot);
/* Demands what callers and results of used functions need. */
void rill_call_settle(struct rill_flow *flow);
void rill_call_finish(struct rill_flow *flow);

#endif
