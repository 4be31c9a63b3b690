/* SPDX-License-Identifier: MIT */
#ifndef RILL_TOOLS_ENLARGE_H
#define RILL_TOOLS_ENLARGE_H

#include "work.h"

/*
 * work_run(); where the plans need more SRAM than the chip has and --enlarge-sram is given, on a chip with
 * as much as they need: result->sram_enlarged then says how much.
 */
int enlarge_run(struct rill_device *device, struct work *work, const char *strategy,
		struct pass_result *result);

#endif
