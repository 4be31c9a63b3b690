// SPDX-License-Identifier: MIT
/* Speed-up of fse-dp over each other strategy: a bar a point, with spread, and what the bound would allow. */
#include "plot/chart.h"
#include "plot/select.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TOKENS_SERIES 8

static const char *const blues[MAX_TOKENS_SERIES] = {
	"#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b", "#041a3a",
};

static unsigned int token_counts(const struct cells *cells, unsigned int *tokens)
{
	unsigned int count = 0, i;
	size_t c;

	for (c = 0; c < cells->count; c++) {
		unsigned int value = cells->cell[c].any->tokens;

		for (i = 0; i < count && tokens[i] < value; i++)
			;
		if ((i < count && tokens[i] == value) || count == MAX_TOKENS_SERIES)
			continue;
		memmove(tokens + i + 1, tokens + i, (count - i) * sizeof(*tokens));
		tokens[i] = value;
		count++;
	}
	return count;
}

/* A block for each number of tokens: model's position, speed-up, least, most, what the bound allows */
static unsigned int write_data(FILE *file, const struct cells *cells, const char *base,
			       const unsigned int *tokens, unsigned int token_count)
{
	unsigned int rows = 0, i, model;
	size_t c;

	fputs("$data << EOD\n", file);
	for (i = 0; i < token_count; i++) {
		for (model = 0, c = 0; c < cells->count; c++) {
			const struct cell *cell = &cells->cell[c];
			struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
			struct spread d = cell_spread(cell, base, metric_distance);

			if (c && strcmp(cell->any->model, cells->cell[c - 1].any->model))
				model++;
			if (cell->any->tokens != tokens[i] || !s.count)
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

static void write_plot(FILE *file, const char *base, const unsigned int *tokens, unsigned int count)
{
	double width = 0.8 / count;
	unsigned int i;

	fprintf(file, "set title 'FSE-DP over %s: times as fast (median, least and most of the samples)'\n",
		strategy_label(base));
	fputs("set ylabel 'times as fast'\nset yrange [0.8:*]\nset bmargin 4.5\n", file);
	fputs("set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#222222' lw 1\n", file);
	fputs("set arrow from graph 0, first 1.22 to graph 1, first 1.22 nohead dt 2 lc rgb '#b2182b'\n", file);
	fputs("set label 1 '1.22' at graph 1.003, first 1.22 tc rgb '#b2182b' font ',9'\n", file);
	fputs("set label 2 '*: real routing; the others synthetic. Black mark: a schedule at the bound' ", file);
	fputs("at screen 0.01, 0.03 font ',9'\n", file);
	fprintf(file, "set boxwidth %g\nplot ", width * 0.92);
	for (i = 0; i < count; i++) {
		double shift = (i + 0.5) * width - 0.4;

		fprintf(file, "$data index %u using ($1+%g):2 with boxes lc rgb '%s' title '%u tokens', ", i, shift,
			blues[i + (count < 6 ? 2 : 0)], tokens[i]);
		fprintf(file, "'' index %u using ($1+%g):2:3:4 with yerrorbars %s lw 1 notitle, ", i, shift,
			"lc rgb '#444444' pt 0");
		fprintf(file, "'' index %u using ($1+%g):5:(%g) with xerrorbars %s lw 2 notitle%s", i, shift,
			width * 0.4, "lc rgb '#000000' pt 0", i + 1 < count ? ", \\\n" : "\n");
	}
}

static int draw(const struct cells *cells, const char *base, const char *dir)
{
	unsigned int tokens[MAX_TOKENS_SERIES + 1], count = token_counts(cells, tokens);
	struct chart chart;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "speedup-over-%s", base);
	ret = chart_open(dir, name, 1100, 480, &chart);
	if (ret)
		return ret;
	if (!write_data(chart.script, cells, base, tokens, count)) {
		fclose(chart.script);
		return 0;
	}
	write_models(chart.script, cells);
	write_plot(chart.script, base, tokens, count);
	return chart_close(&chart);
}

int chart_speedup(const struct records *records, const char *dir)
{
	return chart_over_baselines(records, dir, draw);
}
