// SPDX-License-Identifier: MIT
/* Every point of the main sweep on one axis, a mark for each strategy: distance to the bound, and SRAM. */
#include "plot/chart.h"
#include "plot/select.h"

#include <string.h>

struct plotted {
	const char *name, *title, *axis, *scale;
	double line;			/* a mark across, at this value */
	metric value, second;		/* second: drawn hollow; or NULL */
};

/* A block for each strategy: position, value, least, most, second */
static void write_data(FILE *file, const struct cells *cells, const struct plotted *what,
		       const char *const *names, unsigned int count)
{
	unsigned int i;
	size_t c;

	fputs("$data << EOD\n", file);
	for (i = 0; i < count; i++) {
		for (c = 0; c < cells->count; c++) {
			struct spread s = cell_spread(&cells->cell[c], names[i], what->value), t = { 0 };

			if (what->second)
				t = cell_spread(&cells->cell[c], names[i], what->second);
			if (s.count)
				fprintf(file, "%zu %.6f %.6f %.6f %.6f\n", c, s.median, s.min, s.max, t.median);
		}
		fputs("\n\n", file);
	}
	fputs("EOD\n", file);
}

/* Tokens under each point, the model under its points */
static void write_axis(FILE *file, const struct cells *cells)
{
	size_t c, first = 0;

	fputs("set xtics (", file);
	for (c = 0; c < cells->count; c++)
		fprintf(file, "%s'%u' %zu", c ? ", " : "", cells->cell[c].any->tokens, c);
	fprintf(file, ") font ',8' scale 0.3\nset xrange [-0.7:%zu - 0.3]\nset bmargin 5.5\n",
		cells->count);
	for (c = 1; c <= cells->count; c++) {
		const struct record *last = cells->cell[c - 1].any;

		if (c < cells->count && !strcmp(cells->cell[c].any->model, last->model))
			continue;
		fprintf(file, "set label '%s%s' at %g, graph -0.10 center font ',9' tc rgb '#222222'\n",
			chart_text(last->model), last->trace ? "*" : "", (first + c - 1) / 2.0);
		if (c < cells->count)
			fprintf(file, "set arrow from %g, graph -0.12 to %g, graph 1 nohead lc rgb '#cccccc'\n",
				c - 0.5, c - 0.5);
		first = c;
	}
	fputs("set label '*: real routing; the others synthetic. Numbers under the axis: tokens' ", file);
	fputs("at screen 0.01, 0.03 font ',9'\n", file);
}

static void write_plot(FILE *file, const struct plotted *what, const char *const *names, unsigned int count)
{
	unsigned int i;

	fprintf(file, "set title '%s'\nset ylabel '%s'\n%s\n", what->title, what->axis, what->scale);
	fprintf(file, "set arrow from graph 0, first %g to graph 1, first %g nohead dt 2 lc rgb '#222222'\nplot ",
		what->line, what->line);
	for (i = 0; i < count; i++) {
		double shift = count > 1 ? 0.6 * i / (count - 1) - 0.3 : 0;

		fprintf(file, "$data index %u using ($1+%g):2:3:4 with yerrorbars pt 7 ps 0.6 lc rgb '%s' title '%s'",
			i, shift, strategy_colour(names[i]), strategy_label(names[i]));
		if (what->second)
			fprintf(file, ", '' index %u using ($1+%g):5 with points pt 6 ps 0.6 lc rgb '%s' notitle",
				i, shift, strategy_colour(names[i]));
		fputs(i + 1 < count ? ", \\\n" : "\n", file);
	}
}

static int draw(const struct records *records, const struct plotted *what, const char *dir)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count;
	struct chart chart;
	struct cells cells;
	int ret = cells_make(records, select_main, NULL, &cells);

	if (ret || !cells.count)
		return ret;
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	ret = chart_open(dir, what->name, 1250, 520, &chart);
	if (!ret) {
		write_data(chart.script, &cells, what, names, count);
		write_axis(chart.script, &cells);
		write_plot(chart.script, what, names, count);
		ret = chart_close(&chart);
	}
	cells_free(&cells);
	return ret;
}

int chart_distance(const struct records *records, const char *dir)
{
	static const struct plotted distance = {
		.name = "distance-to-bound",
		.title = "Finish time over the bound (median, least and most of the samples)",
		.axis = "times the bound",
		.scale = "set yrange [0.9:*]",
		.line = 1,
		.value = metric_distance,
	};

	return draw(records, &distance, dir);
}

int chart_sram(const struct records *records, const char *dir)
{
	static const struct plotted sram = {
		.name = "peak-sram",
		.title = "Peak SRAM of the fullest chiplet: weights and tokens (full), with accumulators (hollow)",
		.axis = "MB",
		.scale = "set logscale y\nset label 'SRAM of the chip' at graph 0.005, first 37 font ',9'",
		.line = 33.554,
		.value = metric_sram, .second = metric_sram_all,
	};

	return draw(records, &sram, dir);
}
