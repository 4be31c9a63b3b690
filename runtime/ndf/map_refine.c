// SPDX-License-Identifier: MIT
/*
 * Refinement: random moves and exchanges, taken if they cost less than a threshold that falls to nothing (all
 * in integers, so that every host finds the same), then the best move of each node until none helps.
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#define TRIES_PER_NODE	400u
#define TRIES_LEAST	20000u
#define TRIES_MOST	4000000u
#define ROUNDS		64
#define PASSES		16

/* splitmix64 */
static uint64_t random_word(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(random_word(state) % n);
}

/* What a node's arcs cost if it were there */
static int64_t cost_at(const struct map_problem *problem, uint32_t node, uint32_t place)
{
	uint64_t sum = 0;
	uint32_t e;

	for (e = problem->first[node]; e < problem->first[node + 1]; e++)
		sum += problem->edges[e].weight * problem->hops[place][problem->place[problem->edges[e].other]];
	return (int64_t)sum;
}

/* Within limits, or at least no worse than where it is */
static bool load_fits(const struct map_problem *problem, uint64_t load, uint64_t before)
{
	return load <= problem->most || load <= before;
}

static bool may_move(const struct map_problem *problem, uint32_t node, uint32_t to)
{
	uint32_t kind = problem->kind[node];

	return problem->count[to][kind] < problem->limit[kind] &&
	       load_fits(problem, problem->at[to] + problem->load[node], problem->at[problem->place[node]]);
}

static int64_t try_move(struct map_problem *problem, uint32_t node, uint32_t to, int64_t threshold)
{
	int64_t delta;

	if (!may_move(problem, node, to))
		return 0;
	delta = cost_at(problem, node, to) - cost_at(problem, node, problem->place[node]);
	if (delta > threshold)
		return 0;
	map_move(problem, node, to);
	return delta;
}

static bool may_exchange(const struct map_problem *problem, uint32_t a, uint32_t b)
{
	uint32_t at_a = problem->place[a], at_b = problem->place[b];
	uint64_t top = problem->at[at_a] > problem->at[at_b] ? problem->at[at_a] : problem->at[at_b];

	if (at_a == at_b)
		return false;
	if (problem->kind[a] != problem->kind[b] &&
	    (problem->count[at_b][problem->kind[a]] >= problem->limit[problem->kind[a]] ||
	     problem->count[at_a][problem->kind[b]] >= problem->limit[problem->kind[b]]))
		return false;
	return load_fits(problem, problem->at[at_a] - problem->load[a] + problem->load[b], top) &&
	       load_fits(problem, problem->at[at_b] - problem->load[b] + problem->load[a], top);
}

static int64_t try_exchange(struct map_problem *problem, uint32_t a, uint32_t b, int64_t threshold)
{
	uint32_t at_a = problem->place[a], at_b = problem->place[b];
	int64_t delta;

	if (!may_exchange(problem, a, b))
		return 0;
	delta = cost_at(problem, a, at_b) - cost_at(problem, a, at_a);
	map_move(problem, a, at_b);
	delta += cost_at(problem, b, at_a) - cost_at(problem, b, at_b);
	map_move(problem, b, at_a);
	if (delta <= threshold)
		return delta;
	map_move(problem, a, at_a);
	map_move(problem, b, at_b);
	return 0;
}

/* Where a node wants to go: to a neighbour's place, else anywhere */
static uint32_t target(const struct map_problem *problem, uint32_t node, uint64_t *random)
{
	uint32_t first = problem->first[node], degree = problem->first[node + 1] - first;

	if (degree && below(random, 4))
		return problem->place[problem->edges[first + below(random, degree)].other];
	return below(random, problem->places);
}

static uint64_t tries(const struct map_problem *problem)
{
	uint64_t n = (uint64_t)problem->nodes * TRIES_PER_NODE;

	return n < TRIES_LEAST ? TRIES_LEAST : n > TRIES_MOST ? TRIES_MOST : n;
}

static int64_t try_one(struct map_problem *problem, uint64_t *random, int64_t threshold)
{
	uint32_t node = below(random, problem->nodes);

	if (below(random, 2))
		return try_move(problem, node, target(problem, node, random), threshold);
	return try_exchange(problem, node, below(random, problem->nodes), threshold);
}

/* The threshold falls in rounds; leaves the best that there was after one. */
static void wander(struct map_problem *problem, uint8_t *best)
{
	uint64_t random = problem->seed, n = tries(problem) / ROUNDS, i;
	int64_t cost = (int64_t)map_traffic(problem, problem->place), least = cost, start;
	uint32_t node, round;

	start = 4 * cost / (problem->first[problem->nodes] / 2 + 1) + 1;
	memcpy(best, problem->place, problem->nodes);
	for (round = 0; round < ROUNDS; round++) {
		int64_t threshold = start * (ROUNDS - 1 - round) / ROUNDS;

		for (i = 0; i < n; i++)
			cost += try_one(problem, &random, threshold);
		if (cost >= least)
			continue;
		least = cost;
		memcpy(best, problem->place, problem->nodes);
	}
	for (node = 0; node < problem->nodes; node++)
		map_move(problem, node, best[node]);
}

static int64_t best_move(struct map_problem *problem, uint32_t node)
{
	int64_t here = cost_at(problem, node, problem->place[node]), least = here, cost;
	uint32_t p, best = problem->place[node];

	for (p = 0; p < problem->places; p++) {
		if (p == problem->place[node] || !may_move(problem, node, p))
			continue;
		cost = cost_at(problem, node, p);
		if (cost < least) {
			least = cost;
			best = p;
		}
	}
	if (best != problem->place[node])
		map_move(problem, node, best);
	return here - least;
}

bool map_refine(struct map_problem *problem)
{
	uint8_t *best = malloc(problem->nodes + 1);
	int64_t gained = 1;
	uint32_t node;
	int pass;

	if (!best)
		return false;
	if (problem->places > 1)
		wander(problem, best);
	for (pass = 0; pass < PASSES && gained && problem->places > 1; pass++) {
		for (node = 0, gained = 0; node < problem->nodes; node++)
			gained += best_move(problem, node);
	}
	free(best);
	return true;
}
