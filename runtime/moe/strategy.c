// SPDX-License-Identifier: MIT
#include <string.h>

#include "internal.h"

static const struct rill_strategy *const strategies[] = {
	&rill_strategy_fse_dp,
	&rill_strategy_ep,
	&rill_strategy_ep_sliced,
	&rill_strategy_hydra,
	&rill_strategy_hydra_sliced,
	&rill_strategy_tp,
	&rill_strategy_fsdp,
};

const struct rill_strategy *rill_strategy_at(size_t index)
{
	return index < sizeof(strategies) / sizeof(strategies[0]) ? strategies[index] : NULL;
}

const struct rill_strategy *rill_strategy_find(const char *name)
{
	const struct rill_strategy *strategy;

	for (size_t i = 0; (strategy = rill_strategy_at(i)); i++)
		if (!strcmp(strategy->name, name))
			return strategy;
	return NULL;
}
