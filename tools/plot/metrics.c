// SPDX-License-Identifier: MIT
/* What is read off a cell. */
#include "plot/cells.h"

#include <string.h>

#define LEAST_HEADROOM 0.01	/* of the bound: less than that is nothing to win */

double metric_finish(const struct record *record)
{
	return record->finish;
}

double metric_distance(const struct record *record)
{
	return record->finish / record->bound;
}

double metric_sram(const struct record *record)
{
	return record_number(record, "peak_sram_weights_tokens_bytes") / 1e6;
}

double metric_sram_all(const struct record *record)
{
	return record_number(record, "peak_sram_bytes") / 1e6;
}

double metric_mac_over_ddr(const struct record *record)
{
	return record->ddr > 0 ? record->mac / record->ddr : 0;
}

double metric_ddr_mb(const struct record *record)
{
	return record_number(record, "ddr_bytes") / 1e6;
}

double metric_d2d_mb(const struct record *record)
{
	return record_number(record, "d2d_bytes") / 1e6;
}

const struct cell_strategy *cell_find(const struct cell *cell, const char *strategy)
{
	unsigned int i;

	for (i = 0; i < cell->count; i++)
		if (!strcmp(cell->strategy[i].name, strategy))
			return &cell->strategy[i];
	return NULL;
}

struct spread cell_spread(const struct cell *cell, const char *strategy, metric value)
{
	const struct cell_strategy *s = cell_find(cell, strategy);
	double values[SPREAD_MAX];
	unsigned int i;

	for (i = 0; s && i < s->count; i++)
		values[i] = value(s->sample[i]);
	return spread_of(values, i);
}

static const struct record *same_sample(const struct cell_strategy *s, const struct record *as)
{
	unsigned int i;

	for (i = 0; i < s->count; i++)
		if (s->sample[i]->sample == as->sample)
			return s->sample[i];
	return NULL;
}

struct spread cell_spread_like(const struct cell *cell, const char *strategy, const char *like, metric value)
{
	const struct cell_strategy *s = cell_find(cell, strategy), *other = cell_find(cell, like);
	double values[SPREAD_MAX];
	unsigned int i, count = 0;

	for (i = 0; s && other && i < s->count; i++)
		if (same_sample(other, s->sample[i]))
			values[count++] = value(s->sample[i]);
	return spread_of(values, count);
}

struct spread cell_ratio(const struct cell *cell, const char *over, const char *under, metric value)
{
	const struct cell_strategy *a = cell_find(cell, over), *b = cell_find(cell, under);
	double values[SPREAD_MAX];
	unsigned int i, count = 0;

	for (i = 0; a && b && i < a->count; i++) {
		const struct record *other = same_sample(b, a->sample[i]);

		if (other && value(other) > 0)
			values[count++] = value(a->sample[i]) / value(other);
	}
	return spread_of(values, count);
}

struct spread cell_won(const struct cell *cell, const char *base, const char *strategy)
{
	const struct cell_strategy *a = cell_find(cell, base), *b = cell_find(cell, strategy);
	double values[SPREAD_MAX];
	unsigned int i, count = 0;

	for (i = 0; a && b && i < a->count; i++) {
		const struct record *from = a->sample[i], *to = same_sample(b, from);
		double bound = from->ddr > from->mac ? from->ddr : from->mac;

		if (to && from->finish > bound * (1 + LEAST_HEADROOM))
			values[count++] = 100 * (from->finish - to->finish) / (from->finish - bound);
	}
	return spread_of(values, count);
}

bool cell_enlarged(const struct cell *cell, const char *strategy)
{
	const struct cell_strategy *s = cell_find(cell, strategy);
	unsigned int i;

	for (i = 0; s && i < s->count; i++)
		if (s->sample[i]->enlarged)
			return true;
	return false;
}
