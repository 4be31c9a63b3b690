/* SPDX-License-Identifier: MIT */
/* Options of runs of several passes, and of how tokens and experts are spread; part of options.c's. */
#ifndef RILL_TOOLS_OPTIONS_PASSES_H
#define RILL_TOOLS_OPTIONS_PASSES_H

#include "options.h"

#include <argp.h>

extern const struct argp options_passes;	/* its input: struct options */

#endif
