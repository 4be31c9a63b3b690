// SPDX-License-Identifier: MIT
#include "plot/select.h"

#include <string.h>

bool select_main(const struct record *record)
{
	return record_gives_only(record, NULL) && !strcmp(record->array, "2x2");
}

const char *const select_trade_apart[] = { "trade", NULL };

bool select_lean(const struct record *record)
{
	return record_gives_only(record, select_trade_apart) && !strcmp(record->array, "2x2");
}

bool select_arrays(const struct record *record)
{
	return record_gives_only(record, NULL) && record->sample == 1;
}

bool select_heatmap(const struct record *record)
{
	static const char *const names[] = { "link-mbps", "ddr-mbps", NULL };

	return record_param(record, names[0]) && record_param(record, names[1]) &&
	       record_gives_only(record, names);
}

bool select_slots(const struct record *record)
{
	static const char *const names[] = { "slots", "slices", NULL };

	return record_param(record, names[0]) && record_gives_only(record, names);
}

bool select_profile(const struct record *record)
{
	static const char *const names[] = { "profile", NULL };

	return json_is_object(json_object_get(record->result, "profile")) &&
	       record_gives_only(record, names);
}

bool select_weights(const struct record *record)
{
	static const char *const names[] = { "weights", NULL };

	return !strcmp(record->array, "2x2") && record_gives_only(record, names);
}

bool select_buffering(const struct record *record)
{
	static const char *const names[] = { "passes", "buffer", "age", "slack", NULL };

	return record_param(record, names[0]) && record_gives_only(record, names);
}

bool select_whole(const struct record *record)
{
	static const char *const names[] = { "layers", "no-prefetch", NULL };

	return record_param(record, names[0]) && record_gives_only(record, names);
}

/* A chip's figures, and what other charts are about */
static bool is_of_others(const char *name)
{
	static const char *const names[] = {
		"weights", "profile", "passes", "buffer", "age", "slack", "layers", "no-prefetch",
		"slots", "trade", "channels", "channel-bytes", "sram", "mac-per-cycle", "mac-khz",
		"mac-startup", "ddr-mbps", "ddr-latency-ps", "link-mbps", "link-hop-ps", "chiplets", NULL
	};
	unsigned int i;

	for (i = 0; names[i] && strcmp(names[i], name); i++)
		;
	return names[i];
}

bool select_ablation(const struct record *record)
{
	json_t *params = json_object_get(record->line, "point"), *value;
	const char *name;

	if (strcmp(record->array, "2x2"))
		return false;
	json_object_foreach(params, name, value)
		if (!record_is_usual(name) && is_of_others(name))
			return false;
	return true;
}
