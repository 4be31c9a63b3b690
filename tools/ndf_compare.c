// SPDX-License-Identifier: MIT
/* rill ndf run --compare */
#include <stdlib.h>
#include <string.h>

#include "ndf_run.h"

/* Two runs of one program */
struct pair {
	const char *path;
	struct rill_run *chip, *host;
};

static int differs(const struct pair *pair, const char *what, const char *name)
{
	fprintf(stderr, "rill: %s: %s '%s' is not what the host has\n", pair->path, what, name);
	return 1;
}

static int compare_sinks(const struct pair *pair)
{
	const uint64_t *a, *b;
	const char *name;
	uint32_t i, mode;
	size_t n, m;
	int wrong = 0;

	for (i = 0; (a = rill_run_sink(pair->chip, i, &name, &mode, &n)); i++) {
		if (mode == RILL_NDF_SINK_IGNORE)
			continue;
		b = rill_run_sink(pair->host, i, &name, &mode, &m);
		if (n != m || memcmp(a, b, n * sizeof(*a)))
			wrong += differs(pair, "sink", name);
	}
	return wrong;
}

/* Accesses that no sink waits for may come after the end. */
static int compare_memory(const struct pair *pair, const struct rill_graph *graph)
{
	uint64_t bytes;
	const uint8_t *a = rill_run_memory(pair->chip, &bytes), *b = rill_run_memory(pair->host, &bytes);

	if (rill_graph_find(graph, "memory.done") == RILL_NDF_NONE || !memcmp(a, b, bytes))
		return 0;
	return differs(pair, "memory of", rill_graph_name(graph));
}

static bool same_weights(const struct rill_weights *a, const struct rill_weights *b)
{
	return a && b && a->inputs == b->inputs && a->dims == b->dims &&
	       !memcmp(a->weights, b->weights, (size_t)a->inputs * a->dims * sizeof(*a->weights)) &&
	       !memcmp(a->bias, b->bias, a->dims * sizeof(*a->bias)) &&
	       !memcmp(a->theta, b->theta, a->dims * sizeof(*a->theta));
}

static int compare_weights(const struct pair *pair, const struct rill_graph *graph)
{
	struct rill_weights *a, *b;
	const char *name;
	uint32_t i;
	int wrong = 0;

	for (i = 0; (name = rill_graph_plastic(graph, i)); i++) {
		if (!*name)
			continue;
		a = rill_run_weights(pair->chip, name);
		b = rill_run_weights(pair->host, name);
		if (!same_weights(a, b))
			wrong += differs(pair, "weights of", name);
		rill_weights_free(a);
		rill_weights_free(b);
	}
	return wrong;
}

int ndf_device_compare(const struct ndf_file *file, const struct rill_build_options *build,
		       const struct ndf_run_options *options, struct rill_run *run)
{
	struct ndf_run_options host = *options;
	struct pair pair = { file->path, run, NULL };
	struct rill_graph *graph;
	int wrong = 1;

	host.device.queue = NULL;
	host.device.array_given = false;
	pair.host = ndf_tool_start(file, build, &host, &graph);
	if (pair.host && !ndf_tool_complete(pair.host, &host, "on the host")) {
		wrong = compare_sinks(&pair) + compare_memory(&pair, graph) + compare_weights(&pair, graph);
		if (!wrong)
			printf("as on the host\n");
	}
	rill_run_free(pair.host);
	rill_graph_free(graph);
	return wrong ? 1 : 0;
}
