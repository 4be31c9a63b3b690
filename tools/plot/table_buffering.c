// SPDX-License-Identifier: MIT
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

static double buffering(const struct record *record, const char *name)
{
	return json_number_value(json_object_get(json_object_get(record->result, "buffering"), name));
}

static double waited(const struct record *record)
{
	double tokens = buffering(record, "tokens");

	return tokens > 0 ? 100 * buffering(record, "waited") / tokens : 0;
}

static double median_ms(const struct record *record)
{
	return buffering(record, "median_ps") / 1e9;
}

static double worst_ms(const struct record *record)
{
	return buffering(record, "worst_ps") / 1e9;
}

static double worst_passes(const struct record *record)
{
	return buffering(record, "worst_passes");
}

static void write_row(FILE *out, const struct cell *cell, const char *name)
{
	static const struct {
		metric value;
		int places;
	} columns[] = { { waited, 1 }, { median_ms, 2 }, { worst_ms, 2 }, { worst_passes, 0 } };
	bool plain = !strcmp(name, "fse-dp");
	unsigned int i;

	fprintf(out, "| %s%s | %u | %s | ", cell->any->model, cell->any->trace ? "*" : "", cell->any->tokens,
		plain ? "none" : name + strlen("fse-dp buffer="));
	table_spread(out, cell_spread(cell, name, metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_ratio(cell, name, "fse-dp", metric_finish), 3);
	fprintf(out, " | %.1f", cell_spread(cell, name, metric_ddr_mb).median);
	for (i = 0; i < 4; i++) {
		fputs(" | ", out);
		if (plain)
			fputc('-', out);
		else
			table_spread(out, cell_spread(cell, name, columns[i].value), columns[i].places);
	}
	fputs(" |\n", out);
}

static void write_head(FILE *out)
{
	fputs("| model | tokens | may wait, % | finish ms, all passes | of the time without | DDR MB ", out);
	fputs("| tokens that waited, % | median wait ms | worst wait ms | worst wait, passes |\n", out);
	fputs("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

int table_buffering(FILE *out, const struct records *records, const char *arg)
{
	static const char *const apart[] = { "buffer", NULL };
	struct cells cells;
	unsigned int i;
	size_t c;
	int ret = cells_make(records, select_buffering, apart, &cells);

	(void)arg;
	if (ret)
		return ret;
	if (cells.count)
		write_head(out);
	for (c = 0; c < cells.count; c++)
		for (i = 0; i < cells.cell[c].count; i++)
			if (cells.cell[c].strategy[i].count &&
			    !strncmp(cells.cell[c].strategy[i].name, "fse-dp", strlen("fse-dp")))
				write_row(out, &cells.cell[c], cells.cell[c].strategy[i].name);
	fputs(cells.count ? "\n*: real routing.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}
