// SPDX-License-Identifier: MIT
/* rill ndf as, rill ndf dis */
#include "ndf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct as_options {
	struct ndf_options common;
	const char *output;
};

static const struct argp_option as_table[] = {
	{ "output", 'o', "FILE", 0, "where to; '-' is standard output", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct as_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'o':
		options->output = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { &ndf_tool_build_argp, 0, NULL, 0 }, { 0 } };

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

static struct rill_graph *open_and_build(struct as_options *options)
{
	struct rill_graph *graph;
	struct ndf_file file;

	if (ndf_tool_open(options->common.file, &file))
		return NULL;
	graph = ndf_tool_build(&file, &options->common.build, NULL);
	ndf_tool_close(&file);
	return graph;
}

int cmd_ndf_as(int argc, char **argv)
{
	const struct argp argp = { .options = as_table, .parser = parse, .children = children,
				   .args_doc = "FILE", .doc = "Assemble a text into a binary, FILE.rndf." };
	struct as_options options = { 0 };
	struct rill_graph *graph;
	char *path = NULL;
	int ret = 1;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	graph = open_and_build(&options);
	if (graph && !options.output)
		path = default_output(options.common.file);
	if (graph && (options.output || path))
		ret = write_binary(graph, options.output ? options.output : path);
	free(path);
	rill_graph_free(graph);
	rill_weights_free(options.common.weights);
	return ret;
}

int cmd_ndf_dis(int argc, char **argv)
{
	const struct argp argp = { .options = as_table, .parser = parse, .children = children, .args_doc = "FILE",
				   .doc = "Print the graph of a binary or a text, as text that assembles to it." };
	struct as_options options = { 0 };
	struct rill_graph *graph;
	int ret = 1;
	FILE *to;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	graph = open_and_build(&options);
	to = graph ? ndf_tool_create(options.output) : NULL;
	if (to) {
		rill_graph_print(graph, to);
		ret = ndf_tool_finish(to, options.output);
	}
	rill_graph_free(graph);
	rill_weights_free(options.common.weights);
	return ret;
}
