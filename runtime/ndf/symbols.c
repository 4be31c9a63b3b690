// SPDX-License-Identifier: MIT
/* Names of a program, and what they stand for. */
#include "parse_program.h"

#include <string.h>

static const char *const keywords[] = {
	"program", "capacity", "input", "stream", "const", "array", "if", "else", "while", "unfused", "case",
	"route", "func", "output", "expect", "plastic", "teach", "and", "or", "not",
};

bool rill_parser_keyword(const struct lex_token *token)
{
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (strlen(keywords[i]) == token->length && !memcmp(keywords[i], token->text, token->length))
			return true;
	}
	return false;
}

void *rill_parser_alloc(struct parser *p, size_t bytes)
{
	void *memory = rill_arena_alloc(&p->program->arena, bytes);

	if (!memory)
		rill_lex_fail(p->lex, "out of memory");
	return memory;
}

/* A name that is not a keyword and has no dot. */
static bool usable(struct parser *p, const struct lex_token *token, const char *what)
{
	if (token->kind != LEX_NAME || p->lex->failed)
		return rill_lex_expected(p->lex, what);
	if (rill_parser_keyword(token))
		return rill_lex_fail_at(p->lex, token->line, token->column, "expected %s, not the keyword '%.*s'",
					what, (int)token->length, token->text);
	if (memchr(token->text, '.', token->length))
		return rill_lex_fail_at(p->lex, token->line, token->column, "%s: '%.*s' has a dot", what,
					(int)(token->length < LEX_MAX_NAME ? token->length : LEX_MAX_NAME),
					token->text);
	if (token->length > LEX_MAX_NAME)
		return rill_lex_fail_at(p->lex, token->line, token->column,
					"%s: '%.16s...' is longer than the limit of %d characters", what,
					token->text, LEX_MAX_NAME);
	return true;
}

static char *copy(struct parser *p, const struct lex_token *token)
{
	char *text = rill_parser_alloc(p, token->length + 1);

	if (text)
		memcpy(text, token->text, token->length);
	return text;
}

const char *rill_parser_name(struct parser *p, const char *what)
{
	struct lex_token token = p->lex->token;

	if (!usable(p, &token, what))
		return NULL;
	rill_lex_next(p->lex);
	return copy(p, &token);
}

static struct symbol **bucket(struct parser *p, const char *name, size_t length)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return &p->program->buckets[hash % AST_BUCKETS];
}

struct symbol *rill_symbol_find(struct parser *p, const char *name, size_t length)
{
	struct symbol *s, *found = NULL;

	for (s = *bucket(p, name, length); s; s = s->next) {
		if (strlen(s->name) != length || memcmp(s->name, name, length))
			continue;
		if (s->scope == p->scope)
			return s;
		/* A function sees what the program has, but not its variables. */
		if (!s->scope && s->kind != SYMBOL_VAR)
			found = s;
	}
	return found;
}

struct symbol *rill_symbol_add(struct parser *p, enum symbol_kind kind, const struct lex_token *token)
{
	struct symbol *s, *old, **to;

	if (!usable(p, token, "a name"))
		return NULL;
	if (rill_op_named(token->text, token->length)) {
		rill_lex_fail_at(p->lex, token->line, token->column, "'%.*s' is the name of an operation",
				 (int)token->length, token->text);
		return NULL;
	}
	old = rill_symbol_find(p, token->text, token->length);
	if (old) {
		rill_lex_fail_at(p->lex, token->line, token->column, "'%s' is declared on line %u already",
				 old->name, old->line);
		return NULL;
	}
	if (p->program->symbol_count++ == AST_MAX_SYMBOLS) {
		rill_lex_fail_at(p->lex, token->line, token->column, "more names than the limit of %d",
				 AST_MAX_SYMBOLS);
		return NULL;
	}
	s = rill_parser_alloc(p, sizeof(*s));
	if (!s)
		return NULL;
	s->name = copy(p, token);
	if (!s->name)
		return NULL;
	s->kind = kind;
	s->line = token->line;
	s->column = token->column;
	s->scope = p->scope;
	if (kind == SYMBOL_VAR)
		s->var = p->program->var_count++;
	to = bucket(p, token->text, token->length);
	s->next = *to;
	*to = s;
	return s;
}

void rill_symbol_append(struct symbol **list, struct symbol *symbol)
{
	while (*list)
		list = &(*list)->order;
	*list = symbol;
}
