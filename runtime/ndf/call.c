// SPDX-License-Identifier: MIT
/*
 * Functions with several callers: an arbiter, an EVENT `when` with a dimension for each caller, says whose
 * arguments the call `where` takes next and to whom the return `where` gives the results.
 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

uint32_t rill_flow_function(struct rill_flow *flow, const char *name, const uint32_t *params, uint32_t count)
{
	struct flow_function *f = calloc(1, sizeof(*f));
	uint32_t i, index = flow->function_count;

	if (!f || !rill_flow_room(flow, &flow->functions, &flow->function_room, index + 1,
				  sizeof(*flow->functions))) {
		free(f);
		rill_graph_no_memory(flow->graph);
		return 0;
	}
	flow->functions[flow->function_count++] = f;
	f->name = strdup(name);
	f->call.node = FLOW_NONE;
	f->back.node = FLOW_NONE;
	f->params = count;
	f->param_ports = calloc(count + 1, sizeof(*f->param_ports));
	if (flow->depth || flow->current != FLOW_TOP)
		rill_flow_fail(flow, "function '%s' is not at the top of the program", name);
	if (!f->name || !f->param_ports)
		rill_graph_no_memory(flow->graph);
	f->region = rill_flow_region(flow, REGION_FUNCTION, FLOW_NONE, index, 0);
	for (i = 0; i < count; i++)
		rill_flow_assign(flow, f->region, params[i], (struct rill_value){
			.kind = VALUE_PARAM, .region = f->region, .index = index, .slot = i });
	flow->current = f->region;
	return index;
}

void rill_flow_end_function(struct rill_flow *flow, const uint32_t *results, uint32_t count)
{
	struct flow_function *f;
	uint32_t i;

	if (flow->graph->failed)
		return;
	if (flow->regions[flow->current].kind != REGION_FUNCTION || flow->depth) {
		rill_flow_fail(flow, "end of a function where none is open");
		return;
	}
	f = flow->functions[flow->regions[flow->current].owner];
	f->results = count;
	f->result_values = calloc(count + 1, sizeof(*f->result_values));
	if (!f->result_values)
		rill_graph_no_memory(flow->graph);
	for (i = 0; i < count && !flow->graph->failed; i++)
		f->result_values[i] = rill_flow_get(flow, results[i]);
	flow->current = FLOW_TOP;
}

void rill_flow_call(struct rill_flow *flow, uint32_t function, const struct rill_value *args,
		    struct rill_value *results)
{
	struct flow_function *f;
	struct flow_call *call;
	uint32_t i, index = flow->call_count;

	if (!flow->graph->failed && (function >= flow->function_count || !flow->functions[function]->result_values))
		rill_flow_fail(flow, "a call of a function that is not complete");
	if (!rill_flow_room(flow, &flow->calls, &flow->call_room, index + 1, sizeof(*flow->calls)))
		return;
	f = flow->functions[function];
	call = &flow->calls[flow->call_count++];
	*call = (struct flow_call){ .function = function, .region = flow->current };
	call->args = calloc(f->params + 1, sizeof(*call->args));
	call->ports = calloc(f->results + 1, sizeof(*call->ports));
	if (!call->args || !call->ports) {
		rill_graph_no_memory(flow->graph);
		return;
	}
	memcpy(call->args, args, f->params * sizeof(*args));
	for (i = 0; i < f->results; i++)
		results[i] = (struct rill_value){ .kind = VALUE_RESULT, .region = flow->current, .index = index,
						  .slot = i };
}

/* Patterns are the function's callers, in the order of their calls. */
static uint32_t callers(const struct rill_flow *flow, uint32_t function, uint32_t until)
{
	uint32_t i, count = 0;

	for (i = 0; i < until; i++)
		count += flow->calls[i].function == function;
	return count;
}

struct rill_value rill_call_param(struct rill_flow *flow, uint32_t function, uint32_t slot)
{
	struct flow_function *f = flow->functions[function];

	if (f->param_ports[slot].kind == VALUE_NONE && !flow->graph->failed) {
		flow->demands++;
		rill_crossbar_new(flow, &f->call, f->name, "call", 1);
		f->param_ports[slot] = rill_value_port(f->region, f->call.node,
						       flow->graph->failed ? 0 :
						       rill_graph_where_output(flow->graph, f->call.node));
	}
	return f->param_ports[slot];
}

struct rill_value rill_call_result(struct rill_flow *flow, uint32_t index, uint32_t slot)
{
	struct flow_call *call = &flow->calls[index];
	struct flow_function *f = flow->functions[call->function];

	if (call->ports[slot].kind == VALUE_NONE && !flow->graph->failed) {
		flow->demands++;
		rill_crossbar_new(flow, &f->back, f->name, "return", 1);
		call->ports[slot] = rill_value_port(call->region, f->back.node,
						    flow->graph->failed ? 0 :
						    rill_graph_where_output(flow->graph, f->back.node));
	}
	return call->ports[slot];
}

/* ---- when all callers are known ---- */

/* A token of value 1 when all that the caller gives is there. */
static struct rill_value request(struct rill_flow *flow, const struct flow_call *call,
				 const struct flow_function *f)
{
	struct rill_value all = RILL_NO_VALUE, arg;
	uint32_t i, op;

	for (i = 0; i < f->params && !flow->graph->failed; i++) {
		arg = rill_flow_use(flow, call->region, call->args[i]);
		if (f->param_ports[i].kind == VALUE_NONE || arg.kind != VALUE_PORT)
			continue;
		if (all.kind == VALUE_NONE) {
			all = arg;
			continue;
		}
		op = rill_graph_op(flow->graph, "then", RILL_NDF_THEN, 2, 1);
		rill_flow_connect(flow, all, op, 0);
		rill_flow_connect(flow, arg, op, 1);
		all = rill_value_port(call->region, op, 0);
	}
	if (all.kind == VALUE_NONE)
		all = rill_flow_trigger(flow, call->region);
	op = rill_graph_op(flow->graph, "request", RILL_NDF_THEN, 1, 1);
	rill_graph_op_imm(flow->graph, op, 1, 1);
	rill_flow_connect(flow, all, op, 0);
	return rill_value_port(call->region, op, 0);
}

static uint32_t arbiter(struct rill_flow *flow, uint32_t function, uint32_t count)
{
	const struct flow_function *f = flow->functions[function];
	int32_t weights[RILL_NDF_MAX_PORTS * RILL_NDF_MAX_PORTS] = { 0 };
	int64_t theta[RILL_NDF_MAX_PORTS];
	struct rill_when_spec spec = {
		.when = { .decode = RILL_NDF_DECODE_WTA, .reset = RILL_NDF_RESET_SUBTRACT,
			  .dims = (uint8_t)count, .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = count, .theta = theta, .weights = weights,
	};
	uint32_t i, k = 0, node;
	char name[128];

	for (i = 0; i < count; i++) {
		weights[i * count + i] = 1;
		theta[i] = 1;
	}
	snprintf(name, sizeof(name), "%.100s.arbiter", f->name);
	node = rill_graph_when(flow->graph, name, &spec);
	for (i = 0; i < flow->call_count && !flow->graph->failed; i++) {
		if (flow->calls[i].function == function)
			rill_flow_connect(flow, request(flow, &flow->calls[i], f), node, k++);
	}
	return node;
}

static void connect_caller(struct rill_flow *flow, struct flow_function *f, const struct flow_call *call,
			   uint32_t pattern)
{
	uint32_t i;

	/* Two callers that give the same value give a token each. */
	f->call.count = 0;
	for (i = 0; i < f->params && !flow->graph->failed; i++) {
		if (f->param_ports[i].kind != VALUE_NONE)
			rill_crossbar_route(flow, &f->call, pattern,
					    rill_flow_use(flow, call->region, call->args[i]), f->param_ports[i].slot);
	}
	for (i = 0; i < f->results && f->back.node != FLOW_NONE && !flow->graph->failed; i++) {
		struct rill_value result = rill_flow_use(flow, f->region, f->result_values[i]);

		if (flow->graph->failed)
			return;
		if (result.kind == VALUE_PORT)
			rill_graph_where_take(flow->graph, f->back.node, pattern,
					      rill_crossbar_input(flow, &f->back, result));
		if (call->ports[i].kind != VALUE_NONE)
			rill_crossbar_route(flow, &f->back, pattern, result, call->ports[i].slot);
	}
}

static bool any_used(const struct rill_flow *flow, uint32_t function)
{
	return flow->functions[function]->call.node != FLOW_NONE || flow->functions[function]->back.node != FLOW_NONE;
}

/* A merge has two inputs, a gate one output; here one node does for all of them. */
static void count_classic(struct rill_flow *flow, const struct flow_function *f, uint32_t count)
{
	uint32_t i, nodes = 0;

	if (flow->graph->failed)
		return;
	if (f->call.node != FLOW_NONE) {
		for (i = 0; i < f->params; i++)
			nodes += f->param_ports[i].kind != VALUE_NONE ? count - 1 : 0;
		flow->extra_control += nodes - 1;
	}
	if (f->back.node != FLOW_NONE)
		flow->extra_control += flow->graph->nodes[f->back.node].outputs - 1;
}

void rill_call_settle(struct rill_flow *flow)
{
	uint32_t i, k, before;

	do {
		before = flow->demands;
		for (i = 0; i < flow->function_count && !flow->graph->failed; i++) {
			struct flow_function *f = flow->functions[i];

			if (!any_used(flow, i))
				continue;
			for (k = 0; k < f->results; k++)
				rill_flow_use(flow, f->region, f->result_values[k]);
			if (f->params)
				rill_call_param(flow, i, 0);
		}
		for (i = 0; i < flow->call_count && !flow->graph->failed; i++) {
			struct flow_function *f = flow->functions[flow->calls[i].function];

			for (k = 0; k < f->params; k++) {
				if (f->param_ports[k].kind != VALUE_NONE)
					rill_flow_use(flow, flow->calls[i].region, flow->calls[i].args[k]);
			}
		}
		rill_loop_settle(flow);
	} while (flow->demands != before && !flow->graph->failed);
}

static void finish(struct rill_flow *flow, uint32_t function)
{
	struct flow_function *f = flow->functions[function];
	uint32_t count = callers(flow, function, flow->call_count), node, i;

	if (!any_used(flow, function))
		return;
	if (!count || count > RILL_NDF_MAX_PORTS) {
		rill_flow_fail(flow, "function '%s' has %u callers, not 1..%u", f->name, count, RILL_NDF_MAX_PORTS);
		return;
	}
	node = arbiter(flow, function, count);
	if (f->call.node != FLOW_NONE && rill_graph_where_patterns(flow->graph, f->call.node, count))
		rill_graph_arc(flow->graph, node, 0, f->call.node, RILL_PORT_LAST, 0);
	if (f->back.node != FLOW_NONE && rill_graph_where_patterns(flow->graph, f->back.node, count))
		rill_graph_arc(flow->graph, node, 0, f->back.node, RILL_PORT_LAST, 0);
	for (i = 0; i < flow->call_count && !flow->graph->failed; i++) {
		if (flow->calls[i].function == function)
			connect_caller(flow, f, &flow->calls[i], callers(flow, function, i));
	}
	if (flow->form == RILL_CLASSIC)
		count_classic(flow, f, count);
}

void rill_call_finish(struct rill_flow *flow)
{
	uint32_t i;

	for (i = 0; i < flow->function_count && !flow->graph->failed; i++)
		finish(flow, i);
}
