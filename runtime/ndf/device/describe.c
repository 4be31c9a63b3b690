// SPDX-License-Identifier: MIT
/* What a graph has that its job must bring: SOURCEs, SINKs, plastic whens. */
#include "chip_run.h"

#include <stdlib.h>
#include <string.h>

static bool plastic(const struct graph_node *node)
{
	return node->kind == RILL_NDF_WHEN && node->when.plastic;
}

static void *copy(const void *from, size_t bytes)
{
	void *to = malloc(bytes + 1);

	if (to)
		memcpy(to, from, bytes);
	return to;
}

static bool describe_plastic(struct chip_run *chip, uint32_t node)
{
	const struct graph_node *from = &chip->run.graph->nodes[node];
	struct chip_plastic *to = &chip->plastics[chip->plastic_count++];

	*to = (struct chip_plastic){
		.node = node, .inputs = rill_graph_data_inputs(from), .dims = from->when.scalar.dims,
	};
	to->weights = copy(from->when.weights, (size_t)to->inputs * to->dims * sizeof(*to->weights));
	to->bias = copy(from->when.bias, to->dims * sizeof(*to->bias));
	to->theta = copy(from->when.theta, to->dims * sizeof(*to->theta));
	return to->weights && to->bias && to->theta;
}

static bool allocate(struct chip_run *chip)
{
	const struct rill_graph *graph = chip->run.graph;
	uint32_t i, sources = 1, sinks = 1, plastics = 1;	/* no array is of nothing */

	for (i = 0; i < graph->node_count; i++) {
		sources += graph->nodes[i].kind == RILL_NDF_SOURCE;
		sinks += graph->nodes[i].kind == RILL_NDF_SINK;
		plastics += plastic(&graph->nodes[i]);
	}
	chip->inputs = calloc(sources, sizeof(*chip->inputs));
	chip->outputs = calloc(sinks, sizeof(*chip->outputs));
	chip->plastics = calloc(plastics, sizeof(*chip->plastics));
	return chip->inputs && chip->outputs && chip->plastics;
}

bool chip_run_describe(struct chip_run *chip)
{
	const struct rill_graph *graph = chip->run.graph;
	uint32_t i;

	if (!allocate(chip))
		return false;
	for (i = 0; i < graph->node_count; i++) {
		if (graph->nodes[i].kind == RILL_NDF_SOURCE)
			chip->input_count++;
		else if (graph->nodes[i].kind == RILL_NDF_SINK)
			chip->outputs[chip->output_count++].node = i;
		else if (plastic(&graph->nodes[i]) && !describe_plastic(chip, i))
			return false;
	}
	return true;
}

void chip_run_forget(struct chip_run *chip)
{
	uint32_t i;

	for (i = 0; i < chip->input_count; i++)
		free(chip->inputs[i].words);
	for (i = 0; i < chip->output_count; i++)
		free(chip->outputs[i].words);
	for (i = 0; i < chip->plastic_count; i++) {
		free(chip->plastics[i].weights);
		free(chip->plastics[i].bias);
		free(chip->plastics[i].theta);
	}
	free(chip->inputs);
	free(chip->outputs);
	free(chip->plastics);
}
