/* SPDX-License-Identifier: MIT */
/* How busy every unit was over time, from a pass's timeline. */
#ifndef RILL_TOOLS_PROFILE_H
#define RILL_TOOLS_PROFILE_H

#include "pass_run.h"

struct json_t;

/*
 * {"bins": N, "mac": [[...], ...], "ddr": ..., "link": ...}: a list for each chiplet, channel and
 * directed link; the pass is cut into N equal parts, each value the busy part of one in 1/1000.
 * NULL if the result has no timeline or not all of it.
 */
struct json_t *profile_json(const struct drm_rill_chip_info *chip, const struct pass_result *result,
			    unsigned int bins);

#endif
