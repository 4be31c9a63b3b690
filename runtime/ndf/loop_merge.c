// SPDX-License-Identifier: MIT
/*
 * Loops that are not fused. What comes in and what comes round merge before the condition; its
 * outcome (0 out, 1 into the body) routes them on, and tells the merge what to take next: at first, and after
 * each exit, what comes in. Classic: a merge for each variable, a gate for each use.
 */
#include "flow.h"

#include "loop.h"

enum { OUT, BODY, PATTERNS };		/* of what is after the condition */
enum { ENTRY = OUT, ROUND = BODY };	/* of what is before it */

static void connect_switch(struct rill_flow *flow, struct flow_loop *loop, uint32_t node, bool first)
{
	uint32_t arc;

	if (flow->graph->failed || loop->when == FLOW_NONE)
		return;
	arc = rill_graph_arc(flow->graph, loop->when, 0, node, RILL_PORT_LAST, 0);
	if (first)
		rill_graph_token(flow->graph, arc, ENTRY);
}

static void ensure(struct rill_flow *flow, struct flow_loop *loop, struct flow_crossbar *crossbar, const char *part,
		   bool first)
{
	if (flow->graph->failed || crossbar->node != FLOW_NONE)
		return;
	rill_crossbar_new(flow, crossbar, loop->label, part, PATTERNS);
	if (!flow->graph->failed)
		connect_switch(flow, loop, crossbar->node, first);
}

void rill_merge_begin(struct rill_flow *flow, struct flow_loop *loop)
{
	struct rill_value when = rill_decision_build(flow, loop->header, loop->label, loop->first);
	uint32_t i;

	if (flow->graph->failed)
		return;
	loop->when = when.index;
	if (flow->form != RILL_CLASSIC) {
		if (loop->merge.node != FLOW_NONE)
			connect_switch(flow, loop, loop->merge.node, true);
		return;
	}
	for (i = 0; i < loop->count; i++) {
		if (loop->slots[i].head.kind != VALUE_NONE)
			connect_switch(flow, loop, loop->slots[i].head.index, true);
	}
}

struct rill_value rill_merge_output(struct rill_flow *flow, struct flow_loop *loop, uint32_t slot)
{
	struct flow_crossbar merge = { .node = FLOW_NONE }, *to = &loop->merge;

	if (flow->form == RILL_CLASSIC)
		to = &merge;
	ensure(flow, loop, to, "merge", true);
	if (flow->graph->failed)
		return RILL_NO_VALUE;
	return rill_value_port(loop->header, to->node, rill_graph_where_output(flow->graph, to->node));
}

void rill_merge_connect(struct rill_flow *flow, struct flow_loop *loop, uint32_t index)
{
	struct flow_crossbar merge = { .node = loop->slots[index].head.index }, *to = &loop->merge;
	uint32_t output = loop->slots[index].head.slot;
	struct rill_value entry, back;

	if (flow->form == RILL_CLASSIC) {
		to = &merge;
		entry = rill_flow_token(flow, loop->parent, loop->slots[index].entry);
	} else {
		entry = rill_flow_use(flow, loop->parent, loop->slots[index].entry);
	}
	back = rill_flow_use(flow, loop->body, loop->slots[index].back);
	loop->alive |= entry.kind == VALUE_PORT;
	rill_crossbar_route(flow, to, ENTRY, entry, output);
	rill_crossbar_route(flow, to, ROUND, back, output);
	rill_crossbar_free(&merge);
}

/* Constants alone would start the loop again as soon as it ends. */
void rill_merge_finish(struct rill_flow *flow, struct flow_loop *loop)
{
	struct rill_value trigger;

	if (flow->graph->failed || flow->form == RILL_CLASSIC || loop->alive || loop->merge.node == FLOW_NONE)
		return;
	trigger = rill_flow_trigger(flow, loop->parent);
	if (flow->graph->failed)
		return;
	rill_graph_where_take(flow->graph, loop->merge.node, ENTRY,
			      rill_crossbar_input(flow, &loop->merge, trigger));
	loop->alive = true;
}

struct rill_value rill_merge_import(struct rill_flow *flow, uint32_t index, struct rill_value value)
{
	struct flow_loop *loop = flow->loops[index];
	uint32_t slot = rill_loop_slot(flow, loop, FLOW_NONE, value);
	struct rill_value head = { .kind = VALUE_HEAD, .region = loop->header, .index = index, .slot = slot };

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	loop->slots[slot].back = head;
	return rill_flow_use(flow, loop->header, head);
}

/* Copies the input to a new output in one pattern of two. */
static struct rill_value route(struct rill_flow *flow, struct flow_loop *loop, struct flow_crossbar *to,
			       struct rill_value value, uint32_t pattern, uint32_t region)
{
	uint32_t input, output;

	ensure(flow, loop, to, to == &loop->split ? "split" : "gate", false);
	if (flow->graph->failed)
		return RILL_NO_VALUE;
	input = rill_crossbar_input(flow, to, value);
	output = rill_graph_where_output(flow->graph, to->node);
	if (flow->graph->failed)
		return RILL_NO_VALUE;
	rill_graph_where_copy(flow->graph, to->node, pattern, output, input);
	rill_graph_where_take(flow->graph, to->node, OUT, input);
	/* An invariant from outside stays until the loop is left. */
	if (value.region == loop->header)
		rill_graph_where_take(flow->graph, to->node, BODY, input);
	return rill_value_port(region, to->node, output);
}

struct rill_value rill_gate_import(struct rill_flow *flow, struct flow_loop *loop, struct rill_value value)
{
	struct flow_crossbar gate = { .node = FLOW_NONE };
	struct rill_value to = route(flow, loop, flow->form == RILL_CLASSIC ? &gate : &loop->split, value, BODY,
				     loop->body);

	rill_crossbar_free(&gate);
	return to;
}

struct rill_value rill_gate_exit(struct rill_flow *flow, struct flow_loop *loop, uint32_t index, uint32_t slot)
{
	struct flow_crossbar gate = { .node = FLOW_NONE };
	struct rill_value head = rill_flow_use(flow, loop->header, (struct rill_value){
		.kind = VALUE_HEAD, .region = loop->header, .index = index, .slot = slot });
	struct rill_value to = route(flow, loop, flow->form == RILL_CLASSIC ? &gate : &loop->split, head, OUT,
				     loop->parent);

	rill_crossbar_free(&gate);
	return to;
}
