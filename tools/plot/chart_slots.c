// SPDX-License-Identifier: MIT
/* Finish time of fse-dp against its SRAM: a mark for each number of slots and slices, the best as a line. */
#include "plot/chart.h"
#include "plot/select.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS 3
#define MOST	1024

struct spot {
	double sram, distance;
};

static bool same_panel(const struct record *a, const struct record *b)
{
	return a->tokens == b->tokens && !strcmp(a->model, b->model);
}

static bool takes(const struct record *r)
{
	return select_slots(r) && r->result && r->sample == 1 && !strcmp(r->strategy, "fse-dp");
}

static int by_sram(const void *pa, const void *pb)
{
	const struct spot *a = pa, *b = pb;

	if (a->sram != b->sram)
		return a->sram < b->sram ? -1 : 1;
	return (a->distance > b->distance) - (a->distance < b->distance);
}

static unsigned int collect(const struct records *records, const struct record *of, struct spot *spots)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < records->count && count < MOST; i++) {
		const struct record *r = &records->record[i];

		if (takes(r) && same_panel(r, of))
			spots[count++] = (struct spot){ metric_sram(r), metric_distance(r) };
	}
	qsort(spots, count, sizeof(*spots), by_sram);
	return count;
}

/* All spots; then those that no spot with less SRAM beats; then what fse-dp chooses itself. */
static int write_data(FILE *file, const struct records *records, size_t first)
{
	struct spot *spots = calloc(MOST, sizeof(*spots));
	double best = 1e300;
	unsigned int count, i;
	size_t r;

	if (!spots)
		return -1;
	count = collect(records, &records->record[first], spots);
	fprintf(file, "$panel%zu << EOD\n", first);
	for (i = 0; i < count; i++)
		fprintf(file, "%.6f %.6f\n", spots[i].sram, spots[i].distance);
	fputs("\n\n", file);
	for (i = 0; i < count; i++) {
		if (spots[i].distance >= best)
			continue;
		best = spots[i].distance;
		fprintf(file, "%.6f %.6f\n", spots[i].sram, best);
	}
	fputs("\n\n", file);
	for (r = 0; r < records->count; r++) {
		const struct record *own = &records->record[r];

		if (select_main(own) && own->result && own->sample == 1 && !strcmp(own->strategy, "fse-dp") &&
		    same_panel(own, &records->record[first]))
			fprintf(file, "%.6f %.6f\n", metric_sram(own), metric_distance(own));
	}
	fputs("EOD\n", file);
	free(spots);
	return 0;
}

static bool begins_panel(const struct records *records, size_t at)
{
	size_t i;

	if (!takes(&records->record[at]))
		return false;
	for (i = 0; i < at; i++)
		if (takes(&records->record[i]) && same_panel(&records->record[i], &records->record[at]))
			return false;
	return true;
}

static void write_panel(FILE *file, const struct records *records, size_t first)
{
	const struct record *any = &records->record[first];

	fprintf(file, "set title '%s%s, %u tokens' font ',11'\n", chart_text(any->model),
		any->trace ? "*" : "", any->tokens);
	fprintf(file, "plot $panel%zu index 0 using 1:2 with points pt 7 ps 0.45 lc rgb '#9ecae1' ", first);
	fputs("title 'slots and slices given', ", file);
	fputs("'' index 1 using 1:2 with steps lw 1.5 lc rgb '#2171b5' title 'best for its SRAM', ", file);
	fputs("'' index 2 using 1:2 with points pt 9 ps 1.3 lc rgb '#b2182b' title 'own choice'\n", file);
}

int chart_slots(const struct records *records, const char *dir)
{
	unsigned int panels = 0;
	struct chart chart;
	size_t i;
	int ret;

	for (i = 0; i < records->count; i++)
		panels += begins_panel(records, i);
	if (!panels)
		return 0;
	ret = chart_open(dir, "finish-against-sram", 1150, 60 + 270 * ((panels + COLUMNS - 1) / COLUMNS), &chart);
	if (ret)
		return ret;
	for (i = 0; i < records->count; i++)
		if (begins_panel(records, i))
			write_data(chart.script, records, i);
	fprintf(chart.script, "set multiplot layout %u,%d title '%s' font ',14'\n",
		(panels + COLUMNS - 1) / COLUMNS, COLUMNS,
		"FSE-DP: finish time against peak SRAM (weights and tokens)");
	fputs("set logscale x\nset xlabel 'MB'\nset ylabel 'times the bound'\nset yrange [0.97:5]\n", chart.script);
	fputs("set logscale y\nset ytics (1, 1.05, 1.2, 1.5, 2, 3, 4)\n", chart.script);
	fputs("set key top right vertical Right noreverse font ',8'\n", chart.script);
	for (i = 0; i < records->count; i++)
		if (begins_panel(records, i))
			write_panel(chart.script, records, i);
	fputs("unset multiplot\n", chart.script);
	return chart_close(&chart);
}
