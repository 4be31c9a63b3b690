// SPDX-License-Identifier: MIT
/* Texts: parsing, and building graphs from them. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "parse.h"

struct rill_program {
	char *file;
	struct program *program;	/* or NULL: */
	struct rill_graph *graph;	/* a graph's text: as parsed, and its binary */
	void *binary;
	size_t bytes;
};

void rill_program_free(struct rill_program *text)
{
	if (!text)
		return;
	if (text->program)
		rill_arena_free(&text->program->arena);
	free(text->program);
	rill_graph_free(text->graph);
	free(text->binary);
	free(text->file);
	free(text);
}

static bool parse_graph(struct lex *lex, struct rill_program *text)
{
	text->graph = rill_graph_new(NULL);
	if (!text->graph)
		return rill_lex_fail(lex, "out of memory");
	if (!rill_parse_graph(lex, text->graph))
		return false;
	return !rill_graph_encode(text->graph, &text->binary, &text->bytes) ||
	       rill_parse_adopt_error(lex, text->graph);
}

static bool parse(struct lex *lex, struct rill_program *text)
{
	if (rill_lex_take_word(lex, "graph"))
		return parse_graph(lex, text);
	if (!rill_lex_take_word(lex, "program"))
		return rill_lex_expected(lex, "program or graph");
	text->program = calloc(1, sizeof(*text->program));
	if (!text->program)
		return rill_lex_fail(lex, "out of memory");
	return rill_parse_program(lex, text->program);
}

struct rill_program *rill_program_parse(const char *file, const char *text, size_t size, char *error)
{
	struct rill_program *program = calloc(1, sizeof(*program));
	struct lex lex;

	if (program)
		program->file = strdup(file);
	if (!program || !program->file) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%.200s: out of memory", file);
		rill_program_free(program);
		return NULL;
	}
	rill_lex_init(&lex, file, text, size, error);
	if (!parse(&lex, program) || lex.failed) {
		rill_program_free(program);
		return NULL;
	}
	return program;
}

bool rill_program_is_graph(const struct rill_program *text)
{
	return text->graph;
}

static void say(const struct rill_program *text, const struct rill_graph *graph, char *error)
{
	int n;

	if (graph->error_line)
		n = snprintf(error, RILL_GRAPH_ERROR_BYTES, "%.200s:%u:%u: ", text->file, graph->error_line,
			     graph->error_column);
	else
		n = snprintf(error, RILL_GRAPH_ERROR_BYTES, "%.200s: ", text->file);
	snprintf(error + n, RILL_GRAPH_ERROR_BYTES - (size_t)n, "%.*s", RILL_GRAPH_ERROR_BYTES - 230, graph->error);
}

static bool has_plastic(const struct program *program, const char *name)
{
	const struct symbol *s;

	for (s = program->plastics; s && strcmp(s->name, name); s = s->order)
		;
	return s;
}

/* Weights of another program would otherwise go unseen. */
static bool weights_are_its(const struct rill_program *text, const struct rill_weights *w, char *error)
{
	for (; w && has_plastic(text->program, w->name); w = w->next)
		;
	if (w)
		snprintf(error, RILL_GRAPH_ERROR_BYTES,
			 "%.200s: weights of '%.64s': there is no plastic when of that name", text->file, w->name);
	return !w;
}

static struct rill_graph *build_program(const struct rill_program *text, const struct rill_build_options *options,
					uint32_t *control_nodes, char *error)
{
	struct rill_graph *graph = NULL;
	struct rill_flow *flow;
	void *binary = NULL;
	size_t bytes;

	if (!weights_are_its(text, options->weights, error))
		return NULL;
	flow = rill_flow_new(text->program->name, options->form);
	if (!flow) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%.200s: out of memory", text->file);
		return NULL;
	}
	if (rill_compile(text->program, flow, options))
		graph = rill_flow_finish(flow);
	if (!graph)
		say(text, flow->graph, error);
	if (control_nodes)
		*control_nodes = rill_flow_control_nodes(flow);
	rill_flow_free(flow);
	if (graph && rill_graph_encode(graph, &binary, &bytes)) {
		say(text, graph, error);
		rill_graph_free(graph);
		graph = NULL;
	}
	free(binary);
	return graph;
}

struct rill_graph *rill_program_build(const struct rill_program *text, const struct rill_build_options *options,
				      uint32_t *control_nodes, char *error)
{
	struct rill_graph_counts counts;
	struct rill_graph *graph;

	if (!text->graph)
		return build_program(text, options, control_nodes, error);
	graph = rill_graph_decode(text->binary, text->bytes, error);
	if (!graph)
		return NULL;
	if (options->capacity)
		rill_graph_capacity(graph, options->capacity);
	if (rill_graph_load_weights(graph, options->weights)) {
		say(text, graph, error);
		rill_graph_free(graph);
		return NULL;
	}
	rill_graph_count(graph, &counts);
	if (control_nodes)
		*control_nodes = counts.whens + counts.wheres;
	return graph;
}

/* ---- what the text says beside its statements ---- */

static const struct symbol *nth(const struct symbol *s, uint32_t i)
{
	for (; s && i; i--)
		s = s->order;
	return s;
}

bool rill_program_array(const struct rill_program *text, uint32_t i, struct rill_program_array *array)
{
	const struct symbol *s = text->program ? nth(text->program->arrays, i) : NULL;

	if (s)
		*array = (struct rill_program_array){ s->name, s->base, s->size };
	return s;
}

bool rill_program_is_word(const struct rill_program *text, const char *name)
{
	const struct symbol *s = text->program ? text->program->inputs : NULL;

	for (; s && strcmp(s->name, name); s = s->order)
		;
	return s && !s->stream;
}

bool rill_program_stream(const struct rill_program *text, uint32_t i, struct rill_program_stream *stream)
{
	const struct symbol *s = text->program ? text->program->inputs : NULL;

	for (; s; s = s->order) {
		if (s->random && !i--)
			break;
	}
	if (s)
		*stream = (struct rill_program_stream){ s->name, s->count, s->low, s->high };
	return s;
}

bool rill_program_expectation(const struct rill_program *text, uint32_t i,
			      struct rill_program_expectation *expectation)
{
	const struct expectation *e = text->program ? text->program->expectations : NULL;

	for (; e && i; i--)
		e = e->next;
	if (e)
		*expectation = (struct rill_program_expectation){ e->name, !!e->array, e->words, e->count };
	return e;
}

const char *rill_program_plastic(const struct rill_program *text, uint32_t i, uint32_t *frac)
{
	const struct symbol *s = text->program ? nth(text->program->plastics, i) : NULL;

	if (s)
		*frac = s->plastic->spec.when.frac;
	return s ? s->name : NULL;
}
