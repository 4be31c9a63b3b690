// SPDX-License-Identifier: MIT
/* Which variables a piece of program assigns. */
#include "compile.h"

#include <stdlib.h>

bool rill_assigned_begin(struct var_set *set, const struct program *program)
{
	*set = (struct var_set){ .room = program->var_count + 1 };
	set->vars = malloc(set->room * sizeof(*set->vars));
	set->seen = calloc(set->room / 64 + 1, sizeof(*set->seen));
	return set->vars && set->seen;
}

void rill_assigned_end(struct var_set *set)
{
	free(set->vars);
	free(set->seen);
}

static void add(struct var_set *set, uint32_t var)
{
	if (set->seen[var / 64] >> var % 64 & 1)
		return;
	set->seen[var / 64] |= 1ULL << var % 64;
	set->vars[set->count++] = var;
}

/* A function that has one caller is part of it. */
static void in_call(struct var_set *set, const struct function *f)
{
	uint32_t i;

	if (f->memory)
		add(set, RILL_FLOW_MEMORY);
	if (f->shared)
		return;
	for (i = 0; i < f->param_count; i++)
		add(set, rill_compile_var(f->params[i]));
	rill_assigned_in_block(set, &f->block);
}

void rill_assigned_in_expr(struct var_set *set, const struct expr *e)
{
	uint32_t i;

	for (i = 0; i < e->arg_count; i++)
		rill_assigned_in_expr(set, e->args[i]);
	if (e->teach)
		rill_assigned_in_expr(set, e->teach);
	if (e->kind == EXPR_LOAD)
		add(set, RILL_FLOW_MEMORY);
	else if (e->kind == EXPR_CALL)
		in_call(set, e->symbol->function);
}

static void in_targets(struct var_set *set, const struct stmt *s)
{
	uint32_t i;

	for (i = 0; i < s->target_count; i++) {
		if (!s->targets[i].index) {
			add(set, rill_compile_var(s->targets[i].symbol));
			continue;
		}
		add(set, RILL_FLOW_MEMORY);
		rill_assigned_in_expr(set, s->targets[i].index);
	}
}

void rill_assigned_in_block(struct var_set *set, const struct block *block)
{
	const struct stmt *s;
	const struct arm *arm;
	uint32_t i;

	for (s = block->first; s; s = s->next) {
		in_targets(set, s);
		for (i = 0; i < s->expr_count; i++)
			rill_assigned_in_expr(set, s->exprs[i]);
		rill_assigned_in_block(set, &s->block);
		rill_assigned_in_block(set, &s->other);
		for (arm = s->arms; arm; arm = arm->next)
			rill_assigned_in_block(set, &arm->block);
	}
}
