// SPDX-License-Identifier: MIT
/* Pace of the simulation: host time against device time, and events for a slice visit, by array. */
#include "plot/tables.h"

#include <string.h>

static bool takes(const struct record *r)
{
	return r->result && !record_param(r, "profile") && !strcmp(r->strategy, "fse-dp") &&
	       record_number(r, "verified") == 0 && record_number(r, "slice_visits") > 0;
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

int table_cost(FILE *out, const struct records *records, const char *arg)
{
	bool any = false;
	size_t i, j;

	(void)arg;
	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		if (!takes(r))
			continue;
		for (j = 0; j < i; j++)
			if (takes(&records->record[j]) && !strcmp(records->record[j].array, r->array))
				break;
		if (j < i)
			continue;
		if (!any)
			write_head(out);
		any = true;
		write_array(out, records, r->array);
	}
	fputs(any ? "" : "No results.\n", out);
	return 0;
}
