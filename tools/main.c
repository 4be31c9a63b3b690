// SPDX-License-Identifier: MIT
#include "command_table.h"
#include "commands.h"

#include <stddef.h>

static const struct command commands[] = {
	{ "info", cmd_info, "the chip, its links, channels and counters" },
	{ "run", cmd_run, "stream a layer on the chip, through the kernel driver" },
	{ "sim", cmd_sim, "the same on the chip's model in this process" },
	{ "timeline", cmd_timeline, "the same, drawn: every unit over time (timeline.svg, or --svg FILE)" },
	{ "bench", cmd_bench, "sweeps over models, batches, arrays and strategies, on all processors" },
	{ "plot", cmd_plot, "charts and tables from the results of bench" },
	{ "routing", cmd_routing, "how skewed routing is, beside what was measured of real models" },
	{ "reference", cmd_reference, "compute the outputs densely, into a file" },
	{ "ndf", cmd_ndf, "dataflow programs: assemble, run, draw, compare" },
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct command_table table = { .program = "rill", .args = "", .commands = commands };
	const struct command *command;
	int status;

	command = command_find(&table, argc, argv, &status);
	return command ? command->run(argc - 1, argv + 1) : status;
}
