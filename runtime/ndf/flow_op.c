// SPDX-License-Identifier: MIT
/* Flows: operations, memory, inputs and outputs. */
#include "flow.h"
#include "names.h"

#include <string.h>

struct rill_value rill_flow_op(struct rill_flow *flow, enum rill_ndf_op op, struct rill_value a,
			       struct rill_value b, struct rill_value c)
{
	const struct rill_op_info *info = rill_op_info(op);
	struct rill_value args[3] = { a, b, c };
	uint32_t i, depth = 0;
	bool known = true;
	uint64_t word;

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	for (i = 0; i < (info ? info->operands : 0); i++) {
		depth = args[i].depth > depth ? args[i].depth : depth;
		known &= args[i].kind == VALUE_CONST;
		if (args[i].kind == VALUE_NONE)
			rill_flow_fail(flow, "operation '%s' lacks operand %u", info->name, i + 1);
	}
	if (!info || info->memory || !info->operands)
		rill_flow_fail(flow, "operation %d is not one of values alone", op);
	if (known && rill_op_fold(op, a.word, b.word, &word))
		return rill_flow_const(word);
	if (!rill_flow_room(flow, &flow->ops, &flow->op_room, flow->op_count + 1, sizeof(*flow->ops)))
		return RILL_NO_VALUE;
	flow->ops[flow->op_count] = (struct flow_op){ .op = op, .args = { a, b, c }, .region = flow->current,
		.node = FLOW_NONE, .name = FLOW_NONE, .line = flow->graph->line, .column = flow->graph->column };
	a = (struct rill_value){ .kind = VALUE_OP, .region = flow->current, .index = flow->op_count++,
				 .depth = depth + 1 };
	return depth < FLOW_DEEP ? a : rill_flow_use(flow, flow->current, a);
}

/* Connects operands in order; one constant becomes the immediate, further ones tokens. */
static void connect_args(struct rill_flow *flow, uint32_t node, const struct rill_value *args, uint32_t count,
			 uint32_t imm)
{
	uint32_t i, port = 0;

	for (i = 0; i < count; i++) {
		if (i == imm)
			rill_graph_op_imm(flow->graph, node, i, args[i].word);
		else
			rill_flow_connect(flow, args[i], node, port++);
	}
}

/* Makes all args values of the region; returns which one is to be the immediate, or count. */
static uint32_t use_args(struct rill_flow *flow, uint32_t region, struct rill_value *args, uint32_t count)
{
	uint32_t i, imm = count;

	for (i = 0; i < count; i++)
		args[i] = rill_flow_use(flow, region, args[i]);
	for (i = count; i-- > 0;) {
		if (args[i].kind != VALUE_CONST)
			continue;
		/* The last constant is the immediate, unless nothing would be left to wait for. */
		if (imm == count && count > 1)
			imm = i;
		else
			args[i] = rill_flow_token(flow, region, args[i]);
	}
	return imm;
}

struct rill_value rill_flow_build_op(struct rill_flow *flow, uint32_t index)
{
	struct flow_op op = flow->ops[index];
	const struct rill_op_info *info = rill_op_info(op.op);
	uint32_t line = flow->graph->line, column = flow->graph->column, imm, node;

	if (op.node != FLOW_NONE)
		return rill_value_port(op.region, op.node, 0);
	imm = use_args(flow, op.region, op.args, info->operands);
	flow->graph->line = op.line;
	flow->graph->column = op.column;
	node = rill_graph_op(flow->graph, op.name != FLOW_NONE ? flow->vars[op.name] : info->name, op.op,
			     info->operands - (imm < info->operands), 1);
	connect_args(flow, node, op.args, info->operands, imm);
	flow->ops[index].node = node;
	flow->graph->line = line;
	flow->graph->column = column;
	return rill_value_port(op.region, node, 0);
}

/* LOAD or STORE of the word at base + 8 * args[0]; its memory token is the last of args. */
static uint32_t build_access(struct rill_flow *flow, enum rill_ndf_op op, uint32_t base, struct rill_value *args,
			     uint32_t count, uint32_t outputs)
{
	uint32_t imm = use_args(flow, flow->current, args, count), node;

	if (flow->graph->failed)
		return RILL_NDF_NONE;
	node = rill_graph_op(flow->graph, rill_op_info(op)->name, op, count - (imm < count), outputs);
	rill_graph_op_param(flow->graph, node, 3u << RILL_NDF_MEM_SIZE_SHIFT | RILL_NDF_MEM_SCALED, base);
	connect_args(flow, node, args, count, imm);
	return node;
}

struct rill_value rill_flow_load(struct rill_flow *flow, uint32_t base, struct rill_value index)
{
	struct rill_value args[] = { index, rill_flow_get(flow, RILL_FLOW_MEMORY) };
	uint32_t node = build_access(flow, RILL_NDF_LOAD, base, args, 2, 2);

	rill_flow_assign(flow, flow->current, RILL_FLOW_MEMORY, rill_value_port(flow->current, node, 1));
	return rill_value_port(flow->current, node, 0);
}

void rill_flow_store(struct rill_flow *flow, uint32_t base, struct rill_value index, struct rill_value value)
{
	struct rill_value args[] = { index, value, rill_flow_get(flow, RILL_FLOW_MEMORY) };
	uint32_t node = build_access(flow, RILL_NDF_STORE, base, args, 3, 1);

	rill_flow_assign(flow, flow->current, RILL_FLOW_MEMORY, rill_value_port(flow->current, node, 0));
}

struct rill_value rill_flow_input(struct rill_flow *flow, const char *name, const uint64_t *words, uint32_t count,
				  bool stream)
{
	struct rill_value value;

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	if (flow->current != FLOW_TOP)
		rill_flow_fail(flow, "input '%s' is not at the top of the program", name);
	if (flow->memory.kind != VALUE_NONE && stream)
		rill_flow_fail(flow, "a program with a stream cannot load or store");
	if (!stream && count > 1)
		rill_flow_fail(flow, "input '%s' has %u words, not 1", name, count);
	if (flow->first_input.kind != VALUE_NONE && stream != flow->streaming)
		rill_flow_fail(flow, "'%s': streams and inputs in one program: each run takes a word of all of them",
			       name);
	if (flow->activations > 1 && count && count != flow->activations)
		rill_flow_fail(flow, "stream '%s' has %u words, the one before it %u", name, count, flow->activations);
	value = rill_value_port(FLOW_TOP, rill_graph_source(flow->graph, name, words, count), 0);
	if (flow->first_input.kind == VALUE_NONE)
		flow->first_input = value;
	flow->streaming |= stream;
	if (count > flow->activations)
		flow->activations = count;
	return value;
}

/* What a program takes and gives is found by name: nothing else has these names. */
static bool free_name(struct rill_flow *flow, const char *name)
{
	uint32_t node = rill_graph_find(flow->graph, name);
	unsigned int kind = node == RILL_NDF_NONE ? RILL_NDF_OP : flow->graph->nodes[node].kind;

	if (kind == RILL_NDF_SOURCE)
		return rill_flow_fail(flow, "output '%s' has the name of an input: output another = %s", name, name);
	return kind != RILL_NDF_SINK || rill_flow_fail(flow, "a second output '%s'", name);
}

void rill_flow_output(struct rill_flow *flow, const char *name, struct rill_value value)
{
	uint32_t sink;

	if (flow->graph->failed || !free_name(flow, name))
		return;
	if (flow->current != FLOW_TOP)
		rill_flow_fail(flow, "output '%s' is not at the top of the program", name);
	value = rill_flow_token(flow, FLOW_TOP, value);
	sink = rill_graph_sink(flow->graph, NULL, RILL_NDF_SINK_COUNT, flow->activations);
	if (!flow->graph->failed)
		rill_graph_name_first(flow->graph, sink, name);
	rill_flow_connect(flow, value, sink, 0);
}

struct rill_value rill_flow_when(struct rill_flow *flow, const char *name, const struct rill_when_spec *spec,
				 const struct rill_value *inputs)
{
	struct rill_value ports[RILL_NDF_MAX_PORTS];
	uint32_t i, node;

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	if (spec->inputs > RILL_NDF_MAX_PORTS) {
		rill_flow_fail(flow, "when '%s': %u inputs; the limit is %u", name, spec->inputs, RILL_NDF_MAX_PORTS);
		return RILL_NO_VALUE;
	}
	for (i = 0; i < spec->inputs; i++)
		ports[i] = rill_flow_token(flow, flow->current, inputs[i]);
	node = rill_graph_when(flow->graph, name, spec);
	for (i = 0; i < spec->inputs; i++)
		rill_flow_connect(flow, ports[i], node, i);
	return rill_value_port(flow->current, node, 0);
}

void rill_flow_teach(struct rill_flow *flow, struct rill_value when, struct rill_value lesson)
{
	if (flow->graph->failed)
		return;
	if (when.kind != VALUE_PORT || !rill_graph_teachable(&flow->graph->nodes[when.index])) {
		rill_flow_fail(flow, "a lesson for what has no rule to learn by");
		return;
	}
	lesson = rill_flow_token(flow, when.region, lesson);
	rill_flow_connect(flow, lesson, when.index, RILL_PORT_LAST);
}
