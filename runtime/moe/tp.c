// SPDX-License-Identifier: MIT
/*
 * Tensor parallelism: every expert is split over all chiplets by its columns; each loads its share from
 * the DDR nearest to it. Tokens are gathered at all chiplets, partial sums reduced to the homes. DDR
 * and MAC arrays are level by construction. Shares are cut into micro-slices, in as many slots as fse-dp has.
 */
#include "pinned.h"

static int plan_tp(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		   const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	struct rill_pinned p = {
		.name = "tp", .layer = layer, .chip = chip, .options = options, .split_all = true,
	};
	int err = rill_pinned_begin(&p, error);

	*plan = (struct rill_plan){ .strategy = "tp" };
	return err ? err : rill_pinned_plan(&p, plan, error);
}

const struct rill_strategy rill_strategy_tp = { .name = "tp", .plan = plan_tp };
