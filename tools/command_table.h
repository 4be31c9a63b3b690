/* SPDX-License-Identifier: MIT */
/* A program's subcommands: which there are, and which one is meant. */
#ifndef RILL_TOOLS_COMMAND_TABLE_H
#define RILL_TOOLS_COMMAND_TABLE_H

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
};

struct command_table {
	const char *program;		/* "rill", "rill ndf" */
	const char *args;		/* what follows a command's options in the usage line, with a space before it */
	const struct command *commands;	/* the last one has no name */
	const char *note;		/* below the list; NULL: none */
};

/*
 * Help where it is asked for, or argv[1]'s command, which gets what follows it.
 * NULL: *status is what to end with, and what was wrong has been said.
 */
const struct command *command_find(const struct command_table *table, int argc, char **argv, int *status);

#endif
