// SPDX-License-Identifier: MIT
/* The least SRAM with which fse-dp still finishes within some share of its best time, beside its own choice. */
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

static bool takes(const struct record *r)
{
	return select_slots(r) && r->result && r->sample == 1 && !strcmp(r->strategy, "fse-dp");
}

static bool same(const struct record *a, const struct record *b)
{
	return a->tokens == b->tokens && !strcmp(a->model, b->model);
}

/* The one with least SRAM of those within `factor` of the best time */
static const struct record *leanest(const struct records *records, const struct record *of, double factor)
{
	const struct record *lean = NULL;
	double best = 1e300;
	size_t i;

	for (i = 0; i < records->count; i++)
		if (takes(&records->record[i]) && same(&records->record[i], of) &&
		    records->record[i].finish < best)
			best = records->record[i].finish;
	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		if (takes(r) && same(r, of) && r->finish <= best * factor &&
		    (!lean || metric_sram(r) < metric_sram(lean)))
			lean = r;
	}
	return lean;
}

static const struct record *own_choice(const struct records *records, const struct record *of)
{
	size_t i;

	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		if (select_main(r) && r->result && r->sample == 1 && same(r, of) && !strcmp(r->strategy, "fse-dp"))
			return r;
	}
	return NULL;
}

static void write_one(FILE *out, const struct record *r)
{
	if (r)
		fprintf(out, " %.2f MB at %.3f (%.0f slots, %.0f slices) |", metric_sram(r), metric_distance(r),
			record_number(r, "slots"), record_number(r, "slices"));
	else
		fputs(" - |", out);
}

static void write_head(FILE *out)
{
	fputs("| model | tokens | fewest MB that run, at x bound | fewest within 3 % of the best ", out);
	fputs("| own choice |\n| --- | ---: | --- | --- | --- |\n", out);
}

int table_slots(FILE *out, const struct records *records, const char *arg)
{
	bool any = false;
	size_t i, j;

	(void)arg;
	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		if (!takes(r))
			continue;
		for (j = 0; j < i && !(takes(&records->record[j]) && same(r, &records->record[j])); j++)
			;
		if (j < i)
			continue;
		if (!any)
			write_head(out);
		any = true;
		fprintf(out, "| %s%s | %u |", r->model, r->trace ? "*" : "", r->tokens);
		write_one(out, leanest(records, r, 1e9));
		write_one(out, leanest(records, r, 1.03));
		write_one(out, own_choice(records, r));
		fputc('\n', out);
	}
	fputs(any ? "\n*: real routing. MB: peak of weights and tokens.\n" : "No results.\n", out);
	return 0;
}
