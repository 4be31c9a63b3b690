// SPDX-License-Identifier: MIT
/* Statements of a program. */
#include "parse_program.h"

#include <string.h>

static struct stmt *new_stmt(struct parser *p, struct block *block, enum stmt_kind kind,
			     const struct lex_token *token)
{
	struct stmt *s = rill_parser_alloc(p, sizeof(*s));

	if (!s)
		return NULL;
	s->kind = kind;
	s->line = token->line;
	s->column = token->column;
	if (!block->last)
		block->last = &block->first;
	*block->last = s;
	block->last = &s->next;
	return s;
}

static bool one_expr(struct parser *p, struct stmt *s)
{
	s->exprs = rill_parser_alloc(p, sizeof(struct expr *));
	if (!s->exprs)
		return false;
	s->exprs[0] = rill_parse_expr(p);
	s->expr_count = 1;
	return s->exprs[0];
}

bool rill_parse_block(struct parser *p, struct block *block)
{
	if (!rill_lex_need(p->lex, '{', "'{'"))
		return false;
	if (++p->nesting > AST_MAX_NESTING)
		return rill_lex_fail(p->lex, "nested deeper than the limit of %d", AST_MAX_NESTING);
	while (!rill_lex_take(p->lex, '}')) {
		if (!rill_parse_statement(p, block))
			return false;
	}
	p->nesting--;
	return true;
}

static bool parse_if(struct parser *p, struct block *block, const struct lex_token *token, const char *label)
{
	struct stmt *s = new_stmt(p, block, STMT_IF, token);
	struct lex_token next;
	bool ok;

	if (!s)
		return false;
	s->label = label;
	if (!one_expr(p, s) || !rill_parse_block(p, &s->block))
		return false;
	if (!rill_lex_take_word(p->lex, "else"))
		return true;
	next = p->lex->token;
	if (!rill_lex_take_word(p->lex, "if"))
		return rill_parse_block(p, &s->other);
	if (++p->nesting > AST_MAX_NESTING)
		return rill_lex_fail(p->lex, "nested deeper than the limit of %d", AST_MAX_NESTING);
	ok = parse_if(p, &s->other, &next, label);
	p->nesting--;
	return ok;
}

static bool parse_while(struct parser *p, struct block *block, const struct lex_token *token, const char *label)
{
	struct stmt *s = new_stmt(p, block, STMT_WHILE, token);

	if (!s)
		return false;
	s->label = label;
	s->unfused = rill_lex_take_word(p->lex, "unfused");
	return one_expr(p, s) && rill_parse_block(p, &s->block);
}

static bool parse_arm(struct parser *p, struct stmt *s, struct arm ***last)
{
	struct lex_token token = p->lex->token;
	struct arm *arm, *other;
	uint64_t word;

	if (!rill_parse_constant(p, "the arm's number", &word))
		return false;
	arm = rill_parser_alloc(p, sizeof(*arm));
	if (!arm)
		return false;
	arm->value = (int64_t)word;
	arm->line = token.line;
	arm->column = token.column;
	for (other = s->arms; other; other = other->next) {
		if (other->value == arm->value)
			return rill_lex_fail_at(p->lex, token.line, token.column, "a second arm %lld",
						(long long)arm->value);
	}
	if (s->kind == STMT_ROUTE && arm->value != s->arm_count)
		return rill_lex_fail_at(p->lex, token.line, token.column,
					"arms of a route are 0, 1, 2 and so on: expected %u, not %lld", s->arm_count,
					(long long)arm->value);
	if (s->arm_count == RILL_FLOW_MAX_ARMS - 1)
		return rill_lex_fail_at(p->lex, token.line, token.column, "more arms than the limit of %u",
					RILL_FLOW_MAX_ARMS - 1);
	s->arm_count++;
	**last = arm;
	*last = &arm->next;
	return rill_lex_need(p->lex, ':', "':' after the arm's number") && rill_parse_block(p, &arm->block);
}

static bool parse_case(struct parser *p, struct block *block, const struct lex_token *token, const char *label,
		       enum stmt_kind kind)
{
	struct stmt *s = new_stmt(p, block, kind, token);
	struct arm **last;

	if (!s)
		return false;
	s->label = label;
	last = &s->arms;
	if (!one_expr(p, s) || !rill_lex_need(p->lex, '{', "'{'"))
		return false;
	while (!rill_lex_is(p->lex, '}') && !rill_lex_is_word(p->lex, "else")) {
		if (!parse_arm(p, s, &last))
			return false;
	}
	if (kind == STMT_CASE && rill_lex_take_word(p->lex, "else") &&
	    (!rill_lex_need(p->lex, ':', "':' after else") || !rill_parse_block(p, &s->other)))
		return false;
	if (s->arm_count < (kind == STMT_CASE ? 1 : 2))
		return rill_lex_expected(p->lex, kind == STMT_CASE ? "an arm of the case" :
								     "two arms of the route, or more");
	return rill_lex_need(p->lex, '}', "'}'");
}

/* Where a variable is assigned for the first time it is declared. */
static bool parse_target(struct parser *p, struct target *target)
{
	struct lex_token token = p->lex->token;
	struct symbol *s;

	if (token.kind != LEX_NAME || rill_parser_keyword(&token))
		return rill_lex_expected(p->lex, "a statement");
	s = rill_symbol_find(p, token.text, token.length);
	if (!s)
		s = rill_symbol_add(p, SYMBOL_VAR, &token);
	if (!s)
		return false;
	target->symbol = s;
	rill_lex_next(p->lex);
	if (s->kind == SYMBOL_VAR)
		return true;
	if (s->kind != SYMBOL_ARRAY)
		return rill_lex_fail_at(p->lex, token.line, token.column, "'%s' cannot be assigned to", s->name);
	if (p->scope)
		p->scope->function->memory = true;
	if (!rill_lex_need(p->lex, '[', "'[' after an array"))
		return false;
	target->index = rill_parse_expr(p);
	return target->index && rill_lex_need(p->lex, ']', "']'");
}

static bool check_sides(struct parser *p, const struct stmt *s)
{
	const struct function *f;

	if (s->expr_count == 1 && s->exprs[0]->kind == EXPR_CALL) {
		f = s->exprs[0]->symbol->function;
		return s->target_count == f->result_count ||
		       rill_lex_fail_at(p->lex, s->line, s->column, "'%s' gives %u values, not %u",
					s->exprs[0]->symbol->name, f->result_count, s->target_count);
	}
	return s->target_count == s->expr_count ||
	       rill_lex_fail_at(p->lex, s->line, s->column, "%u values for %u names", s->expr_count,
				s->target_count);
}

static bool parse_assignment(struct parser *p, struct block *block, const struct lex_token *token,
			     struct target *first)
{
	struct target targets[AST_MAX_LIST] = { *first };
	struct expr *exprs[AST_MAX_LIST];
	struct stmt *s = new_stmt(p, block, STMT_ASSIGN, token);

	if (!s)
		return false;
	for (s->target_count = 1; rill_lex_take(p->lex, ','); s->target_count++) {
		if (s->target_count == AST_MAX_LIST)
			return rill_lex_fail(p->lex, "more names than the limit of %d", AST_MAX_LIST);
		if (!parse_target(p, &targets[s->target_count]))
			return false;
	}
	if (!rill_lex_need(p->lex, '=', "'='"))
		return false;
	do {
		if (s->expr_count == AST_MAX_LIST)
			return rill_lex_fail(p->lex, "more values than the limit of %d", AST_MAX_LIST);
		exprs[s->expr_count] = rill_parse_expr(p);
		if (!exprs[s->expr_count++])
			return false;
	} while (rill_lex_take(p->lex, ','));
	s->targets = rill_parser_alloc(p, s->target_count * sizeof(*s->targets));
	s->exprs = rill_parser_alloc(p, s->expr_count * sizeof(*s->exprs));
	if (!s->targets || !s->exprs)
		return false;
	memcpy(s->targets, targets, s->target_count * sizeof(*s->targets));
	memcpy(s->exprs, exprs, s->expr_count * sizeof(*s->exprs));
	return check_sides(p, s);
}

static bool parse_output(struct parser *p, struct block *block, const struct lex_token *token)
{
	struct stmt *s = new_stmt(p, block, STMT_OUTPUT, token);
	struct lex_token name = p->lex->token;

	if (!s)
		return false;
	if (block != &p->program->block)
		return rill_lex_fail_at(p->lex, token->line, token->column,
					"output only at the top of the program, in no block");
	s->name = rill_parser_name(p, "the output's name");
	if (!s->name)
		return false;
	if (rill_lex_take(p->lex, '='))
		return one_expr(p, s);
	/* `output x` is `output x = x` */
	p->lex->at = name.text;
	p->lex->line = name.line;
	p->lex->column = name.column;
	rill_lex_next(p->lex);
	return one_expr(p, s);
}

static bool parse_control(struct parser *p, struct block *block, const char *label)
{
	struct lex_token token = p->lex->token;

	if (rill_lex_take_word(p->lex, "if"))
		return parse_if(p, block, &token, label);
	if (rill_lex_take_word(p->lex, "while"))
		return parse_while(p, block, &token, label);
	if (rill_lex_take_word(p->lex, "case"))
		return parse_case(p, block, &token, label, STMT_CASE);
	if (rill_lex_take_word(p->lex, "route"))
		return parse_case(p, block, &token, label, STMT_ROUTE);
	return rill_lex_expected(p->lex, "if, while, case or route after the label");
}

bool rill_parse_statement(struct parser *p, struct block *block)
{
	struct lex_token token = p->lex->token, after;
	struct target first = { 0 };
	struct lex ahead = *p->lex;
	const char *label;

	if (rill_lex_is_word(p->lex, "if") || rill_lex_is_word(p->lex, "while") ||
	    rill_lex_is_word(p->lex, "case") || rill_lex_is_word(p->lex, "route"))
		return parse_control(p, block, NULL);
	if (rill_lex_take_word(p->lex, "output"))
		return parse_output(p, block, &token);
	if (!rill_lex_is(p->lex, LEX_NAME))
		return rill_lex_expected(p->lex, "a statement");
	rill_lex_next(&ahead);
	after = ahead.token;
	if (after.kind == ':' && !ahead.failed) {
		label = rill_parser_name(p, "a label");
		if (!label)
			return false;
		rill_lex_next(p->lex);
		return parse_control(p, block, label);
	}
	return parse_target(p, &first) && parse_assignment(p, block, &token, &first);
}
