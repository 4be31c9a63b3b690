/* SPDX-License-Identifier: MIT */
/* rill ndf: what its subcommands share. */
#ifndef RILL_TOOLS_NDF_H
#define RILL_TOOLS_NDF_H

#include <argp.h>

#include "option_value.h"
#include "rill_dataflow.h"

/* A file as read: a text, or a binary. */
struct ndf_file {
	char path[4096];
	char *data;
	size_t bytes;
	bool is_binary;
	struct rill_program *program;	/* of a text */
};

/* Options of all that build a graph */
struct ndf_options {
	const char *file;
	struct rill_build_options build;
	bool form_given, learning_given;
	struct rill_weights *weights;
};

extern const struct argp ndf_tool_build_argp;	/* a child; its input is struct ndf_options */

/*
 * Read a file; where there is none of that name, and it has no '/', one of the programs that come with
 * rill. All print what is wrong and return an exit status, 0 if all is well.
 */
int ndf_tool_open(const char *name, struct ndf_file *file);
void ndf_tool_close(struct ndf_file *file);
/* NULL: it has been said why. control_nodes may be NULL. */
struct rill_graph *ndf_tool_build(const struct ndf_file *file, const struct rill_build_options *build,
				  uint32_t *control_nodes);
int ndf_tool_read(const char *path, char **data, size_t *bytes);
/* NULL or "-": standard output */
FILE *ndf_tool_create(const char *path);
int ndf_tool_finish(FILE *file, const char *path);
/* The folder of the programs, or "" */
const char *ndf_tool_program_folder(void);

#define NDF_TOOL_THIRTEEN 13
extern const char *const ndf_tool_thirteen[NDF_TOOL_THIRTEEN];	/* the programs that come with rill */

int cmd_ndf_as(int argc, char **argv);
int cmd_ndf_dis(int argc, char **argv);
int cmd_ndf_run(int argc, char **argv);
int cmd_ndf_arrays(int argc, char **argv);
int cmd_ndf_learn(int argc, char **argv);
int cmd_ndf_map(int argc, char **argv);
int cmd_ndf_graph(int argc, char **argv);
int cmd_ndf_stats(int argc, char **argv);

#endif
