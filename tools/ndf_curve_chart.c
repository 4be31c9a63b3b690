// SPDX-License-Identifier: MIT
/* Learning as a table and as a chart. */
#include "ndf_curve.h"
#include "plot/chart.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

int curve_write_csv(const struct curve *curves, uint32_t count, const char *path)
{
	FILE *file = ndf_tool_create(path);
	uint32_t c, s, p;

	if (!file)
		return 1;
	fputs("program,seed,samples,right,of\n", file);
	for (c = 0; c < count; c++) {
		for (s = 0; s < curves[c].seed_count; s++) {
			const struct curve_seed *seed = &curves[c].seeds[s];

			for (p = 0; p < seed->count; p++)
				fprintf(file, "%s,%" PRIu64 ",%" PRIu64 ",%u,%u\n", curves[c].name, seed->seed,
					seed->points[p].samples, seed->points[p].right, curves[c].tested);
		}
	}
	return ndf_tool_finish(file, path);
}

/* Points are drawn at samples + 1, as the axis is logarithmic. */
static void write_seed(FILE *file, const struct curve *curve, const struct curve_seed *seed)
{
	uint32_t p;

	for (p = 0; p < seed->count; p++)
		fprintf(file, "%" PRIu64 " %.4f\n", seed->points[p].samples + 1,
			100.0 * seed->points[p].right / curve->tested);
	fprintf(file, "%" PRIu64 " %.4f\n\n\n", seed->samples + 1,
		100.0 * seed->points[seed->count - 1].right / curve->tested);
}

static void write_median(FILE *file, const struct curve *curve)
{
	uint64_t samples, last = curve->seeds[0].samples;

	for (samples = 0; samples < last; samples += 1 + samples / 16)
		fprintf(file, "%" PRIu64 " %.4f\n", samples + 1, 100 * curve_range_at(curve, samples).median);
	fprintf(file, "%" PRIu64 " %.4f\n", last + 1, 100 * curve_range_at(curve, last).median);
}

/* The axis begins at a multiple of ten below the worst. */
static double worst_percent(const struct curve *curve)
{
	double worst = 100;
	uint32_t s, p;

	for (s = 0; s < curve->seed_count; s++) {
		for (p = 0; p < curve->seeds[s].count; p++) {
			double percent = 100.0 * curve->seeds[s].points[p].right / curve->tested;

			worst = percent < worst ? percent : worst;
		}
	}
	return worst;
}

static void write_panel(FILE *file, const struct curve *curve, uint32_t c)
{
	uint32_t s;

	fprintf(file, "$panel%u << EOD\n", c);
	for (s = 0; s < curve->seed_count; s++)
		write_seed(file, curve, &curve->seeds[s]);
	write_median(file, curve);
	fprintf(file, "EOD\nset title '%s' noenhanced font ',11'\n", chart_text(curve->name));
	fprintf(file, "set xrange [1:%" PRIu64 "]\nset yrange [%d:101]\n", curve->seeds[0].samples + 1,
		(int)(worst_percent(curve) / 10.001) * 10);
	fprintf(file, "plot for [i=0:%u] $panel%u index i using 1:2 with steps lw 0.7 lc rgb '#b0c4d8' notitle, ",
		curve->seed_count - 1, c);
	fprintf(file, "NaN with lines lw 0.7 lc rgb '#b0c4d8' title '%u seeds', ", curve->seed_count);
	fprintf(file, "$panel%u index %u using 1:2 with steps lw 2 lc rgb '#b2182b' title 'median'\n", c,
		curve->seed_count);
}

int curve_draw(const struct curve *curves, uint32_t count, const char *dir)
{
	uint32_t columns = count > 1 ? 2 : 1, rows = (count + columns - 1) / columns, c;
	struct chart chart;

	if (mkdir(dir, 0777) && errno != EEXIST) {
		fprintf(stderr, "rill: chart: cannot make %s: %s\n", dir, strerror(errno));
		return 1;
	}
	if (chart_open(dir, "ndf-learning", 480 * columns, 60 + 270 * rows, &chart))
		return 1;
	fprintf(chart.script, "set multiplot layout %u,%u title '%s' font ',14'\n", rows, columns,
		"What plastic whens have learned, over all words");
	fputs("set logscale x\nset xlabel 'samples + 1'\nset ylabel '% right'\n", chart.script);
	fputs("set key bottom right vertical Right noreverse font ',9'\n", chart.script);
	for (c = 0; c < count; c++)
		write_panel(chart.script, &curves[c], c);
	fputs("unset multiplot\n", chart.script);
	return chart_close(&chart) ? 1 : 0;
}
