// SPDX-License-Identifier: MIT
/* Time on the chip against processor time of simulating it, and of planning, for all layers of a model. */
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

static double simulating(const struct record *record)
{
	return record_number(record, "cpu_seconds");
}

static double planning(const struct record *record)
{
	return record_number(record, "plan_seconds");
}

/* What was simulated in a second */
static double pace(const struct record *record)
{
	return record->finish / 1e3 / simulating(record);
}

static double events(const struct record *record)
{
	return record_number(record, "events") / simulating(record) / 1e6;
}

static double layers(const struct record *record)
{
	return record_number(record, "pass_count");
}

static void write_row(FILE *out, const struct cell *cell, const char *name)
{
	fprintf(out, "| %s | %.0f | %u | %s | %.1f | %.1f | %.2f | %.1f | %.1f |\n", cell->any->model,
		cell_spread(cell, name, layers).median, cell->any->tokens, strategy_label(name),
		cell_spread(cell, name, metric_finish).median, cell_spread(cell, name, simulating).median * 1e3,
		cell_spread(cell, name, pace).median, cell_spread(cell, name, events).median,
		cell_spread(cell, name, planning).median * 1e3);
}

int table_pace(FILE *out, const struct records *records, const char *arg)
{
	struct cells cells;
	unsigned int i;
	size_t c;
	int ret = cells_make(records, select_whole, NULL, &cells);

	(void)arg;
	if (ret)
		return ret;
	if (cells.count) {
		fputs("| model | layers | tokens | strategy | chip ms | simulated in ms | times real time ", out);
		fputs("| million events a second | planned in ms |\n", out);
		fputs("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n", out);
	}
	for (c = 0; c < cells.count; c++)
		for (i = 0; i < cells.cell[c].count; i++)
			if (cells.cell[c].strategy[i].count)
				write_row(out, &cells.cell[c], cells.cell[c].strategy[i].name);
	if (!cells.count)
		fputs("No results.\n", out);
	cells_free(&cells);
	return 0;
}
