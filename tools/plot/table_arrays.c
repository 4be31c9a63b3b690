// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

static void write_head(FILE *out, const char *const *names, unsigned int count)
{
	unsigned int i;

	fputs("| model | tokens | array | bound ms |", out);
	for (i = 0; i < count; i++)
		fprintf(out, " %s ms |", strategy_label(names[i]));
	fputs("\n| --- | ---: | --- | ---: |", out);
	for (i = 0; i < count; i++)
		fputs(" ---: |", out);
	fputc('\n', out);
}

static void write_row(FILE *out, const struct cell *cell, const char *const *names, unsigned int count)
{
	const struct record *any = cell->any;
	unsigned int i;

	fprintf(out, "| %s%s | %u | %s | %.3f |", any->model, any->trace ? "*" : "", any->tokens, any->array,
		any->ddr > any->mac ? any->ddr : any->mac);
	for (i = 0; i < count; i++) {
		struct spread s = cell_spread(cell, names[i], metric_finish);

		if (s.count)
			fprintf(out, " %s%.3f |", cell_enlarged(cell, names[i]) ? "† " : "", s.median);
		else
			fputs(" - |", out);
	}
	fputc('\n', out);
}

/* Models and batches that were run on more arrays than one */
static bool scales(const struct cells *cells, size_t at)
{
	size_t c;

	for (c = 0; c < cells->count; c++)
		if (c != at && cells->cell[c].any->tokens == cells->cell[at].any->tokens &&
		    !strcmp(cells->cell[c].any->model, cells->cell[at].any->model))
			return true;
	return false;
}

int table_arrays(FILE *out, const struct records *records, const char *arg)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count;
	bool any = false;
	struct cells cells;
	size_t c;
	int ret = cells_make(records, select_arrays, NULL, &cells);

	(void)arg;
	if (ret)
		return ret;
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	for (c = 0; c < cells.count; c++) {
		if (!scales(&cells, c))
			continue;
		if (!any)
			write_head(out, names, count);
		any = true;
		write_row(out, &cells.cell[c], names, count);
	}
	fputs(any ? "\n*: real routing. †: SRAM enlarged.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}
