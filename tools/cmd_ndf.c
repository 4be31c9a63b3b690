// SPDX-License-Identifier: MIT
/* rill ndf: dataflow programs. */
#include "commands.h"

#include <string.h>

#include "ndf.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "as", cmd_ndf_as, "assemble a text into a binary" },
	{ "dis", cmd_ndf_dis, "print a program's graph as text" },
	{ "run", cmd_ndf_run, "run a program on the host" },
	{ "learn", cmd_ndf_learn, "how right a program's plastic whens are, against samples" },
	{ "map", cmd_ndf_map, "place a program on an array of chiplets" },
	{ "arrays", cmd_ndf_arrays, "the thirteen programs on 1, 4 and 16 chiplets" },
	{ "graph", cmd_ndf_graph, "draw a program's graph" },
	{ "stats", cmd_ndf_stats, "nodes, tables, firings and steps, against the classic form" },
};

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: rill ndf COMMAND [OPTION...] FILE     (rill ndf COMMAND --help tells the options)\n\n", to);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].what);
	fputs("\nFILE is a text (docs/ndf-language.rst), a binary, or the name of a program that comes with rill.\n",
	      to);
}

int cmd_ndf(int argc, char **argv)
{
	char name[64];
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		snprintf(name, sizeof(name), "rill ndf %s", commands[i].name);
		argv[1] = name;
		argp_err_exit_status = 2;
		return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "rill: there is no command 'ndf %s'\n", argv[1]);
	usage(stderr);
	return 2;
}
