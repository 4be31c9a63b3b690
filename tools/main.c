// SPDX-License-Identifier: MIT
#include "commands.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "info", cmd_info, "the chip, its links, channels and counters" },
	{ "run", cmd_run, "stream a layer on the chip, through the kernel driver" },
	{ "sim", cmd_sim, "the same on the chip's model in this process" },
	{ "timeline", cmd_timeline, "the same, drawn: every unit over time (timeline.svg, or --svg FILE)" },
	{ "bench", cmd_bench, "sweeps over models, batches, arrays and strategies, on all processors" },
	{ "plot", cmd_plot, "charts and tables from the results of bench" },
	{ "routing", cmd_routing, "how skewed routing is, beside what was measured of real models" },
	{ "reference", cmd_reference, "compute the outputs densely, into a file" },
	{ "ndf", cmd_ndf, "dataflow programs: assemble, run, draw, compare" },
};

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: rill COMMAND [OPTION...]     (rill COMMAND --help tells the options)\n\n", to);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].what);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "rill: there is no command '%s'\n", argv[1]);
	usage(stderr);
	return 2;
}
