// SPDX-License-Identifier: MIT
/* Statements, and the program as a whole. */
#include "compile.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "rill_stream.h"

/* "while.2" or the text's own label */
static const char *label(struct compiler *c, const struct stmt *s, const char *kind, char *text, size_t size)
{
	if (s->label)
		return s->label;
	snprintf(text, size, "%s.%u", kind, ++c->control);
	return text;
}

static void compile_assign(struct compiler *c, const struct stmt *s)
{
	struct rill_value values[AST_MAX_LIST], indices[AST_MAX_LIST] = { 0 };
	uint32_t i;

	memset(values, 0, sizeof(values));
	if (s->expr_count == 1 && s->exprs[0]->kind == EXPR_CALL) {
		rill_compile_call(c, s->exprs[0], values);
	} else {
		for (i = 0; i < s->expr_count; i++)
			values[i] = rill_compile_expr(c, s->exprs[i]);
	}
	for (i = 0; i < s->target_count; i++) {
		if (s->targets[i].index)
			indices[i] = rill_compile_expr(c, s->targets[i].index);
	}
	rill_compile_at(c, s->line, s->column);
	for (i = 0; i < s->target_count; i++) {
		if (s->targets[i].index)
			rill_flow_store(c->flow, s->targets[i].symbol->base, indices[i], values[i]);
		else
			rill_flow_set(c->flow, rill_compile_var(s->targets[i].symbol), values[i]);
	}
}

static void compile_if(struct compiler *c, const struct stmt *s)
{
	struct rill_decision decision;
	char text[32];
	const char *name = label(c, s, "if", text, sizeof(text));

	if (!rill_compile_condition(c, s->exprs[0], &decision))
		return;
	rill_flow_if(c->flow, name, &decision);
	rill_compile_block(c, &s->block);
	rill_flow_else(c->flow);
	rill_compile_block(c, &s->other);
	rill_compile_at(c, s->line, s->column);
	rill_flow_end_if(c->flow);
}

struct loop_condition {
	struct compiler *compiler;
	const struct stmt *stmt;
};

static bool loop_condition(struct rill_flow *flow, void *opaque, struct rill_decision *decision)
{
	const struct loop_condition *loop = opaque;

	return rill_compile_condition(loop->compiler, loop->stmt->exprs[0], decision);
}

static void compile_while(struct compiler *c, const struct stmt *s)
{
	struct loop_condition loop = { c, s };
	struct var_set set;
	char text[32];

	if (rill_assigned_begin(&set, c->program)) {
		rill_assigned_in_expr(&set, s->exprs[0]);
		rill_assigned_in_block(&set, &s->block);
		rill_compile_at(c, s->line, s->column);
		rill_flow_while(c->flow, label(c, s, "while", text, sizeof(text)), set.vars, set.count,
				loop_condition, &loop, s->unfused || rill_compile_has_learned(s->exprs[0]));
		rill_compile_block(c, &s->block);
		rill_compile_at(c, s->line, s->column);
		rill_flow_end_while(c->flow);
	} else {
		rill_flow_fail(c->flow, "out of memory");
	}
	rill_assigned_end(&set);
}

static void compile_case(struct compiler *c, const struct stmt *s)
{
	struct rill_decision decision;
	const struct arm *arm;
	char text[32];
	const char *name = label(c, s, "case", text, sizeof(text));
	uint32_t k = 0;

	if (!rill_compile_selector(c, s, &decision))
		return;
	rill_flow_case(c->flow, name, &decision, s->arm_count + 1);
	for (arm = s->arms; arm; arm = arm->next) {
		rill_flow_arm(c->flow, k++);
		rill_compile_block(c, &arm->block);
	}
	rill_flow_arm(c->flow, k);
	rill_compile_block(c, &s->other);
	rill_compile_at(c, s->line, s->column);
	rill_flow_end_case(c->flow);
}

static void compile_route(struct compiler *c, const struct stmt *s)
{
	struct rill_value selector = rill_compile_expr(c, s->exprs[0]);
	const struct arm *arm;
	char text[32];
	uint32_t k = 0;

	rill_flow_route(c->flow, label(c, s, "route", text, sizeof(text)), selector, s->arm_count);
	for (arm = s->arms; arm; arm = arm->next) {
		rill_flow_arm(c->flow, k++);
		rill_compile_block(c, &arm->block);
	}
	rill_compile_at(c, s->line, s->column);
	rill_flow_end_case(c->flow);
}

void rill_compile_block(struct compiler *c, const struct block *block)
{
	const struct stmt *s;
	struct rill_value value;

	for (s = block->first; s && !rill_flow_failed(c->flow); s = s->next) {
		rill_compile_at(c, s->line, s->column);
		switch (s->kind) {
		case STMT_ASSIGN:
			compile_assign(c, s);
			break;
		case STMT_IF:
			compile_if(c, s);
			break;
		case STMT_WHILE:
			compile_while(c, s);
			break;
		case STMT_CASE:
			compile_case(c, s);
			break;
		case STMT_ROUTE:
			compile_route(c, s);
			break;
		case STMT_OUTPUT:
			value = rill_compile_expr(c, s->exprs[0]);
			rill_compile_at(c, s->line, s->column);
			rill_flow_output(c->flow, s->name, value);
			break;
		}
	}
}

/* ---- the program ---- */

/* Functions with several callers, in the order of the text: each calls only those before it. */
static void compile_functions(struct compiler *c)
{
	uint32_t params[AST_MAX_LIST + 1], results[AST_MAX_LIST + 1], i;
	struct symbol *s;

	for (s = c->program->functions; s && !rill_flow_failed(c->flow); s = s->order) {
		struct function *f = s->function;

		f->shared = f->calls > 1;
		if (!f->shared)
			continue;
		for (i = 0; i < f->param_count; i++)
			params[i] = rill_compile_var(f->params[i]);
		for (i = 0; i < f->result_count; i++)
			results[i] = rill_compile_var(f->results[i]);
		params[f->param_count] = RILL_FLOW_MEMORY;
		results[f->result_count] = RILL_FLOW_MEMORY;
		rill_compile_at(c, s->line, s->column);
		f->flow = rill_flow_function(c->flow, s->name, params, f->param_count + f->memory);
		rill_compile_block(c, &f->block);
		rill_compile_at(c, s->line, s->column);
		rill_flow_end_function(c->flow, results, f->result_count + f->memory);
	}
}

static struct rill_value random_input(struct compiler *c, const struct symbol *s, uint64_t seed)
{
	uint64_t span = (uint64_t)s->high - (uint64_t)s->low + 1, *words = malloc(s->count * sizeof(*words));
	struct rill_value value;
	uint32_t i;

	if (!words) {
		rill_flow_fail(c->flow, "out of memory");
		return RILL_NO_VALUE;
	}
	for (i = 0; i < s->count; i++) {
		words[i] = rill_pattern(seed, i);
		words[i] = (uint64_t)s->low + (span ? words[i] % span : words[i]);
	}
	value = rill_flow_input(c->flow, s->name, words, s->count, true);
	free(words);
	return value;
}

static void compile_inputs(struct compiler *c)
{
	const struct symbol *s;
	struct rill_value value;
	uint64_t n = 0;

	for (s = c->program->inputs; s; s = s->order) {
		rill_compile_at(c, s->line, s->column);
		if (s->random)
			value = random_input(c, s, c->options.seed + (n++ << 32));
		else
			value = rill_flow_input(c->flow, s->name, s->words, s->count, s->stream);
		rill_flow_set(c->flow, rill_compile_var(s), value);
	}
}

static void compile_memory(struct compiler *c)
{
	const struct symbol *s;
	uint32_t i, bytes = 0;
	uint8_t *data;

	if (!c->program->memory_bytes)
		return;
	data = calloc(1, c->program->memory_bytes);
	if (!data) {
		rill_flow_fail(c->flow, "out of memory");
		return;
	}
	for (s = c->program->arrays; s; s = s->order) {
		for (i = 0; i < s->count; i++) {
			uint64_t word = htole64(s->words[i]);

			memcpy(data + s->base + 8ULL * i, &word, sizeof(word));
			bytes = s->base + 8 * (i + 1);
		}
	}
	rill_flow_memory(c->flow, c->program->memory_bytes, data, bytes);
	free(data);
}

static void name_variables(struct compiler *c)
{
	const struct symbol *s;
	const char **names = calloc(c->program->var_count + 1, sizeof(*names));
	uint32_t i;

	if (!names) {
		rill_flow_fail(c->flow, "out of memory");
		return;
	}
	for (i = 0; i < AST_BUCKETS; i++) {
		for (s = c->program->buckets[i]; s; s = s->next) {
			if (s->kind == SYMBOL_VAR)
				names[s->var] = s->name;
		}
	}
	for (i = 0; i < c->program->var_count; i++)
		rill_flow_var(c->flow, names[i]);
	free(names);
}

bool rill_compile(struct program *program, struct rill_flow *flow, const struct rill_build_options *options)
{
	struct compiler c = { .program = program, .flow = flow, .options = *options };
	uint32_t capacity = options->capacity ? options->capacity : program->capacity;

	if (capacity)
		rill_flow_capacity(flow, capacity);
	name_variables(&c);
	compile_memory(&c);
	compile_inputs(&c);
	compile_functions(&c);
	rill_compile_block(&c, &program->block);
	return !rill_flow_failed(flow);
}
