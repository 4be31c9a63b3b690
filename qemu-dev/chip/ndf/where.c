// SPDX-License-Identifier: GPL-2.0-or-later
/* WHERE: the pattern that a switch token selects. */
#include "where.h"

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
	uint64_t token = ndf_peek(ndf_input(engine, n, where->inputs));
	struct choice choice = { 0 };
	uint8_t code = NDF_CODE_WHERE;

	if (!choose(engine->program, node, where, token, &choice)) {
		code = NDF_CODE_BAD_SWITCH;
		choice = (struct choice){ .imm = token };
	}
	n->imm = choice.imm;
	if (n->code == NDF_CODE_WIDE) {
		struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

		n->inner = code;
		wide->want = choice.need;
		wide->want_out = choice.use;
		wide->want_own = ndf_own_inputs(engine->program, node, choice.use) & ~choice.cons;
	} else {
		n->code = code;
		n->want = choice.want;
	}
}

static void fire_pattern(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_pattern *pattern = &engine->patterns[n->imm];
	const uint8_t *from = engine->from + pattern->from;
	uint64_t rest;

	for (rest = pattern->use; rest; rest &= rest - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(rest);

		ndf_push_port(engine, node, port, ndf_peek(ndf_input(engine, n, from[port])), engine->hooked);
	}
	for (rest = pattern->cons; rest; rest &= rest - 1)
		ndf_pop(engine, node, ndf_input(engine, n, (unsigned int)__builtin_ctzll(rest)), engine->hooked);
}

/* INDEX, MASK: n->imm is the bitmap of rows */
static void fire_rows(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_where *where)
{
	struct ndf_node *n = &engine->nodes[node];
	const uint8_t *from = engine->from + where->first;
	uint64_t rest, used = 0;
	unsigned int next = 0;

	for (rest = n->imm; rest; rest &= rest - 1) {
		unsigned int row = (unsigned int)__builtin_ctzll(rest);

		used |= 1ULL << from[row];
		ndf_push_port(engine, node, where->packed ? next++ : row,
			      ndf_peek(ndf_input(engine, n, from[row])), engine->hooked);
	}
	for (; used; used &= used - 1)
		ndf_pop(engine, node, ndf_input(engine, n, (unsigned int)__builtin_ctzll(used)), engine->hooked);
}

void ndf_wide_want_switch(struct ndf_wide *wide)
{
	wide->want = 0;
	wide->want_out = 0;
	wide->want_own = 0;
	wide->want_extra = true;
}

void ndf_fire_where(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_where *where = &engine->wheres[n->in2];
	uint32_t want = ndf_begin(n);

	engine->where++;
	if (where->mode <= RILL_NDF_TABLE)
		fire_pattern(engine, node);
	else
		fire_rows(engine, node, where);
	if (where->mode == RILL_NDF_STATIC) {
		ndf_finish(engine, node, want, engine->hooked);
		return;
	}
	ndf_pop(engine, node, ndf_input(engine, n, where->inputs), engine->hooked);
	if (n->code == NDF_CODE_WIDE) {
		n->inner = NDF_CODE_SWITCH;
		ndf_wide_want_switch(&engine->wide[engine->wide_at[node]]);
		ndf_finish(engine, node, 0, engine->hooked);
		return;
	}
	n->code = NDF_CODE_SWITCH;
	n->want = 1u << where->inputs;
	if (n->have & n->want)
		ndf_select(engine, node, engine->hooked);
}
