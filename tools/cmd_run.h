/* SPDX-License-Identifier: MIT */
/* What rill run, sim and timeline do. */
#ifndef RILL_TOOLS_CMD_RUN_H
#define RILL_TOOLS_CMD_RUN_H

#include "options.h"

int cmd_run_layers(int argc, char **argv, const struct options_of *command);

#endif
