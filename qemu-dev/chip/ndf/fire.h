/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fire an enabled node, whatever it is. */
#ifndef RILL_CHIP_NDF_FIRE_H
#define RILL_CHIP_NDF_FIRE_H

#include "io.h"
#include "when.h"
#include "where.h"

enum ndf_shape {
	NDF_SHAPE_A,
	NDF_SHAPE_AB,
	NDF_SHAPE_AI,
	NDF_SHAPE_IB,
};

/* A narrow OP with one output port; class and shape of its operands are constants. */
NDF_INLINE void ndf_fire_simple(struct rill_ndf_engine *engine, uint32_t node, const enum ndf_class class,
				const enum ndf_shape shape, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	uint32_t want = n->want, lost = 0;
	uint64_t a = n->imm, b = n->imm;

	n->want = UINT32_MAX;
	if (shape != NDF_SHAPE_IB)
		a = ndf_take(engine, &engine->arcs[n->in], &lost, hooked);
	if (shape == NDF_SHAPE_AB || shape == NDF_SHAPE_IB)
		b = ndf_take(engine, &engine->arcs[n->in2], &lost, hooked);
	n->have &= ~lost;
	ndf_give_all(engine, n, ndf_alu(class, n->op, a, b), hooked);
	ndf_finish_narrow(engine, node, want, hooked);
}

/* fire.c: what is wide or not often met. False: it did not fire. */
bool ndf_fire_slowly(struct rill_ndf_engine *engine, uint32_t node);

/* False: it did not fire. */
NDF_INLINE bool ndf_fire(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	const struct ndf_node *n = &engine->nodes[node];
	const struct ndf_where *where;
	const struct ndf_when *when;

	switch (n->code) {
	case NDF_CODE_UNARY:
		ndf_fire_simple(engine, node, NDF_UNARY, NDF_SHAPE_A, hooked);
		return true;
	case NDF_CODE_INTEGER_AB:
		ndf_fire_simple(engine, node, NDF_INTEGER, NDF_SHAPE_AB, hooked);
		return true;
	case NDF_CODE_INTEGER_AI:
		ndf_fire_simple(engine, node, NDF_INTEGER, NDF_SHAPE_AI, hooked);
		return true;
	case NDF_CODE_INTEGER_IB:
		ndf_fire_simple(engine, node, NDF_INTEGER, NDF_SHAPE_IB, hooked);
		return true;
	case NDF_CODE_COMPARE_AB:
		ndf_fire_simple(engine, node, NDF_COMPARE, NDF_SHAPE_AB, hooked);
		return true;
	case NDF_CODE_COMPARE_AI:
		ndf_fire_simple(engine, node, NDF_COMPARE, NDF_SHAPE_AI, hooked);
		return true;
	case NDF_CODE_COMPARE_IB:
		ndf_fire_simple(engine, node, NDF_COMPARE, NDF_SHAPE_IB, hooked);
		return true;
	case NDF_CODE_FLOAT_AB:
		ndf_fire_simple(engine, node, NDF_FLOAT, NDF_SHAPE_AB, hooked);
		return true;
	case NDF_CODE_FLOAT_AI:
		ndf_fire_simple(engine, node, NDF_FLOAT, NDF_SHAPE_AI, hooked);
		return true;
	case NDF_CODE_FLOAT_IB:
		ndf_fire_simple(engine, node, NDF_FLOAT, NDF_SHAPE_IB, hooked);
		return true;
	case NDF_CODE_WHERE:
		where = &engine->wheres[n->in2];
		if (NDF_UNLIKELY(where->mode > RILL_NDF_TABLE))
			return ndf_fire_slowly(engine, node);
		ndf_fire_pattern(engine, node, where, hooked);
		return true;
	case NDF_CODE_WHEN:
		when = ndf_when_of(engine, node);
		if (NDF_UNLIKELY(!when->quick))
			return ndf_fire_slowly(engine, node);
		ndf_fire_quickly(engine, node, when, hooked);
		return true;
	case NDF_CODE_MEMORY:
		return ndf_fire_memory(engine, node);
	default:
		return ndf_fire_slowly(engine, node);
	}
}

/* instance.c: enqueue all that is enabled, and STREAMs that were told to wait */
void ndf_start(struct rill_ndf_engine *engine);
void ndf_unpark(struct rill_ndf_engine *engine);

#endif
