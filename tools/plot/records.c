// SPDX-License-Identifier: MIT
#include "plot/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text(json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "";
}

double record_number(const struct record *record, const char *name)
{
	return json_number_value(json_object_get(record->result, name));
}

const char *record_param(const struct record *record, const char *name)
{
	return json_string_value(json_object_get(json_object_get(record->line, "point"), name));
}

static bool is_one_of(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

bool record_is_usual(const char *param)
{
	static const char *const usual[] = {
		"model", "tokens", "array", "strategy", "routing", "trace", "layer", "first", "sample", NULL
	};

	return is_one_of(usual, param);
}

bool record_gives_only(const struct record *record, const char *const *names)
{
	json_t *params = json_object_get(record->line, "point"), *value;
	const char *name;

	json_object_foreach(params, name, value)
		if (!record_is_usual(name) && !is_one_of(names, name))
			return false;
	return true;
}

static bool fill(struct record *r, json_t *line)
{
	json_t *params = json_object_get(line, "point");

	*r = (struct record){ .line = line };
	r->key = json_string_value(json_object_get(line, "key"));
	if (!r->key || !json_is_object(params))
		return false;
	r->result = json_object_get(line, "result");
	r->model = text(params, "model");
	r->strategy = text(params, "strategy");
	r->array = *text(params, "array") ? text(params, "array") : "2x2";
	r->source = text(line, "routing");
	r->trace = !strcmp(text(params, "routing"), "trace");
	r->tokens = *text(params, "tokens") ? strtoul(text(params, "tokens"), NULL, 10) : 64;
	r->sample = strtoul(text(params, "sample"), NULL, 10);
	if (sscanf(r->array, "%ux%u", &r->rows, &r->cols) != 2)
		return false;
	r->enlarged = json_integer_value(json_object_get(line, "sram_enlarged"));
	r->finish = record_number(r, "finish_ps") / 1e9;
	r->bound = record_number(r, "bound_ps") / 1e9;
	r->ddr = record_number(r, "bound_ddr_ps") / 1e9;
	r->mac = record_number(r, "bound_mac_ps") / 1e9;
	r->link = record_number(r, "bound_link_ps") / 1e9;
	if (r->result && !(r->finish > 0 && r->bound > 0))
		return false;
	return true;
}

static int room_for_one(struct records *records)
{
	struct record *grown;

	if (records->count & (records->count - 1))
		return 0;
	grown = realloc(records->record, (records->count ? records->count * 2 : 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	records->record = grown;
	return 0;
}

static int add(struct records *records, json_t *line)
{
	struct record record;
	size_t at;

	if (!line || !fill(&record, line)) {
		records->broken++;
		json_decref(line);
		return 0;
	}
	free(records->build);
	records->build = strdup(text(line, "build"));
	if (string_set_find(&records->keys, record.key, &at)) {
		json_decref(records->record[at].line);
		records->record[at] = record;
		return 0;
	}
	if (room_for_one(records) || string_set_put(&records->keys, record.key, records->count)) {
		json_decref(line);
		return -ENOMEM;
	}
	records->record[records->count++] = record;
	return 0;
}

int records_load(const char *path, struct records *records)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int ret = 0;

	if (!file) {
		ret = -errno;
		fprintf(stderr, "rill plot: %s: %s\n", path, strerror(-ret));
		return ret;
	}
	while (!ret && (length = getline(&line, &room, file)) > 0)
		ret = add(records, json_loadb(line, length, 0, NULL));
	if (!ret && ferror(file))
		ret = -EIO;
	free(line);
	fclose(file);
	if (ret)
		fprintf(stderr, "rill plot: %s: %s\n", path, strerror(-ret));
	return ret;
}

int records_keep_build(struct records *records)
{
	size_t i, kept = 0;

	if (records->count && !records->build)
		return -ENOMEM;
	for (i = 0; i < records->count; i++) {
		if (strcmp(text(records->record[i].line, "build"), records->build)) {
			json_decref(records->record[i].line);
			records->other_build++;
		} else {
			records->record[kept++] = records->record[i];
		}
	}
	records->count = kept;
	string_set_free(&records->keys);
	return 0;
}

void records_free(struct records *records)
{
	size_t i;

	for (i = 0; i < records->count; i++)
		json_decref(records->record[i].line);
	free(records->record);
	free(records->build);
	string_set_free(&records->keys);
	*records = (struct records){ 0 };
}
