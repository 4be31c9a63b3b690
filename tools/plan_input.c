// SPDX-License-Identifier: MIT
#include "plan_input.h"
#include "layer_input.h"
#include "options_rules.h"
#include "submit.h"

#include <errno.h>
#include <stdio.h>

int plan_chip_input(struct rill_device *device, const struct options *options,
		    struct rill_plan_chip *chip)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	int ret = rill_device_channels(device, channels);

	if (ret)
		return device_complain(device, "channels", ret);
	rill_plan_chip_describe(rill_device_chip(device), channels, options->device.chiplet_mask, chip);
	return 0;
}

/* Of the layer's tokens that no batch of this run has */
static int measure(const struct options *options, const struct rill_layer *layer,
		   const struct rill_plan_chip *chip, struct rill_popularity *popularity, char *error)
{
	const struct rill_routing_source source = source_input(options);
	uint64_t end = options->first + (uint64_t)options->passes * options->tokens;

	return rill_popularity_measure(layer, chip, &source, options->first, end, popularity, error);
}

int plan_try(const struct options *options, const struct rill_layer *layer,
	     const struct rill_plan_chip *chip, struct rill_trial *trial, const char *strategy,
	     struct rill_plan *plan, char *error)
{
	const struct rill_strategy *found = rill_strategy_find(strategy);
	struct rill_popularity popularity = { 0 };
	struct rill_plan_options wanted = {
		.slices = options->slices, .slots = options->slots, .order = options->order,
		.redispatch = options->redispatch, .group = options->group, .popularity = &popularity,
		.trial = trial ? rill_trial_run : NULL, .trial_opaque = trial,
		.trade_permille = options->trade_permille,
	};
	int ret = 0;

	if (found->wants_popularity)
		ret = measure(options, layer, chip, &popularity, error);
	if (!ret)
		ret = found->plan(layer, chip, &wanted, plan, error);
	rill_popularity_free(&popularity);
	if (ret)
		return ret;
	rules_apply(options, plan);
	return rill_plan_check(layer, chip, plan, error);
}

int plan_input(const struct options *options, const struct rill_layer *layer,
	       const struct rill_plan_chip *chip, struct rill_trial *trial, const char *strategy,
	       struct rill_plan *plan)
{
	char error[RILL_ERROR_BYTES] = "";
	int ret = plan_try(options, layer, chip, trial, strategy, plan, error);

	if (ret)
		fprintf(stderr, "rill: %s: %s\n", strategy, error);
	return ret;
}
