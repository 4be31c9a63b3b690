// SPDX-License-Identifier: MIT
/* Decisions: comparisons, how they combine, and the `when` that makes them. */
#include "flow.h"

#include <string.h>

static bool add_operand(struct rill_decision *decision, struct rill_value value, uint32_t dim, int32_t weight)
{
	uint32_t i;

	for (i = 0; i < decision->operands; i++) {
		if (rill_value_same(&decision->operand[i], &value))
			break;
	}
	if (i == decision->operands) {
		if (i == RILL_DECISION_OPERANDS)
			return false;
		decision->operand[i] = value;
		memset(decision->weight[i], 0, sizeof(decision->weight[i]));
		decision->operands++;
	}
	decision->weight[i][dim] += weight;
	return true;
}

/* Dimension: a - b + bias >= 0 */
static bool add_dim(struct rill_decision *decision, struct rill_value a, struct rill_value b, int64_t bias)
{
	uint32_t dim = decision->dims++;

	decision->bias[dim] = bias;
	return add_operand(decision, a, dim, 1) && add_operand(decision, b, dim, -1);
}

bool rill_decision_compare(struct rill_decision *decision, enum rill_ndf_op op, struct rill_value a,
			   struct rill_value b)
{
	memset(decision, 0, sizeof(*decision));
	switch (op) {
	case RILL_NDF_GE:
	case RILL_NDF_LT:
		decision->id[op == RILL_NDF_GE] = 1;
		return add_dim(decision, a, b, 0);
	case RILL_NDF_GT:
	case RILL_NDF_LE:
		decision->id[op == RILL_NDF_GT] = 1;
		return add_dim(decision, a, b, -1);
	case RILL_NDF_NE:
		/* a > b or b > a; both cannot be */
		decision->id[1] = 1;
		decision->id[2] = 1;
		return add_dim(decision, a, b, -1) && add_dim(decision, b, a, -1);
	case RILL_NDF_EQ:
		decision->id[0] = 1;
		return add_dim(decision, a, b, -1) && add_dim(decision, b, a, -1);
	default:
		return false;
	}
}

void rill_decision_not(struct rill_decision *decision)
{
	uint32_t s;

	for (s = 0; s < 1u << decision->dims; s++)
		decision->id[s] = !decision->id[s];
}

/* The dimension of decision that asks the same as one of other's; a new one if none does. */
static bool merge_dim(struct rill_decision *decision, const struct rill_decision *other, uint32_t dim,
		      uint32_t *to)
{
	uint32_t i;

	*to = decision->dims;
	if (decision->dims == RILL_DECISION_DIMS)
		return false;
	decision->bias[*to] = other->bias[dim];
	for (i = 0; i < decision->operands; i++)
		decision->weight[i][*to] = 0;
	decision->dims++;
	for (i = 0; i < other->operands; i++) {
		if (other->weight[i][dim] &&
		    !add_operand(decision, other->operand[i], *to, other->weight[i][dim]))
			return false;
	}
	return true;
}

static bool combine(struct rill_decision *decision, const struct rill_decision *other, bool both)
{
	uint32_t dims = decision->dims, k, s, place[RILL_DECISION_DIMS];
	uint8_t id[1 << RILL_DECISION_DIMS];

	if (decision->direct || other->direct)
		return false;
	for (k = 0; k < other->dims; k++) {
		if (!merge_dim(decision, other, k, &place[k]))
			return false;
	}
	memcpy(id, decision->id, sizeof(id));
	for (s = 0; s < 1u << decision->dims; s++) {
		uint32_t t = 0;
		bool a = id[s & ((1u << dims) - 1)], b;

		for (k = 0; k < other->dims; k++)
			t |= (s >> place[k] & 1) << k;
		b = other->id[t];
		decision->id[s] = both ? a && b : a || b;
	}
	return true;
}

bool rill_decision_and(struct rill_decision *decision, const struct rill_decision *other)
{
	return combine(decision, other, true);
}

bool rill_decision_or(struct rill_decision *decision, const struct rill_decision *other)
{
	return combine(decision, other, false);
}

/* A thermometer: a dimension for each number at which the outcome changes. */
bool rill_decision_among(struct rill_decision *decision, struct rill_value a, const int64_t *values,
			 uint32_t count)
{
	int64_t edge[RILL_DECISION_DIMS];
	uint32_t i, k, s, edges = 0;

	memset(decision, 0, sizeof(*decision));
	for (i = 0; i < 2 * count; i++) {
		int64_t at = values[i / 2];

		if (i % 2 && at == INT64_MAX)
			continue;
		at += i % 2;
		for (k = edges; k > 0 && edge[k - 1] > at; k--)
			;
		if (k > 0 && edge[k - 1] == at)
			continue;
		if (edges == RILL_DECISION_DIMS)
			return false;
		memmove(edge + k + 1, edge + k, (edges - k) * sizeof(*edge));
		edge[k] = at;
		edges++;
	}
	for (k = 0; k < edges; k++) {
		if (edge[k] == INT64_MIN || !add_dim(decision, a, rill_flow_const((uint64_t)edge[k]), 0))
			return false;
	}
	memset(decision->id, (int)count, sizeof(decision->id));
	for (k = 0; k < edges; k++) {
		for (i = 0; i < count; i++) {
			if (values[i] == edge[k])
				break;
		}
		/* Dimensions 0..k fire, and no other */
		s = (2u << k) - 1;
		decision->id[s] = (uint8_t)i;
	}
	return true;
}
