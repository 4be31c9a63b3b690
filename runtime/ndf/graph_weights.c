// SPDX-License-Identifier: MIT
/* Learned weights back into a graph, and what a graph has as a chip takes it. */
#include "graph.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

static bool plastic(const struct graph_node *node)
{
	return node->kind == RILL_NDF_WHEN && node->when.plastic;
}

const char *rill_graph_plastic(const struct rill_graph *graph, uint32_t i)
{
	uint32_t node;

	for (node = 0; node < graph->node_count; node++) {
		if (plastic(&graph->nodes[node]) && !i--)
			return rill_graph_node_name(graph, node);
	}
	return NULL;
}

static bool fits(struct rill_graph *graph, const struct graph_node *node, const struct rill_weights *w)
{
	const struct rill_ndf_when *when = &node->when.scalar;
	uint32_t inputs = rill_graph_data_inputs(node);

	if (w->inputs == inputs && w->dims == when->dims && w->frac == when->frac && w->x_frac == when->x_frac)
		return true;
	return rill_graph_fail(graph,
			       "weights of '%s': %u inputs, %u dimensions, frac %u, x_frac %u; it has %u, %u, %u, %u",
			       w->name, w->inputs, w->dims, w->frac, w->x_frac, inputs, when->dims, when->frac,
			       when->x_frac);
}

static bool load(struct rill_graph *graph, const struct rill_weights *w)
{
	uint32_t number = rill_graph_find(graph, w->name);
	struct graph_node *node = number == RILL_NDF_NONE ? NULL : &graph->nodes[number];

	if (!node || !plastic(node))
		return rill_graph_fail(graph, "weights of '%s': there is no plastic when of that name", w->name);
	if (!fits(graph, node, w))
		return false;
	memcpy(node->when.weights, w->weights, (size_t)w->inputs * w->dims * sizeof(*w->weights));
	memcpy(node->when.bias, w->bias, w->dims * sizeof(*w->bias));
	memcpy(node->when.theta, w->theta, w->dims * sizeof(*w->theta));
	return true;
}

int rill_graph_load_weights(struct rill_graph *graph, const struct rill_weights *weights)
{
	for (; weights; weights = weights->next) {
		if (graph->failed || !load(graph, weights))
			return -EINVAL;
	}
	return 0;
}

static uint8_t *put_words(uint8_t *to, const int64_t *words, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++, to += sizeof(__le64)) {
		__le64 word = htole64((uint64_t)words[i]);

		memcpy(to, &word, sizeof(word));
	}
	return to;
}

static size_t put_piece(const struct graph_node *node, uint8_t *to)
{
	uint32_t dims = node->when.scalar.dims, count = rill_graph_data_inputs(node) * dims, i;
	size_t bytes = 2 * dims * sizeof(__le64) + (count + 1) / 2 * sizeof(__le64);

	if (!to)
		return bytes;
	memset(to, 0, bytes);
	to = put_words(put_words(to, node->when.bias, dims), node->when.theta, dims);
	for (i = 0; i < count; i++, to += sizeof(__le32)) {
		__le32 weight = htole32((uint32_t)node->when.weights[i]);

		memcpy(to, &weight, sizeof(weight));
	}
	return bytes;
}

size_t rill_graph_weights(const struct rill_graph *graph, void *to)
{
	size_t bytes = 0;
	uint32_t i;

	for (i = 0; i < graph->node_count; i++)
		if (plastic(&graph->nodes[i]))
			bytes += put_piece(&graph->nodes[i], to ? (uint8_t *)to + bytes : NULL);
	return bytes;
}
