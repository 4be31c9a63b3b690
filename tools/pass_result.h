/* SPDX-License-Identifier: MIT */
/* From the reports of passes to one result. */
#ifndef RILL_TOOLS_PASS_RESULT_H
#define RILL_TOOLS_PASS_RESULT_H

#include "pass_run.h"

/* Room for the steps of so many passes */
int pass_result_init(const char *strategy, unsigned int passes, struct pass_result *result);
/* Add pass number `pass`. */
void pass_result_add(struct pass_result *result, unsigned int pass, const struct rill_layer *layer,
		     const struct rill_plan_chip *chip, const struct rill_plan *plan,
		     const struct rill_pass_report *report);

#endif
