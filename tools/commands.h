/* SPDX-License-Identifier: MIT */
/* The subcommands: each takes what follows its name and returns an exit status. */
#ifndef RILL_TOOLS_COMMANDS_H
#define RILL_TOOLS_COMMANDS_H

int cmd_info(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_sim(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_timeline(int argc, char **argv);
int cmd_reference(int argc, char **argv);
int cmd_routing(int argc, char **argv);
int cmd_ndf(int argc, char **argv);

#endif
