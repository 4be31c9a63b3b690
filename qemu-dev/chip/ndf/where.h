/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WHERE: a firing. The pattern has been chosen and all that it needs is there. */
#ifndef RILL_CHIP_NDF_WHERE_H
#define RILL_CHIP_NDF_WHERE_H

#include "fifo.h"

/* where.c: any WHERE, wide ones too */
void ndf_fire_where(struct rill_ndf_engine *engine, uint32_t node);
void ndf_wide_want_switch(struct ndf_wide *wide);

/* Narrow, STATIC or TABLE. Tokens stay where they are while they are copied, so that one may go to several ports. */
NDF_INLINE void ndf_fire_pattern(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where,
				 const bool hooked)
{
	const struct ndf_pattern *pattern = &engine->patterns[engine->nodes[node].imm];
	const uint8_t *move = engine->moves + pattern->first, *end = move + 2 * pattern->puts;
	struct ndf_node *n = &engine->nodes[node];
	uint32_t lost = 0;

	engine->where++;
	n->want = UINT32_MAX;
	for (; move < end; move += 2)
		ndf_give(engine, &engine->arcs[n->out + move[1]], ndf_peek(ndf_input(engine, n, move[0])), &lost,
			 hooked);
	n->have &= ~lost;
	lost = 0;
	for (end = move + pattern->takes; move < end; move++)
		ndf_take(engine, ndf_input(engine, n, *move), &lost, hooked);
	n->have &= ~lost;
	if (where->mode == RILL_NDF_STATIC) {
		ndf_finish_narrow(engine, node, pattern->want, hooked);
		return;
	}
	n->code = NDF_CODE_SWITCH;
	n->want = 1u << where->inputs;
	if (n->have & n->want)
		ndf_select(engine, node, hooked);
}

#endif
