/* SPDX-License-Identifier: MIT */
/* What the parser's files share. */
#ifndef RILL_NDF_PARSE_PROGRAM_H
#define RILL_NDF_PARSE_PROGRAM_H

#include "ast.h"
#include "parse.h"

struct parser {
	struct lex *lex;
	struct program *program;
	struct symbol *scope;		/* function that is being parsed */
	uint32_t nesting;
};

void *rill_parser_alloc(struct parser *p, size_t bytes);
const char *rill_parser_name(struct parser *p, const char *what);
/* NULL if there is none. */
struct symbol *rill_symbol_find(struct parser *p, const char *name, size_t length);
/* NULL after an error: the name is taken, or is a keyword. */
struct symbol *rill_symbol_add(struct parser *p, enum symbol_kind kind, const struct lex_token *token);
void rill_symbol_append(struct symbol **list, struct symbol *symbol);
bool rill_parser_keyword(const struct lex_token *token);

/* NULL after an error. */
struct expr *rill_parse_expr(struct parser *p);
/* A number that is known now. */
bool rill_parse_constant(struct parser *p, const char *what, uint64_t *word);
/* "{ 1, N, -3 }" of constants */
bool rill_parse_constants(struct parser *p, const char *what, uint32_t limit, uint64_t **words, uint32_t *count);
bool rill_parse_block(struct parser *p, struct block *block);	/* with its braces */
bool rill_parse_statement(struct parser *p, struct block *block);
bool rill_parse_declaration(struct parser *p, bool *found);
bool rill_parse_plastic(struct parser *p);

#endif
