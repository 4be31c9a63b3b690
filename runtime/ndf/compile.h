/* SPDX-License-Identifier: MIT */
/* From a parsed program to a flow. */
#ifndef RILL_NDF_COMPILE_H
#define RILL_NDF_COMPILE_H

#include "ast.h"
#include "flow.h"

struct compiler {
	const struct program *program;
	struct rill_flow *flow;
	struct rill_build_options options;
	uint32_t control;		/* for labels */
};

void rill_compile_at(struct compiler *c, uint32_t line, uint32_t column);
struct rill_value rill_compile_expr(struct compiler *c, const struct expr *e);
void rill_compile_call(struct compiler *c, const struct expr *e, struct rill_value *results);
/* False after an error. */
bool rill_compile_condition(struct compiler *c, const struct expr *e, struct rill_decision *decision);
/* A case's selector among values; as many as fit into one decision. */
bool rill_compile_selector(struct compiler *c, const struct stmt *s, struct rill_decision *decision);
void rill_compile_block(struct compiler *c, const struct block *block);
struct rill_value rill_compile_learned(struct compiler *c, const struct expr *e);
bool rill_compile_has_learned(const struct expr *e);

/* Variables that the statements or the expression assign, with memory; flow variables, each once. */
struct var_set {
	uint32_t *vars;
	uint32_t count, room;
	uint64_t *seen;			/* bitmap */
};

bool rill_assigned_begin(struct var_set *set, const struct program *program);
void rill_assigned_in_block(struct var_set *set, const struct block *block);
void rill_assigned_in_expr(struct var_set *set, const struct expr *e);
void rill_assigned_end(struct var_set *set);

static inline uint32_t rill_compile_var(const struct symbol *symbol)
{
	return symbol->var + 1;		/* flow variable 0 is memory */
}

#endif
