// SPDX-License-Identifier: MIT
/* Programs: declarations, and all of it together. */
#include "parse_program.h"

#include <stdlib.h>
#include <string.h>

/* ---- constants ---- */

static bool evaluate(const struct expr *e, uint64_t *word)
{
	uint64_t a = 0, b = 0;

	if (e->kind == EXPR_NUMBER) {
		*word = e->word;
		return true;
	}
	if (e->kind != EXPR_OP || !evaluate(e->args[0], &a) || (e->arg_count > 1 && !evaluate(e->args[1], &b)))
		return false;
	return rill_op_fold(e->op, a, b, word);
}

bool rill_parse_constant(struct parser *p, const char *what, uint64_t *word)
{
	struct lex_token token = p->lex->token;
	struct expr *e = rill_parse_expr(p);

	if (!e)
		return false;
	return evaluate(e, word) ||
	       rill_lex_fail_at(p->lex, token.line, token.column,
				"%s: not a constant (numbers, consts, + - * << & | ^ ~)", what);
}

bool rill_parse_constants(struct parser *p, const char *what, uint32_t limit, uint64_t **words, uint32_t *count)
{
	struct word_list list = { 0 };
	uint64_t word;
	bool ok = rill_lex_need(p->lex, '{', "'{'");

	while (ok && !rill_lex_is(p->lex, '}')) {
		ok = (list.count < limit ||
		      rill_lex_fail(p->lex, "%s: more than the limit of %u", what, limit)) &&
		     rill_parse_constant(p, what, &word) && rill_word_add(p->lex, &list, word);
		if (ok && !rill_lex_take(p->lex, ','))
			break;
	}
	ok = ok && rill_lex_need(p->lex, '}', "',' or '}'");
	if (ok) {
		*words = rill_parser_alloc(p, list.count * sizeof(word) + 1);
		*count = list.count;
		ok = *words;
	}
	if (ok && list.count)
		memcpy(*words, list.words, list.count * sizeof(word));
	free(list.words);
	return ok;
}

/* ---- declarations ---- */

static struct symbol *declare(struct parser *p, enum symbol_kind kind)
{
	struct lex_token token = p->lex->token;
	struct symbol *s = rill_symbol_add(p, kind, &token);

	if (s)
		rill_lex_next(p->lex);
	return s;
}

/* random(count, low, high): drawn when the program is built */
static bool parse_random(struct parser *p, struct symbol *s)
{
	struct lex_token token = p->lex->token;
	uint64_t count, low, high;

	rill_lex_next(p->lex);
	if (!rill_lex_need(p->lex, '(', "'('") || !rill_parse_constant(p, "how many words", &count) ||
	    !rill_lex_need(p->lex, ',', "','") || !rill_parse_constant(p, "the least word", &low) ||
	    !rill_lex_need(p->lex, ',', "','") || !rill_parse_constant(p, "the greatest word", &high) ||
	    !rill_lex_need(p->lex, ')', "')'"))
		return false;
	if (!count || count > AST_MAX_WORDS || (int64_t)low > (int64_t)high)
		return rill_lex_fail_at(p->lex, token.line, token.column,
					"random(%llu, %lld, %lld): not 1..%u words, or none between the two",
					(unsigned long long)count, (long long)low, (long long)high, AST_MAX_WORDS);
	s->random = true;
	s->low = (int64_t)low;
	s->high = (int64_t)high;
	s->count = (uint32_t)count;
	return true;
}

static bool parse_input(struct parser *p, bool stream)
{
	struct symbol *s = declare(p, SYMBOL_VAR);

	if (!s)
		return false;
	s->input = true;
	s->stream = stream;
	rill_symbol_append(&p->program->inputs, s);
	if (!rill_lex_take(p->lex, '='))
		return true;
	if (stream && rill_lex_is_word(p->lex, "random"))
		return parse_random(p, s);
	if (stream)
		return rill_parse_constants(p, "words of the stream", AST_MAX_WORDS, &s->words, &s->count);
	s->words = rill_parser_alloc(p, sizeof(*s->words));
	s->count = 1;
	return s->words && rill_parse_constant(p, "the input", s->words);
}

static bool parse_const(struct parser *p)
{
	struct symbol *s = declare(p, SYMBOL_CONST);

	return s && rill_lex_need(p->lex, '=', "'='") && rill_parse_constant(p, "the constant", &s->word);
}

static bool parse_array(struct parser *p)
{
	struct symbol *s = declare(p, SYMBOL_ARRAY);
	struct lex_token token;
	uint64_t size = 0;

	if (!s || !rill_lex_need(p->lex, '[', "'[' and the array's size"))
		return false;
	token = p->lex->token;
	if (!rill_parse_constant(p, "the array's size", &size))
		return false;
	if (!size || size > AST_MAX_WORDS || p->program->memory_bytes + 8 * size > INT32_MAX)
		return rill_lex_fail_at(p->lex, token.line, token.column,
					"the array's size: %llu is not in 1..%u, or all arrays are over %d bytes",
					(unsigned long long)size, AST_MAX_WORDS, INT32_MAX);
	s->size = (uint32_t)size;
	s->base = (uint32_t)p->program->memory_bytes;
	p->program->memory_bytes += 8 * size;
	rill_symbol_append(&p->program->arrays, s);
	if (!rill_lex_need(p->lex, ']', "']'"))
		return false;
	return !rill_lex_take(p->lex, '=') ||
	       rill_parse_constants(p, "words of the array", s->size, &s->words, &s->count);
}

static bool parse_names(struct parser *p, struct symbol **list, uint32_t *count, bool fresh)
{
	if (!rill_lex_need(p->lex, '(', "'('"))
		return false;
	if (rill_lex_take(p->lex, ')'))
		return true;
	do {
		struct lex_token token = p->lex->token;

		if (*count == AST_MAX_LIST)
			return rill_lex_fail(p->lex, "more names than the limit of %d", AST_MAX_LIST);
		/* A result may be a parameter. */
		list[*count] = token.kind == LEX_NAME ? rill_symbol_find(p, token.text, token.length) : NULL;
		if (fresh || !list[*count] || list[*count]->scope != p->scope)
			list[*count] = declare(p, SYMBOL_VAR);
		else
			rill_lex_next(p->lex);
		if (!list[(*count)++])
			return false;
	} while (rill_lex_take(p->lex, ','));
	return rill_lex_need(p->lex, ')', "',' or ')'");
}

static bool parse_function(struct parser *p)
{
	struct symbol *s = declare(p, SYMBOL_FUNCTION), **last;
	struct function *f;
	bool ok;

	f = s ? rill_parser_alloc(p, sizeof(*f)) : NULL;
	if (!f)
		return false;
	s->function = f;
	p->scope = s;
	ok = parse_names(p, f->params, &f->param_count, true) && rill_lex_need(p->lex, LEX_ARROW, "'->' and results") &&
	     parse_names(p, f->results, &f->result_count, false) && rill_parse_block(p, &f->block);
	p->scope = NULL;
	f->complete = true;
	last = &p->program->functions;
	rill_symbol_append(last, s);
	if (ok && !f->result_count)
		return rill_lex_fail_at(p->lex, s->line, s->column, "function '%s' has no result", s->name);
	return ok;
}

static bool parse_expect(struct parser *p)
{
	struct expectation *e = rill_parser_alloc(p, sizeof(*e)), **last = &p->program->expectations;
	struct symbol *s;

	if (!e)
		return false;
	while (*last)
		last = &(*last)->next;
	e->line = p->lex->token.line;
	e->column = p->lex->token.column;
	e->name = rill_parser_name(p, "an output or array");
	if (!e->name)
		return false;
	s = rill_symbol_find(p, e->name, strlen(e->name));
	e->array = s && s->kind == SYMBOL_ARRAY ? s : NULL;
	if (!rill_lex_need(p->lex, '=', "'='"))
		return false;
	*last = e;
	if (rill_lex_is(p->lex, '{'))
		return rill_parse_constants(p, "expected words", AST_MAX_WORDS, &e->words, &e->count);
	e->words = rill_parser_alloc(p, sizeof(*e->words));
	e->count = 1;
	return e->words && rill_parse_constant(p, "the expected word", e->words);
}

static bool parse_capacity(struct parser *p)
{
	int64_t capacity;

	if (!rill_lex_integer(p->lex, "capacity", 1, RILL_NDF_MAX_CAPACITY, &capacity))
		return false;
	p->program->capacity = (uint32_t)capacity;
	return true;
}

bool rill_parse_declaration(struct parser *p, bool *found)
{
	*found = true;
	if (rill_lex_take_word(p->lex, "input"))
		return parse_input(p, false);
	if (rill_lex_take_word(p->lex, "stream"))
		return parse_input(p, true);
	if (rill_lex_take_word(p->lex, "const"))
		return parse_const(p);
	if (rill_lex_take_word(p->lex, "array"))
		return parse_array(p);
	if (rill_lex_take_word(p->lex, "func"))
		return parse_function(p);
	if (rill_lex_take_word(p->lex, "plastic"))
		return rill_parse_plastic(p);
	if (rill_lex_take_word(p->lex, "expect"))
		return parse_expect(p);
	if (rill_lex_take_word(p->lex, "capacity"))
		return parse_capacity(p);
	*found = false;
	return true;
}

/* What is expected must be something that the program gives. */
static bool check_expectations(struct parser *p)
{
	const struct expectation *e;
	const struct stmt *s;

	for (e = p->program->expectations; e; e = e->next) {
		for (s = p->program->block.first; s && !e->array; s = s->next) {
			if (s->kind == STMT_OUTPUT && !strcmp(s->name, e->name))
				break;
		}
		if (!e->array && !s)
			return rill_lex_fail_at(p->lex, e->line, e->column, "there is no output or array '%s'",
						e->name);
		if (e->array && e->count > e->array->size)
			return rill_lex_fail_at(p->lex, e->line, e->column,
						"%u words expected, but '%s' has only %u", e->count, e->name,
						e->array->size);
	}
	return true;
}

bool rill_parse_program(struct lex *lex, struct program *program)
{
	struct parser p = { .lex = lex, .program = program };
	bool found;

	program->name = rill_parser_name(&p, "the program's name");
	if (!program->name)
		return false;
	while (!rill_lex_is(lex, LEX_END) && !lex->failed) {
		if (!rill_parse_declaration(&p, &found))
			return false;
		if (!found && !rill_parse_statement(&p, &program->block))
			return false;
	}
	return !lex->failed && check_expectations(&p);
}
