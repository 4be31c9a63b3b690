// SPDX-License-Identifier: MIT
/* What simulating costs: host time and events against slice visits, over all timing-only points of fse-dp. */
#include "plot/chart.h"

#include <string.h>

static bool takes(const struct record *r)
{
	return r->result && record_number(r, "verified") == 0 && !strcmp(r->strategy, "fse-dp") &&
	       record_number(r, "slice_visits") > 0 && record_number(r, "cpu_seconds") > 0 &&
	       !record_param(r, "profile");
}

static const unsigned int sizes[] = { 1, 4, 9, 16, 36, 64 };

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static unsigned int write_data(FILE *file, const struct records *records, unsigned int *rows)
{
	unsigned int all = 0, s;
	size_t i;

	fputs("$data << EOD\n", file);
	for (s = 0; s < SIZES; s++) {
		rows[s] = 0;
		for (i = 0; i < records->count; i++) {
			const struct record *r = &records->record[i];

			if (r->rows * r->cols != sizes[s] || !takes(r))
				continue;
			fprintf(file, "%.0f %.6f %.0f\n", record_number(r, "slice_visits"),
				record_number(r, "cpu_seconds") * 1e3, record_number(r, "events"));
			rows[s]++;
		}
		fputs("0 0 0\n\n\n", file);
		all += rows[s];
	}
	fputs("EOD\n", file);
	return all;
}

static void write_panel(FILE *file, const char *title, const char *axis, unsigned int column,
			const unsigned int *rows, const char *line)
{
	static const char *const colours[SIZES] = {
		"#c6dbef", "#6baed6", "#2171b5", "#f2a33a", "#e35b3c", "#b2182b",
	};
	unsigned int s;

	fprintf(file, "set title '%s' font ',11'\nset ylabel '%s'\nplot ", title, axis);
	for (s = 0; s < SIZES; s++)
		if (rows[s])
			fprintf(file, "$data index %u using 1:%u with points pt 7 ps 0.5 %s '%s' title '%u chiplets', ",
				s, column, "lc rgb", colours[s], sizes[s]);
	fprintf(file, "%s with lines dt 2 lc rgb '#222222' title 'linear'\n", line);
}

int chart_cost(const struct records *records, const char *dir)
{
	unsigned int rows[SIZES];
	struct chart chart;
	int ret = chart_open(dir, "simulation-cost", 1000, 420, &chart);

	if (ret)
		return ret;
	if (!write_data(chart.script, records, rows)) {
		fclose(chart.script);
		return 0;
	}
	fputs("set multiplot layout 1,2 title 'Cost of simulating a layer against slice visits' font ',14'\n",
	      chart.script);
	fputs("set logscale xy\nset xlabel 'slice visits'\nset key top left vertical font ',8'\n", chart.script);
	write_panel(chart.script, "processor time", "ms on this host", 2, rows, "x * 1e-3");
	write_panel(chart.script, "events of the clock", "events", 3, rows, "x * 3");
	fputs("unset multiplot\n", chart.script);
	return chart_close(&chart);
}
