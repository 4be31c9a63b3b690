// SPDX-License-Identifier: MIT
#include "profile.h"

#include <jansson.h>
#include <stdlib.h>

struct profile {
	unsigned int bins;
	uint64_t length;		/* of the pass, ps */
	unsigned int units[3];		/* of each kind: chiplets, channels, links */
	uint64_t *busy[3];		/* [unit][bin], ps */
};

enum { MAC, DDR, LINK };

static int kind_of(const struct rill_interval *interval)
{
	switch (interval->kind) {
	case RILL_INTERVAL_MAC:
		return MAC;
	case RILL_INTERVAL_DDR:
		return DDR;
	case RILL_INTERVAL_LINK:
	case RILL_INTERVAL_SCATTER:
	case RILL_INTERVAL_REDUCE:
		return LINK;
	default:
		return -1;
	}
}

/* Where bin i begins; the last one ends with the pass. */
static uint64_t bin_start(const struct profile *p, unsigned int i)
{
	return (uint64_t)((__uint128_t)p->length * i / p->bins);
}

static void add(const struct profile *p, const struct rill_interval *interval)
{
	int kind = kind_of(interval);
	uint64_t start = interval->start_ps, end = interval->end_ps;
	unsigned int i;

	if (kind < 0 || interval->unit >= p->units[kind] || start >= p->length)
		return;
	i = (__uint128_t)start * p->bins / p->length;
	for (; i < p->bins && bin_start(p, i) < end; i++) {
		uint64_t from = bin_start(p, i), to = bin_start(p, i + 1);

		if (from < start)
			from = start;
		if (to > end)
			to = end;
		if (to > from)
			p->busy[kind][interval->unit * p->bins + i] += to - from;
	}
}

static json_t *lists(const struct profile *p, int kind)
{
	json_t *units = json_array();
	unsigned int unit, i;

	for (unit = 0; unit < p->units[kind]; unit++) {
		json_t *list = json_array();

		for (i = 0; i < p->bins; i++) {
			uint64_t width = bin_start(p, i + 1) - bin_start(p, i);
			uint64_t busy = p->busy[kind][unit * p->bins + i];

			json_array_append_new(list, json_integer(width ? (busy * 1000 + width / 2) / width : 0));
		}
		json_array_append_new(units, list);
	}
	return units;
}

json_t *profile_json(const struct drm_rill_chip_info *chip, const struct pass_result *result,
		     unsigned int bins)
{
	struct profile p = {
		.bins = bins, .length = result->finish_ps,
		.units = { chip->rows * chip->cols, chip->channels, chip->links },
	};
	json_t *json = NULL;
	uint32_t i;
	int kind;

	if (!result->intervals || result->interval_count < result->interval_total || !p.length)
		return NULL;
	for (kind = 0; kind < 3; kind++)
		p.busy[kind] = calloc((size_t)p.units[kind] * bins + 1, sizeof(uint64_t));
	if (p.busy[MAC] && p.busy[DDR] && p.busy[LINK]) {
		for (i = 0; i < result->interval_count; i++)
			add(&p, &result->intervals[i]);
		json = json_pack("{s:i s:o s:o s:o}", "bins", bins, "mac", lists(&p, MAC),
				 "ddr", lists(&p, DDR), "link", lists(&p, LINK));
	}
	for (kind = 0; kind < 3; kind++)
		free(p.busy[kind]);
	return json;
}
