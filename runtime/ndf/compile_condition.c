// SPDX-License-Identifier: MIT
/* Conditions: comparisons of weighted sums go into the `when`; what is not a sum is computed before. */
#include "compile.h"

#include <string.h>

/* sum(weight[i] * value[i]) + constant */
struct sum {
	uint32_t count;
	struct rill_value value[RILL_DECISION_OPERANDS];
	int64_t weight[RILL_DECISION_OPERANDS];
	int64_t constant;
};

static bool is_comparison(const struct expr *e)
{
	return e->kind == EXPR_OP && e->op >= RILL_NDF_EQ && e->op <= RILL_NDF_GE;
}

static bool add_term(struct sum *sum, struct rill_value value, int64_t weight)
{
	uint32_t i;

	if (value.kind == VALUE_CONST) {
		int64_t product;

		return !__builtin_mul_overflow((int64_t)value.word, weight, &product) &&
		       !__builtin_add_overflow(sum->constant, product, &sum->constant);
	}
	for (i = 0; i < sum->count; i++) {
		if (rill_value_same(&sum->value[i], &value))
			break;
	}
	if (i == sum->count) {
		if (i == RILL_DECISION_OPERANDS)
			return false;
		sum->value[i] = value;
		sum->weight[i] = 0;
		sum->count++;
	}
	return !__builtin_add_overflow(sum->weight[i], weight, &sum->weight[i]);
}

/* Which operand of a product is a number; 2: none. */
static int number_operand(const struct expr *e)
{
	if (e->args[0]->kind == EXPR_NUMBER)
		return 0;
	return e->args[1]->kind == EXPR_NUMBER ? 1 : 2;
}

/* Adds scale * e. False: it does not fit. */
static bool add_expr(struct compiler *c, struct sum *sum, const struct expr *e, int64_t scale)
{
	int64_t product;
	int k;

	if (e->kind == EXPR_OP) {
		switch (e->op) {
		case RILL_NDF_ADD:
			return add_expr(c, sum, e->args[0], scale) && add_expr(c, sum, e->args[1], scale);
		case RILL_NDF_SUB:
			return add_expr(c, sum, e->args[0], scale) && add_expr(c, sum, e->args[1], -scale);
		case RILL_NDF_NEG:
			return add_expr(c, sum, e->args[0], -scale);
		case RILL_NDF_MUL:
			k = number_operand(e);
			if (k < 2 && !__builtin_mul_overflow(scale, (int64_t)e->args[k]->word, &product) &&
			    product >= INT32_MIN && product <= INT32_MAX)
				return add_expr(c, sum, e->args[1 - k], product);
			break;
		}
	}
	return add_term(sum, rill_compile_expr(c, e), scale);
}

/* Dimension: sign * sum + bias >= 0 */
static bool add_dim(struct rill_decision *decision, const struct sum *sum, int64_t sign, int64_t bias)
{
	uint32_t i, dim = decision->dims++;
	int64_t constant;

	if (__builtin_mul_overflow(sum->constant, sign, &constant) ||
	    __builtin_add_overflow(constant, bias, &decision->bias[dim]))
		return false;
	decision->operands = sum->count;
	for (i = 0; i < sum->count; i++) {
		int64_t weight = sign * sum->weight[i];

		if (weight < INT32_MIN || weight > INT32_MAX)
			return false;
		decision->operand[i] = sum->value[i];
		decision->weight[i][dim] = (int32_t)weight;
	}
	return true;
}

/* The difference of the two sides against zero */
static bool decide(struct rill_decision *decision, unsigned int op, const struct sum *sum)
{
	memset(decision, 0, sizeof(*decision));
	switch (op) {
	case RILL_NDF_GE:
	case RILL_NDF_LT:
		decision->id[op == RILL_NDF_GE] = 1;
		return add_dim(decision, sum, 1, 0);
	case RILL_NDF_LE:
	case RILL_NDF_GT:
		decision->id[op == RILL_NDF_LE] = 1;
		return add_dim(decision, sum, -1, 0);
	default:
		decision->id[0] = op == RILL_NDF_EQ;
		decision->id[1] = op == RILL_NDF_NE;
		decision->id[2] = op == RILL_NDF_NE;
		return add_dim(decision, sum, 1, -1) && add_dim(decision, sum, -1, -1);
	}
}

static bool compare(struct compiler *c, const struct expr *e, struct rill_decision *decision)
{
	struct sum sum = { 0 };

	return (add_expr(c, &sum, e->args[0], 1) && add_expr(c, &sum, e->args[1], -1) &&
		decide(decision, e->op, &sum)) ||
	       rill_flow_fail(c->flow, "a comparison of more than %u operands, or with weights over 32 bits",
			      RILL_DECISION_OPERANDS);
}

static bool value_condition(struct compiler *c, const struct expr *e, struct rill_decision *decision)
{
	struct rill_value v = rill_compile_expr(c, e);

	return rill_decision_compare(decision, RILL_NDF_NE, v, rill_flow_const(0));
}

static bool learned(struct compiler *c, const struct expr *e, struct rill_decision *decision, bool alone)
{
	if (c->options.learning == RILL_EXACT && e->symbol->plastic->spec.when.dims == 1)
		return rill_compile_condition(c, e->teach, decision);
	if (!alone || e->symbol->plastic->spec.when.dims > 1)
		return value_condition(c, e, decision);
	memset(decision, 0, sizeof(*decision));
	decision->direct = true;
	decision->operand[0] = rill_compile_learned(c, e);
	decision->operands = 1;
	return true;
}

static bool condition(struct compiler *c, const struct expr *e, struct rill_decision *decision, bool alone)
{
	struct rill_decision other;

	rill_compile_at(c, e->line, e->column);
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		if (!condition(c, e->args[0], decision, false) || !condition(c, e->args[1], &other, false))
			return false;
		rill_compile_at(c, e->line, e->column);
		return (e->kind == EXPR_AND ? rill_decision_and(decision, &other) :
					      rill_decision_or(decision, &other)) ||
		       rill_flow_fail(c->flow, "a condition of more than %u comparisons or %u operands",
				      RILL_DECISION_DIMS, RILL_DECISION_OPERANDS);
	case EXPR_NOT:
		if (!condition(c, e->args[0], decision, false))
			return false;
		rill_decision_not(decision);
		return true;
	case EXPR_LEARNED:
		return learned(c, e, decision, alone);
	default:
		return is_comparison(e) ? compare(c, e, decision) : value_condition(c, e, decision);
	}
}

bool rill_compile_condition(struct compiler *c, const struct expr *e, struct rill_decision *decision)
{
	return condition(c, e, decision, true) && !rill_flow_failed(c->flow);
}

bool rill_compile_selector(struct compiler *c, const struct stmt *s, struct rill_decision *decision)
{
	int64_t values[RILL_FLOW_MAX_ARMS];
	struct rill_value v = rill_compile_expr(c, s->exprs[0]);
	const struct arm *arm;
	uint32_t count = 0;

	for (arm = s->arms; arm; arm = arm->next)
		values[count++] = arm->value;
	rill_compile_at(c, s->line, s->column);
	return rill_decision_among(decision, v, values, count) ||
	       rill_flow_fail(c->flow, "the arms' numbers have more than %u edges; consecutive ones share theirs",
			      RILL_DECISION_DIMS);
}
