// SPDX-License-Identifier: MIT
/* Speed-up of fse-dp over each other strategy: a bar a point, with spread, and what the bound would allow. */
#include "plot/chart.h"
#include "plot/select.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SERIES	24

/* A bar of each model for a number of tokens */
struct series {
	unsigned int tokens, models;
};

static void count_model(struct series *series, unsigned int *count, unsigned int tokens)
{
	unsigned int i = 0;

	while (i < *count && series[i].tokens < tokens)
		i++;
	if (i < *count && series[i].tokens == tokens) {
		series[i].models++;
		return;
	}
	if (*count == MAX_SERIES)
		return;
	memmove(series + i + 1, series + i, (*count - i) * sizeof(*series));
	series[i] = (struct series){ .tokens = tokens, .models = 1 };
	++*count;
}

/* Those that as many models have as any; the others are in the tables. */
static unsigned int find_series(const struct cells *cells, const char *base, struct series *series)
{
	unsigned int all = 0, most = 0, count = 0, i;
	size_t c;

	for (c = 0; c < cells->count; c++)
		if (cell_ratio(&cells->cell[c], base, "fse-dp", metric_finish).count)
			count_model(series, &all, cells->cell[c].any->tokens);
	for (i = 0; i < all; i++)
		most = series[i].models > most ? series[i].models : most;
	for (i = 0; i < all; i++)
		if (series[i].models == most)
			series[count++] = series[i];
	return count;
}

/* From light to dark blue */
static unsigned int colour(unsigned int i, unsigned int count)
{
	static const unsigned char light[] = { 0xc6, 0xdb, 0xef }, dark[] = { 0x04, 0x1a, 0x3a };
	unsigned int rgb = 0, k, steps = count > 1 ? count - 1 : 1;

	for (k = 0; k < 3; k++)
		rgb = rgb << 8 | (light[k] * (steps - i) + dark[k] * i) / steps;
	return rgb;
}

/* A block for each number of tokens: model's position, speed-up, least, most, what the bound allows */
static unsigned int write_data(FILE *file, const struct cells *cells, const char *base,
			       const struct series *series, unsigned int count)
{
	unsigned int rows = 0, i, model;
	size_t c;

	fputs("$data << EOD\n", file);
	for (i = 0; i < count; i++) {
		for (model = 0, c = 0; c < cells->count; c++) {
			const struct cell *cell = &cells->cell[c];
			struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
			struct spread d = cell_spread(cell, base, metric_distance);

			if (c && strcmp(cell->any->model, cells->cell[c - 1].any->model))
				model++;
			if (cell->any->tokens != series[i].tokens || !s.count)
				continue;
			fprintf(file, "%u %.6f %.6f %.6f %.6f\n", model, s.median, s.min, s.max, d.median);
			rows++;
		}
		fputs("\n\n", file);
	}
	fputs("EOD\n", file);
	return rows;
}

static void write_models(FILE *file, const struct cells *cells)
{
	unsigned int model = 0;
	size_t c;

	fputs("set xtics (", file);
	for (c = 0; c < cells->count; c++) {
		if (c && !strcmp(cells->cell[c].any->model, cells->cell[c - 1].any->model))
			continue;
		fprintf(file, "%s'%s%s' %u", model ? ", " : "", chart_text(cells->cell[c].any->model),
			cells->cell[c].any->trace ? "*" : "", model);
		model++;
	}
	fprintf(file, ") font ',9' scale 0\nset xrange [-0.6:%u - 0.4]\n", model);
}

static void write_plot(FILE *file, const char *base, const struct series *series, unsigned int count)
{
	double width = 0.8 / count;
	unsigned int i;

	fprintf(file, "set title 'FSE-DP over %s: times as fast (median; line: least to most of the samples)'\n",
		strategy_label(base));
	fputs("set ylabel 'times as fast'\nset yrange [0.8:*<2.5]\nset bmargin 4.5\nset key above\n", file);
	fputs("set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#222222' lw 1\n", file);
	fputs("set arrow from graph 0, first 1.22 to graph 1, first 1.22 nohead dt 2 lc rgb '#b2182b'\n", file);
	fputs("set label 1 '1.22' at graph 1.003, first 1.22 tc rgb '#b2182b' font ',9'\n", file);
	fputs("set label 2 '*: real routing; the others synthetic. Black mark: a schedule at the bound. ", file);
	fputs("Lines may go on above 2.5.' at screen 0.01, 0.03 font ',9'\n", file);
	fprintf(file, "set boxwidth %g\nplot ", width * 0.92);
	for (i = 0; i < count; i++) {
		double shift = (i + 0.5) * width - 0.4;

		fprintf(file, "$data index %u using ($1+%g):2 with boxes lc rgb '#%06x' title '%u token%s', ", i,
			shift, colour(i, count), series[i].tokens, series[i].tokens > 1 ? "s" : "");
		fprintf(file, "'' index %u using ($1+%g):3:(0):($4-$3) with vectors nohead lw 1 lc rgb '#888888' ", i,
			shift);
		fprintf(file, "notitle, '' index %u using ($1+%g):5:(%g):(0) with vectors nohead lw 2.5 ", i,
			shift - width * 0.4, width * 0.8);
		fprintf(file, "lc rgb '#000000' notitle%s", i + 1 < count ? ", \\\n" : "\n");
	}
}

static int draw(const struct cells *cells, const char *base, const char *dir)
{
	struct series series[MAX_SERIES];
	unsigned int count = find_series(cells, base, series);
	struct chart chart;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "speedup-over-%s", base);
	ret = chart_open(dir, name, 1100, 480, &chart);
	if (ret)
		return ret;
	if (!write_data(chart.script, cells, base, series, count)) {
		fclose(chart.script);
		return 0;
	}
	write_models(chart.script, cells);
	write_plot(chart.script, base, series, count);
	return chart_close(&chart);
}

int chart_speedup(const struct records *records, const char *dir)
{
	return chart_over_baselines(records, dir, draw);
}
