// SPDX-License-Identifier: MIT
/*
 * Which wheres to cut. Lanes go on where the whole where waits, so each stream with lanes begins with what
 * it is without them, and may go on after that. A trial run tells whether it does: all at once, else one where
 * after another.
 */
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ONE_BY_ONE	64u

/* A copy; NULL: error says why. */
static struct rill_graph *copy(struct rill_graph *graph, char *error)
{
	struct rill_graph *twin = NULL;
	void *binary;
	size_t bytes;

	if (rill_graph_encode(graph, &binary, &bytes)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
		return NULL;
	}
	twin = rill_graph_decode(binary, bytes, error);
	free(binary);
	return twin;
}

/*
 * What lanes put out with this much room, they put out at most with less. So a trial with it covers
 * all capacities that arcs may get.
 */
static uint32_t roomy(const struct rill_graph *graph)
{
	uint32_t each = RILL_NDF_MAX_SLOTS / (graph->arc_count + 1);

	return each < 1 ? 1 : each > RILL_NDF_MAX_CAPACITY ? RILL_NDF_MAX_CAPACITY : each;
}

/* Is it the same with these cut? Negative: an error, and what it is. */
static int same(struct rill_graph *graph, const struct map_split *split, const bool *chosen,
		const struct map_trial *whole, uint64_t firings, char *error)
{
	struct rill_graph *twin = copy(graph, error);
	struct map_trial trial = { 0 };
	int ret;

	if (!twin)
		return -ENOMEM;
	ret = map_split_apply(twin, split, chosen) ? map_trial_run(twin, firings, roomy(twin), &trial) : -EINVAL;
	if (ret)
		ret = ret == -EINVAL ? map_bad(error, "%s", rill_graph_error(twin)) : map_no_memory(error);
	else
		ret = map_trial_same(whole, &trial);
	map_trial_free(&trial);
	rill_graph_free(twin);
	return ret;
}

static int try_all(struct rill_graph *graph, const struct map_split *split, bool *chosen,
		   const struct map_trial *whole, uint64_t firings, char *error)
{
	uint32_t i;
	int ret;

	memset(chosen, true, split->count);
	ret = same(graph, split, chosen, whole, firings, error);
	if (ret)
		return ret < 0 ? ret : 0;
	memset(chosen, false, split->count);
	for (i = 0; i < split->count && split->count <= MAX_ONE_BY_ONE; i++) {
		chosen[i] = true;
		ret = same(graph, split, chosen, whole, firings, error);
		if (ret < 0)
			return ret;
		chosen[i] = ret;
	}
	return 0;
}

static int choose(struct rill_graph *graph, const struct rill_map_options *options, const struct map_split *split,
		  bool *chosen, struct rill_map_stats *stats, char *error)
{
	const char **whole = &stats->whole;
	struct map_trial trial;
	int ret;

	*whole = map_order_unsafe(graph);
	if (*whole)
		return 0;
	memset(chosen, true, split->count);
	if (options->lanes == RILL_LANES_UNTRIED)
		return 0;
	ret = map_trial_run(graph, options->firings, 0, &trial);
	if (ret)
		return ret == -EINVAL ? map_bad(error, "%s", rill_graph_error(graph)) : map_no_memory(error);
	if (map_trial_good(&trial)) {
		stats->whole_steps = map_trial_steps(&trial);
		/* A lane takes the switch's tokens, too; so it is as many more firings as that. */
		ret = try_all(graph, split, chosen, &trial, 64 * options->firings, error);
		if (memchr(chosen, false, split->count))
			*whole = "a sink would get more with lanes";
	} else {
		memset(chosen, false, split->count);
		*whole = "the program does not run to an end by itself";
	}
	map_trial_free(&trial);
	return ret;
}

static bool fits(const struct rill_graph *graph, const struct map_split *split)
{
	uint64_t more = 0;
	uint32_t i;

	for (i = 0; i < split->count; i++)
		more += split->lanes[i].count - 1;
	return graph->node_count + more <= RILL_NDF_MAX_NODES && graph->arc_count + more <= RILL_NDF_MAX_ARCS;
}

static void count(const struct map_split *split, const bool *chosen, struct rill_map_stats *stats)
{
	uint32_t i;

	for (i = 0; i < split->count; i++) {
		stats->cut_wheres += chosen[i];
		stats->lanes += chosen[i] ? split->lanes[i].count : 0;
	}
}

int map_cut(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats,
	    char *error)
{
	struct map_split split;
	bool *chosen;
	int ret = 0;

	if (!map_split_find(graph, &split))
		goto no_memory;
	chosen = calloc(split.count + 1, sizeof(*chosen));
	if (!chosen) {
		map_split_free(&split);
		goto no_memory;
	}
	stats->candidates = split.count;
	if (options->lanes == RILL_LANES_NEVER)
		stats->whole = "lanes are not wanted";
	else if (!fits(graph, &split))
		stats->whole = "there would be too many nodes or arcs";
	else if (split.count)
		ret = choose(graph, options, &split, chosen, stats, error);
	if (!split.count)
		stats->whole = NULL;
	count(&split, chosen, stats);
	if (!ret && stats->cut_wheres && !map_split_apply(graph, &split, chosen))
		ret = map_bad(error, "%s", rill_graph_error(graph));
	free(chosen);
	map_split_free(&split);
	return ret;
no_memory:
	return map_no_memory(error);
}
