// SPDX-License-Identifier: MIT
/* Scaling with the array: finish time against the number of chiplets, a panel for each model and batch. */
#include "plot/chart.h"
#include "plot/select.h"

#include <string.h>

#define COLUMNS 3

static bool same_panel(const struct cell *a, const struct cell *b)
{
	return a->any->tokens == b->any->tokens && !strcmp(a->any->model, b->any->model);
}

/* Only where there are several arrays */
static bool begins_panel(const struct cells *cells, size_t at)
{
	return (!at || !same_panel(&cells->cell[at], &cells->cell[at - 1])) && at + 1 < cells->count &&
	       same_panel(&cells->cell[at], &cells->cell[at + 1]);
}

static void write_data(FILE *file, const struct cells *cells, size_t first, const char *const *names,
		       unsigned int count)
{
	unsigned int i;
	size_t c;

	fprintf(file, "$panel%zu << EOD\n", first);
	for (i = 0; i < count; i++) {
		for (c = first; c < cells->count && same_panel(&cells->cell[c], &cells->cell[first]); c++) {
			const struct record *any = cells->cell[c].any;
			struct spread s = cell_spread(&cells->cell[c], names[i], metric_finish);

			if (s.count)
				fprintf(file, "%u %.6f %.6f %.6f\n", any->rows * any->cols, s.median, s.min, s.max);
		}
		fputs("\n\n", file);
	}
	/* what DDR and MAC allow */
	for (c = first; c < cells->count && same_panel(&cells->cell[c], &cells->cell[first]); c++) {
		const struct record *any = cells->cell[c].any;

		fprintf(file, "%u %.6f\n", any->rows * any->cols, any->ddr > any->mac ? any->ddr : any->mac);
	}
	fputs("EOD\n", file);
}

static void write_panel(FILE *file, const struct cells *cells, size_t first, const char *const *names,
			unsigned int count)
{
	const struct record *any = cells->cell[first].any;
	unsigned int i;

	fprintf(file, "set title '%s%s, %u tokens' font ',11'\nplot ", chart_text(any->model),
		any->trace ? "*" : "", any->tokens);
	for (i = 0; i < count; i++)
		fprintf(file, "$panel%zu index %u using 1:2 with linespoints pt 7 ps 0.6 lw 1.5 %s '%s' title '%s', ",
			first, i, "lc rgb", strategy_colour(names[i]), strategy_label(names[i]));
	fprintf(file, "'' index %u using 1:2 with lines dt 2 lc rgb '#222222' title 'bound of DDR and MAC'\n", count);
}

int chart_arrays(const struct records *records, const char *dir)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count, panels = 0;
	struct chart chart;
	struct cells cells;
	size_t c;
	int ret = cells_make(records, select_arrays, NULL, &cells);

	for (c = 0; !ret && c < cells.count; c++)
		panels += begins_panel(&cells, c);
	if (ret || !panels) {
		cells_free(&cells);
		return ret;
	}
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	ret = chart_open(dir, "arrays", 1150, 60 + 270 * ((panels + COLUMNS - 1) / COLUMNS), &chart);
	if (!ret) {
		for (c = 0; c < cells.count; c++)
			if (begins_panel(&cells, c))
				write_data(chart.script, &cells, c, names, count);
		fprintf(chart.script, "set multiplot layout %u,%d title '%s' font ',14'\n",
			(panels + COLUMNS - 1) / COLUMNS, COLUMNS,
			"Finish time against chiplets (DDR on the corners; *: real routing)");
		fputs("set logscale x 2\nset xlabel 'chiplets'\nset ylabel 'ms'\nset yrange [0:*]\n", chart.script);
		fputs("set key top right vertical Right noreverse font ',8'\n", chart.script);
		for (c = 0; c < cells.count; c++)
			if (begins_panel(&cells, c))
				write_panel(chart.script, &cells, c, names, count);
		fputs("unset multiplot\n", chart.script);
		ret = chart_close(&chart);
	}
	cells_free(&cells);
	return ret;
}
