/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WHERE: a firing. The pattern has been chosen and all that it needs is there. */
#ifndef RILL_CHIP_NDF_WHERE_H
#define RILL_CHIP_NDF_WHERE_H

#include "fifo.h"

static inline void ndf_wide_want_switch(struct ndf_wide *wide)
{
	wide->want = wide->want_out = wide->want_own = 0;
	wide->want_extra = true;
}

NDF_INLINE void ndf_fire_pattern(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where,
				 const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_pattern *pattern = &engine->patterns[n->imm];
	const uint8_t *from = engine->from + pattern->from;
	uint64_t rest;

	for (rest = pattern->use; rest; rest &= rest - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(rest);
		uint64_t word = ndf_peek(ndf_input(engine, n, from[port]));

		if (where->direct)
			ndf_push(engine, n, ndf_arc_at(engine, engine->out_arcs[n->out + port]), word, hooked);
		else
			ndf_push_port(engine, node, port, word, hooked);
	}
	for (rest = pattern->cons; rest; rest &= rest - 1)
		ndf_pop(engine, n, ndf_input(engine, n, (unsigned int)__builtin_ctzll(rest)), hooked);
}

/* INDEX, MASK: n->imm is the bitmap of rows */
static inline void ndf_fire_rows(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where,
				 const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const uint8_t *from = engine->from + where->first;
	uint64_t rest, used = 0;
	unsigned int next = 0;

	for (rest = n->imm; rest; rest &= rest - 1) {
		unsigned int row = (unsigned int)__builtin_ctzll(rest);

		used |= 1ULL << from[row];
		ndf_push_port(engine, node, where->packed ? next++ : row,
			      ndf_peek(ndf_input(engine, n, from[row])), hooked);
	}
	for (; used; used &= used - 1)
		ndf_pop(engine, n, ndf_input(engine, n, (unsigned int)__builtin_ctzll(used)), hooked);
}

NDF_INLINE void ndf_fire_where(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_where *where = &engine->wheres[n->in2];
	uint32_t want = ndf_begin(n);

	engine->where++;
	if (where->mode <= RILL_NDF_TABLE)
		ndf_fire_pattern(engine, node, where, hooked);
	else
		ndf_fire_rows(engine, node, where, hooked);
	if (where->mode != RILL_NDF_STATIC) {
		ndf_pop(engine, n, ndf_input(engine, n, where->inputs), hooked);
		n->code = NDF_CODE_SWITCH;
		want = n->fan == NDF_WIDE ? 0 : 1u << where->inputs;
		if (n->fan == NDF_WIDE)
			ndf_wide_want_switch(&engine->wide[engine->wide_at[node]]);
	}
	ndf_finish(engine, node, want, hooked);
}

#endif
