// SPDX-License-Identifier: MIT
/* Expressions as values. */
#include "compile.h"

#include <string.h>

void rill_compile_at(struct compiler *c, uint32_t line, uint32_t column)
{
	rill_flow_at(c->flow, line, column);
}

/* 0 or 1, whatever it was */
static struct rill_value as_bool(struct compiler *c, const struct expr *e)
{
	struct rill_value v = rill_compile_expr(c, e);
	bool is_bool = e->kind == EXPR_AND || e->kind == EXPR_OR || e->kind == EXPR_NOT ||
		       (e->kind == EXPR_OP && ((e->op >= RILL_NDF_EQ && e->op <= RILL_NDF_GEU) ||
					       (e->op >= RILL_NDF_FEQ && e->op <= RILL_NDF_FGE)));

	return is_bool ? v : rill_flow_op(c->flow, RILL_NDF_NE, v, rill_flow_const(0), RILL_NO_VALUE);
}

static struct rill_value compile_op(struct compiler *c, const struct expr *e)
{
	struct rill_value args[3] = { 0 };
	uint32_t i;

	for (i = 0; i < e->arg_count && i < 3; i++)
		args[i] = rill_compile_expr(c, e->args[i]);
	rill_compile_at(c, e->line, e->column);
	return rill_flow_op(c->flow, e->op, args[0], args[1], args[2]);
}

/* The caller's variables that the body hides are its own: parameters and locals have numbers of their own. */
static void inline_call(struct compiler *c, const struct function *f, const struct rill_value *args,
			struct rill_value *results)
{
	uint32_t i;

	for (i = 0; i < f->param_count; i++)
		rill_flow_set(c->flow, rill_compile_var(f->params[i]), args[i]);
	rill_compile_block(c, &f->block);
	for (i = 0; i < f->result_count; i++)
		results[i] = rill_flow_get(c->flow, rill_compile_var(f->results[i]));
}

void rill_compile_call(struct compiler *c, const struct expr *e, struct rill_value *results)
{
	struct rill_value args[AST_MAX_LIST + 1], all[AST_MAX_LIST + 1];
	const struct function *f = e->symbol->function;
	uint32_t i;

	memset(all, 0, sizeof(all));
	for (i = 0; i < e->arg_count; i++)
		args[i] = rill_compile_expr(c, e->args[i]);
	rill_compile_at(c, e->line, e->column);
	if (!f->shared) {
		inline_call(c, f, args, results);
		return;
	}
	if (f->memory)
		args[f->param_count] = rill_flow_get(c->flow, RILL_FLOW_MEMORY);
	rill_flow_call(c->flow, f->flow, args, all);
	memcpy(results, all, f->result_count * sizeof(*results));
	if (f->memory)
		rill_flow_set(c->flow, RILL_FLOW_MEMORY, all[f->result_count]);
}

static struct rill_value single_call(struct compiler *c, const struct expr *e)
{
	struct rill_value results[AST_MAX_LIST] = { 0 };

	rill_compile_at(c, e->line, e->column);
	if (e->symbol->function->result_count != 1)
		rill_flow_fail(c->flow, "'%s' gives %u values, not 1", e->symbol->name,
			       e->symbol->function->result_count);
	else
		rill_compile_call(c, e, results);
	return results[0];
}

struct rill_value rill_compile_expr(struct compiler *c, const struct expr *e)
{
	struct rill_value v;

	switch (e->kind) {
	case EXPR_NUMBER:
		return rill_flow_const(e->word);
	case EXPR_VAR:
		rill_compile_at(c, e->line, e->column);
		return rill_flow_get(c->flow, rill_compile_var(e->symbol));
	case EXPR_LOAD:
		v = rill_compile_expr(c, e->args[0]);
		rill_compile_at(c, e->line, e->column);
		return rill_flow_load(c->flow, e->symbol->base, v);
	case EXPR_CALL:
		return single_call(c, e);
	case EXPR_LEARNED:
		return rill_compile_learned(c, e);
	case EXPR_AND:
	case EXPR_OR:
		v = as_bool(c, e->args[0]);
		return rill_flow_op(c->flow, e->kind == EXPR_AND ? RILL_NDF_AND : RILL_NDF_OR, v,
				    as_bool(c, e->args[1]), RILL_NO_VALUE);
	case EXPR_NOT:
		return rill_flow_op(c->flow, RILL_NDF_XOR, as_bool(c, e->args[0]), rill_flow_const(1), RILL_NO_VALUE);
	default:
		return compile_op(c, e);
	}
}
