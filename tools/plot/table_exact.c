// SPDX-License-Identifier: MIT
/* Points with the option `verify`: each was computed, and compared with the dense reference bit by bit. */
#include "plot/tables.h"

#include <string.h>

static bool takes(const struct record *r)
{
	return record_param(r, "verify");
}

static bool differs(const struct record *r)
{
	const char *verify = json_string_value(json_object_get(r->line, "verify"));

	return verify && !strcmp(verify, "failed");
}

static void write_row(FILE *out, const struct cell *cell)
{
	unsigned int i, j, differ = 0;
	double tokens = 0;

	fprintf(out, "| %s%s | %u | %s | ", cell->any->model, cell->any->trace ? "*" : "", cell->any->tokens,
		record_param(cell->any, "weights") ?: "int8");
	for (i = 0; i < cell->count; i++) {
		const struct cell_strategy *strategy = &cell->strategy[i];

		fprintf(out, "%s%.*s", i ? ", " : "", (int)strcspn(strategy->name, " "), strategy->name);
		for (j = 0; j < strategy->count; j++) {
			tokens += record_number(strategy->sample[j], "verified");
			differ += differs(strategy->sample[j]);
		}
	}
	fprintf(out, " | %.0f | %u |\n", tokens, differ);
}

int table_exact(FILE *out, const struct records *records, const char *arg)
{
	static const char *const apart[] = { "verify", NULL };
	struct cells cells;
	size_t c;
	int ret = cells_make(records, takes, apart, &cells);

	(void)arg;
	if (ret)
		return ret;
	if (cells.count)
		fputs("| model | tokens | weights | strategies | tokens compared | points that differ |\n"
		      "| --- | ---: | --- | --- | ---: | ---: |\n", out);
	for (c = 0; c < cells.count; c++)
		write_row(out, &cells.cell[c]);
	fputs(cells.count ? "\n*: real routing.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}
