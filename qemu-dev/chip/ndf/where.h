/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WHERE: a firing. The pattern has been chosen and all that it needs is there. */
#ifndef RILL_CHIP_NDF_WHERE_H
#define RILL_CHIP_NDF_WHERE_H

#include "fifo.h"

/* where.c: any WHERE, wide ones too */
void ndf_fire_where(struct rill_ndf_engine *engine, uint32_t node);
void ndf_wide_want_switch(struct ndf_wide *wide);

/* What the pattern copies. Tokens stay where they are, so that one may go to several ports. */
NDF_INLINE void ndf_copy_tokens(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where,
				const struct ndf_pattern *pattern, uint32_t *lost, const bool hooked)
{
	const uint32_t *arcs = engine->port_arcs + engine->first_port[node];
	const uint8_t *from = engine->from + pattern->from;
	struct ndf_node *n = &engine->nodes[node];
	uint64_t rest;

	for (rest = pattern->use; rest; rest &= rest - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(rest);
		uint64_t word = ndf_peek(ndf_input(engine, n, from[port]));
		uint32_t a = n->out + port, end = a + 1;

		if (!where->direct) {
			a = arcs[port];
			end = arcs[port + 1];
		}
		do {
			ndf_give(engine, &engine->arcs[a], word, lost, hooked);
		} while (++a < end);
	}
}

/* Narrow, STATIC or TABLE */
NDF_INLINE void ndf_fire_pattern(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where,
				 const bool hooked)
{
	const struct ndf_pattern *pattern = &engine->patterns[engine->nodes[node].imm];
	struct ndf_node *n = &engine->nodes[node];
	uint32_t lost = 0;
	uint64_t rest;

	engine->where++;
	n->want = UINT32_MAX;
	ndf_copy_tokens(engine, node, where, pattern, &lost, hooked);
	n->have &= ~lost;
	lost = 0;
	for (rest = pattern->cons; rest; rest &= rest - 1)
		ndf_take(engine, ndf_input(engine, n, (unsigned int)__builtin_ctzll(rest)), &lost, hooked);
	if (where->mode == RILL_NDF_STATIC) {
		n->have &= ~lost;
		ndf_finish_narrow(engine, node, pattern->want, hooked);
		return;
	}
	ndf_take(engine, ndf_input(engine, n, where->inputs), &lost, hooked);
	n->have &= ~lost;
	n->code = NDF_CODE_SWITCH;
	n->want = 1u << where->inputs;
	if (n->have & n->want)
		ndf_select(engine, node, hooked);
}

#endif
