/* SPDX-License-Identifier: MIT */
/* rill ndf: subcommands that build one graph and write one file. */
#ifndef RILL_TOOLS_NDF_OUTPUT_H
#define RILL_TOOLS_NDF_OUTPUT_H

#include "ndf.h"

struct ndf_output {
	struct ndf_options common;
	const char *path;	/* NULL: it was not said */
};

/*
 * Parse the command line and build what it names. NULL: it has been said why. `what` says what --output means, and
 * `doc` what the subcommand does.
 */
struct rill_graph *ndf_output_build(int argc, char **argv, const char *what, const char *doc,
				    struct ndf_output *output);
void ndf_output_free(struct ndf_output *output, struct rill_graph *graph);

#endif
