// SPDX-License-Identifier: MIT
/*
 * Room for what is on its way. A credit is back as long after its token left as both took over the links and the
 * consumer to fire. An arc with room for fewer tokens than its producer makes in that time holds it up.
 */
#include "map.h"

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Tokens that may be on their way at once */
static uint64_t wanted(const struct rill_array *array, const struct rill_graph *graph, const struct graph_arc *arc)
{
	const struct graph_node *src = &graph->nodes[arc->src], *dst = &graph->nodes[arc->dst];
	uint64_t src_ps = map_cost(array, src), dst_ps = map_cost(array, dst);
	uint64_t gap = most(most(src_ps, dst_ps), most(array->token_ps, 1));
	uint64_t way = 2 * (array->hop_ps + array->token_ps) * map_hops(array, src->chiplet, dst->chiplet);

	return (way + src_ps + dst_ps + gap - 1) / gap;
}

/* Sum of what all arcs get if none gets more than `limit` by this */
static uint64_t slots(const struct rill_array *array, const struct rill_graph *graph, uint64_t limit)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[i];
		uint64_t more = arc->src == arc->dst ? 0 : wanted(array, graph, arc);

		if (graph->nodes[arc->src].chiplet == graph->nodes[arc->dst].chiplet)
			more = 0;
		sum += most(arc->capacity, more < limit ? more : limit);
	}
	return sum;
}

void map_capacity(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats)
{
	uint64_t limit = options->capacity, more;
	uint32_t i;

	while (limit > 1 && slots(&options->array, graph, limit) > RILL_NDF_MAX_SLOTS)
		limit /= 2;
	for (i = 0; i < graph->arc_count; i++) {
		struct graph_arc *arc = &graph->arcs[i];

		if (graph->nodes[arc->src].chiplet != graph->nodes[arc->dst].chiplet) {
			more = wanted(&options->array, graph, arc);
			stats->short_arcs += more > limit && more > arc->capacity;
			if (more > limit)
				more = limit;
			if (more > arc->capacity) {
				arc->capacity = (uint32_t)more;
				stats->raised++;
			}
		}
		stats->slots += arc->capacity;
	}
}
