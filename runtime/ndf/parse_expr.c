// SPDX-License-Identifier: MIT
/* Expressions. From loosest: or, and, not, comparison, |, ^, &, shifts, + -, * / %, unary - ~. */
#include "parse_program.h"

#include <string.h>

static struct expr *parse_or(struct parser *p);

static struct expr *new_expr(struct parser *p, enum expr_kind kind, const struct lex_token *token, uint32_t args)
{
	struct expr *e = rill_parser_alloc(p, sizeof(*e));

	if (!e)
		return NULL;
	e->kind = kind;
	e->line = token->line;
	e->column = token->column;
	e->arg_count = args;
	if (!args)
		return e;
	e->args = rill_parser_alloc(p, args * sizeof(struct expr *));
	return e->args ? e : NULL;
}

/* Chains are deep, too: what walks an expression walks down all of it. */
static struct expr *measure(struct parser *p, struct expr *e)
{
	uint32_t i;

	for (i = 0; i < e->arg_count; i++) {
		if (e->args[i]->depth >= e->depth)
			e->depth = e->args[i]->depth + 1;
	}
	if (e->depth <= AST_MAX_NESTING)
		return e;
	rill_lex_fail_at(p->lex, e->line, e->column, "an expression of more than %d steps", AST_MAX_NESTING);
	return NULL;
}

static struct expr *new_op(struct parser *p, uint8_t op, const struct lex_token *token, struct expr *a,
			   struct expr *b)
{
	struct expr *e;

	if (!a)
		return NULL;
	e = new_expr(p, EXPR_OP, token, b ? 2 : 1);
	if (!e)
		return NULL;
	e->op = op;
	e->args[0] = a;
	if (b)
		e->args[1] = b;
	return measure(p, e);
}

static struct expr *fail(struct parser *p, const struct lex_token *token, const char *what, uint32_t got,
			 uint32_t wanted)
{
	rill_lex_fail_at(p->lex, token->line, token->column, "%.*s: %u %s, not %u",
			 (int)(token->length < LEX_MAX_NAME ? token->length : LEX_MAX_NAME), token->text, got, what,
			 wanted);
	return NULL;
}

/* "(a, b)" into list; returns how many, or -1. */
static int parse_args(struct parser *p, struct expr **list)
{
	int count = 0;

	if (!rill_lex_need(p->lex, '(', "'('"))
		return -1;
	if (rill_lex_take(p->lex, ')'))
		return 0;
	do {
		if (count == AST_MAX_LIST) {
			rill_lex_fail(p->lex, "more arguments than the limit of %d", AST_MAX_LIST);
			return -1;
		}
		list[count] = parse_or(p);
		if (!list[count++])
			return -1;
	} while (rill_lex_take(p->lex, ','));
	return rill_lex_need(p->lex, ')', "',' or ')'") ? count : -1;
}

static struct expr *parse_call(struct parser *p, const struct lex_token *token, enum expr_kind kind,
			       struct symbol *symbol, uint32_t wanted)
{
	struct expr *list[AST_MAX_LIST], *e;
	int count = parse_args(p, list);

	if (count < 0)
		return NULL;
	if ((uint32_t)count != wanted)
		return fail(p, token, "arguments", (uint32_t)count, wanted);
	e = new_expr(p, kind, token, (uint32_t)count);
	if (!e)
		return NULL;
	e->symbol = symbol;
	if (count)
		memcpy(e->args, list, (size_t)count * sizeof(*list));
	return measure(p, e);
}

static struct expr *parse_learned(struct parser *p, const struct lex_token *token, struct symbol *symbol)
{
	struct expr *e = parse_call(p, token, EXPR_LEARNED, symbol, symbol->plastic->spec.inputs);

	if (!e)
		return NULL;
	if (symbol->plastic->used) {
		rill_lex_fail_at(p->lex, token->line, token->column,
				 "'%s' is used a second time; its weights belong to one place", symbol->name);
		return NULL;
	}
	symbol->plastic->used = true;
	if (!rill_lex_need_word(p->lex, "teach"))
		return NULL;
	p->nesting++;
	e->teach = parse_or(p);
	p->nesting--;
	return e->teach ? e : NULL;
}

static struct expr *parse_operation(struct parser *p, const struct lex_token *token)
{
	const struct rill_op_info *info = rill_op_named(token->text, token->length);
	struct expr *e;

	if (!info || info->memory || !info->operands) {
		rill_lex_fail_at(p->lex, token->line, token->column, "'%.*s' is not declared above",
				 (int)(token->length < LEX_MAX_NAME ? token->length : LEX_MAX_NAME), token->text);
		return NULL;
	}
	e = parse_call(p, token, EXPR_OP, NULL, info->operands);
	if (e)
		e->op = info->op;
	return e;
}

static struct expr *parse_load(struct parser *p, const struct lex_token *token, struct symbol *symbol)
{
	struct expr *index, *e;

	if (!rill_lex_need(p->lex, '[', "'[' after an array"))
		return NULL;
	index = parse_or(p);
	if (!index || !rill_lex_need(p->lex, ']', "']'"))
		return NULL;
	e = new_expr(p, EXPR_LOAD, token, 1);
	if (!e)
		return NULL;
	e->symbol = symbol;
	e->args[0] = index;
	if (p->scope)
		p->scope->function->memory = true;
	return measure(p, e);
}

static struct expr *parse_named(struct parser *p)
{
	struct lex_token token = p->lex->token;
	struct symbol *symbol = rill_symbol_find(p, token.text, token.length);
	struct expr *e;

	if (rill_parser_keyword(&token)) {
		rill_lex_expected(p->lex, "a value");
		return NULL;
	}
	rill_lex_next(p->lex);
	if (!symbol)
		return parse_operation(p, &token);
	switch (symbol->kind) {
	case SYMBOL_ARRAY:
		return parse_load(p, &token, symbol);
	case SYMBOL_PLASTIC:
		return parse_learned(p, &token, symbol);
	case SYMBOL_FUNCTION:
		if (!symbol->function->complete) {
			rill_lex_fail_at(p->lex, token.line, token.column, "'%s' calls itself", symbol->name);
			return NULL;
		}
		symbol->function->calls++;
		if (p->scope)
			p->scope->function->memory |= symbol->function->memory;
		return parse_call(p, &token, EXPR_CALL, symbol, symbol->function->param_count);
	case SYMBOL_CONST:
		e = new_expr(p, EXPR_NUMBER, &token, 0);
		if (e)
			e->word = symbol->word;
		return e;
	default:
		e = new_expr(p, EXPR_VAR, &token, 0);
		if (e)
			e->symbol = symbol;
		return e;
	}
}

static struct expr *parse_primary(struct parser *p)
{
	struct lex_token token = p->lex->token;
	struct expr *e;

	if (rill_lex_take(p->lex, LEX_NUMBER)) {
		e = new_expr(p, EXPR_NUMBER, &token, 0);
		if (e)
			e->word = token.word;
		return e;
	}
	if (rill_lex_take(p->lex, '(')) {
		e = parse_or(p);
		return e && rill_lex_need(p->lex, ')', "')'") ? e : NULL;
	}
	if (rill_lex_is(p->lex, LEX_NAME))
		return parse_named(p);
	rill_lex_expected(p->lex, "a value");
	return NULL;
}

static struct expr *parse_unary(struct parser *p)
{
	struct lex_token token = p->lex->token;
	struct expr *e;
	uint8_t op = 0;

	if (token.kind == '-')
		op = RILL_NDF_NEG;
	else if (token.kind == '~')
		op = RILL_NDF_NOT;
	if (!op)
		return parse_primary(p);
	if (++p->nesting > AST_MAX_NESTING) {
		rill_lex_fail(p->lex, "nested deeper than the limit of %d", AST_MAX_NESTING);
		return NULL;
	}
	rill_lex_next(p->lex);
	/* A negative number is one, not an operation; so is a negative fraction. */
	if (op == RILL_NDF_NEG && rill_lex_is(p->lex, LEX_NUMBER)) {
		e = new_expr(p, EXPR_NUMBER, &token, 0);
		if (e)
			e->word = p->lex->token.fraction ? p->lex->token.word ^ 1ULL << 63 : 0 - p->lex->token.word;
		rill_lex_next(p->lex);
	} else {
		e = new_op(p, op, &token, parse_unary(p), NULL);
	}
	p->nesting--;
	return e;
}

struct operator {
	int token;
	uint8_t op, level;
};

static const struct operator operators[] = {
	{ '|', RILL_NDF_OR, 0 }, { '^', RILL_NDF_XOR, 1 }, { '&', RILL_NDF_AND, 2 },
	{ LEX_SHL, RILL_NDF_SHL, 3 }, { LEX_SHR, RILL_NDF_SAR, 3 }, { LEX_SHR_ZERO, RILL_NDF_SHR, 3 },
	{ '+', RILL_NDF_ADD, 4 }, { '-', RILL_NDF_SUB, 4 },
	{ '*', RILL_NDF_MUL, 5 }, { '/', RILL_NDF_DIV, 5 }, { '%', RILL_NDF_REM, 5 },
	/* Comparisons bind loosest of all and do not chain: parse_comparison() */
	{ LEX_EQ, RILL_NDF_EQ, 6 }, { LEX_NE, RILL_NDF_NE, 6 }, { '<', RILL_NDF_LT, 6 },
	{ LEX_LE, RILL_NDF_LE, 6 }, { '>', RILL_NDF_GT, 6 }, { LEX_GE, RILL_NDF_GE, 6 },
};

#define LEVELS 6

static const struct operator *operator_at(struct parser *p, uint32_t level)
{
	size_t i;

	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (operators[i].level == level && rill_lex_is(p->lex, operators[i].token))
			return &operators[i];
	}
	return NULL;
}

static struct expr *parse_level(struct parser *p, uint32_t level)
{
	struct expr *a = level == LEVELS ? parse_unary(p) : parse_level(p, level + 1), *b;
	const struct operator *o;
	struct lex_token token;

	if (level == LEVELS)
		return a;
	while (a && (o = operator_at(p, level))) {
		token = p->lex->token;
		rill_lex_next(p->lex);
		b = parse_level(p, level + 1);
		a = b ? new_op(p, o->op, &token, a, b) : NULL;
	}
	return a;
}

static struct expr *parse_comparison(struct parser *p)
{
	struct expr *a = parse_level(p, 0), *b;
	const struct operator *o = operator_at(p, LEVELS);
	struct lex_token token = p->lex->token;

	if (!a || !o)
		return a;
	rill_lex_next(p->lex);
	b = parse_level(p, 0);
	if (b && operator_at(p, LEVELS)) {
		rill_lex_fail(p->lex, "a second comparison; write `and` between two");
		return NULL;
	}
	return b ? new_op(p, o->op, &token, a, b) : NULL;
}

static struct expr *parse_not(struct parser *p)
{
	struct lex_token token = p->lex->token;
	struct expr *e, *inner;

	if (!rill_lex_is_word(p->lex, "not"))
		return parse_comparison(p);
	if (++p->nesting > AST_MAX_NESTING) {
		rill_lex_fail(p->lex, "nested deeper than the limit of %d", AST_MAX_NESTING);
		return NULL;
	}
	rill_lex_next(p->lex);
	inner = parse_not(p);
	p->nesting--;
	e = inner ? new_expr(p, EXPR_NOT, &token, 1) : NULL;
	if (!e)
		return NULL;
	e->args[0] = inner;
	return measure(p, e);
}

static struct expr *parse_logic(struct parser *p, bool and)
{
	struct expr *a = and ? parse_not(p) : parse_logic(p, true), *b, *e;
	struct lex_token token = p->lex->token;

	while (a && rill_lex_take_word(p->lex, and ? "and" : "or")) {
		b = and ? parse_not(p) : parse_logic(p, true);
		e = b ? new_expr(p, and ? EXPR_AND : EXPR_OR, &token, 2) : NULL;
		if (!e)
			return NULL;
		e->args[0] = a;
		e->args[1] = b;
		a = measure(p, e);
		token = p->lex->token;
	}
	return a;
}

static struct expr *parse_or(struct parser *p)
{
	struct expr *e;

	if (++p->nesting > AST_MAX_NESTING) {
		rill_lex_fail(p->lex, "nested deeper than the limit of %d", AST_MAX_NESTING);
		return NULL;
	}
	e = parse_logic(p, false);
	p->nesting--;
	return p->lex->failed ? NULL : e;
}

struct expr *rill_parse_expr(struct parser *p)
{
	return parse_or(p);
}
