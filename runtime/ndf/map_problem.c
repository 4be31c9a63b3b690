// SPDX-License-Identifier: MIT
/* Placement as a problem of numbers: places and their distances, loads, weights, limits. */
#include "map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_WEIGHT	1u		/* of an arc without tokens */
#define TOKEN_WEIGHT	16u

void map_problem_free(struct map_problem *problem)
{
	free(problem->first);
	free(problem->edges);
	free(problem->load);
	free(problem->kind);
	free(problem->place);
}

/* In a line through the array, so that places that follow each other are neighbours */
static void set_places(struct map_problem *problem, const struct rill_map_options *options)
{
	const struct rill_array *array = &options->array;
	uint32_t i, k;

	for (i = 0; i < array->rows * array->cols; i++) {
		uint32_t row = i / array->cols, col = i % array->cols;
		uint32_t chiplet = row * array->cols + (row % 2 ? array->cols - 1 - col : col);

		if (options->chiplets >> chiplet & 1)
			problem->chiplet[problem->places++] = (uint8_t)chiplet;
	}
	for (i = 0; i < problem->places; i++) {
		for (k = 0; k < problem->places; k++)
			problem->hops[i][k] = (uint8_t)map_hops(array, problem->chiplet[i], problem->chiplet[k]);
	}
}

static void set_edges(struct map_problem *problem, const struct rill_graph *graph, const struct map_rates *rates)
{
	uint32_t i, *first = problem->first;

	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[i];

		if (arc->src == arc->dst)
			continue;
		first[arc->src + 1]++;
		first[arc->dst + 1]++;
	}
	for (i = 0; i < graph->node_count; i++)
		first[i + 1] += first[i];
	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[i];
		uint64_t weight = rates->tokens[i] * TOKEN_WEIGHT + LEAST_WEIGHT;

		if (arc->src == arc->dst)
			continue;
		problem->edges[first[arc->src]++] = (struct map_edge){ arc->dst, weight };
		problem->edges[first[arc->dst]++] = (struct map_edge){ arc->src, weight };
	}
	/* Each has moved to where the next one begins. */
	memmove(first + 1, first, graph->node_count * sizeof(*first));
	first[0] = 0;
}

static void set_loads(struct map_problem *problem, const struct rill_graph *graph,
		      const struct rill_map_options *options, const struct map_rates *rates)
{
	uint64_t heaviest = 0;
	uint32_t i;

	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		problem->kind[i] = (uint8_t)map_class_of(node);
		problem->load[i] = rates->firings[i] * map_cost(&options->array, node) + 1;
		problem->total += problem->load[i];
		if (problem->load[i] > heaviest)
			heaviest = problem->load[i];
	}
	problem->share = (problem->total + problem->places - 1) / problem->places;
	problem->most = problem->share + problem->share / 100 * options->slack;
	if (problem->most < heaviest)
		problem->most = heaviest;
}

/* Do all nodes fit on the places, by their number? */
static int set_limits(struct map_problem *problem, const struct rill_map_options *options, char *error)
{
	const struct {
		const char *field;
		uint32_t limit;
	} given[MAP_CLASSES] = {
		[MAP_WHEN] = { "whens", options->whens }, [MAP_WHERE] = { "wheres", options->wheres },
		[MAP_OTHER] = { "others", options->others },
	};
	uint64_t count[MAP_CLASSES] = { 0 };
	uint32_t i;

	for (i = 0; i < problem->nodes; i++)
		count[problem->kind[i]]++;
	for (i = 0; i < MAP_CLASSES; i++) {
		problem->limit[i] = given[i].limit ? given[i].limit : UINT32_MAX;
		if (count[i] > (uint64_t)problem->limit[i] * problem->places)
			return map_bad(error, "%s: %u on a chiplet are not enough for %" PRIu64 " on %u",
				       given[i].field, problem->limit[i], count[i], problem->places);
	}
	return 0;
}

int map_problem_set(struct map_problem *problem, const struct rill_graph *graph,
		    const struct rill_map_options *options, const struct map_rates *rates, char *error)
{
	*problem = (struct map_problem){
		.nodes = graph->node_count, .seed = options->seed,
		.first = calloc(graph->node_count + 2, sizeof(*problem->first)),
		.edges = calloc(2ULL * graph->arc_count + 1, sizeof(*problem->edges)),
		.load = calloc(graph->node_count + 1, sizeof(*problem->load)),
		.kind = calloc(graph->node_count + 1, sizeof(*problem->kind)),
		.place = calloc(graph->node_count + 1, sizeof(*problem->place)),
	};
	if (!problem->first || !problem->edges || !problem->load || !problem->kind || !problem->place)
		return map_no_memory(error);
	set_places(problem, options);
	set_edges(problem, graph, rates);
	set_loads(problem, graph, options, rates);
	return set_limits(problem, options, error);
}
