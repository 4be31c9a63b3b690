// SPDX-License-Identifier: MIT
/* What was run, and what did not run. */
#include "plot/chart.h"
#include "plot/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool failed(const struct record *r)
{
	return !strcmp(json_string_value(json_object_get(r->line, "verify")) ?: "", "failed");
}

static void list_sources(FILE *out, const struct records *records)
{
	struct string_set seen = { 0 };
	unsigned int synthetic = 0;
	size_t i;

	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];
		char text[160];

		synthetic += !r->trace;
		snprintf(text, sizeof(text), "%.60s: %.80s", r->model, r->source);
		if (!r->trace || !*r->source || string_set_find(&seen, text, NULL) ||
		    string_set_put(&seen, text, 0))
			continue;
		fprintf(out, "* real routing for %s\n", text);
	}
	if (synthetic)
		fprintf(out, "* synthetic routing in %u points\n", synthetic);
	string_set_free(&seen);
}

int table_runs(FILE *out, const struct records *records, const char *arg)
{
	unsigned int ran = 0, verified = 0, differ = 0, enlarged = 0;
	double tokens = 0;
	size_t i;

	(void)arg;
	for (i = 0; i < records->count; i++) {
		const struct record *r = &records->record[i];

		ran += !!r->result;
		enlarged += r->enlarged > 0;
		differ += failed(r);
		verified += record_number(r, "verified") > 0;
		tokens += record_number(r, "verified");
	}
	fprintf(out, "* %zu points, %u of them ran, %u of these with SRAM enlarged beyond the chip's\n",
		records->count, ran, enlarged);
	fprintf(out, "* %u points were run with arithmetic and compared with the dense reference ", verified + differ);
	fprintf(out, "(%.0f tokens, every output bit): %u differ\n", tokens, differ);
	list_sources(out, records);
	return 0;
}

/* An error without its numbers: what kind it is */
static void kind_of(const struct record *r, char *text, size_t size)
{
	const char *error = json_string_value(json_object_get(r->line, "error"));
	size_t at = 0;

	for (; *error && at < size - 1; error++) {
		bool digit = *error >= '0' && *error <= '9';

		if (digit && at && text[at - 1] == 'N')
			continue;
		text[at++] = digit ? 'N' : *error == '|' ? '/' : *error;
	}
	text[at] = '\0';
}

int table_errors(FILE *out, const struct records *records, const char *arg)
{
	struct string_set kinds = { 0 };
	char text[256], first[256];
	size_t i, count, j;
	int ret = 0;

	(void)arg;
	for (i = 0; i < records->count && !ret; i++) {
		if (!json_object_get(records->record[i].line, "error"))
			continue;
		kind_of(&records->record[i], text, sizeof(text));
		if (!string_set_find(&kinds, text, &count))
			count = 0;
		ret = string_set_put(&kinds, text, count + 1);
	}
	if (!ret && kinds.count)
		fputs("| points | error (N: a number) |\n| ---: | --- |\n", out);
	else if (!ret)
		fputs("Every point ran.\n", out);
	for (i = 0; i < records->count && !ret && kinds.count; i++) {
		if (!json_object_get(records->record[i].line, "error"))
			continue;
		kind_of(&records->record[i], text, sizeof(text));
		for (j = 0; j < i; j++) {
			if (!json_object_get(records->record[j].line, "error"))
				continue;
			kind_of(&records->record[j], first, sizeof(first));
			if (!strcmp(first, text))
				break;
		}
		if (j == i && string_set_find(&kinds, text, &count))
			fprintf(out, "| %zu | %s |\n", count, text);
	}
	string_set_free(&kinds);
	return ret;
}
