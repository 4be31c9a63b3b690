// SPDX-License-Identifier: MIT
#include "plot/template.h"
#include "plot/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int (*write)(FILE *out, const struct records *records, const char *arg);
} tables[] = {
	{ "runs", table_runs },
	{ "verdicts", table_verdicts },
	{ "speedup", table_speedup },
	{ "sram", table_sram },
	{ "arrays", table_arrays },
	{ "slots", table_slots },
	{ "ablation", table_ablation },
	{ "extensions", table_extensions },
	{ "cost", table_cost },
	{ "errors", table_errors },
};

/* "@NAME ARGUMENT@" -> the table's number; -1: another line */
static int directive(char *line, char **arg)
{
	size_t length = strcspn(line, "\n"), i;

	if (length < 3 || line[0] != '@' || line[length - 1] != '@')
		return -1;
	line[length - 1] = '\0';
	*arg = line + 1 + strcspn(line + 1, " ");
	if (**arg)
		*(*arg)++ = '\0';
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (!strcmp(tables[i].name, line + 1))
			return i;
	return -1;
}

static int fill(FILE *in, FILE *out, const struct records *records, const char *template)
{
	char *line = NULL, *arg;
	size_t room = 0;
	int ret = 0, table;

	while (!ret && getline(&line, &room, in) > 0) {
		table = line[0] == '@' ? directive(line, &arg) : -1;
		if (table >= 0)
			ret = tables[table].write(out, records, arg);
		else if (line[0] == '@')
			ret = -EINVAL;
		else
			fputs(line, out);
	}
	if (ret == -EINVAL)
		fprintf(stderr, "rill plot: %s: there is no table '%.40s'\n", template, line + 1);
	free(line);
	return ret;
}

/* By way of a file beside it */
static int fill_page(FILE *in, const char *page, const struct records *records, const char *template)
{
	char part[4096];
	FILE *out;
	int ret;

	snprintf(part, sizeof(part), "%s.part", page);
	out = fopen(part, "w");
	ret = out ? fill(in, out, records, template) : -errno;
	if (out && fclose(out) && !ret)
		ret = -EIO;
	if (!ret && rename(part, page))
		ret = -errno;
	if (ret)
		remove(part);
	return ret;
}

int template_fill(const char *template, const char *page, const struct records *records)
{
	FILE *in = fopen(template, "r");
	int ret;

	if (!in) {
		ret = -errno;
		fprintf(stderr, "rill plot: %s: %s\n", template, strerror(-ret));
		return ret;
	}
	ret = page ? fill_page(in, page, records, template) : fill(in, stdout, records, template);
	if (ret && ret != -EINVAL)
		fprintf(stderr, "rill plot: %s: %s\n", page ?: "standard output", strerror(-ret));
	fclose(in);
	return ret;
}
