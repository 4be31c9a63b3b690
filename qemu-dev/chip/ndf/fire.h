/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fire an enabled node, whatever it is. */
#ifndef RILL_CHIP_NDF_FIRE_H
#define RILL_CHIP_NDF_FIRE_H

#include "io.h"
#include "when.h"
#include "where.h"

NDF_INLINE void ndf_put_result(struct rill_ndf_engine *engine, uint32_t node, uint32_t want, uint64_t word,
			       const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];

	if (NDF_LIKELY(n->fan == 1))
		ndf_push(engine, n, ndf_arc_at(engine, engine->out_arcs[n->out]), word, hooked);
	else
		ndf_emit(engine, node, word, hooked);
	ndf_finish(engine, node, want, hooked);
}

NDF_INLINE void ndf_fire_simple(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	uint32_t want = ndf_begin(n);
	uint64_t a = n->imm, b = n->imm;

	if (n->shape & NDF_SHAPE_A)
		a = ndf_pop(engine, n, ndf_arc_at(engine, n->in), hooked);
	if (n->shape & NDF_SHAPE_B)
		b = ndf_pop(engine, n, ndf_arc_at(engine, n->in2), hooked);
	ndf_put_result(engine, node, want, ndf_alu(n->op, a, b), hooked);
}

static inline void ndf_fire_select(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	const struct ndf_node_desc *desc = &engine->program->nodes[node];
	unsigned int imm = desc->flags & RILL_NDF_OP_IMM_MASK, port = 0, i;
	struct ndf_node *n = &engine->nodes[node];
	uint32_t want = ndf_begin(n);
	uint64_t operands[3];

	for (i = 0; i < 3; i++) {
		if (i + 1 == imm)
			operands[i] = n->imm;
		else
			operands[i] = ndf_pop(engine, n, ndf_input(engine, n, port++), hooked);
	}
	ndf_put_result(engine, node, want, operands[0] ? operands[1] : operands[2], hooked);
}

/* False: it did not fire. */
NDF_INLINE bool ndf_fire(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	const struct ndf_node *n = &engine->nodes[node];

	switch (n->code) {
	case NDF_CODE_SIMPLE:
		ndf_fire_simple(engine, node, hooked);
		return true;
	case NDF_CODE_WHERE:
		ndf_fire_where(engine, node, hooked);
		return true;
	case NDF_CODE_WHEN:
		ndf_fire_when(engine, node, hooked);
		return true;
	case NDF_CODE_SELECT:
		ndf_fire_select(engine, node, hooked);
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
	default:
		return ndf_fault(engine, RILL_NDF_FAULT_SWITCH, node, n->imm);
	}
}

/* instance.c: enqueue all that is enabled, and STREAMs that were told to wait */
void ndf_start(struct rill_ndf_engine *engine);
void ndf_unpark(struct rill_ndf_engine *engine);

#endif
