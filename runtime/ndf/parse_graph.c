// SPDX-License-Identifier: MIT
/* Graphs as text: `graph NAME`, then a statement for each node and arc (see print.c). */
#include "parse.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define NAME_BYTES 256

bool rill_word_add(struct lex *lex, struct word_list *list, uint64_t word)
{
	if (!rill_graph_grow((void **)&list->words, &list->room, list->count + 1, sizeof(word)))
		return rill_lex_fail(lex, "out of memory");
	list->words[list->count++] = word;
	return true;
}

bool rill_parse_words(struct lex *lex, const char *what, uint32_t limit, struct word_list *list)
{
	uint64_t word;

	if (!rill_lex_need(lex, '{', "'{'"))
		return false;
	if (rill_lex_take(lex, '}'))
		return true;
	do {
		if (list->count == limit)
			return rill_lex_fail(lex, "%s: more than the limit of %u", what, limit);
		if (!rill_lex_word(lex, what, &word) || !rill_word_add(lex, list, word))
			return false;
	} while (rill_lex_take(lex, ','));
	return rill_lex_need(lex, '}', "',' or '}'");
}

bool rill_parse_choice(struct lex *lex, const char *what, const char *const *names, uint32_t *choice)
{
	char list[128] = "";
	size_t used = 0;
	uint32_t i;

	for (i = 0; names[i]; i++) {
		if (rill_lex_take_word(lex, names[i])) {
			*choice = i;
			return true;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", names[i]);
	}
	if (!rill_lex_is(lex, LEX_NAME))
		return rill_lex_expected(lex, list);
	return rill_lex_fail(lex, "%s: expected one of %s, not '%.*s'", what, list,
			     (int)(lex->token.length < LEX_MAX_NAME ? lex->token.length : LEX_MAX_NAME),
			     lex->token.text);
}

bool rill_parse_adopt_error(struct lex *lex, struct rill_graph *graph)
{
	if (graph->failed && graph->error_line)
		rill_lex_fail_at(lex, graph->error_line, graph->error_column, "%s", graph->error);
	else if (graph->failed)
		rill_lex_fail(lex, "%s", graph->error);
	return !graph->failed && !lex->failed;
}

/* A declared name: *name is NULL for a node without one. */
static bool parse_declared(struct lex *lex, struct rill_graph *graph, char *text, const char **name)
{
	struct lex_token token = lex->token;

	*name = NULL;
	if (rill_lex_take(lex, '@'))
		return true;
	if (!rill_lex_text(lex, "the node's name or '@'", text, NAME_BYTES))
		return false;
	if (rill_graph_find(graph, text) != RILL_NDF_NONE)
		return rill_lex_fail_at(lex, token.line, token.column, "a second node '%s'", text);
	*name = text;
	return true;
}

static bool parse_node(struct lex *lex, struct rill_graph *graph, uint32_t *node)
{
	struct lex_token token = lex->token;
	char text[NAME_BYTES];
	int64_t number;

	if (rill_lex_take(lex, '@')) {
		if (!rill_lex_integer(lex, "the node's number", 0, (int64_t)graph->node_count - 1, &number))
			return false;
		*node = (uint32_t)number;
		return true;
	}
	if (!rill_lex_text(lex, "a node: its name or '@' and its number", text, sizeof(text)))
		return false;
	*node = rill_graph_find(graph, text);
	if (*node != RILL_NDF_NONE)
		return true;
	return rill_lex_fail_at(lex, token.line, token.column, "there is no node '%s' above", text);
}

static bool parse_memory(struct lex *lex, struct rill_graph *graph)
{
	struct word_list words = { 0 }, bytes = { 0 };
	uint8_t *data = NULL;
	int64_t size;
	uint32_t i;
	bool ok = rill_lex_integer(lex, "bytes of memory", 0, (int64_t)RILL_NDF_MAX_MEMORY, &size);

	if (ok && rill_lex_is(lex, '{'))
		ok = rill_parse_words(lex, "words of data", RILL_NDF_MAX_BYTES / 8, &words);
	if (ok && rill_lex_take_word(lex, "bytes"))
		ok = rill_parse_words(lex, "bytes of data", 7, &bytes);
	if (ok) {
		data = malloc(8ULL * words.count + bytes.count + 1);
		ok = data || rill_lex_fail(lex, "out of memory");
	}
	if (ok) {
		for (i = 0; i < words.count; i++) {
			uint64_t word = htole64(words.words[i]);

			memcpy(data + 8ULL * i, &word, sizeof(word));
		}
		for (i = 0; i < bytes.count; i++)
			data[8ULL * words.count + i] = (uint8_t)bytes.words[i];
		rill_graph_memory(graph, (uint64_t)size, data, 8 * words.count + bytes.count);
	}
	free(data);
	free(words.words);
	free(bytes.words);
	return ok && rill_parse_adopt_error(lex, graph);
}

static bool parse_source(struct lex *lex, struct rill_graph *graph, const char *name)
{
	struct word_list list = { 0 };
	bool ok = rill_parse_words(lex, "words of the source", RILL_NDF_MAX_BYTES / 8, &list);

	if (ok)
		rill_graph_source(graph, name, list.words, list.count);
	free(list.words);
	return ok;
}

static bool parse_sink(struct lex *lex, struct rill_graph *graph, const char *name)
{
	uint32_t mode;
	uint64_t imm = 0;

	if (!rill_parse_choice(lex, "the sink's mode", rill_ndf_sink_modes, &mode))
		return false;
	if (mode <= RILL_NDF_SINK_UNTIL && !rill_lex_word(lex, "what the sink expects", &imm))
		return false;
	rill_graph_sink(graph, name, mode, imm);
	return true;
}

static bool parse_size(struct lex *lex, uint32_t *flags)
{
	struct lex_token token = lex->token;
	int64_t size;

	if (!rill_lex_integer(lex, "size of the access", 1, 8, &size))
		return false;
	if (size & (size - 1))
		return rill_lex_fail_at(lex, token.line, token.column, "size of the access: not 1, 2, 4 or 8");
	*flags |= (uint32_t)__builtin_ctzll((uint64_t)size) << RILL_NDF_MEM_SIZE_SHIFT;
	return true;
}

static bool parse_imm(struct lex *lex, struct rill_graph *graph, uint32_t op)
{
	static const char *const operands[] = { "a", "b", "c", NULL };
	uint32_t operand;
	uint64_t word;

	if (!rill_parse_choice(lex, "the immediate's operand", operands, &operand) ||
	    !rill_lex_word(lex, "the immediate", &word))
		return false;
	rill_graph_op_imm(graph, op, operand, word);
	return true;
}

static bool parse_op(struct lex *lex, struct rill_graph *graph, const char *name)
{
	const struct rill_op_info *info;
	int64_t inputs, outputs, param = 0;
	uint32_t op, flags = 0;

	info = rill_lex_is(lex, LEX_NAME) ? rill_op_named(lex->token.text, lex->token.length) : NULL;
	if (!info)
		return rill_lex_expected(lex, "an operation");
	rill_lex_next(lex);
	if (!rill_lex_integer(lex, "number of inputs", 0, RILL_NDF_MAX_PORTS, &inputs) ||
	    !rill_lex_need(lex, LEX_ARROW, "'->'") ||
	    !rill_lex_integer(lex, "number of outputs", 0, RILL_NDF_MAX_PORTS, &outputs))
		return false;
	op = rill_graph_op(graph, name, info->op, (uint32_t)inputs, (uint32_t)outputs);
	if (op == RILL_NDF_NONE)
		return true;
	if (rill_lex_take_word(lex, "imm") && !parse_imm(lex, graph, op))
		return false;
	if (info->memory && rill_lex_take_word(lex, "size") && !parse_size(lex, &flags))
		return false;
	if (info->op == RILL_NDF_LOAD && rill_lex_take_word(lex, "signed"))
		flags |= RILL_NDF_MEM_SIGNED;
	if (info->memory && rill_lex_take_word(lex, "scaled"))
		flags |= RILL_NDF_MEM_SCALED;
	if (rill_lex_take_word(lex, "param") &&
	    !rill_lex_integer(lex, "param", INT32_MIN, UINT32_MAX, &param))
		return false;
	rill_graph_op_param(graph, op, flags, (uint32_t)param);
	return true;
}

static bool parse_port(struct lex *lex, struct rill_graph *graph, bool source, uint32_t *node, uint32_t *port)
{
	int64_t number;

	if (!parse_node(lex, graph, node) || !rill_lex_need(lex, ':', "':' and a port"))
		return false;
	if (!source && (rill_lex_take_word(lex, "switch") || rill_lex_take_word(lex, "teacher"))) {
		*port = RILL_PORT_LAST;
		return true;
	}
	if (!rill_lex_integer(lex, "the port", 0, RILL_NDF_MAX_PORTS, &number))
		return false;
	*port = (uint32_t)number;
	return true;
}

static bool parse_arc(struct lex *lex, struct rill_graph *graph)
{
	uint32_t src, src_port, dst, dst_port, arc, i;
	struct word_list tokens = { 0 };
	int64_t capacity = 0;
	bool ok;

	if (!parse_port(lex, graph, true, &src, &src_port) || !rill_lex_need(lex, LEX_ARROW, "'->'") ||
	    !parse_port(lex, graph, false, &dst, &dst_port))
		return false;
	if (rill_lex_take_word(lex, "capacity") &&
	    !rill_lex_integer(lex, "capacity", 1, RILL_NDF_MAX_CAPACITY, &capacity))
		return false;
	arc = rill_graph_arc(graph, src, src_port, dst, dst_port, (uint32_t)capacity);
	ok = !rill_lex_is(lex, '{') || rill_parse_words(lex, "initial tokens", RILL_NDF_MAX_CAPACITY, &tokens);
	for (i = 0; ok && i < tokens.count; i++)
		rill_graph_token(graph, arc, tokens.words[i]);
	free(tokens.words);
	return ok;
}

static bool parse_place(struct lex *lex, struct rill_graph *graph)
{
	uint32_t node;
	int64_t chiplet;

	if (!parse_node(lex, graph, &node) ||
	    !rill_lex_integer(lex, "the chiplet", 0, RILL_NDF_MAX_CHIPLETS - 1, &chiplet))
		return false;
	rill_graph_place(graph, node, (uint32_t)chiplet);
	return true;
}

static bool parse_named(struct lex *lex, struct rill_graph *graph,
			bool (*parse)(struct lex *lex, struct rill_graph *graph, const char *name))
{
	char text[NAME_BYTES];
	const char *name;

	return parse_declared(lex, graph, text, &name) && parse(lex, graph, name);
}

static bool parse_statement(struct lex *lex, struct rill_graph *graph)
{
	graph->line = lex->token.line;
	graph->column = lex->token.column;
	if (rill_lex_take_word(lex, "op"))
		return parse_named(lex, graph, parse_op);
	if (rill_lex_take_word(lex, "when"))
		return parse_named(lex, graph, rill_parse_when);
	if (rill_lex_take_word(lex, "where"))
		return parse_named(lex, graph, rill_parse_where);
	if (rill_lex_take_word(lex, "source"))
		return parse_named(lex, graph, parse_source);
	if (rill_lex_take_word(lex, "sink"))
		return parse_named(lex, graph, parse_sink);
	if (rill_lex_take_word(lex, "arc"))
		return parse_arc(lex, graph);
	if (rill_lex_take_word(lex, "place"))
		return parse_place(lex, graph);
	return rill_lex_expected(lex, "op, when, where, source, sink, arc or place");
}

bool rill_parse_graph(struct lex *lex, struct rill_graph *graph)
{
	char text[NAME_BYTES];

	if (!rill_lex_take(lex, '@')) {
		if (!rill_lex_text(lex, "the graph's name or '@'", text, sizeof(text)))
			return false;
		graph->name = strdup(text);
		if (!graph->name)
			return rill_lex_fail(lex, "out of memory");
	}
	if (rill_lex_take_word(lex, "memory") && !parse_memory(lex, graph))
		return false;
	while (!rill_lex_is(lex, LEX_END) && !lex->failed) {
		if (!parse_statement(lex, graph) || !rill_parse_adopt_error(lex, graph))
			return false;
	}
	graph->line = 0;
	return !lex->failed;
}
