// SPDX-License-Identifier: MIT
/* FSE-DP with something switched off or changed, beside it as it is. */
#include "plot/select.h"
#include "plot/tables.h"

#include <errno.h>
#include <string.h>

static const char *const everything[] = { "*", NULL };

struct group {
	const char *name, *head;
	const char *parameters[4];	/* a variant with any of these belongs to it */
	const char *plain;		/* so does this strategy without any, as `says` */
	const char *says;
};

static const struct group groups[] = {
	{ "rules", "switched off", { "without=" }, "fsdp", "compute on arrival: naive FSDP" },
	{ "plan", "changed", { "order=", "slices=", "no-trials=" }, NULL, NULL },
	{ "homes", "changed", { "homes=", "redispatch=", "group=" }, NULL, NULL },
};

static const struct group *find_group(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (!strcmp(groups[i].name, name))
			return &groups[i];
	return NULL;
}

static bool belongs(const struct group *group, const char *variant)
{
	unsigned int i;

	for (i = 0; i < 4 && group->parameters[i]; i++)
		if (strstr(variant, group->parameters[i]))
			return true;
	return group->plain && !strcmp(group->plain, variant);
}

static void write_name(FILE *out, const struct group *group, const char *variant)
{
	const char *own = "fse-dp ", *without = "fse-dp without=";

	if (!strcmp(variant, "fse-dp"))
		fputs("nothing", out);
	else if (group->plain && !strcmp(variant, group->plain))
		fputs(group->says, out);
	else if (!strncmp(variant, without, strlen(without)))
		fputs(variant + strlen(without), out);
	else
		fputs(strncmp(variant, own, strlen(own)) ? variant : variant + strlen(own), out);
}

static void write_head(FILE *out, const struct group *group)
{
	fprintf(out, "| model | tokens | %s | finish ms | of FSE-DP's time | x bound ", group->head);
	fputs("| SRAM w+t MB | SRAM all MB | DDR MB | D2D MB |\n", out);
	fputs("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
}

/* Only of the samples that the changed ones have: what is as it was may have more. */
static void write_row(FILE *out, const struct group *group, const struct cell *cell, const char *variant,
		      const char *like)
{
	static const metric values[] = { metric_sram, metric_sram_all, metric_ddr_mb, metric_d2d_mb };
	unsigned int i;

	fprintf(out, "| %s%s | %u | ", cell->any->model, cell->any->trace ? "*" : "", cell->any->tokens);
	write_name(out, group, variant);
	fputs(" | ", out);
	table_spread(out, cell_spread_like(cell, variant, like, metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_ratio(cell, variant, "fse-dp", metric_finish), 3);
	fputs(" | ", out);
	table_spread(out, cell_spread_like(cell, variant, like, metric_distance), 3);
	for (i = 0; i < 4; i++)
		fprintf(out, " | %.2f", cell_spread_like(cell, variant, like, values[i]).median);
	fputs(" |\n", out);
}

/* The first that is changed, which the plain strategies are not; or NULL */
static const char *first_changed(const struct group *group, const struct cell *cell)
{
	unsigned int i;

	for (i = 0; i < cell->count; i++)
		if (strchr(cell->strategy[i].name, ' ') && belongs(group, cell->strategy[i].name) &&
		    cell->strategy[i].count)
			return cell->strategy[i].name;
	return NULL;
}

static void write_cell(FILE *out, const struct group *group, const struct cell *cell, const char *like)
{
	unsigned int i;

	for (i = 0; i < cell->count; i++) {
		const struct cell_strategy *strategy = &cell->strategy[i];

		if (strategy->count && (!strcmp(strategy->name, "fse-dp") || belongs(group, strategy->name)))
			write_row(out, group, cell, strategy->name, like);
	}
}

int table_ablation(FILE *out, const struct records *records, const char *name)
{
	const struct group *group = find_group(name);
	bool any = false;
	struct cells cells;
	size_t c;
	int ret = group ? cells_make(records, select_ablation, everything, &cells) : -EINVAL;

	if (ret)
		return ret;
	for (c = 0; c < cells.count; c++) {
		const char *like = first_changed(group, &cells.cell[c]);

		if (!like)
			continue;
		if (!any)
			write_head(out, group);
		any = true;
		write_cell(out, group, &cells.cell[c], like);
	}
	fputs(any ? "\n*: real routing.\n" : "No results.\n", out);
	cells_free(&cells);
	return 0;
}
