// SPDX-License-Identifier: MIT
/* A first placement: one place after another is filled with the nodes that are tied closest to what is there. */
#include "map.h"

#include <stdlib.h>

uint64_t map_traffic(const struct map_problem *problem, const uint8_t *place)
{
	uint64_t sum = 0;
	uint32_t i, e;

	/* Each arc is an edge of both its ends. */
	for (i = 0; i < problem->nodes; i++) {
		for (e = problem->first[i]; e < problem->first[i + 1]; e++)
			sum += problem->edges[e].weight * problem->hops[place[i]][place[problem->edges[e].other]];
	}
	return sum / 2;
}

void map_put(struct map_problem *problem, uint32_t node, uint32_t place)
{
	problem->place[node] = (uint8_t)place;
	problem->at[place] += problem->load[node];
	problem->count[place][problem->kind[node]]++;
}

void map_move(struct map_problem *problem, uint32_t node, uint32_t place)
{
	uint32_t from = problem->place[node];

	problem->at[from] -= problem->load[node];
	problem->count[from][problem->kind[node]]--;
	map_put(problem, node, place);
}

/* ---- a heap of nodes by how much ties them to what is placed; old entries are left in it ---- */

struct tied {
	uint64_t gain;
	uint32_t node;
};

struct grow {
	struct map_problem *problem;
	struct tied *heap;
	uint32_t count;
	uint64_t *gain;
	bool *placed;
	uint32_t next;			/* the first node that may not be placed */
};

/* The greater gain first, then the lower number */
static bool before(const struct tied *a, const struct tied *b)
{
	return a->gain != b->gain ? a->gain > b->gain : a->node < b->node;
}

static void push(struct grow *grow, struct tied tied)
{
	uint32_t i = grow->count++;

	for (; i && before(&tied, &grow->heap[(i - 1) / 2]); i = (i - 1) / 2)
		grow->heap[i] = grow->heap[(i - 1) / 2];
	grow->heap[i] = tied;
}

static struct tied pop(struct grow *grow)
{
	struct tied top = grow->heap[0], last = grow->heap[--grow->count];
	uint32_t i = 0, child;

	while ((child = 2 * i + 1) < grow->count) {
		if (child + 1 < grow->count && before(&grow->heap[child + 1], &grow->heap[child]))
			child++;
		if (!before(&grow->heap[child], &last))
			break;
		grow->heap[i] = grow->heap[child];
		i = child;
	}
	grow->heap[i] = last;
	return top;
}

/* The node that is tied closest; else the first that is left. UINT32_MAX: none is. */
static uint32_t closest(struct grow *grow)
{
	while (grow->count) {
		struct tied top = pop(grow);

		if (!grow->placed[top.node] && top.gain == grow->gain[top.node])
			return top.node;
	}
	while (grow->next < grow->problem->nodes && grow->placed[grow->next])
		grow->next++;
	return grow->next < grow->problem->nodes ? grow->next : UINT32_MAX;
}

static void settle(struct grow *grow, uint32_t node, uint32_t place)
{
	const struct map_problem *problem = grow->problem;
	uint32_t e;

	map_put(grow->problem, node, place);
	grow->placed[node] = true;
	for (e = problem->first[node]; e < problem->first[node + 1]; e++) {
		uint32_t other = problem->edges[e].other;

		if (grow->placed[other])
			continue;
		grow->gain[other] += problem->edges[e].weight;
		push(grow, (struct tied){ grow->gain[other], other });
	}
}

static bool has_room(const struct map_problem *problem, uint32_t place, uint32_t node)
{
	return problem->count[place][problem->kind[node]] < problem->limit[problem->kind[node]];
}

/* What is left when all places have had their share goes where the least is. */
static void place_rest(struct grow *grow)
{
	struct map_problem *problem = grow->problem;
	uint32_t node, p, best;

	for (node = 0; node < problem->nodes; node++) {
		if (grow->placed[node])
			continue;
		best = UINT32_MAX;
		for (p = 0; p < problem->places; p++) {
			if (has_room(problem, p, node) &&
			    (best == UINT32_MAX || problem->at[p] < problem->at[best]))
				best = p;
		}
		settle(grow, node, best);
	}
}

/* Place after place in a line through the array, each up to its part of what is left */
static void fill(struct grow *grow)
{
	struct map_problem *problem = grow->problem;
	uint64_t left = problem->total;
	uint32_t p, node;

	for (p = 0; p < problem->places; p++) {
		uint64_t part = (left + problem->places - p - 1) / (problem->places - p);

		while ((node = closest(grow)) != UINT32_MAX) {
			bool fits = problem->at[p] + problem->load[node] / 2 < part;

			if (!fits || !has_room(problem, p, node)) {
				push(grow, (struct tied){ grow->gain[node], node });
				break;
			}
			settle(grow, node, p);
		}
		left -= problem->at[p];
	}
	place_rest(grow);
}

bool map_grow(struct map_problem *problem)
{
	struct grow grow = {
		.problem = problem,
		.heap = calloc(problem->first[problem->nodes] + problem->places + 1, sizeof(*grow.heap)),
		.gain = calloc(problem->nodes + 1, sizeof(*grow.gain)),
		.placed = calloc(problem->nodes + 1, sizeof(*grow.placed)),
	};
	bool ok = grow.heap && grow.gain && grow.placed;

	if (ok)
		fill(&grow);
	free(grow.heap);
	free(grow.gain);
	free(grow.placed);
	return ok;
}
