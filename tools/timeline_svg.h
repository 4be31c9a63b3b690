/* SPDX-License-Identifier: MIT */
/* Passes of one layer as a picture for people: every unit over time, coloured by expert. */
#ifndef RILL_TOOLS_TIMELINE_SVG_H
#define RILL_TOOLS_TIMELINE_SVG_H

#include "pass_run.h"

/* Results under one another on one time axis. Prints what is wrong and returns a negative errno. */
int timeline_svg(const char *path, struct rill_device *device, const struct rill_layer *layer,
		 const struct pass_result *results, unsigned int count);

#endif
