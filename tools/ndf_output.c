// SPDX-License-Identifier: MIT
#include "ndf_output.h"

static int parse(int key, char *arg, struct argp_state *state)
{
	struct ndf_output *output = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &output->common;
		return 0;
	case 'o':
		output->path = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

struct rill_graph *ndf_output_build(int argc, char **argv, const char *what, const char *doc,
				    struct ndf_output *output)
{
	static const struct argp_child children[] = { { &ndf_tool_build_argp, 0, NULL, 0 }, { 0 } };
	const struct argp_option options[] = { { "output", 'o', "FILE", 0, what, 0 }, { 0 } };
	const struct argp argp = { .options = options, .parser = parse, .children = children, .args_doc = "FILE",
				   .doc = doc };
	struct rill_graph *graph;
	struct ndf_file file;

	argp_parse(&argp, argc, argv, 0, NULL, output);
	if (ndf_tool_open(output->common.file, &file))
		return NULL;
	graph = ndf_tool_build(&file, &output->common.build, NULL);
	ndf_tool_close(&file);
	return graph;
}

void ndf_output_free(struct ndf_output *output, struct rill_graph *graph)
{
	rill_graph_free(graph);
	rill_weights_free(output->common.weights);
}
