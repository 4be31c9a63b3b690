// SPDX-License-Identifier: MIT
/* A gate over more experts than a `when` has dimensions: top-k of each group, then top-k of those. */
#include "gate.h"

/* One group of experts: what it chooses, and the logits of these */
struct group {
	uint32_t first, experts, top;
	uint32_t when, chosen;
};

uint32_t rill_gate_op_word(struct rill_graph *graph, enum rill_ndf_op op, uint32_t from, uint64_t word)
{
	uint32_t node = rill_graph_op(graph, NULL, op, 1, 1);

	rill_graph_op_imm(graph, node, 1, word);
	if (from != RILL_NDF_NONE)
		rill_graph_arc(graph, from, 0, node, 0, 0);
	return node;
}

uint32_t rill_gate_op_two(struct rill_graph *graph, enum rill_ndf_op op, uint32_t a, uint32_t b)
{
	uint32_t node = rill_graph_op(graph, NULL, op, 2, 1);

	rill_graph_arc(graph, a, 0, node, 0, 0);
	rill_graph_arc(graph, b, 0, node, 1, 0);
	return node;
}

/* Bit `bit` of what `from` gives */
static uint32_t one_bit(struct rill_graph *graph, uint32_t from, uint32_t bit)
{
	return rill_gate_op_word(graph, RILL_NDF_AND, rill_gate_op_word(graph, RILL_NDF_SHR, from, bit), 1);
}

/* A logit goes to the group's `when`, and on to the second one if it is chosen; PACKED would leave others there. */
static void add_expert(struct rill_graph *graph, const struct group *group, uint32_t e, uint32_t logit)
{
	static const struct rill_where_pattern drop_or_pass[2] = {
		{ .need = 1, .cons = 1, .from = { RILL_NDF_NO_INPUT } }, { .need = 1, .cons = 1, .from = { 0 } },
	};
	uint32_t pass = rill_graph_where(graph, NULL, RILL_NDF_TABLE, 1, 1, drop_or_pass, 2);

	rill_graph_arc(graph, logit, 0, group->when, e, 0);
	rill_graph_arc(graph, logit, 0, pass, 0, 0);
	rill_graph_arc(graph, one_bit(graph, group->when, e), 0, pass, RILL_PORT_LAST, 0);
	rill_graph_arc(graph, pass, 0, group->chosen, e, 0);
}

static void add_group(struct rill_graph *graph, const char *name, struct group *group, const uint32_t *logit)
{
	const struct rill_gate part = { .experts = group->experts, .top_k = group->top };
	uint8_t rows[RILL_GATE_WORD];
	uint32_t e;

	for (e = 0; e < group->experts; e++)
		rows[e] = (uint8_t)e;
	group->when = rill_gate_when(graph, name, &part);
	group->chosen = rill_graph_where_rows(graph, NULL, RILL_NDF_MASK, group->experts, group->top, rows,
					      group->experts, true);
	for (e = 0; e < group->experts; e++)
		add_expert(graph, group, e, logit[group->first + e]);
	rill_graph_arc(graph, group->when, 0, group->chosen, RILL_PORT_LAST, 0);
}

/* The mask's lowest bit stays if bit `first` of `chosen` is set, the next one if the next is, ... */
static uint32_t deposit(struct rill_graph *graph, const struct group *group, uint32_t chosen, uint32_t first)
{
	uint32_t mask = group->when, lowest, part, all = RILL_NDF_NONE, j;

	for (j = 0; j < group->top; j++) {
		uint32_t minus = rill_graph_op(graph, NULL, RILL_NDF_NEG, 1, 1);

		rill_graph_arc(graph, mask, 0, minus, 0, 0);
		lowest = rill_gate_op_two(graph, RILL_NDF_AND, mask, minus);
		part = rill_gate_op_two(graph, RILL_NDF_MUL, lowest, one_bit(graph, chosen, first + j));
		all = j ? rill_gate_op_two(graph, RILL_NDF_OR, all, part) : part;
		if (j + 1 < group->top)
			mask = rill_gate_op_two(graph, RILL_NDF_XOR, mask, lowest);
	}
	return all;
}

/* Logits with their bias; and then, with balance, less the threshold, which comes to input 1. */
static void add_logits(struct rill_graph *graph, const struct rill_gate *gate, struct rill_gate_ports *ports,
		       uint32_t *logit)
{
	uint32_t e;

	for (e = 0; e < gate->experts; e++) {
		uint64_t bias = gate->bias ? (uint64_t)gate->bias[e] : 0;
		uint32_t sum = rill_gate_op_word(graph, RILL_NDF_ADD, RILL_NDF_NONE, bias);

		ports->logit[e] = (struct rill_port){ .node = sum };
		logit[e] = sum;
		if (!gate->balance)
			continue;
		logit[e] = rill_graph_op(graph, NULL, RILL_NDF_SUB, 2, 1);
		rill_graph_arc(graph, sum, 0, logit[e], 0, 0);
	}
}

void rill_gate_wide(struct rill_graph *graph, const char *name, const struct rill_gate *gate,
		    struct rill_gate_ports *ports)
{
	struct group groups[RILL_GATE_WORDS(RILL_GATE_EXPERTS)];
	struct rill_gate second = { .top_k = gate->top_k };
	uint32_t logit[RILL_GATE_EXPERTS];
	uint32_t g, j, candidate = 0, chosen;

	add_logits(graph, gate, ports, logit);
	for (g = 0; g < ports->words; g++) {
		groups[g] = (struct group){ .first = g * RILL_GATE_WORD };
		groups[g].experts = rill_gate_experts_of(gate->experts, g);
		groups[g].top = gate->top_k < groups[g].experts ? gate->top_k : groups[g].experts;
		add_group(graph, name, &groups[g], logit);
		ports->when[g] = groups[g].when;
		second.experts += groups[g].top;
	}
	chosen = rill_gate_when(graph, name, &second);
	for (g = 0; g < ports->words; g++) {
		for (j = 0; j < groups[g].top; j++)
			rill_graph_arc(graph, groups[g].chosen, j, chosen, candidate + j, 0);
		ports->mask[g] = deposit(graph, &groups[g], chosen, candidate);
		candidate += groups[g].top;
	}
	if (gate->balance)
		rill_gate_homeostasis(graph, gate, logit, ports);
}
