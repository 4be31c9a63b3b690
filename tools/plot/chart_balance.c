// SPDX-License-Identifier: MIT
/* Where there is something to win: the speed-up of every point against its MAC time over its DDR time. */
#include "plot/chart.h"
#include "plot/select.h"

/* rows: of synthetic and of real routing */
static void write_data(FILE *file, const struct cells *cells, const char *base, unsigned int rows[2])
{
	unsigned int trace;
	size_t c;

	fputs("$data << EOD\n", file);
	for (trace = 0; trace < 2; trace++) {
		for (c = 0; c < cells->count; c++) {
			const struct cell *cell = &cells->cell[c];
			struct spread x = cell_spread(cell, "fse-dp", metric_mac_over_ddr);
			struct spread y = cell_ratio(cell, base, "fse-dp", metric_finish);

			if (cell->any->trace != trace || !y.count || x.median <= 0)
				continue;
			fprintf(file, "%.5f %.5f %.5f %.5f\n", x.median, y.median, y.min, y.max);
			rows[trace]++;
		}
		fputs("\n\n", file);
	}
	fputs("EOD\n", file);
}

static int draw(const struct cells *cells, const char *base, const char *dir)
{
	unsigned int rows[2] = { 0 };
	struct chart chart;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "balance-%s", base);
	ret = chart_open(dir, name, 900, 460, &chart);
	if (ret)
		return ret;
	write_data(chart.script, cells, base, rows);
	if (!rows[0] && !rows[1]) {
		fclose(chart.script);
		return 0;
	}
	fprintf(chart.script, "set title 'FSE-DP over %s against the balance of the pass'\n", strategy_label(base));
	fputs("set xlabel 'MAC time over DDR time (of the bound)'\nset ylabel 'times as fast'\n", chart.script);
	fputs("set logscale x\nset yrange [0.9:*]\nset rmargin 7\n", chart.script);
	fputs("set object 1 rectangle from 0.6667, graph 0 to 1.5, graph 1 fc rgb '#f2f2f2' behind\n", chart.script);
	fputs("set arrow from graph 0, first 1.22 to graph 1, first 1.22 nohead dt 2 lc rgb '#b2182b'\n",
	      chart.script);
	fputs("set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#222222'\n",
	      chart.script);
	fputs("set label '1.22' at graph 1.005, first 1.22 tc rgb '#b2182b' font ',9'\n", chart.script);
	fputs("plot", chart.script);
	if (rows[1])
		fputs(" $data index 1 using 1:2:3:4 with yerrorbars pt 7 ps 0.8 lc rgb '#b2182b' title 'real routing'",
		      chart.script);
	if (rows[0])
		fprintf(chart.script, "%s $data index 0 using 1:2:3:4 with yerrorbars pt 7 ps 0.6 lc rgb '#6baed6' %s",
			rows[1] ? "," : "", "title 'synthetic'");
	fputc('\n', chart.script);
	return chart_close(&chart);
}

int chart_balance(const struct records *records, const char *dir)
{
	return chart_over_baselines(records, dir, draw);
}
