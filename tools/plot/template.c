// SPDX-License-Identifier: MIT
#include "plot/template.h"
#include "plot/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*write)(FILE *out, const struct records *records, const char *arg);
} tables[] = {
	{ "runs", table_runs },
	{ "ranges", table_ranges },
	{ "verdicts", table_verdicts },
	{ "exceptions", table_exceptions },
	{ "speedup", table_speedup },
	{ "sram", table_sram },
	{ "arrays", table_arrays },
	{ "slots", table_slots },
	{ "ablation", table_ablation },
	{ "weights", table_weights },
	{ "exact", table_exact },
	{ "buffering", table_buffering },
	{ "whole", table_whole },
	{ "pace", table_pace },
	{ "cost", table_cost },
	{ "errors", table_errors },
};

#define TABLES	((int)(sizeof(tables) / sizeof(tables[0])))
#define CHART	TABLES

/* "@NAME ARGUMENT@" -> the table's number, or CHART; -1: another line */
static int directive(char *line, char **arg)
{
	size_t length = strcspn(line, "\n");
	int i;

	if (length < 3 || line[0] != '@' || line[length - 1] != '@')
		return -1;
	line[length - 1] = '\0';
	*arg = line + 1 + strcspn(line + 1, " ");
	if (**arg)
		*(*arg)++ = '\0';
	for (i = 0; i < TABLES; i++)
		if (!strcmp(tables[i].name, line + 1))
			return i;
	return strcmp(line + 1, "chart") ? -1 : CHART;
}

/* "NAME TEXT" */
static void chart(FILE *out, const char *charts, char *arg)
{
	char *text = arg + strcspn(arg, " "), path[4096];

	if (*text)
		*text++ = '\0';
	snprintf(path, sizeof(path), "%s/%s.svg", charts, arg);
	if (!access(path, R_OK))
		fprintf(out, "![%s](figures/%s.svg)\n", text, arg);
}

static int fill(FILE *in, FILE *out, const char *charts, const struct records *records)
{
	char *line = NULL, *arg;
	size_t room = 0;
	int ret = 0, table;

	while (!ret && getline(&line, &room, in) > 0) {
		table = line[0] == '@' ? directive(line, &arg) : -1;
		if (table == CHART)
			chart(out, charts, arg);
		else if (table >= 0)
			ret = tables[table].write(out, records, arg);
		else if (line[0] == '@')
			ret = -EINVAL;
		else
			fputs(line, out);
	}
	if (ret == -EINVAL)
		fprintf(stderr, "rill plot: template: there is no table '%.40s'\n", line + 1);
	free(line);
	return ret;
}

/* By way of a file beside it */
static int fill_page(FILE *in, const char *page, const char *charts, const struct records *records)
{
	char part[4096];
	FILE *out;
	int ret;

	snprintf(part, sizeof(part), "%s.part", page);
	out = fopen(part, "w");
	ret = out ? fill(in, out, charts, records) : -errno;
	if (out && fclose(out) && !ret)
		ret = -EIO;
	if (!ret && rename(part, page))
		ret = -errno;
	if (ret)
		remove(part);
	return ret;
}

int template_fill(const char *template, const char *page, const char *charts,
		  const struct records *records)
{
	FILE *in = fopen(template, "r");
	int ret;

	if (!in) {
		ret = -errno;
		fprintf(stderr, "rill plot: %s: %s\n", template, strerror(-ret));
		return ret;
	}
	ret = page ? fill_page(in, page, charts, records) : fill(in, stdout, charts, records);
	if (ret && ret != -EINVAL)
		fprintf(stderr, "rill plot: %s: %s\n", page ?: "standard output", strerror(-ret));
	fclose(in);
	return ret;
}
