// SPDX-License-Identifier: MIT
/* `where NAME MODE inputs -> outputs [packed] { ... }` */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "words.h"

struct where_shape {
	uint32_t mode;
	int64_t inputs, outputs;
	bool packed;
};

/* "0 -> 1", "keep 0 -> 1" or "drop 0" */
static bool parse_item(struct lex *lex, const struct where_shape *shape, struct rill_where_pattern *pattern)
{
	struct lex_token token = lex->token;
	bool drop = rill_lex_take_word(lex, "drop"), keep = !drop && rill_lex_take_word(lex, "keep");
	int64_t input, output;

	if (!rill_lex_integer(lex, "an input", 0, shape->inputs - 1, &input))
		return false;
	pattern->need |= 1ULL << input;
	if (!keep)
		pattern->cons |= 1ULL << input;
	if (drop)
		return true;
	if (!rill_lex_need(lex, LEX_ARROW, "'->'") ||
	    !rill_lex_integer(lex, "an output", 0, shape->outputs - 1, &output))
		return false;
	if (pattern->from[output] != RILL_NDF_NO_INPUT)
		return rill_lex_fail_at(lex, token.line, token.column, "a second input for output %u",
					(unsigned int)output);
	pattern->from[output] = (uint8_t)input;
	return true;
}

static bool parse_pattern(struct lex *lex, const struct where_shape *shape, struct rill_where_pattern *pattern)
{
	memset(pattern, 0, sizeof(*pattern));
	memset(pattern->from, RILL_NDF_NO_INPUT, sizeof(pattern->from));
	if (!rill_lex_need(lex, '{', "'{' of a pattern"))
		return false;
	if (rill_lex_take(lex, '}'))
		return true;
	do {
		if (!parse_item(lex, shape, pattern))
			return false;
	} while (rill_lex_take(lex, ','));
	return rill_lex_need(lex, '}', "',' or '}'");
}

static bool parse_patterns(struct lex *lex, struct rill_graph *graph, const char *name,
			   const struct where_shape *shape)
{
	struct rill_where_pattern *patterns = NULL;
	uint32_t count = 0, room = 0;
	bool ok;

	do {
		ok = count < RILL_NDF_MAX_PATTERNS ||
		     rill_lex_fail(lex, "more patterns than the limit of %u", RILL_NDF_MAX_PATTERNS);
		ok = ok && (rill_graph_grow((void **)&patterns, &room, count + 1, sizeof(*patterns)) ||
			    rill_lex_fail(lex, "out of memory"));
		ok = ok && parse_pattern(lex, shape, &patterns[count++]);
	} while (ok && rill_lex_take(lex, ','));
	if (ok)
		rill_graph_where(graph, name, shape->mode, (uint32_t)shape->inputs, (uint32_t)shape->outputs,
				 patterns, count);
	free(patterns);
	return ok;
}

static bool parse_rows(struct lex *lex, struct rill_graph *graph, const char *name,
		       const struct where_shape *shape)
{
	uint8_t rows[RILL_NDF_MAX_PORTS];
	uint32_t count = 0;
	int64_t input;

	do {
		if (count == RILL_NDF_MAX_PORTS)
			return rill_lex_fail(lex, "more rows than the limit of %u", RILL_NDF_MAX_PORTS);
		if (!rill_lex_integer(lex, "a row's input", 0, shape->inputs - 1, &input))
			return false;
		rows[count++] = (uint8_t)input;
	} while (rill_lex_take(lex, ','));
	rill_graph_where_rows(graph, name, shape->mode, (uint32_t)shape->inputs, (uint32_t)shape->outputs, rows,
			      count, shape->packed);
	return true;
}

bool rill_parse_where(struct lex *lex, struct rill_graph *graph, const char *name)
{
	struct where_shape shape = { 0 };
	bool ok;

	if (!rill_parse_choice(lex, "the where's mode", rill_ndf_where_modes, &shape.mode) ||
	    !rill_lex_integer(lex, "number of inputs", 1, RILL_NDF_MAX_PORTS, &shape.inputs) ||
	    !rill_lex_need(lex, LEX_ARROW, "'->'") ||
	    !rill_lex_integer(lex, "number of outputs", 1, RILL_NDF_MAX_PORTS, &shape.outputs))
		return false;
	shape.packed = shape.mode == RILL_NDF_MASK && rill_lex_take_word(lex, "packed");
	if (!rill_lex_need(lex, '{', "'{'"))
		return false;
	ok = shape.mode <= RILL_NDF_TABLE ? parse_patterns(lex, graph, name, &shape) :
					    parse_rows(lex, graph, name, &shape);
	return ok && rill_lex_need(lex, '}', "',' or '}'");
}
