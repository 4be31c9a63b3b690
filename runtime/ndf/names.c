// SPDX-License-Identifier: MIT
/* Names of nodes: unique within a graph, found by a hash table. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

static uint32_t *bucket(const struct rill_graph *graph, const char *name)
{
	uint32_t i = hash(name) & (graph->bucket_count - 1);

	while (graph->buckets[i] && strcmp(graph->nodes[graph->buckets[i] - 1].name, name))
		i = (i + 1) & (graph->bucket_count - 1);
	return &graph->buckets[i];
}

uint32_t rill_graph_find(const struct rill_graph *graph, const char *name)
{
	return graph->bucket_count ? *bucket(graph, name) - 1 : RILL_NDF_NONE;
}

const char *rill_graph_node_name(const struct rill_graph *graph, uint32_t node)
{
	return node < graph->node_count && graph->nodes[node].name ? graph->nodes[node].name : "";
}

static bool rehash(struct rill_graph *graph)
{
	uint32_t i, count = graph->bucket_count ? graph->bucket_count * 2 : 64;
	uint32_t *buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return false;
	free(graph->buckets);
	graph->buckets = buckets;
	graph->bucket_count = count;
	for (i = 0; i < graph->node_count; i++) {
		if (graph->nodes[i].name)
			*bucket(graph, graph->nodes[i].name) = i + 1;
	}
	return true;
}

static char *with_suffix(const struct rill_graph *graph, const char *name)
{
	size_t room = strlen(name) + 16;
	uint32_t step = 1, n = 2, low;
	char *text = malloc(room);

	if (!text)
		return NULL;
	/* Suffixes are dense from 2 on: double, then halve, to find the first that is free. */
	for (;; step *= 2) {
		snprintf(text, room, "%s.%u", name, n + step - 1);
		if (rill_graph_find(graph, text) == RILL_NDF_NONE)
			break;
	}
	for (low = n + step / 2 - 1, n += step - 1; n - low > 1;) {
		uint32_t middle = low + (n - low) / 2;

		snprintf(text, room, "%s.%u", name, middle);
		if (rill_graph_find(graph, text) == RILL_NDF_NONE)
			n = middle;
		else
			low = middle;
	}
	snprintf(text, room, "%s.%u", name, n);
	return text;
}

bool rill_graph_name_node(struct rill_graph *graph, uint32_t node, const char *name, bool exact)
{
	char *text;

	if (graph->named * 2 >= graph->bucket_count && !rehash(graph))
		return rill_graph_no_memory(graph);
	if (exact || rill_graph_find(graph, name) == RILL_NDF_NONE)
		text = strdup(name);
	else
		text = with_suffix(graph, name);
	if (!text)
		return rill_graph_no_memory(graph);
	*bucket(graph, text) = node + 1;
	graph->nodes[node].name = text;
	graph->named++;
	return true;
}

bool rill_graph_name_first(struct rill_graph *graph, uint32_t node, const char *name)
{
	uint32_t other = rill_graph_find(graph, name);
	char *kept, *text;

	if (other == RILL_NDF_NONE)
		return rill_graph_name_node(graph, node, name, true);
	kept = graph->nodes[other].name;
	text = with_suffix(graph, name);
	if (!text)
		return rill_graph_no_memory(graph);
	/* The name, and its place in the table, go to the new node. */
	*bucket(graph, name) = node + 1;
	graph->nodes[node].name = kept;
	graph->nodes[other].name = NULL;
	if (!rill_graph_name_node(graph, other, text, true)) {
		free(text);
		return false;
	}
	free(text);
	graph->named++;
	return true;
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool rill_graph_plain_name(const char *name)
{
	const char *p;

	if (!name || !letter(*name))
		return false;
	for (p = name; *p; p++) {
		if (letter(*p) || (*p >= '0' && *p <= '9'))
			continue;
		if (*p != '.' || !(letter(p[1]) || (p[1] >= '0' && p[1] <= '9')))
			return false;
	}
	return true;
}
