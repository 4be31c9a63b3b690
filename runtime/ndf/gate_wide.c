// SPDX-License-Identifier: MIT
/* A gate over more experts than a `when` has dimensions: top-k of each group, then top-k of those. */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One group of experts: what it chooses, and the logits of these */
struct group {
	uint32_t first, experts, top;
	uint32_t when, combine;
};

static bool check(struct rill_graph *graph, const struct rill_gate *gate)
{
	uint32_t groups = RILL_GATE_WORDS((uint64_t)gate->experts);

	if (!gate->experts || gate->experts > RILL_GATE_WIDE_EXPERTS)
		return rill_graph_fail(graph, "gate: experts: %u is not in 1..%u", gate->experts,
				       RILL_GATE_WIDE_EXPERTS);
	if (!gate->top_k || gate->top_k > gate->experts || gate->top_k > RILL_GATE_EXPERTS / groups)
		return rill_graph_fail(graph, "gate: top_k: %u is not in 1..%u, for %u experts", gate->top_k,
				       RILL_GATE_EXPERTS / groups, gate->experts);
	if (gate->balance)
		return rill_graph_fail(graph, "gate: balance: %u is not 0, in several whens", gate->balance);
	return true;
}

/* An operation of what the port gives and a word */
static uint32_t with_word(struct rill_graph *graph, enum rill_ndf_op op, uint32_t from, uint64_t word)
{
	uint32_t node = rill_graph_op(graph, NULL, op, 1, 1);

	rill_graph_op_imm(graph, node, 1, word);
	if (from != RILL_NDF_NONE)
		rill_graph_arc(graph, from, 0, node, 0, 0);
	return node;
}

static uint32_t of_two(struct rill_graph *graph, enum rill_ndf_op op, uint32_t a, uint32_t b)
{
	uint32_t node = rill_graph_op(graph, NULL, op, 2, 1);

	rill_graph_arc(graph, a, 0, node, 0, 0);
	rill_graph_arc(graph, b, 0, node, 1, 0);
	return node;
}

/* Bit `bit` of what `from` gives */
static uint32_t one_bit(struct rill_graph *graph, uint32_t from, uint32_t bit)
{
	return with_word(graph, RILL_NDF_AND, with_word(graph, RILL_NDF_SHR, from, bit), 1);
}

/*
 * Expert e's logit with its bias goes to the group's `when`, and on to the second one if it is chosen: combine waits
 * for those of the mask, so the others have to be dropped before it.
 */
static uint32_t add_expert(struct rill_graph *graph, const struct group *group, uint32_t e, int64_t bias)
{
	static const struct rill_where_pattern drop_or_pass[2] = {
		{ .need = 1, .cons = 1, .from = { RILL_NDF_NO_INPUT } }, { .need = 1, .cons = 1, .from = { 0 } },
	};
	uint32_t logit = with_word(graph, RILL_NDF_ADD, RILL_NDF_NONE, (uint64_t)bias);
	uint32_t pass = rill_graph_where(graph, NULL, RILL_NDF_TABLE, 1, 1, drop_or_pass, 2);

	rill_graph_arc(graph, logit, 0, group->when, e, 0);
	rill_graph_arc(graph, logit, 0, pass, 0, 0);
	rill_graph_arc(graph, one_bit(graph, group->when, e), 0, pass, RILL_PORT_LAST, 0);
	rill_graph_arc(graph, pass, 0, group->combine, e, 0);
	return logit;
}

static void add_group(struct rill_graph *graph, const char *name, const struct rill_gate *gate, struct group *group,
		      struct rill_gate_wide *wide)
{
	const struct rill_gate part = { .experts = group->experts, .top_k = group->top };
	uint32_t e;

	group->when = rill_gate_node(graph, name, &part);
	group->combine = rill_combine_node(graph, NULL, &part);
	for (e = 0; e < group->experts; e++)
		wide->logit[group->first + e] =
			add_expert(graph, group, e, gate->bias ? gate->bias[group->first + e] : 0);
	rill_graph_arc(graph, group->when, 0, group->combine, RILL_PORT_LAST, 0);
}

/* The mask's lowest bit stays if bit `first` of `chosen` is set, the next one if the next is, ... */
static uint32_t deposit(struct rill_graph *graph, const struct group *group, uint32_t chosen, uint32_t first)
{
	uint32_t mask = group->when, lowest, part, all = RILL_NDF_NONE, j;

	for (j = 0; j < group->top; j++) {
		uint32_t minus = rill_graph_op(graph, NULL, RILL_NDF_NEG, 1, 1);

		rill_graph_arc(graph, mask, 0, minus, 0, 0);
		lowest = of_two(graph, RILL_NDF_AND, mask, minus);
		part = of_two(graph, RILL_NDF_MUL, lowest, one_bit(graph, chosen, first + j));
		all = j ? of_two(graph, RILL_NDF_OR, all, part) : part;
		if (j + 1 < group->top)
			mask = of_two(graph, RILL_NDF_XOR, mask, lowest);
	}
	return all;
}

bool rill_gate_wide_nodes(struct rill_graph *graph, const char *name, const struct rill_gate *gate,
			  struct rill_gate_wide *wide)
{
	struct group groups[RILL_GATE_WORDS(RILL_GATE_WIDE_EXPERTS)];
	struct rill_gate second = { .top_k = gate->top_k };
	uint32_t g, j, candidate = 0, chosen;

	if (!check(graph, gate))
		return false;
	wide->words = RILL_GATE_WORDS(gate->experts);
	for (g = 0; g < wide->words; g++) {
		uint32_t left = gate->experts - g * RILL_GATE_EXPERTS;

		groups[g] = (struct group){ .first = g * RILL_GATE_EXPERTS };
		groups[g].experts = left < RILL_GATE_EXPERTS ? left : RILL_GATE_EXPERTS;
		groups[g].top = gate->top_k < groups[g].experts ? gate->top_k : groups[g].experts;
		add_group(graph, name, gate, &groups[g], wide);
		second.experts += groups[g].top;
	}
	chosen = rill_gate_node(graph, name, &second);
	for (g = 0; g < wide->words; g++) {
		for (j = 0; j < groups[g].top; j++)
			rill_graph_arc(graph, groups[g].combine, j, chosen, candidate + j, 0);
		wide->mask[g] = deposit(graph, &groups[g], chosen, candidate);
		candidate += groups[g].top;
	}
	return !rill_graph_error(graph);
}

/* ---- in this process ---- */

struct choice {
	const struct rill_gate *gate;
	const int64_t *logits;
	uint32_t tokens;
	struct rill_gate_wide wide;
	char *error;
};

static bool sums_fit(const struct choice *c)
{
	uint32_t t, e;
	int64_t sum;

	for (t = 0; c->gate->bias && t < c->tokens; t++) {
		for (e = 0; e < c->gate->experts; e++) {
			if (!__builtin_add_overflow(c->logits[(size_t)t * c->gate->experts + e], c->gate->bias[e],
						    &sum))
				continue;
			snprintf(c->error, RILL_GRAPH_ERROR_BYTES,
				 "gate: logits: token %u, expert %u: with its bias it is not in 64 bits", t, e);
			return false;
		}
	}
	return true;
}

static int feed(const struct choice *c, struct rill_graph *graph)
{
	uint64_t *words = calloc((size_t)c->tokens + 1, sizeof(*words));
	uint32_t e, t, g, sink;

	for (e = 0; words && e < c->gate->experts; e++) {
		for (t = 0; t < c->tokens; t++)
			words[t] = (uint64_t)c->logits[(size_t)t * c->gate->experts + e];
		rill_graph_arc(graph, rill_graph_source(graph, "logit", words, c->tokens), 0, c->wide.logit[e], 0, 0);
	}
	for (g = 0; g < c->wide.words; g++) {
		sink = rill_graph_sink(graph, "mask", RILL_NDF_SINK_COUNT, c->tokens);
		rill_graph_arc(graph, c->wide.mask[g], 0, sink, 0, 0);
	}
	free(words);
	return words ? 0 : -ENOMEM;
}

static int run(const struct choice *c, struct rill_graph *graph, uint64_t *masks)
{
	struct rill_run *run = rill_run_new(graph, 0, c->error);
	const uint64_t *words;
	uint32_t g, t, mode;
	const char *name;
	size_t count;
	int ret = 0;

	if (!run)
		return -EINVAL;
	if (rill_run_go(run, UINT64_MAX, UINT64_MAX) != RILL_NDF_FINISHED)
		ret = -ENOMEM;
	for (g = 0; !ret && g < c->wide.words; g++) {
		words = rill_run_sink(run, g, &name, &mode, &count);
		for (t = 0; t < c->tokens; t++)
			masks[(size_t)t * c->wide.words + g] = words[t];
	}
	rill_run_free(run);
	return ret;
}

int rill_gate_choose_wide(const struct rill_gate *gate, const int64_t *logits, uint32_t tokens, uint64_t *masks,
			  char *error)
{
	struct choice c = { .gate = gate, .logits = logits, .tokens = tokens, .error = error };
	struct rill_graph *graph;
	int ret = -ENOMEM;

	if (gate->experts && gate->experts <= RILL_GATE_EXPERTS)
		return rill_gate_choose(gate, logits, tokens, masks, error);
	graph = rill_graph_new("gate");
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: out of memory");
	if (graph && !rill_gate_wide_nodes(graph, "gate", gate, &c.wide)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
		ret = -EINVAL;
	} else if (graph) {
		ret = sums_fit(&c) ? feed(&c, graph) : -EINVAL;
		ret = ret ? ret : run(&c, graph, masks);
	}
	rill_graph_free(graph);
	return ret;
}
