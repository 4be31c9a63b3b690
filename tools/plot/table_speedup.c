// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

const char *table_routing(const struct record *record)
{
	return record->trace ? "trace" : "synthetic";
}

void table_spread(FILE *out, struct spread s, int places)
{
	char least[32], most[32];

	if (!s.count) {
		fputs("-", out);
		return;
	}
	fprintf(out, "%.*f", places, s.median);
	snprintf(least, sizeof(least), "%.*f", places, s.min);
	snprintf(most, sizeof(most), "%.*f", places, s.max);
	if (strcmp(least, most))
		fprintf(out, " (%s..%s)", least, most);
}

static const char *bound_by(const struct cell *cell)
{
	struct spread s = cell_spread(cell, "fse-dp", metric_mac_over_ddr);

	return s.median > 1 ? "MAC" : "DDR";
}

static void write_head(FILE *out, const char *label)
{
	fputs("| model | tokens | routing | bound by, MAC/DDR | FSE-DP ms | FSE-DP x bound ", out);
	fprintf(out, "| %s x bound | %s's fullest unit | times as fast | head-room won |\n", label, label);
	fputs("| --- | ---: | --- | --- | ---: | ---: | ---: | --- | ---: | ---: |\n", out);
}

static void write_row(FILE *out, const struct cell *cell, const char *base)
{
	const char *unit;
	double full = fullest_unit(cell, base, &unit);
	struct spread won = cell_won(cell, base, "fse-dp");

	fprintf(out, "| %s | %u | %s | %s, %.2f | ", cell->any->model, cell->any->tokens,
		table_routing(cell->any), bound_by(cell),
		cell_spread(cell, "fse-dp", metric_mac_over_ddr).median);
	table_spread(out, cell_spread(cell, "fse-dp", metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_spread(cell, "fse-dp", metric_distance), 3);
	fprintf(out, " | %s", cell_enlarged(cell, base) ? "† " : "");
	table_spread(out, cell_spread(cell, base, metric_distance), 3);
	fprintf(out, " | %.3f %s | ", full, unit);
	table_spread(out, cell_ratio(cell, base, "fse-dp", metric_finish), 3);
	if (won.count)
		fprintf(out, " | %.0f %% |\n", won.median);
	else
		fputs(" | none to win |\n", out);
}

int table_speedup(FILE *out, const struct records *records, const char *base)
{
	bool any = false, enlarged = false;
	struct cells cells;
	size_t c;
	int ret = cells_make(records, select_main, NULL, &cells);

	if (ret)
		return ret;
	for (c = 0; c < cells.count; c++) {
		if (!cell_ratio(&cells.cell[c], base, "fse-dp", metric_finish).count)
			continue;
		if (!any)
			write_head(out, strategy_label(base));
		any = true;
		enlarged = enlarged || cell_enlarged(&cells.cell[c], base);
		write_row(out, &cells.cell[c], base);
	}
	if (!any)
		fprintf(out, "No results of %s.\n", strategy_label(base));
	if (enlarged)
		fprintf(out, "\n†: %s does not fit the chip's SRAM and was given what it needs.\n",
			strategy_label(base));
	cells_free(&cells);
	return 0;
}
