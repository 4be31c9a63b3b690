/* SPDX-License-Identifier: MIT */
/* Where tokens are when a pass starts, as --homes says. */
#ifndef RILL_TOOLS_HOMES_INPUT_H
#define RILL_TOOLS_HOMES_INPUT_H

#include "options.h"
#include "rill_moe.h"

/* Sets the layer's homes, or leaves them to the planner. Prints what is wrong, returns a negative errno. */
int homes_input(const struct options *options, const struct drm_rill_chip_info *chip,
		struct rill_layer *layer);

#endif
