// SPDX-License-Identifier: MIT
/* From a decision to a `when`. */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

/* A decision whose operands are tokens of one region; constants have gone into the bias. */
struct resolved {
	uint32_t inputs, dims;
	struct rill_value port[RILL_DECISION_OPERANDS];
	int32_t weight[RILL_DECISION_OPERANDS][RILL_DECISION_DIMS];
	int64_t bias[RILL_DECISION_DIMS];
};

static int64_t add_saturated(int64_t a, __int128 b)
{
	__int128 sum = a + b;

	if (sum > INT64_MAX)
		return INT64_MAX;
	return sum < INT64_MIN ? INT64_MIN : (int64_t)sum;
}

static void resolve(struct rill_flow *flow, uint32_t region, const struct rill_decision *decision,
		    struct resolved *to)
{
	uint32_t i, k;

	memset(to, 0, sizeof(*to));
	to->dims = decision->dims;
	memcpy(to->bias, decision->bias, sizeof(to->bias));
	for (i = 0; i < decision->operands; i++) {
		struct rill_value value = rill_flow_use(flow, region, decision->operand[i]);

		if (value.kind == VALUE_CONST) {
			for (k = 0; k < to->dims; k++)
				to->bias[k] = add_saturated(to->bias[k], (__int128)decision->weight[i][k] *
									 (int64_t)value.word);
			continue;
		}
		memcpy(to->weight[to->inputs], decision->weight[i], sizeof(to->weight[0]));
		to->port[to->inputs++] = value;
	}
}

/* A `when` waits for something: of what it does not care for the value has weight 0. */
static void ensure_input(struct rill_flow *flow, uint32_t region, struct resolved *r)
{
	if (!r->inputs)
		r->port[r->inputs++] = rill_flow_trigger(flow, region);
}

static void put_weights(int32_t *weights, const struct resolved *r, uint32_t dims, uint32_t first_dim)
{
	uint32_t i, k;

	for (i = 0; i < r->inputs; i++) {
		for (k = 0; k < r->dims; k++)
			weights[i * dims + first_dim + k] = r->weight[i][k];
	}
}

static struct rill_ndf_when scalar(uint32_t dims, uint32_t states)
{
	return (struct rill_ndf_when){ .decode = RILL_NDF_DECODE_TABLE, .reset = RILL_NDF_RESET_ALL,
				       .dims = (uint8_t)dims, .states = (uint8_t)states, .width = 64 };
}

struct rill_value rill_decision_build(struct rill_flow *flow, uint32_t region, const char *label,
				      const struct rill_decision *decision)
{
	struct rill_when_entry table[1 << RILL_DECISION_DIMS];
	int32_t weights[RILL_DECISION_OPERANDS * RILL_DECISION_DIMS];
	struct rill_when_spec spec;
	struct resolved r;
	uint32_t i, s, node;
	char name[128];

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	if (decision->direct)
		return rill_flow_token(flow, region, decision->operand[0]);
	resolve(flow, region, decision, &r);
	ensure_input(flow, region, &r);
	put_weights(weights, &r, r.dims, 0);
	for (s = 0; s < 1u << r.dims; s++)
		table[s] = (struct rill_when_entry){ .id = decision->id[s], .emit = 1 };
	spec = (struct rill_when_spec){ .when = scalar(r.dims, 1), .inputs = r.inputs, .bias = r.bias,
					.weights = weights, .table = table };
	snprintf(name, sizeof(name), "%.100s.%s", label, flow->form == RILL_CLASSIC ? "decider" : "when");
	node = rill_graph_when(flow->graph, name, &spec);
	for (i = 0; i < r.inputs; i++)
		rill_flow_connect(flow, r.port[i], node, i);
	return rill_value_port(region, node, 0);
}

/*
 * A fused loop's `when`: in state 0 it looks at what comes in, in state 1 at what comes round.
 * Outcomes: 0 and 1 for what came in (out again, into the body), 2 and 3 for what came round.
 */
static void loop_table(struct rill_when_entry *table, const struct rill_decision *first,
		       const struct rill_decision *again, uint32_t dims, uint32_t shift)
{
	uint32_t s;

	for (s = 0; s < 1u << dims; s++) {
		uint8_t enter = first->id[s & ((1u << first->dims) - 1)];
		uint8_t stay = again->id[s >> shift & ((1u << again->dims) - 1)];

		table[s] = (struct rill_when_entry){ .id = enter, .next = enter, .emit = 1 };
		table[1u << dims | s] = (struct rill_when_entry){ .id = 2u + stay, .next = stay, .emit = 1 };
	}
}

uint32_t rill_decision_build_loop(struct rill_flow *flow, struct flow_loop *loop)
{
	struct rill_when_entry *table;
	int32_t weights[4 * RILL_DECISION_OPERANDS * RILL_DECISION_DIMS] = { 0 };
	int64_t bias[2 * RILL_DECISION_DIMS] = { 0 };
	struct resolved first, again;
	struct rill_when_spec spec;
	uint32_t i, node, dims, shift;
	uint64_t need[2];
	char name[128];

	resolve(flow, loop->parent, loop->first, &first);
	resolve(flow, loop->body, loop->again, &again);
	if (flow->graph->failed)
		return RILL_NDF_NONE;
	ensure_input(flow, loop->parent, &first);
	ensure_input(flow, loop->body, &again);
	/* Where constants came in, the two differ; then each has its own dimensions. */
	shift = first.dims == again.dims && !memcmp(first.bias, again.bias, sizeof(first.bias)) ? 0 : first.dims;
	dims = shift + again.dims;
	put_weights(weights, &first, dims, 0);
	put_weights(weights + first.inputs * dims, &again, dims, shift);
	memcpy(bias, first.bias, first.dims * sizeof(*bias));
	memcpy(bias + shift, again.bias, again.dims * sizeof(*bias));
	table = malloc((2ULL << dims) * sizeof(*table));
	if (!table) {
		rill_graph_no_memory(flow->graph);
		return RILL_NDF_NONE;
	}
	loop_table(table, loop->first, loop->again, dims, shift);
	need[0] = (1ULL << first.inputs) - 1;
	need[1] = ((1ULL << again.inputs) - 1) << first.inputs;
	spec = (struct rill_when_spec){ .when = scalar(dims, 2), .inputs = first.inputs + again.inputs, .need = need,
					.bias = bias, .weights = weights, .table = table };
	snprintf(name, sizeof(name), "%.100s.when", loop->label);
	node = rill_graph_when(flow->graph, name, &spec);
	free(table);
	for (i = 0; i < first.inputs; i++)
		rill_flow_connect(flow, first.port[i], node, i);
	for (i = 0; i < again.inputs; i++)
		rill_flow_connect(flow, again.port[i], node, first.inputs + i);
	return node;
}
