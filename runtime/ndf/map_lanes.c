// SPDX-License-Identifier: MIT
/* Lanes: inputs and outputs of a where that no pattern ever links are independent of each other. */
#include "map.h"

#include <string.h>

#define OUT RILL_NDF_MAX_PORTS	/* outputs come after inputs */

struct sets {
	uint8_t parent[2 * RILL_NDF_MAX_PORTS];
};

static unsigned int find(const struct sets *sets, unsigned int i)
{
	while (sets->parent[i] != i)
		i = sets->parent[i];
	return i;
}

/* The lower number stands for both. */
static void join(struct sets *sets, unsigned int a, unsigned int b)
{
	a = find(sets, a);
	b = find(sets, b);
	if (a < b)
		sets->parent[b] = (uint8_t)a;
	else
		sets->parent[a] = (uint8_t)b;
}

static void join_copies(struct sets *sets, const struct graph_node *node)
{
	uint32_t k, o;

	if (node->mode > RILL_NDF_TABLE) {
		for (k = 0; k < node->where.count; k++)
			join(sets, node->where.rows[k], OUT + k);
		return;
	}
	for (k = 0; k < node->where.count; k++) {
		for (o = 0; o < node->outputs; o++) {
			if (node->where.patterns[k].from[o] != RILL_NDF_NO_INPUT)
				join(sets, node->where.patterns[k].from[o], OUT + o);
		}
	}
}

/*
 * A firing needs no room in an arc to the node itself from which it takes a token. Between two lanes
 * it would, so such an arc keeps them together.
 */
static void join_own(struct sets *sets, const struct graph_node *node, const uint64_t *own)
{
	uint32_t o;

	for (o = 0; o < node->outputs; o++) {
		uint64_t left = own[o];

		for (; left; left &= left - 1)
			join(sets, (unsigned int)__builtin_ctzll(left), OUT + o);
	}
}

/* Does the lane whose first input is `root` have an output, and does it consume what it must? */
static bool stands_alone(const struct sets *sets, const struct graph_node *node, unsigned int root)
{
	uint32_t inputs = rill_graph_data_inputs(node), i, o;
	bool consumes = node->mode != RILL_NDF_STATIC;

	for (i = root; i < inputs && !consumes; i++)
		consumes = find(sets, i) == root && node->where.patterns[0].cons >> i & 1;
	for (o = 0; o < node->outputs; o++) {
		if (find(sets, OUT + o) == root)
			return consumes;
	}
	return false;
}

static bool divisible(const struct graph_node *node)
{
	if (node->mode != RILL_NDF_MASK)
		return true;
	return !(node->flags & RILL_NDF_WHERE_PACKED) && node->where.count <= MAP_MAX_MASK_ROWS;
}

/* Numbers of lanes by root; a port that cannot be alone goes with the first lane. */
static uint32_t number_lanes(const struct sets *sets, const struct graph_node *node, uint8_t *lane)
{
	uint32_t i, inputs = rill_graph_data_inputs(node), count = 0;

	memset(lane, 0, 2 * RILL_NDF_MAX_PORTS);
	for (i = 0; i < inputs; i++) {
		if (find(sets, i) == i && stands_alone(sets, node, i))
			lane[i] = (uint8_t)count++;
	}
	return count;
}

void map_find_lanes(const struct graph_node *node, const uint64_t *own, struct map_lanes *lanes)
{
	uint8_t lane[2 * RILL_NDF_MAX_PORTS];
	struct sets sets;
	uint32_t i;

	*lanes = (struct map_lanes){ .count = 1 };
	if (!divisible(node))
		return;
	for (i = 0; i < 2 * RILL_NDF_MAX_PORTS; i++)
		sets.parent[i] = (uint8_t)i;
	join_copies(&sets, node);
	join_own(&sets, node, own);
	lanes->count = number_lanes(&sets, node, lane);
	for (i = 0; i < rill_graph_data_inputs(node); i++)
		lanes->input[i] = lane[find(&sets, i)];
	for (i = 0; i < node->outputs; i++)
		lanes->output[i] = lane[find(&sets, OUT + i)];
	if (!lanes->count)
		lanes->count = 1;
}
