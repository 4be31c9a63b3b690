// SPDX-License-Identifier: MIT
/* Weights of 4 bits against those of 8. */
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

static const char *const weights[] = { "weights", NULL };

#define INT4(strategy) strategy " weights=int4"

static void write_head(FILE *out)
{
	fputs("| model | tokens | FSE-DP int8 ms | FSE-DP int4 ms | times as fast | int4 x bound ", out);
	fputs("| DDR MB int8 | int4 | SRAM w+t MB int8 | int4 ", out);
	fputs("| EP int4 ms | TP int4 ms | FSE-DP over EP, int4 |\n", out);
	fputs("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

static void write_row(FILE *out, const struct cell *cell)
{
	const struct {
		struct spread spread;
		int places;
	} columns[] = {
		{ cell_spread_like(cell, "fse-dp", INT4("fse-dp"), metric_finish), 3 },
		{ cell_spread(cell, INT4("fse-dp"), metric_finish), 3 },
		{ cell_ratio(cell, "fse-dp", INT4("fse-dp"), metric_finish), 3 },
		{ cell_spread(cell, INT4("fse-dp"), metric_distance), 3 },
		{ cell_spread_like(cell, "fse-dp", INT4("fse-dp"), metric_ddr_mb), 1 },
		{ cell_spread(cell, INT4("fse-dp"), metric_ddr_mb), 1 },
		{ cell_spread_like(cell, "fse-dp", INT4("fse-dp"), metric_sram), 2 },
		{ cell_spread(cell, INT4("fse-dp"), metric_sram), 2 },
		{ cell_spread(cell, INT4("ep"), metric_finish), 3 },
		{ cell_spread(cell, INT4("tp"), metric_finish), 3 },
		{ cell_ratio(cell, INT4("ep"), INT4("fse-dp"), metric_finish), 3 },
	};
	unsigned int i;

	fprintf(out, "| %s%s | %u |", cell->any->model, cell->any->trace ? "*" : "", cell->any->tokens);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (columns[i].spread.count)
			fprintf(out, " %.*f |", columns[i].places, columns[i].spread.median);
		else
			fputs(" - |", out);
	fputc('\n', out);
}

int table_weights(FILE *out, const struct records *records, const char *arg)
{
	bool any = false;
	struct cells cells;
	size_t c;
	int ret = cells_make(records, select_weights, weights, &cells);

	(void)arg;
	if (ret)
		return ret;
	for (c = 0; c < cells.count; c++) {
		const struct cell *cell = &cells.cell[c];

		if (!cell_spread(cell, INT4("fse-dp"), metric_finish).count)
			continue;
		if (!any)
			write_head(out);
		any = true;
		write_row(out, cell);
	}
	fputs(any ? "\n*: real routing. Medians of the samples that were run in both formats.\n" :
		    "No results.\n", out);
	cells_free(&cells);
	return 0;
}
