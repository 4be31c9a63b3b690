/* SPDX-License-Identifier: MIT */
/* What the parsers of graphs and of programs share. */
#ifndef RILL_NDF_PARSE_H
#define RILL_NDF_PARSE_H

#include "graph.h"
#include "lex.h"

struct word_list {
	uint64_t *words;
	uint32_t count, room;
};

/* "{ 1, -2, 0.5 }"; the caller frees list->words, after a failure too. */
bool rill_parse_words(struct lex *lex, const char *what, uint32_t limit, struct word_list *list);
bool rill_word_add(struct lex *lex, struct word_list *list, uint64_t word);
/* One of the names of a table that ends with NULL. */
bool rill_parse_choice(struct lex *lex, const char *what, const char *const *names, uint32_t *choice);

/* `graph ...` up to the end of the text, into an empty graph. */
bool rill_parse_graph(struct lex *lex, struct rill_graph *graph);
/* The rest of a statement after `when NAME` or `where NAME`; adds the node. */
bool rill_parse_when(struct lex *lex, struct rill_graph *graph, const char *name);
bool rill_parse_where(struct lex *lex, struct rill_graph *graph, const char *name);
/* The graph's error, if it has one, becomes the lexer's. Returns whether there is none. */
bool rill_parse_adopt_error(struct lex *lex, struct rill_graph *graph);

#endif
