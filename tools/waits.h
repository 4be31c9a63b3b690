/* SPDX-License-Identifier: MIT */
/* How long tokens waited that were left to later passes. */
#ifndef RILL_TOOLS_WAITS_H
#define RILL_TOOLS_WAITS_H

#include "work.h"

/* Into result->waits: from the end of a batch's own pass to the end of the one that completed the token. */
int waits_measure(const struct work *work, struct pass_result *result);

#endif
