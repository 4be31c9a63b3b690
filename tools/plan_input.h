/* SPDX-License-Identifier: MIT */
/* From options to a chip's description and to plans. */
#ifndef RILL_TOOLS_PLAN_INPUT_H
#define RILL_TOOLS_PLAN_INPUT_H

#include "options.h"
#include "rill_moe.h"

/* Both print what is wrong and return a negative errno. trial: to try plans on, or NULL */
int plan_chip_input(struct rill_device *device, const struct options *options,
		    struct rill_plan_chip *chip);
int plan_input(const struct options *options, const struct rill_layer *layer,
	       const struct rill_plan_chip *chip, struct rill_trial *trial, const char *strategy,
	       struct rill_plan *plan);
/* Only writes error[RILL_ERROR_BYTES]. */
int plan_try(const struct options *options, const struct rill_layer *layer,
	     const struct rill_plan_chip *chip, struct rill_trial *trial, const char *strategy,
	     struct rill_plan *plan, char *error);

#endif
