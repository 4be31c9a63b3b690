// SPDX-License-Identifier: MIT
/* rill ndf as, rill ndf dis */
#include "ndf_output.h"

#include <stdlib.h>
#include <string.h>

static const char where_to[] = "where to; '-' is standard output";

static int write_binary(struct rill_graph *graph, const char *path)
{
	void *binary;
	size_t bytes;
	FILE *to;
	int ret;

	if (rill_graph_encode(graph, &binary, &bytes)) {
		fprintf(stderr, "rill: %s\n", rill_graph_error(graph));
		return 1;
	}
	to = ndf_tool_create(path);
	if (to)
		fwrite(binary, 1, bytes, to);
	ret = to ? ndf_tool_finish(to, path) : 1;
	free(binary);
	return ret;
}

/* FILE.ndf becomes FILE.rndf in the working directory. */
static char *default_output(const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
	int length = dot && dot > base ? (int)(dot - base) : (int)strlen(base);
	char *path;

	return asprintf(&path, "%.*s.rndf", length, base) < 0 ? NULL : path;
}

int cmd_ndf_as(int argc, char **argv)
{
	struct ndf_output output = { 0 };
	struct rill_graph *graph;
	char *path = NULL;
	int ret = 1;

	graph = ndf_output_build(argc, argv, where_to, "Assemble a text into a binary, FILE.rndf.", &output);
	if (graph && !output.path)
		path = default_output(output.common.file);
	if (graph && (output.path || path))
		ret = write_binary(graph, output.path ? output.path : path);
	free(path);
	ndf_output_free(&output, graph);
	return ret;
}

int cmd_ndf_dis(int argc, char **argv)
{
	struct ndf_output output = { 0 };
	struct rill_graph *graph;
	int ret = 1;
	FILE *to;

	graph = ndf_output_build(argc, argv, where_to,
				 "Print the graph of a binary or a text, as text that assembles to it.", &output);
	to = graph ? ndf_tool_create(output.path) : NULL;
	if (to) {
		rill_graph_print(graph, to);
		ret = ndf_tool_finish(to, output.path);
	}
	ndf_output_free(&output, graph);
	return ret;
}
