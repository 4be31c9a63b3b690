// SPDX-License-Identifier: MIT
/* Utilisation over time: a strip for each chiplet's MAC array and each DDR channel, strategies under one another. */
#include "plot/chart.h"
#include "plot/select.h"

#include <string.h>

static json_t *units(const struct record *record, const char *kind)
{
	return json_object_get(json_object_get(record->result, "profile"), kind);
}

/* "ms row percent" for an image; rows from the top: channels, then MAC arrays */
static unsigned int write_strips(FILE *file, const struct record *record, unsigned int index)
{
	json_t *lists[2] = { units(record, "ddr"), units(record, "mac") }, *list, *value;
	unsigned int row = 0;
	size_t kind, i, bin;

	fprintf(file, "$strips%u << EOD\n", index);
	for (kind = 0; kind < 2; kind++) {
		json_array_foreach(lists[kind], i, list) {
			json_array_foreach(list, bin, value)
				fprintf(file, "%.6f %u %.1f\n",
					record->finish * (bin + 0.5) / json_array_size(list), row,
					json_integer_value(value) / 10.0);
			row++;
		}
	}
	fputs("EOD\n", file);
	return row;
}

static void write_labels(FILE *file, const struct record *record)
{
	size_t channels = json_array_size(units(record, "ddr")), i;
	size_t chiplets = json_array_size(units(record, "mac"));

	fputs("set ytics (", file);
	for (i = 0; i < channels; i++)
		fprintf(file, "%s'DDR %zu' %zu", i ? ", " : "", i, i);
	for (i = 0; i < chiplets; i++)
		fprintf(file, ", 'MAC %zu' %zu", i, channels + i);
	fputs(") scale 0 font ',8'\n", file);
}

static void write_panel(FILE *file, const struct record *record, unsigned int index, unsigned int rows,
			double span, bool last)
{
	write_labels(file, record);
	fprintf(file, "set title '%s: %.3f ms, %.3f of the bound' font ',11' offset 0,-0.6\n",
		strategy_label(record->strategy), record->finish, record->finish / record->bound);
	fprintf(file, "set xrange [0:%g]\nset yrange [%u - 0.5:-0.5]\n", span, rows);
	fprintf(file, "set xlabel '%s'\n", last ? "ms" : "");
	fprintf(file, "set arrow 1 from %g, graph 0 to %g, graph 1 nohead front dt 2 lc rgb '#111111'\n",
		record->bound, record->bound);
	fprintf(file, "plot $strips%u using 1:2:3 with image notitle\n", index);
}

static void write_settings(FILE *file)
{
	fputs("unset key\nunset grid\nset cbrange [0:100]\nset lmargin 9\nset rmargin 9\nset bmargin 2.2\n", file);
	fputs("set palette defined (0 '#f4f4f4', 25 '#c6dbef', 50 '#6baed6', 75 '#2171b5', 100 '#08306b')\n", file);
}

static double span_of(const struct cell *cell, const char *const *names, unsigned int count)
{
	double span = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct cell_strategy *s = cell_find(cell, names[i]);

		if (s && s->count && s->sample[0]->finish > span)
			span = s->sample[0]->finish;
	}
	return span * 1.01;
}

static int draw(const struct cells *cells, const struct cell *cell, const char *dir)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count = chart_strategies(cells, names, CELL_MAX_STRATEGIES), rows[CELL_MAX_STRATEGIES], i;
	double span = span_of(cell, names, count);
	unsigned int panels = 0, drawn = 0;
	struct chart chart;
	char name[64];
	int ret;

	for (i = 0; i < count; i++)
		panels += cell_spread(cell, names[i], metric_finish).count > 0;
	if (!panels)
		return 0;
	snprintf(name, sizeof(name), "utilisation-%.32s-%u", cell->any->model, cell->any->tokens);
	ret = chart_open(dir, name, 1100, 70 + 150 * panels, &chart);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		if (cell_spread(cell, names[i], metric_finish).count)
			rows[i] = write_strips(chart.script, cell_find(cell, names[i])->sample[0], i);
	fprintf(chart.script, "set multiplot layout %u,1 title '%s, %u tokens: %s' font ',14'\n", panels,
		chart_text(cell->any->model), cell->any->tokens, "utilisation in % (dashed: the bound)");
	write_settings(chart.script);
	for (i = 0; i < count; i++)
		if (cell_spread(cell, names[i], metric_finish).count)
			write_panel(chart.script, cell_find(cell, names[i])->sample[0], i, rows[i], span,
				    ++drawn == panels);
	fputs("unset multiplot\n", chart.script);
	return chart_close(&chart);
}

int chart_profile(const struct records *records, const char *dir)
{
	static const char *const apart[] = { NULL };
	struct cells cells;
	size_t i;
	int ret = cells_make(records, select_profile, apart, &cells);

	for (i = 0; !ret && i < cells.count; i++)
		ret = draw(&cells, &cells.cell[i], dir);
	if (cells.cell)
		cells_free(&cells);
	return ret;
}
