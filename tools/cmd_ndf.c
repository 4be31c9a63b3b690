// SPDX-License-Identifier: MIT
/* rill ndf: dataflow programs. */
#include "command_table.h"
#include "commands.h"

#include <stdio.h>

#include "ndf.h"

static const struct command commands[] = {
	{ "as", cmd_ndf_as, "assemble a text into a binary" },
	{ "dis", cmd_ndf_dis, "print a program's graph as text" },
	{ "run", cmd_ndf_run, "run a program on the host" },
	{ "learn", cmd_ndf_learn, "how right a program's plastic whens are, against samples" },
	{ "map", cmd_ndf_map, "place a program on an array of chiplets" },
	{ "arrays", cmd_ndf_arrays, "the thirteen programs on 1, 4 and 16 chiplets" },
	{ "graph", cmd_ndf_graph, "draw a program's graph" },
	{ "stats", cmd_ndf_stats, "nodes, tables, firings and steps, against the classic form" },
	{ 0 },
};

int cmd_ndf(int argc, char **argv)
{
	static const struct command_table table = {
		.program = "rill ndf", .args = " FILE", .commands = commands,
		.note = "FILE: a text (docs/ndf-language.rst), a binary, or the name of a program of rill's own.",
	};
	const struct command *command;
	char name[64];
	int status;

	command = command_find(&table, argc, argv, &status);
	if (!command)
		return status;
	snprintf(name, sizeof(name), "rill ndf %s", command->name);
	argv[1] = name;
	argp_err_exit_status = 2;
	return command->run(argc - 1, argv + 1);
}
