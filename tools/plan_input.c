// SPDX-License-Identifier: MIT
#include "plan_input.h"
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

static int unknown_strategy(const char *name)
{
	size_t i;

	fprintf(stderr, "rill: strategy: there is no '%s'; there are:", name);
	for (i = 0; rill_strategy_at(i); i++)
		fprintf(stderr, " %s", rill_strategy_at(i)->name);
	fputc('\n', stderr);
	return -EINVAL;
}

int plan_input(const struct options *options, const struct rill_layer *layer,
	       const struct rill_plan_chip *chip, const char *strategy, struct rill_plan *plan)
{
	const struct rill_strategy *found = rill_strategy_find(strategy);
	struct rill_plan_options wanted = { .slices = options->slices, .slots = options->slots,
		.redispatch = options->redispatch, .group = options->group };
	char error[RILL_ERROR_BYTES] = "";
	int ret;

	if (!found)
		return unknown_strategy(strategy);
	ret = found->plan(layer, chip, &wanted, plan, error);
	if (!ret)
		ret = rill_plan_check(layer, chip, plan, error);
	if (ret)
		fprintf(stderr, "rill: %s: %s\n", strategy, error);
	return ret;
}
