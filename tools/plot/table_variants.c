// SPDX-License-Identifier: MIT
/* Variants of one strategy beside it: what a mechanism, or an extension, changes. */
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

static const char *const everything[] = { "*", NULL };

static void write_head(FILE *out)
{
	fputs("| model | tokens | variant | finish ms | of FSE-DP's time | x bound | SRAM w+t MB | SRAM all MB ", out);
	fputs("| DDR MB | D2D MB |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

static void write_row(FILE *out, const struct cell *cell, const char *variant)
{
	static const metric values[] = { metric_sram, metric_sram_all, metric_ddr_mb, metric_d2d_mb };
	unsigned int i;

	fprintf(out, "| %s%s | %u | %s | ", cell->any->model, cell->any->trace ? "*" : "", cell->any->tokens, variant);
	table_spread(out, cell_spread(cell, variant, metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_ratio(cell, variant, "fse-dp", metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_spread(cell, variant, metric_distance), 3);
	for (i = 0; i < 4; i++)
		fprintf(out, " | %.2f", cell_spread(cell, variant, values[i]).median);
	fputs(" |\n", out);
}

/* A variant by parameters, not by strategy */
static bool is_variant(const char *name)
{
	return strchr(name, ' ');
}

static bool has_variants(const struct cell *cell)
{
	unsigned int i;

	for (i = 0; i < cell->count; i++)
		if (is_variant(cell->strategy[i].name) && cell->strategy[i].count)
			return true;
	return false;
}

static int write_table(FILE *out, const struct records *records, bool (*take)(const struct record *record),
		       bool with_strategies)
{
	bool any = false;
	struct cells cells;
	unsigned int i;
	size_t c;
	int ret = cells_make(records, take, everything, &cells);

	if (ret)
		return ret;
	for (c = 0; c < cells.count; c++) {
		const struct cell *cell = &cells.cell[c];

		if (!has_variants(cell))
			continue;
		if (!any)
			write_head(out);
		any = true;
		for (i = 0; i < cell->count; i++)
			if (cell->strategy[i].count &&
			    (with_strategies || is_variant(cell->strategy[i].name) ||
			     !strcmp(cell->strategy[i].name, "fse-dp") || !strcmp(cell->strategy[i].name, "fsdp")))
				write_row(out, cell, cell->strategy[i].name);
	}
	fputs(any ? "\n*: real routing.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}

int table_ablation(FILE *out, const struct records *records, const char *arg)
{
	(void)arg;
	return write_table(out, records, select_ablation, false);
}

int table_weights(FILE *out, const struct records *records, const char *arg)
{
	(void)arg;
	return write_table(out, records, select_weights, true);
}
