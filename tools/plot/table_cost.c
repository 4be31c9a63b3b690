// SPDX-License-Identifier: MIT
/* Pace of the simulation: host time against device time, and events for a slice visit, by array. */
#include "plot/tables.h"

#include <string.h>

static bool takes(const struct record *r)
{
	return r->result && !record_param(r, "profile") && !strcmp(r->strategy, "fse-dp") &&
	       record_number(r, "verified") == 0 && record_number(r, "slice_visits") > 0;
}

static int in_order(const struct record *a, const struct record *b)
{
	int apart = (int)(a->rows * a->cols) - (int)(b->rows * b->cols);

	return apart ? apart : strcmp(a->array, b->array);
}

static void write_head(FILE *out)
{
	fputs("| array | layers | slice visits | events a visit | host ns a visit ", out);
	fputs("| host s per s of the chip | the worst layer |\n", out);
	fputs("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

static void write_array(FILE *out, const struct records *records, const char *array)
{
	double visits = 0, events = 0, cpu = 0, chip = 0, worst = 0;
	unsigned int points = 0;
	size_t i;

	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];
		double pace;

		if (!takes(r) || strcmp(r->array, array))
			continue;
		points++;
		visits += record_number(r, "slice_visits");
		events += record_number(r, "events");
		cpu += record_number(r, "cpu_seconds");
		chip += r->finish / 1e3;
		pace = record_number(r, "cpu_seconds") / (r->finish / 1e3);
		worst = pace > worst ? pace : worst;
	}
	fprintf(out, "| %s | %u | %.0f | %.2f | %.0f | %.2f | %.2f |\n", array, points, visits, events / visits,
		1e9 * cpu / visits, cpu / chip, worst);
}

/* After `last` in order of chiplets; NULL: the first. NULL if there is none. */
static const struct record *next_array(const struct records *records, const struct record *last)
{
	const struct record *next = NULL;
	size_t i;

	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		if (takes(r) && (!last || in_order(last, r) < 0) && (!next || in_order(r, next) < 0))
			next = r;
	}
	return next;
}

int table_cost(FILE *out, const struct records *records, const char *arg)
{
	const struct record *at = next_array(records, NULL);

	(void)arg;
	if (!at)
		fputs("No results.\n", out);
	else
		write_head(out);
	for (; at; at = next_array(records, at))
		write_array(out, records, at->array);
	return 0;
}
