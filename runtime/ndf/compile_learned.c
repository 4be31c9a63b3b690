// SPDX-License-Identifier: MIT
/* Plastic `when`s: taught, frozen with what they learned, or replaced by what would teach them. */
#include "compile.h"

#include <string.h>

static const struct rill_weights *find_weights(const struct compiler *c, const char *name)
{
	const struct rill_weights *w;

	for (w = c->options.weights; w; w = w->next) {
		if (!strcmp(w->name, name))
			return w;
	}
	return NULL;
}

static bool fits(struct compiler *c, const struct rill_weights *w, const struct rill_when_spec *spec)
{
	if (w->inputs == spec->inputs && w->dims == spec->when.dims && w->frac == spec->when.frac &&
	    w->x_frac == spec->when.x_frac)
		return true;
	return rill_flow_fail(c->flow,
			      "weights of '%s': %u inputs, %u dimensions, frac %u, x_frac %u; it has %u, %u, %u, %u",
			      w->name, w->inputs, w->dims, w->frac, w->x_frac, spec->inputs, spec->when.dims,
			      spec->when.frac, spec->when.x_frac);
}

/* The outcome that the teacher calls right: of one dimension 0 or 1, of several the lowest bit's number. */
static struct rill_value truth(struct compiler *c, const struct expr *e)
{
	struct rill_value lesson = rill_compile_expr(c, e->teach);

	if (e->symbol->plastic->spec.when.dims > 1)
		return rill_flow_op(c->flow, RILL_NDF_CTZ, lesson, RILL_NO_VALUE, RILL_NO_VALUE);
	return lesson;
}

/* Reward of a reward rule: 0 if right, -1 if wrong. */
static struct rill_value reward(struct compiler *c, const struct expr *e, struct rill_value guess)
{
	struct rill_value wrong = rill_flow_op(c->flow, RILL_NDF_NE, guess, truth(c, e), RILL_NO_VALUE);
	uint64_t one = 1ULL << e->symbol->plastic->spec.when.frac;

	return rill_flow_op(c->flow, RILL_NDF_MUL, wrong, rill_flow_const(0 - one), RILL_NO_VALUE);
}

static void teach(struct compiler *c, const struct expr *e, struct rill_value guess)
{
	struct rill_value lesson;

	if (e->symbol->plastic->rule.rule == RILL_NDF_RULE_RSTDP)
		lesson = reward(c, e, guess);
	else
		lesson = rill_compile_expr(c, e->teach);
	rill_flow_teach(c->flow, guess, lesson);
}

struct rill_value rill_compile_learned(struct compiler *c, const struct expr *e)
{
	struct rill_when_spec spec = e->symbol->plastic->spec;
	const struct rill_weights *w = find_weights(c, e->symbol->name);
	struct rill_value inputs[RILL_NDF_MAX_PORTS], guess;
	uint32_t i;

	if (c->options.learning == RILL_EXACT)
		return truth(c, e);
	for (i = 0; i < e->arg_count; i++)
		inputs[i] = rill_compile_expr(c, e->args[i]);
	rill_compile_at(c, e->line, e->column);
	if (w && !fits(c, w, &spec))
		return RILL_NO_VALUE;
	if (w) {
		spec.weights = w->weights;
		spec.bias = w->bias;
		spec.theta = w->theta;
	}
	if (c->options.learning == RILL_FROZEN)
		spec.plastic = NULL;
	guess = rill_flow_when(c->flow, e->symbol->name, &spec, inputs);
	if (c->options.learning == RILL_LEARN)
		teach(c, e, guess);
	return guess;
}

bool rill_compile_has_learned(const struct expr *e)
{
	uint32_t i;

	for (i = 0; i < e->arg_count; i++) {
		if (rill_compile_has_learned(e->args[i]))
			return true;
	}
	return e->kind == EXPR_LEARNED;
}
