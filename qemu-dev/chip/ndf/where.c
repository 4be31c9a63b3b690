// SPDX-License-Identifier: GPL-2.0-or-later
/* WHERE: the pattern that a switch token selects. */
#include "fifo.h"

struct choice {
	uint64_t need, cons, use;	/* data inputs, output ports */
	uint32_t want;			/* narrow nodes */
	uint64_t imm;			/* what the firing will look at */
};

static bool choose_rows(const struct rill_ndf_program *program, uint32_t node, const struct ndf_where *where,
			uint64_t rows, struct choice *choice)
{
	const uint8_t *from = program->from + where->first;
	uint64_t rest;

	if (rows & ~ndf_low_bits(where->count))
		return false;
	if (where->packed && __builtin_popcountll(rows) != where->outputs)
		return false;
	choice->use = where->packed ? ndf_low_bits(where->outputs) : rows;
	for (rest = rows; rest; rest &= rest - 1)
		choice->need |= 1ULL << from[__builtin_ctzll(rest)];
	choice->cons = choice->need;
	choice->imm = rows;
	if (ndf_is_narrow(program, node))
		choice->want = (uint32_t)choice->need |
			       ndf_port_bits(program, node, choice->use, choice->cons);
	return true;
}

static bool choose(const struct rill_ndf_program *program, uint32_t node, const struct ndf_where *where,
		   uint64_t token, struct choice *choice)
{
	const struct ndf_pattern *pattern;

	if (where->mode == RILL_NDF_MASK)
		return choose_rows(program, node, where, token, choice);
	if (token >= where->count)
		return false;
	if (where->mode == RILL_NDF_INDEX)
		return choose_rows(program, node, where, 1ULL << token, choice);
	pattern = &program->patterns[where->first + token];
	*choice = (struct choice){
		.need = pattern->need, .cons = pattern->cons, .use = pattern->use, .want = pattern->want,
		.imm = where->first + token,
	};
	return true;
}

void ndf_where_select(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_where *where = &engine->wheres[n->in2];
	struct ndf_wide *wide = n->fan == NDF_WIDE ? &engine->wide[engine->wide_at[node]] : NULL;
	uint64_t token = ndf_peek(ndf_input(engine, n, where->inputs));
	struct choice choice = { 0 };

	n->code = NDF_CODE_WHERE;
	if (!choose(engine->program, node, where, token, &choice)) {
		n->code = NDF_CODE_BAD_SWITCH;
		choice = (struct choice){ .imm = token };
	}
	n->imm = choice.imm;
	n->want = choice.want;
	if (wide) {
		wide->want = choice.need;
		wide->want_out = choice.use;
		wide->want_own = ndf_own_inputs(engine->program, node, choice.use) & ~choice.cons;
	}
}
