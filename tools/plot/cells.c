// SPDX-License-Identifier: MIT
#include "plot/cells.h"

#include "rill_moe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool in(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name) || !strcmp(*names, "*"))
			return true;
	return false;
}

/* " name=value" of the parameters that belong to the strategy, or of the others */
static char *list(const struct record *record, const char *const *apart, bool of_strategy)
{
	json_t *params = json_object_get(record->line, "point"), *value;
	const char *name;
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	if (!file)
		return NULL;
	if (of_strategy)
		fputs(record->strategy, file);
	json_object_foreach(params, name, value)
		if (!record_is_usual(name) && in(apart, name) == of_strategy)
			fprintf(file, "%s%s=%s", ftell(file) ? " " : "", name, json_string_value(value));
	fclose(file);
	return text;
}

static struct cell *find(struct cells *cells, const struct record *r, const char *extra)
{
	size_t i;

	for (i = 0; i < cells->count; i++) {
		struct cell *cell = &cells->cell[i];

		if (cell->any->tokens == r->tokens && cell->any->trace == r->trace &&
		    !strcmp(cell->any->model, r->model) && !strcmp(cell->any->array, r->array) &&
		    !strcmp(cell->extra, extra))
			return cell;
	}
	return NULL;
}

/* Takes ownership of extra. */
static struct cell *find_or_add(struct cells *cells, const struct record *r, char *extra)
{
	struct cell *cell = extra ? find(cells, r, extra) : NULL, *grown;

	if (cell || !extra) {
		free(extra);
		return cell;
	}
	grown = realloc(cells->cell, (cells->count + 1) * sizeof(*grown));
	if (!grown) {
		free(extra);
		return NULL;
	}
	cells->cell = grown;
	cell = &grown[cells->count++];
	*cell = (struct cell){ .any = r, .extra = extra };
	return cell;
}

static int add_sample(struct cell *cell, const struct record *r, char *name)
{
	struct cell_strategy *strategy = NULL;
	unsigned int i;

	for (i = 0; name && i < cell->count; i++)
		if (!strcmp(cell->strategy[i].name, name))
			strategy = &cell->strategy[i];
	if (!name || (!strategy && cell->count == CELL_MAX_STRATEGIES)) {
		free(name);
		return name ? -E2BIG : -ENOMEM;
	}
	if (!strategy) {
		strategy = &cell->strategy[cell->count++];
		*strategy = (struct cell_strategy){ .name = name };
	} else {
		free(name);
	}
	if (!r->result)
		strategy->failed = r;
	else if (strategy->count < SPREAD_MAX)
		strategy->sample[strategy->count++] = r;
	return 0;
}

static size_t model_rank(const char *name)
{
	size_t i;

	for (i = 0; rill_model_at(i) && strcmp(rill_model_at(i)->name, name); i++)
		;
	return i;
}

static int in_order(const void *pa, const void *pb)
{
	const struct cell *a = pa, *b = pb;
	size_t ra = model_rank(a->any->model), rb = model_rank(b->any->model);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (a->any->tokens != b->any->tokens)
		return a->any->tokens < b->any->tokens ? -1 : 1;
	if (a->any->rows * a->any->cols != b->any->rows * b->any->cols)
		return a->any->rows * a->any->cols < b->any->rows * b->any->cols ? -1 : 1;
	if (a->any->trace != b->any->trace)
		return a->any->trace ? -1 : 1;
	return strcmp(a->extra, b->extra);
}

/* As the library lists the strategies; variants of one by name, numbers by value. */
static int strategies_in_order(const void *pa, const void *pb)
{
	const struct cell_strategy *a = pa, *b = pb;
	size_t la = strcspn(a->name, " "), lb = strcspn(b->name, " ");
	size_t i;

	for (i = 0; (la != lb || strncmp(a->name, b->name, la)) && rill_strategy_at(i); i++) {
		const char *name = rill_strategy_at(i)->name;
		bool is_a = strlen(name) == la && !strncmp(name, a->name, la);

		if (is_a || (strlen(name) == lb && !strncmp(name, b->name, lb)))
			return is_a ? -1 : 1;
	}
	return strverscmp(a->name, b->name);
}

int cells_make(const struct records *records, bool (*take)(const struct record *record),
	       const char *const *apart, struct cells *cells)
{
	size_t i;
	int ret = 0;

	*cells = (struct cells){ 0 };
	for (i = 0; !ret && i < records->count; i++) {
		const struct record *r = &records->record[i];
		struct cell *cell;

		if (!take(r))
			continue;
		cell = find_or_add(cells, r, list(r, apart, false));
		ret = cell ? add_sample(cell, r, list(r, apart, true)) : -ENOMEM;
	}
	if (ret) {
		cells_free(cells);
		return ret;
	}
	for (i = 0; i < cells->count; i++)
		qsort(cells->cell[i].strategy, cells->cell[i].count, sizeof(*cells->cell[i].strategy),
		      strategies_in_order);
	if (cells->count)
		qsort(cells->cell, cells->count, sizeof(*cells->cell), in_order);
	return 0;
}

void cells_free(struct cells *cells)
{
	size_t i;
	unsigned int j;

	for (i = 0; i < cells->count; i++) {
		for (j = 0; j < cells->cell[i].count; j++)
			free(cells->cell[i].strategy[j].name);
		free(cells->cell[i].extra);
	}
	free(cells->cell);
	*cells = (struct cells){ 0 };
}
