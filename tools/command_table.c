// SPDX-License-Identifier: MIT
#include "command_table.h"

#include <stdio.h>
#include <string.h>

static void usage(const struct command_table *table, FILE *to)
{
	const struct command *command;

	fprintf(to, "usage: %s COMMAND [OPTION...]%s     (%s COMMAND --help tells the options)\n\n", table->program,
		table->args, table->program);
	for (command = table->commands; command->name; command++)
		fprintf(to, "  %-10s %s\n", command->name, command->what);
	if (table->note)
		fprintf(to, "\n%s\n", table->note);
}

const struct command *command_find(const struct command_table *table, int argc, char **argv, int *status)
{
	const struct command *command;

	if (argc < 2) {
		usage(table, stderr);
		*status = 2;
		return NULL;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(table, stdout);
		*status = 0;
		return NULL;
	}
	for (command = table->commands; command->name; command++) {
		if (!strcmp(argv[1], command->name))
			return command;
	}
	fprintf(stderr, "%s: there is no command '%s'\n", table->program, argv[1]);
	usage(table, stderr);
	*status = 2;
	return NULL;
}
