// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

/* In % of the baseline's; of median peaks */
static double below(const struct cell *cell, const char *base, const char *strategy, metric value)
{
	return 100 * (1 - 1 / cell_ratio(cell, base, strategy, value).median);
}

static void write_lean(FILE *out, const struct cell *cell, const char *base)
{
	struct spread longer = cell_ratio(cell, SELECT_LEAN, "fse-dp", metric_finish);

	if (!longer.count) {
		fputs("| - | - | - |\n", out);
		return;
	}
	fputs("| ", out);
	table_spread(out, cell_spread(cell, SELECT_LEAN, metric_sram), 2);
	fprintf(out, " | %.1f %% | %.3f |\n", below(cell, base, SELECT_LEAN, metric_sram), longer.median);
}

static void write_row(FILE *out, const struct cell *cell, const char *base)
{
	fprintf(out, "| %s | %u | %s | ", cell->any->model, cell->any->tokens, table_routing(cell->any));
	table_spread(out, cell_spread(cell, "fse-dp", metric_sram), 2);
	fprintf(out, " | %s", cell_enlarged(cell, base) ? "† " : "");
	table_spread(out, cell_spread(cell, base, metric_sram), 2);
	fprintf(out, " | %.1f %% | ", below(cell, base, "fse-dp", metric_sram));
	table_spread(out, cell_spread(cell, "fse-dp", metric_sram_all), 2);
	fputs(" | ", out);
	table_spread(out, cell_spread(cell, base, metric_sram_all), 2);
	fprintf(out, " | %.1f %% ", below(cell, base, "fse-dp", metric_sram_all));
	write_lean(out, cell, base);
}

static void write_head(FILE *out, const char *label)
{
	fprintf(out, "| model | tokens | routing | FSE-DP w+t MB | %s w+t MB | less ", label);
	fprintf(out, "| FSE-DP all MB | %s all MB | less | lean w+t MB | less | times as long |\n", label);
	fputs("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

int table_sram(FILE *out, const struct records *records, const char *base)
{
	bool any = false;
	struct cells cells;
	size_t c;
	int ret = cells_make(records, select_lean, select_trade_apart, &cells);

	if (ret)
		return ret;
	for (c = 0; c < cells.count; c++) {
		if (!cell_ratio(&cells.cell[c], base, "fse-dp", metric_sram).count)
			continue;
		if (!any)
			write_head(out, strategy_label(base));
		any = true;
		write_row(out, &cells.cell[c], base);
	}
	if (!any)
		fprintf(out, "No results of %s.\n", strategy_label(base));
	cells_free(&cells);
	return 0;
}
