// SPDX-License-Identifier: MIT
/*
 * if, case and route: a `when` decides, one `where` routes values into the chosen arm, another takes its
 * results. What an arm passes on unchanged goes straight to the second. Classic: a gate for each value and
 * arm, a merge for each result.
 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

static struct rill_value control(struct rill_flow *flow, struct flow_branch *branch)
{
	if (branch->control.kind == VALUE_NONE && branch->decision)
		branch->control = rill_decision_build(flow, branch->parent, branch->label, branch->decision);
	else if (branch->control.kind == VALUE_NONE)
		branch->control = rill_flow_token(flow, branch->parent, branch->selector);
	return branch->control;
}

static void ensure(struct rill_flow *flow, struct flow_branch *branch, struct flow_crossbar *crossbar,
		   const char *part)
{
	struct rill_value by = control(flow, branch);

	if (flow->graph->failed || crossbar->node != FLOW_NONE)
		return;
	rill_crossbar_new(flow, crossbar, branch->label, part, branch->arms);
	rill_flow_connect(flow, by, crossbar->node, RILL_PORT_LAST);
}

/* The input's token goes in every pattern, whether copied or not. */
static void take_always(struct rill_flow *flow, const struct flow_branch *branch, uint32_t where, uint32_t input)
{
	uint32_t k;

	for (k = 0; k < branch->arms; k++)
		rill_graph_where_take(flow->graph, where, k, input);
}

struct rill_value rill_branch_import(struct rill_flow *flow, uint32_t region, struct rill_value value)
{
	struct flow_branch *branch = flow->branches[flow->regions[region].owner];
	struct flow_crossbar gate = { .node = FLOW_NONE }, *split = &branch->split;
	uint32_t arm = flow->regions[region].arm, input, output, node;

	if (flow->form == RILL_CLASSIC)
		split = &gate;
	ensure(flow, branch, split, flow->form == RILL_CLASSIC ? "gate" : "split");
	if (flow->graph->failed)
		return RILL_NO_VALUE;
	node = split->node;
	input = rill_crossbar_input(flow, split, value);
	output = rill_graph_where_output(flow->graph, node);
	if (!flow->graph->failed) {
		take_always(flow, branch, node, input);
		rill_graph_where_copy(flow->graph, node, arm, output, input);
	}
	rill_crossbar_free(&gate);
	return rill_value_port(region, node, output);
}

/* ---- joining ---- */

/* The arm's value as the second `where` takes it: of the arm, or of the region outside. */
static struct rill_value joined(struct rill_flow *flow, const struct flow_branch *branch, uint32_t arm,
				struct rill_value value, bool *outside)
{
	uint32_t region = branch->regions[arm];

	*outside = false;
	if (value.kind == VALUE_CONST)
		return value;
	if (flow->form == RILL_CLASSIC || value.region == region)
		return rill_flow_use(flow, region, value);
	*outside = true;
	return rill_flow_use(flow, branch->parent, value);
}

struct rill_value rill_branch_join(struct rill_flow *flow, uint32_t index, uint32_t slot)
{
	struct flow_branch *branch = flow->branches[index];
	struct flow_crossbar merge = { .node = FLOW_NONE }, *join = &branch->join;
	struct rill_value value;
	uint32_t k, output;
	bool outside;

	if (branch->slots[slot]->port.kind != VALUE_NONE || flow->graph->failed)
		return branch->slots[slot]->port;
	flow->demands++;
	if (flow->form == RILL_CLASSIC)
		join = &merge;
	ensure(flow, branch, join, flow->form == RILL_CLASSIC ? "merge" : "join");
	output = flow->graph->failed ? 0 : rill_graph_where_output(flow->graph, join->node);
	for (k = 0; k < branch->arms && !flow->graph->failed; k++) {
		if (branch->slots[slot]->arm[k].kind == VALUE_NONE) {
			rill_flow_fail(flow, "a value that not every arm of '%s' gives", branch->label);
			break;
		}
		value = joined(flow, branch, k, branch->slots[slot]->arm[k], &outside);
		rill_crossbar_route(flow, join, k, value, output);
		if (outside && value.kind == VALUE_PORT && !flow->graph->failed)
			take_always(flow, branch, join->node, rill_crossbar_input(flow, join, value));
	}
	value = rill_value_port(branch->parent, join->node, output);
	rill_crossbar_free(&merge);
	branch->slots[slot]->port = flow->graph->failed ? RILL_NO_VALUE : value;
	return branch->slots[slot]->port;
}

/* A value that is the same whatever arm is taken needs no join. */
static bool all_same(const struct flow_branch *branch, const struct flow_slot *slot)
{
	uint32_t k;

	for (k = 1; k < branch->arms; k++) {
		if (!rill_value_same(&slot->arm[0], &slot->arm[k]))
			return false;
	}
	return true;
}

static void add_slot(struct rill_flow *flow, uint32_t index, uint32_t var)
{
	struct flow_branch *branch = flow->branches[index];
	struct flow_slot *slot = calloc(1, sizeof(*slot) + branch->arms * sizeof(slot->arm[0]));
	struct rill_value value = { .kind = VALUE_JOIN, .region = branch->parent, .index = index,
				    .slot = branch->count };
	uint32_t k;

	if (!slot || !rill_flow_room(flow, &branch->slots, &branch->room, branch->count + 1,
				     sizeof(struct flow_slot *))) {
		free(slot);
		rill_graph_no_memory(flow->graph);
		return;
	}
	branch->slots[branch->count++] = slot;
	for (k = 0; k < branch->arms; k++) {
		slot->arm[k] = rill_flow_lookup(flow, branch->regions[k], var);
		if (slot->arm[k].kind == VALUE_NONE && var == RILL_FLOW_MEMORY)
			slot->arm[k] = (struct rill_value){ .kind = VALUE_MEMORY, .region = FLOW_TOP };
		if (slot->arm[k].depth >= value.depth)
			value.depth = slot->arm[k].depth + 1;
	}
	if (all_same(branch, slot) && (slot->arm[0].kind == VALUE_CONST || slot->arm[0].region == branch->parent))
		value = slot->arm[0];
	rill_flow_assign(flow, branch->parent, var, value);
}

/* Did an arm before this one assign it? */
static bool seen(const struct rill_flow *flow, const struct flow_branch *branch, uint32_t arm, uint32_t var)
{
	uint32_t k;

	for (k = 0; k < arm; k++) {
		if (rill_flow_binding(&flow->regions[branch->regions[k]], var).kind != VALUE_NONE)
			return true;
	}
	return false;
}

static void close(struct rill_flow *flow, uint32_t index)
{
	struct flow_branch *branch = flow->branches[index];
	struct rill_value value;
	uint32_t k, i, var;

	flow->current = branch->parent;
	for (k = 0; k < branch->arms; k++) {
		for (i = 0; i < flow->regions[branch->regions[k]].env_count && !flow->graph->failed; i++) {
			var = flow->regions[branch->regions[k]].env[i].var;
			if (seen(flow, branch, k, var))
				continue;
			add_slot(flow, index, var);
			value = rill_flow_lookup(flow, branch->parent, var);
			if (value.depth > FLOW_DEEP)
				rill_flow_assign(flow, branch->parent, var,
						 rill_flow_use(flow, branch->parent, value));
		}
	}
}

/* ---- opening and closing ---- */

static uint32_t open_branch(struct rill_flow *flow, const char *label, const struct rill_decision *decision,
			    struct rill_value selector, uint32_t arms)
{
	struct flow_branch *branch = calloc(1, sizeof(*branch));
	uint32_t index = flow->branch_count, k;

	if (!branch || !rill_flow_room(flow, &flow->branches, &flow->branch_room, index + 1,
				       sizeof(*flow->branches))) {
		free(branch);
		rill_graph_no_memory(flow->graph);
		return 0;
	}
	flow->branches[flow->branch_count++] = branch;
	branch->label = strdup(label);
	branch->parent = flow->current;
	branch->arms = arms;
	branch->split.node = FLOW_NONE;
	branch->join.node = FLOW_NONE;
	branch->selector = selector;
	if (decision) {
		branch->decision = malloc(sizeof(*decision));
		if (branch->decision)
			*branch->decision = *decision;
	}
	if (!branch->label || (decision && !branch->decision))
		rill_graph_no_memory(flow->graph);
	for (k = 0; k < arms; k++)
		branch->regions[k] = rill_flow_region(flow, REGION_ARM, flow->current, index, k);
	return index;
}

static bool push(struct rill_flow *flow, uint32_t arms)
{
	if (flow->graph->failed)
		return false;
	if (flow->depth == RILL_FLOW_MAX_DEPTH)
		return rill_flow_fail(flow, "control nested deeper than the limit of %u", RILL_FLOW_MAX_DEPTH);
	flow->frames[flow->depth++] = (struct flow_frame){ .kind = REGION_ARM, .arms = arms };
	return true;
}

static struct flow_frame *top(struct rill_flow *flow, const char *what, bool is_case)
{
	struct flow_frame *frame = flow->depth ? &flow->frames[flow->depth - 1] : NULL;

	if (flow->graph->failed)
		return NULL;
	if (frame && frame->kind == REGION_ARM && (frame->arms != 0) == is_case)
		return frame;
	rill_flow_fail(flow, "%s where none is open", what);
	return NULL;
}

void rill_flow_if(struct rill_flow *flow, const char *label, const struct rill_decision *decision)
{
	uint32_t index;

	if (!push(flow, 0))
		return;
	index = open_branch(flow, label ? label : "if", decision, RILL_NO_VALUE, 2);
	flow->frames[flow->depth - 1].owner = index;
	if (!flow->graph->failed)
		flow->current = flow->branches[index]->regions[1];
}

void rill_flow_else(struct rill_flow *flow)
{
	struct flow_frame *frame = top(flow, "else", false);

	if (frame)
		flow->current = flow->branches[frame->owner]->regions[0];
}

void rill_flow_end_if(struct rill_flow *flow)
{
	struct flow_frame *frame = top(flow, "end of if", false);

	if (!frame)
		return;
	flow->depth--;
	close(flow, frame->owner);
}

/* ---- case and route; classic ones are nested ifs ---- */

static void classic_if(struct rill_flow *flow, struct flow_frame *frame, const char *label, uint32_t arm)
{
	const struct rill_decision *all = flow->cases[flow->depth - 1];
	struct rill_decision one;
	uint32_t s, index;

	if (all) {
		one = *all;
		for (s = 0; s < 1u << all->dims; s++)
			one.id[s] = all->id[s] == arm;
	} else {
		rill_decision_compare(&one, RILL_NDF_EQ, flow->case_value[flow->depth - 1], rill_flow_const(arm));
	}
	index = open_branch(flow, label, &one, RILL_NO_VALUE, 2);
	if (flow->graph->failed)
		return;
	if (!frame->nested)
		frame->owner = index;
	else
		flow->branches[frame->last]->next = index;
	frame->last = index;
	frame->nested++;
	flow->current = flow->branches[index]->regions[1];
}

static void open_case(struct rill_flow *flow, const char *label, const struct rill_decision *decision,
		      struct rill_value selector, uint32_t arms)
{
	uint32_t index;

	if (!flow->graph->failed && (arms < 2 || arms > RILL_FLOW_MAX_ARMS))
		rill_flow_fail(flow, "'%s' has %u arms, not 2..%u", label, arms, RILL_FLOW_MAX_ARMS);
	if (!push(flow, arms))
		return;
	if (flow->form != RILL_CLASSIC || (decision && decision->direct && arms == 2)) {
		index = open_branch(flow, label, decision, selector, arms);
		flow->frames[flow->depth - 1].owner = index;
		if (!flow->graph->failed)
			flow->current = flow->branches[index]->regions[0];
		return;
	}
	free(flow->cases[flow->depth - 1]);
	flow->cases[flow->depth - 1] = NULL;
	if (decision && decision->direct)
		selector = decision->operand[0];
	flow->case_value[flow->depth - 1] = selector;
	if (decision && !decision->direct) {
		flow->cases[flow->depth - 1] = malloc(sizeof(*decision));
		if (!flow->cases[flow->depth - 1]) {
			rill_graph_no_memory(flow->graph);
			return;
		}
		*flow->cases[flow->depth - 1] = *decision;
	}
	classic_if(flow, &flow->frames[flow->depth - 1], label, 0);
}

void rill_flow_case(struct rill_flow *flow, const char *label, const struct rill_decision *decision, uint32_t arms)
{
	open_case(flow, label ? label : "case", decision, RILL_NO_VALUE, arms);
}

void rill_flow_route(struct rill_flow *flow, const char *label, struct rill_value selector, uint32_t arms)
{
	open_case(flow, label ? label : "route", NULL, selector, arms);
}

void rill_flow_arm(struct rill_flow *flow, uint32_t arm)
{
	struct flow_frame *frame = top(flow, "an arm", true);
	struct flow_branch *branch;

	if (!frame)
		return;
	if (arm >= frame->arms || (frame->nested && arm && arm != frame->nested)) {
		rill_flow_fail(flow, "arm %u out of turn; there are 0..%u", arm, frame->arms - 1);
		return;
	}
	if (!frame->nested) {
		flow->current = flow->branches[frame->owner]->regions[arm];
		return;
	}
	if (!arm)
		return;
	branch = flow->branches[frame->last];
	flow->current = branch->regions[0];
	if (arm + 1 < frame->arms)
		classic_if(flow, frame, branch->label, arm);
	else
		frame->nested++;	/* the last arm is the last else */
}

/* The innermost of nested ifs first */
static void close_chain(struct rill_flow *flow, uint32_t index)
{
	if (flow->branches[index]->next)
		close_chain(flow, flow->branches[index]->next);
	close(flow, index);
}

void rill_flow_end_case(struct rill_flow *flow)
{
	struct flow_frame *frame = top(flow, "end of case", true);

	if (!frame)
		return;
	flow->depth--;
	if (frame->nested && frame->nested != frame->arms)
		rill_flow_fail(flow, "the end of a case with %u arms after %u", frame->arms, frame->nested);
	else
		close_chain(flow, frame->owner);
}
