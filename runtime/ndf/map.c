// SPDX-License-Identifier: MIT
/* Mapping a graph to an array: lanes, then rates, then places, then capacities. */
#include "map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TRIAL	(1ULL << 40)	/* firings */

void rill_array_default(struct rill_array *array, uint32_t rows, uint32_t cols)
{
	*array = (struct rill_array){
		.rows = rows, .cols = cols, .op_ps = 1250, .when_ps = 1250, .where_ps = 1250, .memory_ps = 20000,
		.hop_ps = 20000, .token_ps = 167,
	};
}

uint32_t map_hops(const struct rill_array *array, uint32_t from, uint32_t to)
{
	int x = (int)(from % array->cols) - (int)(to % array->cols);
	int y = (int)(from / array->cols) - (int)(to / array->cols);

	return (uint32_t)(abs(x) + abs(y));
}

uint64_t map_cost(const struct rill_array *array, const struct graph_node *node)
{
	if (node->kind == RILL_NDF_WHEN)
		return array->when_ps;
	if (node->kind != RILL_NDF_OP)
		return array->where_ps;
	return node->mode >= RILL_NDF_LOAD ? array->memory_ps : array->op_ps;
}

int map_bad(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, RILL_GRAPH_ERROR_BYTES, format, args);
	va_end(args);
	return -EINVAL;
}

int map_no_memory(char *error)
{
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
	return -ENOMEM;
}

/* ---- options ---- */

int map_check_array(const struct rill_array *array, char *error)
{
	const struct {
		const char *field;
		uint64_t ps;
	} times[] = {
		{ "op_ps", array->op_ps }, { "when_ps", array->when_ps }, { "where_ps", array->where_ps },
		{ "memory_ps", array->memory_ps }, { "hop_ps", array->hop_ps }, { "token_ps", array->token_ps },
		{ "wave_gap_ps", array->wave_gap_ps },
	};
	size_t i;

	if (!array->rows || array->rows > RILL_NDF_MAX_CHIPLETS)
		return map_bad(error, "rows: %u is not in 1..%u", array->rows, RILL_NDF_MAX_CHIPLETS);
	if (!array->cols || array->cols > RILL_NDF_MAX_CHIPLETS / array->rows)
		return map_bad(error, "cols: %u is not in 1..%u, with %u rows", array->cols,
			   RILL_NDF_MAX_CHIPLETS / array->rows, array->rows);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (times[i].ps > RILL_MAP_MAX_PS)
			return map_bad(error, "%s: %" PRIu64 " is not in 0..%llu", times[i].field, times[i].ps,
				   RILL_MAP_MAX_PS);
	}
	return 0;
}

static int check_chiplets(struct rill_map_options *options, char *error)
{
	uint32_t count = options->array.rows * options->array.cols, i;
	uint64_t all = count < 64 ? (1ULL << count) - 1 : ~0ULL;

	if (options->chiplets == RILL_MAP_ALL)
		options->chiplets = all;
	if (!options->chiplets)
		return map_bad(error, "chiplets: none is given of 0..%u", count - 1);
	for (i = 0; i < 64; i++) {
		if ((options->chiplets & ~all) >> i & 1)
			return map_bad(error, "chiplets: %u is not in 0..%u", i, count - 1);
	}
	return 0;
}

/* With what is meant where 0 stands for something */
static int check_options(const struct rill_map_options *from, struct rill_map_options *options, char *error)
{
	int ret = map_check_array(&from->array, error);

	if (ret)
		return ret;
	*options = *from;
	if (!options->capacity)
		options->capacity = RILL_MAP_CAPACITY;
	if (!options->slack)
		options->slack = RILL_MAP_SLACK;
	if (!options->firings)
		options->firings = RILL_MAP_FIRINGS;
	if (options->capacity > RILL_NDF_MAX_CAPACITY)
		return map_bad(error, "capacity: %u is not in 1..%u", options->capacity, RILL_NDF_MAX_CAPACITY);
	if (options->firings > MAX_TRIAL)
		return map_bad(error, "firings: %" PRIu64 " is not in 1..%llu", options->firings, MAX_TRIAL);
	if (options->lanes > RILL_LANES_UNTRIED)
		return map_bad(error, "lanes: %u is not in 0..%u", options->lanes, RILL_LANES_UNTRIED);
	return check_chiplets(options, error);
}

/* ---- the solution ---- */

static uint64_t traffic(const struct rill_graph *graph, const struct map_problem *problem, const uint64_t *tokens)
{
	const uint8_t *place = problem->place;
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < graph->arc_count; i++)
		sum += tokens[i] * problem->hops[place[graph->arcs[i].src]][place[graph->arcs[i].dst]];
	return sum;
}

/* As if nodes were dealt out like cards; the problem is without places afterwards, as before. */
static uint64_t dealt_traffic(const struct rill_graph *graph, struct map_problem *problem, const uint64_t *tokens)
{
	uint64_t sum;
	uint32_t i;

	for (i = 0; i < problem->nodes; i++)
		problem->place[i] = (uint8_t)(i % problem->places);
	sum = traffic(graph, problem, tokens);
	memset(problem->place, 0, problem->nodes);
	return sum;
}

static void take_places(struct rill_graph *graph, const struct map_problem *problem, const struct map_rates *rates,
			const struct rill_array *array, struct rill_map_stats *stats)
{
	uint32_t i;

	for (i = 0; i < graph->node_count; i++) {
		uint32_t chiplet = problem->chiplet[problem->place[i]];
		struct rill_map_chiplet *c = &stats->chiplet[chiplet];

		graph->nodes[i].chiplet = (uint16_t)chiplet;
		c->whens += problem->kind[i] == MAP_WHEN;
		c->wheres += problem->kind[i] == MAP_WHERE;
		c->others += problem->kind[i] == MAP_OTHER;
		c->firings += rates->firings[i];
		c->load_ps += rates->firings[i] * map_cost(array, &graph->nodes[i]);
	}
	for (i = 0; i < graph->arc_count; i++) {
		bool cut = graph->nodes[graph->arcs[i].src].chiplet != graph->nodes[graph->arcs[i].dst].chiplet;

		stats->cut_arcs += cut;
		stats->tokens += rates->tokens[i];
		stats->cut_tokens += cut ? rates->tokens[i] : 0;
	}
}

static int place(struct rill_graph *graph, const struct rill_map_options *options, const struct map_rates *rates,
		 struct rill_map_stats *stats, char *error)
{
	struct map_problem problem;
	int ret = map_problem_set(&problem, graph, options, rates, error);

	if (!ret) {
		stats->dealt_traffic = dealt_traffic(graph, &problem, rates->tokens);
		if (!map_grow(&problem))
			ret = map_no_memory(error);
	}
	if (!ret) {
		stats->first_traffic = traffic(graph, &problem, rates->tokens);
		if (!map_refine(&problem))
			ret = map_no_memory(error);
	}
	if (!ret) {
		stats->traffic = traffic(graph, &problem, rates->tokens);
		take_places(graph, &problem, rates, &options->array, stats);
	}
	map_problem_free(&problem);
	return ret;
}

/* From a trial run, if it got anywhere; else everything happens once. */
static int find_rates(struct rill_graph *graph, const struct rill_map_options *options, struct map_rates *rates,
		      struct rill_map_stats *stats, char *error)
{
	struct map_trial trial;
	uint32_t i;
	int ret = map_trial_run(graph, options->firings, 0, &trial);

	if (ret)
		return ret == -EINVAL ? map_bad(error, "%s", rill_graph_error(graph)) : map_no_memory(error);
	stats->tried = map_trial_good(&trial) || trial.end == RILL_NDF_LIMIT;
	stats->steps = stats->tried ? map_trial_steps(&trial) : 0;
	if (!stats->cut_wheres)
		stats->whole_steps = stats->steps;
	if (stats->tried && !map_trial_rates(&trial, graph, rates->tokens, rates->firings))
		ret = map_no_memory(error);
	map_trial_free(&trial);
	for (i = 0; !stats->tried && i < graph->arc_count; i++)
		rates->tokens[i] = 1;
	for (i = 0; !stats->tried && i < graph->node_count; i++)
		rates->firings[i] = 1;
	return ret;
}

static int map_whole(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats,
		     char *error)
{
	struct map_rates rates;
	int ret = map_cut(graph, options, stats, error);

	if (ret)
		return ret;
	rates.tokens = calloc(graph->arc_count + 1, sizeof(*rates.tokens));
	rates.firings = calloc(graph->node_count + 1, sizeof(*rates.firings));
	ret = rates.tokens && rates.firings ? find_rates(graph, options, &rates, stats, error) : map_no_memory(error);
	if (!ret)
		ret = place(graph, options, &rates, stats, error);
	if (!ret)
		map_capacity(graph, options, stats);
	stats->nodes = graph->node_count;
	stats->arcs = graph->arc_count;
	free(rates.tokens);
	free(rates.firings);
	return ret;
}

int rill_graph_map(struct rill_graph *graph, const struct rill_map_options *from, struct rill_map_stats *stats,
		   char *error)
{
	struct rill_map_options options;
	struct rill_map_stats own;
	void *binary;
	size_t bytes;
	int ret = check_options(from, &options, error);

	if (ret)
		return ret;
	/* What follows relies on a valid graph. */
	if (rill_graph_encode(graph, &binary, &bytes))
		return map_bad(error, "%s", rill_graph_error(graph));
	free(binary);
	stats = stats ? stats : &own;
	memset(stats, 0, sizeof(*stats));
	return map_whole(graph, &options, stats, error);
}

int rill_ndf_map(const void *binary, size_t bytes, const struct rill_map_options *options, void **mapped,
		 size_t *mapped_bytes, struct rill_map_stats *stats, char *error)
{
	struct rill_graph *graph = rill_graph_decode(binary, bytes, error);
	int ret;

	*mapped = NULL;
	if (!graph)
		return -EINVAL;
	ret = rill_graph_map(graph, options, stats, error);
	if (!ret && rill_graph_encode(graph, mapped, mapped_bytes))
		ret = map_bad(error, "%s", rill_graph_error(graph));
	rill_graph_free(graph);
	return ret;
}
