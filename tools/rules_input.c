// SPDX-License-Identifier: MIT
#include "rules_input.h"
#include "ndf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int from_file(const char *name, void **binary, size_t *bytes)
{
	const struct rill_build_options build = { .form = RILL_FUSED };
	struct rill_graph *graph;
	struct ndf_file file;

	if (ndf_tool_open(name, &file))
		return 1;
	if (file.is_binary) {
		*binary = file.data;
		*bytes = file.bytes;
		file.data = NULL;
		ndf_tool_close(&file);
		return 0;
	}
	graph = ndf_tool_build(&file, &build, NULL);
	if (graph && rill_graph_encode(graph, binary, bytes))
		fprintf(stderr, "rill: %s: %s\n", name, rill_graph_error(graph));
	rill_graph_free(graph);
	ndf_tool_close(&file);
	return *binary ? 0 : 1;
}

int rules_input(const char *name, void **binary, size_t *bytes)
{
	char error[RILL_GRAPH_ERROR_BYTES];

	free(*binary);
	*binary = NULL;
	*bytes = 0;
	if (!strcmp(name, "builtin"))
		return 0;
	if (strcmp(name, "ndf") && strcmp(name, "learned"))
		return from_file(name, binary, bytes);
	if (!rill_fse_dp_rules(!strcmp(name, "learned"), binary, bytes, error))
		return 0;
	fprintf(stderr, "rill: %s\n", error);
	return 1;
}

void rules_describe(const void *binary, size_t bytes)
{
	struct rill_graph_counts counts;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph *graph = rill_graph_decode(binary, bytes, error);

	if (!graph)
		return;
	rill_graph_count(graph, &counts);
	printf("rules: %s on each chiplet: %u nodes (control: %u when, %u where; %u op, %u source, %u sink), %u arcs,",
	       rill_graph_name(graph), counts.nodes, counts.whens, counts.wheres, counts.ops, counts.sources,
	       counts.sinks, counts.arcs);
	printf(" %" PRIu64 " crosspoints, %" PRIu64 " table bytes, binary %zu bytes\n", counts.crosspoints,
	       counts.table_bytes, bytes);
	rill_graph_free(graph);
}
