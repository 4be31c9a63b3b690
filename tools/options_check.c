// SPDX-License-Identifier: MIT
#include "options_check.h"

#include <string.h>

static const char *check_passes(const struct options *options)
{
	bool several = options->layers || options->passes > 1;

	if (several && (options->timeline || options->svg || options->profile))
		return "timeline, svg and profile are of one pass, not of --layers or --passes";
	if (several && options->reference)
		return "reference: is of one batch of one layer, not of --layers or --passes";
	if (options->layers && options->passes > 1)
		return "passes: are of one layer, not of --layers";
	if (options->layers && options->layer_given)
		return "layer: there is --layers as well";
	if (options->no_prefetch && !options->layers)
		return "no-prefetch: needs --layers";
	if (options->buffered && options->passes < 2)
		return "buffer: needs --passes";
	if (options->waits_given && !options->buffered)
		return "age, slack: need --buffer";
	return NULL;
}

static bool has_fse_dp(const struct options *options)
{
	unsigned int i;

	for (i = 0; i < options->strategy_count; i++)
		if (!strcmp(options->strategies[i], "fse-dp"))
			return true;
	return false;
}

static const char *check_plan(const struct options *options)
{
	bool of_fse_dp = options->order != RILL_ORDER_LOOKAHEAD || options->redispatch || options->group;

	if (of_fse_dp && !has_fse_dp(options))
		return "order, redispatch, group: are of fse-dp, which is not in --strategy";
	if (options->trade_given && options->no_trials)
		return "trade: needs plans to be tried, not --no-trials";
	if (options->keep_weights && !options->rules)
		return "keep-weights: needs --rules that learn";
	if (options->keep_weights && options->strategy_count > 1)
		return "keep-weights: is for one --strategy at a time";
	return NULL;
}

const char *options_check(const struct options *options)
{
	const char *wrong = check_passes(options);

	if (!wrong)
		wrong = check_plan(options);
	if (!wrong && options->trace && options->routing_given)
		wrong = "routing, zipf: there is --trace as well";
	if (!wrong && options->profile && !options->json)
		wrong = "profile: needs --json, where it goes";
	if (!wrong && options->enlarge_sram && options->device.transport == RILL_TRANSPORT_KERNEL)
		wrong = "enlarge-sram: a device has the SRAM that it has; see rill sim";
	return wrong;
}
