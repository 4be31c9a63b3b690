// SPDX-License-Identifier: GPL-2.0-or-later
/* Firings that need not be fast. */
#include "fire.h"

/* Operands of an OP, the immediate one among them; takes their tokens. */
static void take_operands(struct rill_ndf_engine *engine, uint32_t node, uint64_t *operands, unsigned int count)
{
	const struct ndf_node_desc *desc = &engine->program->nodes[node];
	unsigned int imm = desc->flags & RILL_NDF_OP_IMM_MASK, port = 0, i;
	const struct ndf_node *n = &engine->nodes[node];

	for (i = 0; i < count; i++) {
		if (i + 1 == imm)
			operands[i] = n->imm;
		else
			operands[i] = ndf_pop(engine, node, &engine->arcs[engine->in_arcs
					      [engine->program->first_in[node] + port++]], engine->hooked);
	}
}

static void fire_op(struct rill_ndf_engine *engine, uint32_t node)
{
	unsigned int op = engine->nodes[node].op;
	uint32_t want = ndf_begin(&engine->nodes[node]);
	uint64_t operands[3] = { 0 }, result;

	take_operands(engine, node, operands, ndf_op_operands(op));
	if (op == RILL_NDF_SELECT)
		result = operands[0] ? operands[1] : operands[2];
	else
		result = ndf_alu(ndf_class_of(op), op, operands[0], operands[1]);
	ndf_push_port(engine, node, 0, result, engine->hooked);
	ndf_finish(engine, node, want, engine->hooked);
}

bool ndf_fire_slowly(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_node *n = &engine->nodes[node];

	switch (ndf_code_of(n)) {
	case NDF_CODE_WHERE:
		ndf_fire_where(engine, node);
		return true;
	case NDF_CODE_WHEN:
		ndf_fire_pred(engine, node);
		return true;
	case NDF_CODE_LESSON:
		ndf_fire_lesson(engine, node);
		return true;
	case NDF_CODE_EVENT:
		ndf_fire_event(engine, node);
		return true;
	case NDF_CODE_MEMORY:
		return ndf_fire_memory(engine, node);
	case NDF_CODE_STREAM:
		return ndf_fire_stream(engine, node);
	case NDF_CODE_SOURCE:
		return ndf_fire_source(engine, node);
	case NDF_CODE_SINK:
		return ndf_fire_sink(engine, node);
	case NDF_CODE_BAD_SWITCH:
		return ndf_fault(engine, RILL_NDF_FAULT_SWITCH, node, n->imm);
	default:
		fire_op(engine, node);
		return true;
	}
}
