// SPDX-License-Identifier: MIT
/* All layers of a model in turn. */
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

static double layers(const struct record *record)
{
	return record_number(record, "pass_count");
}

static double ahead_mb(const struct record *record)
{
	return record_number(record, "prefetched_bytes") / 1e6;
}

static double host(const struct record *record)
{
	return record_number(record, "cpu_seconds");
}

static double planning(const struct record *record)
{
	return record_number(record, "plan_seconds");
}

static void write_row(FILE *out, const struct cell *cell, const char *name)
{
	fprintf(out, "| %s | %.0f | %s | %s", cell->any->model, cell_spread(cell, name, layers).median, name,
		cell_enlarged(cell, name) ? "† " : "");
	table_spread(out, cell_spread(cell, name, metric_finish), 2);
	fputs(" | ", out);
	table_spread(out, cell_spread(cell, name, metric_distance), 4);
	fputs(" | ", out);
	table_spread(out, cell_ratio(cell, name, "fse-dp", metric_finish), 3);
	fprintf(out, " | %.1f | %.2f | %.2f |\n", cell_spread(cell, name, ahead_mb).median,
		cell_spread(cell, name, host).median, cell_spread(cell, name, planning).median);
}

int table_whole(FILE *out, const struct records *records, const char *arg)
{
	static const char *const apart[] = { "no-prefetch", NULL };
	struct cells cells;
	unsigned int i;
	size_t c;
	int ret = cells_make(records, select_whole, apart, &cells);

	(void)arg;
	if (ret)
		return ret;
	if (cells.count) {
		fputs("| model | layers | strategy | finish ms | x bound | of FSE-DP's time | loaded ahead MB ", out);
		fputs("| host s to simulate | host s to plan |\n", out);
		fputs("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
	}
	for (c = 0; c < cells.count; c++)
		for (i = 0; i < cells.cell[c].count; i++)
			if (cells.cell[c].strategy[i].count)
				write_row(out, &cells.cell[c], cells.cell[c].strategy[i].name);
	fputs(cells.count ? "\n†: SRAM enlarged.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}
