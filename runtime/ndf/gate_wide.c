// SPDX-License-Identifier: MIT
/* A gate over more experts than a `when` has dimensions: top-k of each group, then top-k of those. */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wide {
	const struct rill_gate *gate;
	const int64_t *logits;
	uint32_t tokens, groups, size;		/* the last group may be smaller, all are ascending */
	int64_t *picked;			/* [tokens][64]: the logits of a level */
	uint64_t *masks;			/* [groups + 1][tokens]: of the groups, then of the candidates */
	char *error;
};

static uint32_t group_experts(const struct wide *wide, uint32_t group)
{
	uint32_t left = wide->gate->experts - group * wide->size;

	return left < wide->size ? left : wide->size;
}

static uint32_t group_top(const struct wide *wide, uint32_t group)
{
	uint32_t experts = group_experts(wide, group);

	return wide->gate->top_k < experts ? wide->gate->top_k : experts;
}

static int choose_in_group(struct wide *wide, uint32_t group)
{
	uint32_t first = group * wide->size, experts = group_experts(wide, group), t;
	const struct rill_gate gate = {
		.experts = experts, .top_k = group_top(wide, group),
		.bias = wide->gate->bias ? wide->gate->bias + first : NULL,
	};

	for (t = 0; t < wide->tokens; t++)
		memcpy(wide->picked + (size_t)t * experts, wide->logits + (size_t)t * wide->gate->experts + first,
		       experts * sizeof(*wide->picked));
	return rill_gate_choose(&gate, wide->picked, wide->tokens, wide->masks + (size_t)group * wide->tokens,
				wide->error);
}

/* In the order of experts, so that the lowest of equals stays first */
static bool pick_of_group(struct wide *wide, uint32_t token, uint32_t group, int64_t **out)
{
	uint64_t mask = wide->masks[(size_t)group * wide->tokens + token];

	for (; mask; mask &= mask - 1) {
		uint32_t e = group * wide->size + (uint32_t)__builtin_ctzll(mask);
		int64_t bias = wide->gate->bias ? wide->gate->bias[e] : 0;

		if (__builtin_add_overflow(wide->logits[(size_t)token * wide->gate->experts + e], bias, (*out)++)) {
			snprintf(wide->error, RILL_GRAPH_ERROR_BYTES,
				 "gate: logits: token %u, expert %u: with its bias it is not in 64 bits", token, e);
			return false;
		}
	}
	return true;
}

static int choose_of_candidates(struct wide *wide)
{
	struct rill_gate gate = { .top_k = wide->gate->top_k };
	int64_t *out = wide->picked;
	uint32_t g, t;

	for (g = 0; g < wide->groups; g++)
		gate.experts += group_top(wide, g);
	for (t = 0; t < wide->tokens; t++)
		for (g = 0; g < wide->groups; g++)
			if (!pick_of_group(wide, t, g, &out))
				return -EINVAL;
	return rill_gate_choose(&gate, wide->picked, wide->tokens,
				wide->masks + (size_t)wide->groups * wide->tokens, wide->error);
}

static void put_masks(const struct wide *wide, uint64_t *masks)
{
	uint32_t words = RILL_GATE_WORDS(wide->gate->experts), g, t;

	memset(masks, 0, (size_t)wide->tokens * words * sizeof(*masks));
	for (t = 0; t < wide->tokens; t++) {
		uint64_t chosen = wide->masks[(size_t)wide->groups * wide->tokens + t];

		for (g = 0; g < wide->groups; g++) {
			uint64_t mask = wide->masks[(size_t)g * wide->tokens + t];

			for (; mask; mask &= mask - 1, chosen >>= 1) {
				uint32_t e = g * wide->size + (uint32_t)__builtin_ctzll(mask);

				masks[(size_t)t * words + e / 64] |= (chosen & 1) << e % 64;
			}
		}
	}
}

static bool check(const struct rill_gate *gate, uint32_t groups, char *error)
{
	if (gate->experts > RILL_GATE_WIDE_EXPERTS)
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: experts: %u is not in 1..%u", gate->experts,
			 RILL_GATE_WIDE_EXPERTS);
	else if (!gate->top_k || gate->top_k > RILL_GATE_EXPERTS / groups)
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: top_k: %u is not in 1..%u, for %u experts",
			 gate->top_k, RILL_GATE_EXPERTS / groups, gate->experts);
	else if (gate->balance)
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: balance: %u is not 0, with more than %u experts",
			 gate->balance, RILL_GATE_EXPERTS);
	else
		return true;
	return false;
}

int rill_gate_choose_wide(const struct rill_gate *gate, const int64_t *logits, uint32_t tokens, uint64_t *masks,
			  char *error)
{
	struct wide wide = { .gate = gate, .logits = logits, .tokens = tokens, .error = error };
	int ret = -ENOMEM;
	uint32_t g;

	if (gate->experts <= RILL_GATE_EXPERTS)
		return rill_gate_choose(gate, logits, tokens, masks, error);
	wide.groups = RILL_GATE_WORDS(gate->experts);
	wide.size = RILL_GATE_EXPERTS;
	if (!check(gate, wide.groups, error))
		return -EINVAL;
	wide.picked = calloc((size_t)tokens + 1, RILL_GATE_EXPERTS * sizeof(*wide.picked));
	wide.masks = calloc((size_t)tokens + 1, (wide.groups + 1) * sizeof(*wide.masks));
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: out of memory");
	if (wide.picked && wide.masks) {
		for (g = 0, ret = 0; g < wide.groups && !ret; g++)
			ret = choose_in_group(&wide, g);
		ret = ret ? ret : choose_of_candidates(&wide);
	}
	if (!ret)
		put_masks(&wide, masks);
	free(wide.picked);
	free(wide.masks);
	return ret;
}
