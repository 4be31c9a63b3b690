// SPDX-License-Identifier: MIT
#include "sweep.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct sweep *sweep;
	unsigned int line;
	bool quick;
	char *error;
};

static int fail(const struct parser *p, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(const struct parser *p, int code, const char *format, ...)
{
	int at = snprintf(p->error, SWEEP_ERROR_BYTES, "line %u: ", p->line);
	va_list args;

	va_start(args, format);
	vsnprintf(p->error + at, SWEEP_ERROR_BYTES - at, format, args);
	va_end(args);
	return code;
}

static int set_name(const struct parser *p, char *to, const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	if (!length || name[length] || length >= SWEEP_NAME_BYTES)
		return fail(p, -EINVAL, "name: '%.40s' is not 1..%d of a-z, 0-9, - and _", name,
			    SWEEP_NAME_BYTES - 1);
	memcpy(to, name, length + 1);
	return 0;
}

static int begin_block(struct parser *p, const char *name)
{
	struct sweep *sweep = p->sweep;
	struct sweep_block *blocks = realloc(sweep->blocks, (sweep->count + 1) * sizeof(*blocks));

	if (!blocks)
		return fail(p, -ENOMEM, "out of memory");
	sweep->blocks = blocks;
	blocks[sweep->count] = (struct sweep_block){ .line = p->line };
	return set_name(p, blocks[sweep->count++].name, name);
}

static int add_value(const struct parser *p, struct sweep_axis *axis, const char *value)
{
	char **values;

	if (axis->count == SWEEP_MAX_VALUES)
		return fail(p, -E2BIG, "%s: more than %d values", axis->name, SWEEP_MAX_VALUES);
	values = realloc(axis->values, (axis->count + 1) * sizeof(*values));
	if (!values)
		return fail(p, -ENOMEM, "out of memory");
	axis->values = values;
	values[axis->count] = strdup(value);
	if (!values[axis->count])
		return fail(p, -ENOMEM, "out of memory");
	axis->count++;
	return 0;
}

static int add_values(const struct parser *p, struct sweep_axis *axis, const char *word)
{
	unsigned int first, last;
	char number[16], end;
	int ret = 0;

	if (sscanf(word, "%9u..%9u%c", &first, &last, &end) != 2)
		return add_value(p, axis, word);
	if (first > last || last - first >= SWEEP_MAX_VALUES)
		return fail(p, -EINVAL, "%s: the range '%.40s' is empty or has more than %d values",
			    axis->name, word, SWEEP_MAX_VALUES);
	for (; !ret && first <= last; first++) {
		snprintf(number, sizeof(number), "%u", first);
		ret = add_value(p, axis, number);
	}
	return ret;
}

static int add_axis(struct parser *p, const char *name, char **rest)
{
	struct sweep_block *block;
	struct sweep_axis *axis;
	char *word;
	int ret;

	if (!p->sweep->count)
		return fail(p, -EINVAL, "an axis before the first 'sweep NAME'");
	block = &p->sweep->blocks[p->sweep->count - 1];
	if (sweep_axis(block, name))
		return fail(p, -EINVAL, "%.40s: a second time in this block", name);
	if (block->axis_count == SWEEP_MAX_AXES)
		return fail(p, -E2BIG, "more than %d axes", SWEEP_MAX_AXES);
	axis = &block->axes[block->axis_count++];
	ret = set_name(p, axis->name, name);
	while (!ret && (word = strtok_r(NULL, " \t\r", rest))) {
		if (strcmp(word, "|"))
			ret = add_values(p, axis, word);
		else if (p->quick)
			break;
	}
	if (!ret && !axis->count)
		return fail(p, -EINVAL, "%s: no value%s", axis->name,
			    p->quick ? " for a quick run" : "");
	return ret;
}

static int parse_line(struct parser *p, char *line)
{
	char *rest, *word, *comment = strchr(line, '#');

	if (comment)
		*comment = '\0';
	word = strtok_r(line, " \t\r", &rest);
	if (!word)
		return 0;
	if (strcmp(word, "sweep"))
		return add_axis(p, word, &rest);
	word = strtok_r(NULL, " \t\r", &rest);
	return begin_block(p, word ? word : "");
}

static int check_blocks(struct parser *p)
{
	unsigned int i;

	for (i = 0; i < p->sweep->count; i++) {
		p->line = p->sweep->blocks[i].line;
		if (!p->sweep->blocks[i].axis_count)
			return fail(p, -EINVAL, "sweep %s has no axis", p->sweep->blocks[i].name);
	}
	return 0;
}

int sweep_parse(const char *text, bool quick, struct sweep *sweep, char *error)
{
	struct parser p = { .sweep = sweep, .quick = quick, .error = error };
	char *copy = strdup(text), *at = copy, *line;
	int ret = 0;

	*sweep = (struct sweep){ 0 };
	if (!copy)
		return fail(&p, -ENOMEM, "out of memory");
	while (!ret && (line = strsep(&at, "\n"))) {
		p.line++;
		ret = parse_line(&p, line);
	}
	if (!ret)
		ret = check_blocks(&p);
	free(copy);
	if (ret)
		sweep_free(sweep);
	return ret;
}

void sweep_free(struct sweep *sweep)
{
	unsigned int i, j, k;

	for (i = 0; i < sweep->count; i++) {
		for (j = 0; j < sweep->blocks[i].axis_count; j++) {
			struct sweep_axis *axis = &sweep->blocks[i].axes[j];

			for (k = 0; k < axis->count; k++)
				free(axis->values[k]);
			free(axis->values);
		}
	}
	free(sweep->blocks);
	*sweep = (struct sweep){ 0 };
}

const struct sweep_axis *sweep_axis(const struct sweep_block *block, const char *name)
{
	unsigned int i;

	for (i = 0; i < block->axis_count; i++)
		if (!strcmp(block->axes[i].name, name))
			return &block->axes[i];
	return NULL;
}
