/* SPDX-License-Identifier: MIT */
/* Options that switch rules of the streaming engine off, for ablation; part of options.c's. */
#ifndef RILL_TOOLS_OPTIONS_RULES_H
#define RILL_TOOLS_OPTIONS_RULES_H

#include "options.h"

#include <argp.h>

struct rill_plan;

extern const struct argp options_rules;	/* its input: struct options */

/* Into a plan whose strategy leaves these rules to the engine. */
void rules_apply(const struct options *options, struct rill_plan *plan);

#endif
