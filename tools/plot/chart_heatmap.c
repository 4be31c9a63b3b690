// SPDX-License-Identifier: MIT
/* How D2D and DDR bandwidth move the speed-up: a map for each model, batch and baseline. */
#include "plot/chart.h"
#include "plot/select.h"

#include <stdlib.h>
#include <string.h>

#define MOST_VALUES 16

static unsigned int mbps(const struct cell *cell, const char *name)
{
	return strtoul(record_param(cell->any, name), NULL, 10);
}

static bool same_map(const struct cell *a, const struct cell *b)
{
	return !strcmp(a->any->model, b->any->model) && a->any->tokens == b->any->tokens;
}

/* The values of a parameter, ascending; returns how many */
static unsigned int values_of(const struct cells *cells, const char *name, unsigned int *values)
{
	unsigned int count = 0, i;
	size_t c;

	for (c = 0; c < cells->count; c++) {
		unsigned int value = mbps(&cells->cell[c], name);

		for (i = 0; i < count && values[i] < value; i++)
			;
		if ((i < count && values[i] == value) || count == MOST_VALUES)
			continue;
		memmove(values + i + 1, values + i, (count - i) * sizeof(*values));
		values[i] = value;
		count++;
	}
	return count;
}

struct map {
	unsigned int link[MOST_VALUES + 1], ddr[MOST_VALUES + 1], links, ddrs;
};

static const struct cell *find(const struct cells *cells, const struct cell *of, unsigned int link,
			       unsigned int ddr)
{
	size_t c;

	for (c = 0; c < cells->count; c++)
		if (same_map(&cells->cell[c], of) && mbps(&cells->cell[c], "link-mbps") == link &&
		    mbps(&cells->cell[c], "ddr-mbps") == ddr)
			return &cells->cell[c];
	return NULL;
}

/* An image wants its points row by row. */
static void write_map(FILE *file, const struct cells *cells, const struct map *map, const struct cell *of,
		      const char *base, unsigned int index)
{
	unsigned int x, y;

	fprintf(file, "$map%u << EOD\n", index);
	for (y = 0; y < map->ddrs; y++) {
		for (x = 0; x < map->links; x++) {
			const struct cell *cell = find(cells, of, map->link[x], map->ddr[y]);
			struct spread s = { 0 };

			if (cell)
				s = cell_ratio(cell, base, "fse-dp", metric_finish);
			if (s.count)
				fprintf(file, "%u %u %.4f\n", x, y, s.median);
			else
				fprintf(file, "%u %u NaN\n", x, y);
		}
	}
	fputs("EOD\n", file);
}

static void write_tics(FILE *file, const char *axis, const unsigned int *values, unsigned int count)
{
	unsigned int i;

	fprintf(file, "set %stics (", axis);
	for (i = 0; i < count; i++)
		fprintf(file, "%s'%g' %u", i ? ", " : "", values[i] / 1000.0, i);
	fprintf(file, ") scale 0\nset %srange [-0.5:%u - 0.5]\n", axis, count);
}

static void write_settings(FILE *file, const struct map *map, const struct cell *of, unsigned int panels)
{
	fputs("unset grid\nunset key\nset border 0\n", file);
	fputs("set palette defined (0.6 '#2b7bba', 1 '#f7f7f7', 1.22 '#f2a33a', 2 '#b2182b')\n", file);
	fputs("set cbrange [0.6:2]\nunset colorbox\n", file);
	write_tics(file, "x", map->link, map->links);
	write_tics(file, "y", map->ddr, map->ddrs);
	fputs("set xlabel 'link, GB/s each way'\nset ylabel 'DDR channel, GB/s'\n", file);
	fprintf(file, "set multiplot layout 1,%u title '%s, %u tokens: %s' font ',13'\n", panels,
		chart_text(of->any->model), of->any->tokens, "FSE-DP times as fast, by bandwidth");
}

static int draw(const struct cells *cells, const struct map *map, const struct cell *of, const char *dir)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count = chart_strategies(cells, names, CELL_MAX_STRATEGIES), i;
	struct chart chart;
	char name[64];
	int ret;

	if (count < 2)
		return 0;
	snprintf(name, sizeof(name), "heatmap-%.32s-%u", of->any->model, of->any->tokens);
	ret = chart_open(dir, name, count < 3 ? 560 : 60 + 300 * (count - 1), 390, &chart);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		write_map(chart.script, cells, map, of, names[i], i);
	write_settings(chart.script, map, of, count - 1);
	for (i = 0; i < count; i++) {
		if (!strcmp(names[i], "fse-dp"))
			continue;
		fprintf(chart.script, "set title 'over %s' font ',12'\nplot $map%u using 1:2:3 with image pixels, ",
			strategy_label(names[i]), i);
		fprintf(chart.script, "'' using 1:2:(sprintf('%%.2f', $3)) with labels font ',9' tc rgb '#111111'\n");
	}
	fputs("unset multiplot\n", chart.script);
	return chart_close(&chart);
}

int chart_heatmap(const struct records *records, const char *dir)
{
	struct cells cells;
	struct map map;
	size_t i, j;
	int ret = cells_make(records, select_heatmap, NULL, &cells);

	if (ret)
		return ret;
	map.links = values_of(&cells, "link-mbps", map.link);
	map.ddrs = values_of(&cells, "ddr-mbps", map.ddr);
	for (i = 0; !ret && i < cells.count; i++) {
		for (j = 0; j < i && !same_map(&cells.cell[i], &cells.cell[j]); j++)
			;
		if (j == i)
			ret = draw(&cells, &map, &cells.cell[i], dir);
	}
	cells_free(&cells);
	return ret;
}
