// SPDX-License-Identifier: MIT
#include "bench/points.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ARGS	(SWEEP_MAX_AXES + 8)

/* One combination of the values of a block. */
struct pick {
	const struct sweep_block *block;
	unsigned int at[SWEEP_MAX_AXES];
	json_t *params;
	char *args[MAX_ARGS];
	unsigned int arg_count;
};

static const char *value(const struct pick *pick, const char *axis, const char *otherwise)
{
	unsigned int i;

	for (i = 0; i < pick->block->axis_count; i++)
		if (!strcmp(pick->block->axes[i].name, axis))
			return pick->block->axes[i].values[pick->at[i]];
	return otherwise;
}

/* Say once why points are left out. */
static void leave_out(struct points *points, const char *format, const char *what)
{
	char text[160];

	points->left_out++;
	snprintf(text, sizeof(text), format, what);
	if (string_set_find(&points->keys, text, NULL) || string_set_put(&points->keys, text, 0))
		return;
	fprintf(stderr, "rill bench: %s: left out\n", text);
}

static bool argument(struct pick *pick, const char *name, const char *text)
{
	char *arg;

	if (pick->arg_count == MAX_ARGS - 1)
		return false;
	if (asprintf(&arg, text ? "--%s=%s" : "--%s", name, text) < 0)
		return false;
	pick->args[pick->arg_count++] = arg;
	return true;
}

static bool parameter(struct pick *pick, const char *name, const char *text)
{
	return !json_object_set_new(pick->params, name, json_string(text));
}

static bool parameter_number(struct pick *pick, const char *name, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return parameter(pick, name, text) && argument(pick, name, text);
}

int points_trace(struct points *points, const char *model, const char *path)
{
	struct trace *traces = realloc(points->traces, (points->trace_count + 1) * sizeof(*traces));
	struct trace *trace;
	int ret = 0;

	if (!traces)
		return -ENOMEM;
	points->traces = traces;
	trace = &traces[points->trace_count];
	*trace = (struct trace){ .model = strdup(model), .path = path ? strdup(path) : NULL };
	if (!trace->model || (path && !trace->path)) {
		free(trace->model);
		free(trace->path);
		return -ENOMEM;
	}
	points->trace_count++;
	if (path) {
		const struct rill_model *known = rill_model_find(model);

		ret = known ? trace_info_read(path, known, &trace->info) : -EINVAL;
		if (ret)
			fprintf(stderr, "rill bench: trace: %s for model %s: %s\n", path, model,
				known ? ret == -ENODATA ? "it has no layer of the model" :
				strerror(-ret) : "there is no such model");
	}
	if (ret) {
		free(trace->path);
		trace->path = NULL;
	}
	return ret;
}

/* A model without a trace is remembered too, without a path. */
static const struct trace *find_trace(struct points *points, const char *model)
{
	static const char *const endings[] = { "csv", "jsonl" };
	char path[4096];
	unsigned int i;
	FILE *file;

	for (i = 0; i < points->trace_count; i++)
		if (!strcmp(points->traces[i].model, model))
			return points->traces[i].path ? &points->traces[i] : NULL;
	for (i = 0; points->trace_dir && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", points->trace_dir, model, endings[i]);
		file = fopen(path, "r");
		if (!file)
			continue;
		fclose(file);
		if (points_trace(points, model, path))
			return NULL;
		return &points->traces[points->trace_count - 1];
	}
	points_trace(points, model, NULL);
	return NULL;
}

static unsigned int count_of(const struct pick *pick, const char *axis, const char *otherwise)
{
	const char *text = value(pick, axis, otherwise);

	return strtoul(strcmp(text, "-") ? text : otherwise, NULL, 10);
}

static bool from_trace(struct pick *pick, const struct trace *trace, unsigned int sample)
{
	unsigned int tokens = count_of(pick, "tokens", "64") * count_of(pick, "passes", "1");
	unsigned int layer, first;

	if (!trace_info_batch(&trace->info, sample, tokens, &layer, &first))
		return false;
	return parameter(pick, "routing", "trace") && parameter(pick, "trace", trace->info.name) &&
	       argument(pick, "trace", trace->path) && parameter_number(pick, "layer", layer) &&
	       parameter_number(pick, "first", first);
}

/* True: the point is there. False: it is left out, or *ret says what is wrong. */
static bool route(struct points *points, struct pick *pick, int *ret)
{
	const char *model = value(pick, "model", NULL), *kind = value(pick, "routing", "synthetic");
	const char *sample = value(pick, "sample", "1");
	const struct trace *trace = NULL;

	if (strcmp(kind, "trace") && strcmp(kind, "synthetic") && strcmp(kind, "auto")) {
		fprintf(stderr, "rill bench: routing: '%s' is not trace, synthetic or auto\n", kind);
		*ret = -EINVAL;
		return false;
	}
	if (strcmp(kind, "synthetic"))
		trace = find_trace(points, model);
	if (!trace && !strcmp(kind, "trace")) {
		leave_out(points, "no trace of %s", model);
		return false;
	}
	*ret = -ENOMEM;
	if (!parameter(pick, "sample", sample))
		return false;
	*ret = 0;
	if (!trace)
		return parameter(pick, "routing", "synthetic") && argument(pick, "seed", sample);
	if (from_trace(pick, trace, strtoul(sample, NULL, 10)))
		return true;
	leave_out(points, "the trace of %s is too short for some token counts", model);
	return false;
}

static bool is_virtual(const char *axis)
{
	return !strcmp(axis, "routing") || !strcmp(axis, "sample");
}

static bool options(struct points *points, struct pick *pick, int *ret)
{
	unsigned int i;

	for (i = 0; i < pick->block->axis_count; i++) {
		const struct sweep_axis *axis = &pick->block->axes[i];
		const char *text = axis->values[pick->at[i]];

		if (is_virtual(axis->name) || !strcmp(text, "-"))
			continue;
		if (!options_known(axis->name)) {
			leave_out(points, "this build has no option --%s", axis->name);
			return false;
		}
		if (!parameter(pick, axis->name, text) ||
		    !argument(pick, axis->name, strcmp(text, "on") ? text : NULL)) {
			*ret = -ENOMEM;
			return false;
		}
	}
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "name=value ..." in the order of the names */
static char *make_key(json_t *params)
{
	const char *names[SWEEP_MAX_AXES + 8], *name;
	unsigned int count = 0, i;
	char *key = NULL;
	json_t *text;
	size_t length;
	FILE *file;

	json_object_foreach(params, name, text)
		names[count++] = name;
	qsort(names, count, sizeof(*names), by_text);
	file = open_memstream(&key, &length);
	if (!file)
		return NULL;
	for (i = 0; i < count; i++)
		fprintf(file, "%s%s=%s", i ? " " : "", names[i],
			json_string_value(json_object_get(params, names[i])));
	return fclose(file) ? NULL : key;
}

static int append(struct points *points, struct pick *pick)
{
	struct point *point, *grown;
	char *key = make_key(pick->params);

	if (!key)
		return -ENOMEM;
	if (string_set_find(&points->keys, key, NULL)) {
		free(key);
		return 0;
	}
	grown = realloc(points->point, (points->count + 1) * sizeof(*grown));
	if (!grown || string_set_put(&points->keys, key, points->count)) {
		points->point = grown ?: points->point;
		free(key);
		return -ENOMEM;
	}
	points->point = grown;
	point = &grown[points->count++];
	*point = (struct point){ .key = key, .hash = string_hash(key),
				 .params = json_incref(pick->params) };
	point->args = calloc(pick->arg_count + 1, sizeof(*point->args));
	if (!point->args)
		return -ENOMEM;
	memcpy(point->args, pick->args, pick->arg_count * sizeof(*point->args));
	pick->arg_count = 0;		/* the point's now */
	return 0;
}

static int add_pick(struct points *points, struct pick *pick)
{
	const char *strategy = value(pick, "strategy", "-");
	int ret = 0;

	if (strcmp(strategy, "-") && !rill_strategy_find(strategy)) {
		leave_out(points, "this build has no strategy %s", strategy);
		return 0;
	}
	pick->params = json_object();
	pick->arg_count = 0;
	if (!pick->params)
		return -ENOMEM;
	if (options(points, pick, &ret) && route(points, pick, &ret))
		ret = append(points, pick);
	while (pick->arg_count)
		free(pick->args[--pick->arg_count]);
	json_decref(pick->params);
	return ret;
}

/* The next combination, the last axis fastest */
static bool advance(struct pick *pick)
{
	unsigned int i = pick->block->axis_count;

	while (i--) {
		if (++pick->at[i] < pick->block->axes[i].count)
			return true;
		pick->at[i] = 0;
	}
	return false;
}

static const char *model_name(size_t index)
{
	return rill_model_at(index) ? rill_model_at(index)->name : NULL;
}

static const char *strategy_name(size_t index)
{
	return rill_strategy_at(index) ? rill_strategy_at(index)->name : NULL;
}

/* An axis whose only value is `all` */
static int expand_all(struct sweep_axis *axis, const char *(*name)(size_t index))
{
	char **values;
	size_t i;

	if (axis->count != 1 || strcmp(axis->values[0], "all"))
		return 0;
	for (i = 0; name(i); i++)
		;
	values = calloc(i + 1, sizeof(*values));
	if (!values)
		return -ENOMEM;
	free(axis->values[0]);
	free(axis->values);
	axis->values = values;
	axis->count = i;
	for (i = 0; i < axis->count; i++) {
		values[i] = strdup(name(i));
		if (!values[i])
			return -ENOMEM;
	}
	return 0;
}

static int check_models(const struct sweep_block *block)
{
	const struct sweep_axis *axis = sweep_axis(block, "model");
	unsigned int i;

	if (!axis || !sweep_axis(block, "strategy")) {
		fprintf(stderr, "rill bench: sweep %s, line %u: no axis '%s'\n", block->name,
			block->line, axis ? "strategy" : "model");
		return -EINVAL;
	}
	for (i = 0; i < axis->count; i++) {
		if (rill_model_find(axis->values[i]))
			continue;
		fprintf(stderr, "rill bench: model: there is no '%s'\n", axis->values[i]);
		return -EINVAL;
	}
	return 0;
}

int points_add(struct points *points, struct sweep_block *block)
{
	struct pick pick = { .block = block };
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < block->axis_count; i++) {
		struct sweep_axis *axis = &block->axes[i];

		if (!strcmp(axis->name, "model"))
			ret = expand_all(axis, model_name);
		else if (!strcmp(axis->name, "strategy"))
			ret = expand_all(axis, strategy_name);
	}
	if (!ret)
		ret = check_models(block);
	if (ret)
		return ret;
	do {
		ret = add_pick(points, &pick);
	} while (!ret && advance(&pick));
	return ret;
}

static void free_point(struct point *point)
{
	char **arg;

	for (arg = point->args; arg && *arg; arg++)
		free(*arg);
	free(point->args);
	free(point->key);
	json_decref(point->params);
}

void points_shard(struct points *points, unsigned int index, unsigned int count)
{
	size_t i, kept = 0;

	for (i = 0; i < points->count; i++) {
		if ((uint32_t)points->point[i].hash % count == index - 1)
			points->point[kept++] = points->point[i];
		else
			free_point(&points->point[i]);
	}
	points->count = kept;
}

void points_free(struct points *points)
{
	size_t i;

	for (i = 0; i < points->count; i++)
		free_point(&points->point[i]);
	free(points->point);
	for (i = 0; i < points->trace_count; i++) {
		free(points->traces[i].model);
		free(points->traces[i].path);
	}
	free(points->traces);
	string_set_free(&points->keys);
	*points = (struct points){ 0 };
}
