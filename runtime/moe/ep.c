// SPDX-License-Identifier: MIT
/*
 * Expert parallelism: expert e lives at chiplet e mod C and in the DDR nearest to it; its tokens go there
 * and its results come back. Shared experts, which every token selects, are split over all chiplets as
 * tensor parallelism does: whole at one chiplet they would unbalance it, replicated they would be
 * loaded C times.
 *
 *  ep         experts are loaded whole, into two slots: the next is prefetched while one computes
 *  ep-sliced  experts are cut into micro-slices, in no more memory for weights than fse-dp has
 */
#include "pinned.h"

static int plan_experts(const char *name, bool whole, const struct rill_layer *layer,
			const struct rill_plan_chip *chip, const struct rill_plan_options *options,
			struct rill_plan *plan, char *error)
{
	struct rill_pinned p = {
		.name = name, .layer = layer, .chip = chip, .options = options, .whole = whole,
	};
	int err = rill_pinned_begin(&p, error);

	*plan = (struct rill_plan){ .strategy = name };
	return err ? err : rill_pinned_plan(&p, plan, error);
}

static int plan_ep(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		   const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	return plan_experts("ep", true, layer, chip, options, plan, error);
}

static int plan_ep_sliced(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			  const struct rill_plan_options *options, struct rill_plan *plan,
			  char *error)
{
	return plan_experts("ep-sliced", false, layer, chip, options, plan, error);
}

const struct rill_strategy rill_strategy_ep = { .name = "ep", .plan = plan_ep };
const struct rill_strategy rill_strategy_ep_sliced = { .name = "ep-sliced", .plan = plan_ep_sliced };
