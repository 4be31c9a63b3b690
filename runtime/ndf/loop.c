// SPDX-License-Identifier: MIT
/*
 * while. Fused: one `where` takes what comes in and what comes round, and sends it into the body or out;
 * invariants stay in their FIFOs and are copied into each round. Not fused: one `where` (or merges)
 * before the condition, one (or gates) after it.
 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "loop.h"

/* Patterns of a fused loop's `where`: the `when`'s outcomes */
enum { IN_OUT, IN_BODY, ROUND_OUT, ROUND_BODY, FUSED_PATTERNS };

static struct flow_crossbar *fused_where(struct rill_flow *flow, struct flow_loop *loop)
{
	rill_crossbar_new(flow, &loop->merge, loop->label, "where", FUSED_PATTERNS);
	return &loop->merge;
}

/* ---- fused ---- */

static void take(struct rill_flow *flow, struct flow_loop *loop, struct rill_value value, uint32_t a, uint32_t b)
{
	uint32_t input;

	if (flow->graph->failed || value.kind != VALUE_PORT)
		return;
	input = rill_crossbar_input(flow, &loop->merge, value);
	rill_graph_where_take(flow->graph, loop->merge.node, a, input);
	rill_graph_where_take(flow->graph, loop->merge.node, b, input);
}

static void route_slot(struct rill_flow *flow, struct flow_loop *loop, const struct flow_loop_slot *slot,
		       struct rill_value entry, struct rill_value back)
{
	if (slot->head.kind != VALUE_NONE) {
		rill_crossbar_route(flow, &loop->merge, IN_BODY, entry, slot->head.slot);
		rill_crossbar_route(flow, &loop->merge, ROUND_BODY, back, slot->head.slot);
	}
	if (slot->exit.kind != VALUE_NONE) {
		rill_crossbar_route(flow, &loop->merge, IN_OUT, entry, slot->exit.slot);
		rill_crossbar_route(flow, &loop->merge, ROUND_OUT, back, slot->exit.slot);
	}
	take(flow, loop, entry, IN_OUT, IN_BODY);
	take(flow, loop, back, ROUND_OUT, ROUND_BODY);
}

static void connect_fused(struct rill_flow *flow, struct flow_loop *loop, uint32_t index)
{
	struct rill_value entry, back;

	/* A source's token outlives the loop: of what comes in as a constant it is the pattern that counts. */
	entry = rill_flow_use(flow, loop->parent, loop->slots[index].entry);
	back = rill_flow_use(flow, loop->body, loop->slots[index].back);
	route_slot(flow, loop, &loop->slots[index], entry, back);
}

static struct rill_value import_fused(struct rill_flow *flow, struct flow_loop *loop, struct rill_value value)
{
	struct flow_crossbar *where = fused_where(flow, loop);
	uint32_t input, output;

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	/* Not the input of a variable that starts with this value: that one's token goes with the first round. */
	input = rill_graph_where_input(flow->graph, where->node);
	rill_flow_connect(flow, value, where->node, input);
	output = rill_graph_where_output(flow->graph, where->node);
	if (flow->graph->failed)
		return RILL_NO_VALUE;
	rill_graph_where_copy(flow->graph, where->node, IN_BODY, output, input);
	rill_graph_where_copy(flow->graph, where->node, ROUND_BODY, output, input);
	rill_graph_where_take(flow->graph, where->node, IN_OUT, input);
	rill_graph_where_take(flow->graph, where->node, ROUND_OUT, input);
	return rill_value_port(loop->body, where->node, output);
}

/* ---- both ---- */

static void connect_slot(struct rill_flow *flow, struct flow_loop *loop, uint32_t index)
{
	struct flow_loop_slot *slot = &loop->slots[index];

	if (slot->entry.kind == VALUE_NONE) {
		rill_flow_fail(flow, "'%s' has no value where '%s' begins",
			       slot->var == FLOW_NONE ? "?" : flow->vars[slot->var], loop->label);
		return;
	}
	if (loop->fused)
		connect_fused(flow, loop, index);
	else
		rill_merge_connect(flow, loop, index);
}

static bool used(const struct flow_loop_slot *slot)
{
	return slot->head.kind != VALUE_NONE || slot->exit.kind != VALUE_NONE;
}

static void settle(struct rill_flow *flow, struct flow_loop *loop)
{
	uint32_t i;

	for (i = 0; i < loop->count && !flow->graph->failed; i++) {
		struct flow_loop_slot *slot = &loop->slots[i];

		if (!used(slot) || (slot->head.kind == slot->connected_head && slot->exit.kind == slot->connected_exit))
			continue;
		slot->connected_head = slot->head.kind;
		slot->connected_exit = slot->exit.kind;
		connect_slot(flow, loop, i);
	}
	if (loop->merge.node == FLOW_NONE || loop->finished || flow->graph->failed)
		return;
	loop->finished = true;
	if (loop->fused)
		rill_flow_connect(flow, rill_value_port(loop->parent, rill_decision_build_loop(flow, loop), 0),
				  loop->merge.node, RILL_PORT_LAST);
}

/*
 * Loops are connected at the end, when it is known what is used of them. Connecting one may use more, of
 * it or of others.
 */
void rill_loop_settle(struct rill_flow *flow)
{
	uint32_t i, before;

	do {
		before = flow->demands;
		for (i = 0; i < flow->loop_count && !flow->graph->failed; i++) {
			rill_flow_at(flow, flow->loops[i]->line, flow->loops[i]->column);
			settle(flow, flow->loops[i]);
		}
	} while (flow->demands != before && !flow->graph->failed);
}

void rill_loop_finish(struct rill_flow *flow)
{
	uint32_t i;

	for (i = 0; i < flow->loop_count; i++) {
		if (!flow->loops[i]->fused)
			rill_merge_finish(flow, flow->loops[i]);
	}
	rill_loop_settle(flow);
}

struct rill_value rill_loop_head(struct rill_flow *flow, uint32_t index, uint32_t slot)
{
	struct flow_loop *loop = flow->loops[index];
	uint32_t output;

	if (loop->slots[slot].head.kind != VALUE_NONE || flow->graph->failed)
		return loop->slots[slot].head;
	flow->demands++;
	if (!loop->fused) {
		loop->slots[slot].head = rill_merge_output(flow, loop, slot);
		return loop->slots[slot].head;
	}
	fused_where(flow, loop);
	output = flow->graph->failed ? 0 : rill_graph_where_output(flow->graph, loop->merge.node);
	loop->slots[slot].head = rill_value_port(loop->body, loop->merge.node, output);
	return loop->slots[slot].head;
}

struct rill_value rill_loop_exit(struct rill_flow *flow, uint32_t index, uint32_t slot)
{
	struct flow_loop *loop = flow->loops[index];
	uint32_t output;

	if (loop->slots[slot].exit.kind != VALUE_NONE || flow->graph->failed)
		return loop->slots[slot].exit;
	flow->demands++;
	if (!loop->fused) {
		loop->slots[slot].exit = rill_gate_exit(flow, loop, index, slot);
		return loop->slots[slot].exit;
	}
	fused_where(flow, loop);
	output = flow->graph->failed ? 0 : rill_graph_where_output(flow->graph, loop->merge.node);
	loop->slots[slot].exit = rill_value_port(loop->parent, loop->merge.node, output);
	return loop->slots[slot].exit;
}

uint32_t rill_loop_slot(struct rill_flow *flow, struct flow_loop *loop, uint32_t var, struct rill_value entry)
{
	if (!rill_flow_room(flow, &loop->slots, &loop->room, loop->count + 1, sizeof(*loop->slots)))
		return 0;
	loop->slots[loop->count] = (struct flow_loop_slot){ .var = var, .entry = entry };
	return loop->count++;
}

struct rill_value rill_loop_import(struct rill_flow *flow, uint32_t region, struct rill_value value)
{
	struct flow_loop *loop = flow->loops[flow->regions[region].owner];

	if (loop->fused)
		return import_fused(flow, loop, value);
	if (region == loop->body)
		return rill_gate_import(flow, loop, value);
	return rill_merge_import(flow, flow->regions[region].owner, value);
}

/* ---- opening and closing ---- */

static struct flow_loop *new_loop(struct rill_flow *flow, const char *label)
{
	struct flow_loop *loop = calloc(1, sizeof(*loop));

	if (!loop || !rill_flow_room(flow, &flow->loops, &flow->loop_room, flow->loop_count + 1,
				     sizeof(*flow->loops))) {
		free(loop);
		rill_graph_no_memory(flow->graph);
		return NULL;
	}
	flow->loops[flow->loop_count++] = loop;
	loop->label = strdup(label);
	loop->first = calloc(1, sizeof(*loop->first));
	loop->again = calloc(1, sizeof(*loop->again));
	loop->merge.node = FLOW_NONE;
	loop->split.node = FLOW_NONE;
	loop->when = FLOW_NONE;
	loop->parent = flow->current;
	loop->line = flow->graph->line;
	loop->column = flow->graph->column;
	if (!loop->label || !loop->first || !loop->again)
		rill_graph_no_memory(flow->graph);
	return loop;
}

static void decide(struct rill_flow *flow, struct flow_loop *loop, struct rill_decision *decision)
{
	if (flow->graph->failed)
		return;
	if (!loop->condition(flow, loop->opaque, decision))
		rill_flow_fail(flow, "the condition of '%s' cannot be decided", loop->label);
	else if (decision->direct && !flow->graph->failed)
		rill_decision_compare(decision, RILL_NDF_NE, decision->operand[0], rill_flow_const(0));
}

/* In region, the variables are what comes out of the merge or the fused `where`. */
static void add_slots(struct rill_flow *flow, uint32_t index, uint32_t region, const uint32_t *vars, uint32_t count)
{
	struct flow_loop *loop = flow->loops[index];
	struct rill_value entry;
	uint32_t i, slot;

	for (i = 0; i < count && !flow->graph->failed; i++) {
		entry = rill_flow_lookup(flow, loop->parent, vars[i]);
		if (entry.kind == VALUE_NONE && vars[i] == RILL_FLOW_MEMORY)
			entry = (struct rill_value){ .kind = VALUE_MEMORY, .region = FLOW_TOP };
		slot = rill_loop_slot(flow, loop, vars[i], entry);
		rill_flow_assign(flow, region, vars[i], (struct rill_value){
			.kind = VALUE_HEAD, .region = region, .index = index, .slot = slot });
	}
}

void rill_flow_while(struct rill_flow *flow, const char *label, const uint32_t *vars, uint32_t count,
		     rill_flow_condition condition, void *opaque, bool unfused)
{
	struct flow_loop *loop;
	uint32_t index = flow->loop_count;

	if (flow->graph->failed)
		return;
	if (flow->depth == RILL_FLOW_MAX_DEPTH) {
		rill_flow_fail(flow, "control nested deeper than the limit of %u", RILL_FLOW_MAX_DEPTH);
		return;
	}
	loop = new_loop(flow, label ? label : "while");
	if (!loop)
		return;
	loop->condition = condition;
	loop->opaque = opaque;
	loop->fused = flow->form == RILL_FUSED && !unfused;
	flow->frames[flow->depth++] = (struct flow_frame){ .kind = REGION_BODY, .owner = index };
	if (loop->fused) {
		decide(flow, loop, loop->first);
		loop->header = FLOW_NONE;
		loop->body = rill_flow_region(flow, REGION_BODY, loop->parent, index, 0);
		add_slots(flow, index, loop->body, vars, count);
	} else {
		loop->header = rill_flow_region(flow, REGION_HEADER, loop->parent, index, 0);
		loop->body = rill_flow_region(flow, REGION_BODY, loop->header, index, 0);
		add_slots(flow, index, loop->header, vars, count);
		flow->current = loop->header;
		decide(flow, loop, loop->first);
		rill_merge_begin(flow, loop);
	}
	flow->current = loop->body;
}

void rill_flow_end_while(struct rill_flow *flow)
{
	struct flow_frame *frame = flow->depth ? &flow->frames[flow->depth - 1] : NULL;
	struct flow_loop *loop;
	uint32_t i;

	if (flow->graph->failed)
		return;
	if (!frame || frame->kind != REGION_BODY) {
		rill_flow_fail(flow, "end of while where none is open");
		return;
	}
	loop = flow->loops[frame->owner];
	flow->depth--;
	if (loop->fused)
		decide(flow, loop, loop->again);
	for (i = 0; i < loop->count; i++) {
		struct flow_loop_slot *slot = &loop->slots[i];

		if (slot->var == FLOW_NONE)
			continue;
		slot->back = rill_flow_lookup(flow, loop->body, slot->var);
		rill_flow_assign(flow, loop->parent, slot->var, (struct rill_value){
			.kind = VALUE_EXIT, .region = loop->parent, .index = frame->owner, .slot = i,
			.depth = slot->entry.depth + 1 });
	}
	flow->current = loop->parent;
	for (i = 0; i < loop->count && !flow->graph->failed; i++) {
		if (loop->slots[i].var != FLOW_NONE && loop->slots[i].entry.depth > FLOW_DEEP)
			rill_flow_assign(flow, loop->parent, loop->slots[i].var,
					 rill_flow_use(flow, loop->parent,
						       rill_flow_lookup(flow, loop->parent, loop->slots[i].var)));
	}
}
