// SPDX-License-Identifier: MIT
/* Flows: where constants and first tokens come from. */
#include "flow.h"

#include <inttypes.h>
#include <string.h>

static struct rill_value *known_const(struct flow_region *r, uint64_t word)
{
	uint32_t i;

	for (i = 0; i < r->const_count; i++) {
		if (r->consts[i].from.word == word)
			return &r->consts[i].to;
	}
	return NULL;
}

static void keep_const(struct rill_flow *flow, uint32_t region, uint64_t word, struct rill_value to)
{
	struct flow_region *r = &flow->regions[region];

	if (rill_flow_room(flow, &r->consts, &r->const_room, r->const_count + 1, sizeof(*r->consts)))
		r->consts[r->const_count++] = (struct flow_import){ rill_flow_const(word), to };
}

/* One SOURCE for each word: each arc gets its own token, to consume or to look at. */
struct rill_value rill_flow_literal(struct rill_flow *flow, uint64_t word)
{
	struct rill_value *known, value;
	char name[32];

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	known = known_const(&flow->regions[FLOW_TOP], word);
	if (known)
		return *known;
	if ((int64_t)word < 0)
		snprintf(name, sizeof(name), "const.m%" PRIu64, 0 - word);
	else
		snprintf(name, sizeof(name), "const.%" PRIu64, word);
	value = rill_value_port(FLOW_TOP, rill_graph_source(flow->graph, name, &word, 1), 0);
	keep_const(flow, FLOW_TOP, word, value);
	return value;
}

static struct rill_value start(struct rill_flow *flow)
{
	uint64_t word = 0;

	if (flow->first_input.kind != VALUE_NONE)
		return flow->first_input;
	if (flow->memory.kind != VALUE_NONE)
		return flow->memory;
	if (flow->start.kind == VALUE_NONE)
		flow->start = rill_value_port(FLOW_TOP, rill_graph_source(flow->graph, "start", &word, 1), 0);
	return flow->start;
}

/* A variable that goes round with the loop */
static struct rill_value loop_token(struct rill_flow *flow, uint32_t index)
{
	const struct flow_loop *loop = flow->loops[index];
	uint32_t i;

	for (i = 0; i < loop->count; i++) {
		if (loop->slots[i].entry.kind != VALUE_NONE)
			return (struct rill_value){ .kind = VALUE_HEAD, .index = index, .slot = i,
						    .region = loop->fused ? loop->body : loop->header };
	}
	return RILL_NO_VALUE;
}

struct rill_value rill_flow_trigger(struct rill_flow *flow, uint32_t region)
{
	struct rill_value round;
	const struct flow_region *r;

	if (flow->graph->failed)
		return RILL_NO_VALUE;
	r = &flow->regions[region];
	if (r->import_count)
		return r->imports[0].to;
	switch (r->kind) {
	case REGION_TOP:
		return start(flow);
	case REGION_FUNCTION:
		if (!flow->functions[r->owner]->params) {
			rill_flow_fail(flow, "function '%s' has a constant to give, but no parameter",
				       flow->functions[r->owner]->name);
			return RILL_NO_VALUE;
		}
		return rill_flow_use(flow, region, (struct rill_value){ .kind = VALUE_PARAM, .region = region,
									.index = r->owner });
	case REGION_BODY:
	case REGION_HEADER:
		round = loop_token(flow, r->owner);
		if (round.kind != VALUE_NONE)
			return rill_flow_use(flow, region, round);
		break;
	default:
		break;
	}
	return rill_flow_use(flow, region, rill_flow_trigger(flow, r->parent));
}

struct rill_value rill_flow_token(struct rill_flow *flow, uint32_t region, struct rill_value value)
{
	struct rill_value *known, trigger, made;
	uint32_t op;

	value = rill_flow_use(flow, region, value);
	if (value.kind != VALUE_CONST)
		return value;
	/* At the top of a program that runs once, a source is all it takes. */
	if (region == FLOW_TOP && !flow->streaming)
		return rill_flow_literal(flow, value.word);
	if (region != FLOW_TOP) {
		known = known_const(&flow->regions[region], value.word);
		if (known)
			return *known;
	}
	trigger = rill_flow_trigger(flow, region);
	op = rill_graph_op(flow->graph, "then", RILL_NDF_THEN, 1, 1);
	rill_graph_op_imm(flow->graph, op, 1, value.word);
	rill_flow_connect(flow, trigger, op, 0);
	made = rill_value_port(region, op, 0);
	if (region != FLOW_TOP)
		keep_const(flow, region, value.word, made);
	return made;
}

struct rill_value rill_flow_start_memory(struct rill_flow *flow)
{
	uint64_t word = 0;

	if (flow->streaming) {
		rill_flow_fail(flow, "a program with a stream cannot load or store");
		return RILL_NO_VALUE;
	}
	if (flow->memory.kind == VALUE_NONE)
		flow->memory = rill_value_port(FLOW_TOP, rill_graph_source(flow->graph, "memory", &word, 1), 0);
	return flow->memory;
}
