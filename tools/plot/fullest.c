// SPDX-License-Identifier: MIT
/* Why a pass took as long as it did: the unit that was busy longest. */
#include "plot/tables.h"

static double over_bound(const struct record *record, const char *busy)
{
	double bound = record->ddr > record->mac ? record->ddr : record->mac;

	return bound > 0 ? record_number(record, busy) / 1e9 / bound : 0;
}

static double channel(const struct record *record)
{
	return over_bound(record, "busiest_channel_ps");
}

static double mac(const struct record *record)
{
	return over_bound(record, "busiest_mac_ps");
}

static double link_busy(const struct record *record)
{
	return over_bound(record, "busiest_link_ps");
}

double fullest_unit(const struct cell *cell, const char *strategy, const char **unit)
{
	static const struct {
		const char *name;
		metric value;
	} units[] = { { "DDR", channel }, { "MAC", mac }, { "link", link_busy } };
	double most = 0;
	unsigned int i;

	*unit = "none";
	for (i = 0; i < 3; i++) {
		struct spread s = cell_spread(cell, strategy, units[i].value);

		if (s.median <= most)
			continue;
		most = s.median;
		*unit = units[i].name;
	}
	return most;
}
