// SPDX-License-Identifier: MIT
/*
 * Routing traces. Two formats, told apart by their first character; a token is one line:
 *
 *   {"layer": 9, "token": 0, "topk_ids": [3, 61], "topk_weights": [0.31, 0.12]}
 *   layer,token,e0,e1,w0,w1
 *   9,0,3,61,0.31,0.12
 *
 * Other JSON keys are ignored, as are JSON lines whose "type" is not "route". Lines of other
 * layers are skipped. Tokens of a layer count in the order of their lines. Files are not trusted.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define LINE_BYTES	65536
#define MAX_TOP_K	64

struct reader {
	FILE *file;
	const char *path;
	uint64_t line;
	char text[LINE_BYTES];
	const struct rill_model *model;
	uint32_t layer;
	int format;			/* of all lines; 0: not known yet */
	locale_t c_locale;		/* numbers look the same everywhere */
	char *error;
};

/* One line of the wanted layer. */
struct pick {
	uint16_t expert[MAX_TOP_K];
	float weight[MAX_TOP_K];
};

/* What parsing a line found: a pick, a line to skip, or a negative errno. */
enum { SKIP = 0, PICK = 1 };
enum { CSV = 1, JSON = 2 };

/* The end of a long path says more than its beginning. */
static const char *path_tail(const char *path)
{
	size_t length = strlen(path);

	return length > 96 ? path + length - 96 : path;
}

#define fail(r, format, ...) \
	rill_moe_error((r)->error, -EINVAL, "%s:%" PRIu64 ": " format, path_tail((r)->path), \
		       (r)->line, ##__VA_ARGS__)

/* 1: a line without its newline; 0: end of file; negative: an error. */
static int next_line(struct reader *r)
{
	size_t length;

	r->line++;
	if (!fgets(r->text, sizeof(r->text), r->file)) {
		if (!ferror(r->file))
			return 0;
		return rill_moe_error(r->error, -EIO, "%s:%" PRIu64 ": cannot read: %s",
				      path_tail(r->path), r->line, strerror(errno));
	}
	length = strlen(r->text);
	if (length && r->text[length - 1] == '\n')
		length--;
	else if (!feof(r->file))
		return fail(r, "line holds a NUL byte or is longer than %d bytes", LINE_BYTES - 2);
	while (length && (r->text[length - 1] == '\r' || r->text[length - 1] == ' '))
		length--;
	r->text[length] = '\0';
	return 1;
}

static int set_expert(struct reader *r, struct pick *pick, uint32_t i, const char *field,
		      int64_t value)
{
	if (value < 0 || value >= r->model->experts)
		return fail(r, "%s[%u]: expert %" PRId64 " is not in 0..%u of %s", field, i, value,
			    r->model->experts - 1, r->model->name);
	for (uint32_t j = 0; j < i; j++)
		if (pick->expert[j] == value)
			return fail(r, "%s[%u]: expert %" PRId64 " stands there twice", field, i,
				    value);
	pick->expert[i] = value;
	return 0;
}

static int set_weight(struct reader *r, struct pick *pick, uint32_t i, const char *field,
		      double value)
{
	if (!isfinite(value) || fabs(value) > RILL_GATE_LIMIT)
		return fail(r, "%s[%u]: weight %g is not within +-%g", field, i, value,
			    RILL_GATE_LIMIT);
	pick->weight[i] = value;
	return 0;
}

/* --- CSV --- */

/* Split at commas in place. Returns the number of fields, at most limit + 1. */
static uint32_t split(char *text, char **field, uint32_t limit)
{
	uint32_t count = 0;

	for (;;) {
		char *comma = strchr(text, ',');

		if (count == limit)
			return limit + 1;
		field[count++] = text;
		if (!comma)
			return count;
		*comma = '\0';
		text = comma + 1;
	}
}

static int csv_integer(struct reader *r, const char *text, const char *name, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	if (errno || end == text || *end || *value < 0)
		return fail(r, "%s: '%.20s' is not an integer from 0", name, text);
	return 0;
}

static int csv_number(struct reader *r, const char *text, const char *name, double *value)
{
	char *end;

	*value = strtod_l(text, &end, r->c_locale);
	if (end == text || *end)
		return fail(r, "%s: '%.20s' is not a number", name, text);
	return 0;
}

/* `e0` or `w0`, as the header calls field i of the picks */
static void csv_name(const struct reader *r, uint32_t i, char *name, size_t size)
{
	uint32_t k = r->model->top_k;

	snprintf(name, size, "%c%u", i < k ? 'e' : 'w', i < k ? i : i - k);
}

static int csv_header(struct reader *r)
{
	uint32_t k = r->model->top_k, count;
	char *field[2 + 2 * MAX_TOP_K], name[16];

	count = split(r->text, field, 2 + 2 * k);
	if (count != 2 + 2 * k)
		return fail(r, "header has %s %u columns; %s needs layer, token, e0..e%u, w0..w%u",
			    count > 2 + 2 * k ? "more than" : "only",
			    count > 2 + 2 * k ? 2 + 2 * k : count, r->model->name, k - 1, k - 1);
	if (strcmp(field[0], "layer") || strcmp(field[1], "token"))
		return fail(r, "header does not start with layer,token");
	for (uint32_t i = 0; i < 2 * k; i++) {
		csv_name(r, i, name, sizeof(name));
		if (strcmp(field[2 + i], name))
			return fail(r, "column %u is '%.20s', expected %s", i + 3, field[2 + i],
				    name);
	}
	return SKIP;
}

static int csv_picks(struct reader *r, char **field, struct pick *pick)
{
	uint32_t k = r->model->top_k;
	char name[16];
	int err = 0;

	for (uint32_t i = 0; i < k && !err; i++) {
		int64_t value;

		csv_name(r, i, name, sizeof(name));
		err = csv_integer(r, field[i], name, &value);
		if (!err)
			err = set_expert(r, pick, i, "e", value);
	}
	for (uint32_t i = 0; i < k && !err; i++) {
		double value;

		csv_name(r, k + i, name, sizeof(name));
		err = csv_number(r, field[k + i], name, &value);
		if (!err)
			err = set_weight(r, pick, i, "w", value);
	}
	return err;
}

static int csv_line(struct reader *r, struct pick *pick)
{
	uint32_t want = 2 + 2 * r->model->top_k, count;
	char *field[2 + 2 * MAX_TOP_K];
	int64_t layer, token;
	int err;

	if (r->line == 1 && r->text[0] == 'l')
		return csv_header(r);
	count = split(r->text, field, want);
	err = csv_integer(r, field[0], "layer", &layer);
	if (err)
		return err;
	if (layer != r->layer)
		return SKIP;
	if (count != want)
		return fail(r, "%s %u fields, expected 2 + 2 * top_k = %u",
			    count > want ? "more than" : "only", count > want ? want : count, want);
	err = csv_integer(r, field[1], "token", &token);
	if (!err)
		err = csv_picks(r, field + 2, pick);
	return err ? err : PICK;
}

/* --- JSON lines --- */

static int json_index(struct reader *r, const json_t *line, const char *name, int64_t *value)
{
	const json_t *v = json_object_get(line, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return fail(r, "%s: missing, or not an integer from 0", name);
	*value = json_integer_value(v);
	return 0;
}

static int json_list(struct reader *r, const json_t *line, const char *name, const json_t **list)
{
	*list = json_object_get(line, name);
	if (!json_is_array(*list))
		return fail(r, "%s: missing, or not an array", name);
	if (json_array_size(*list) != r->model->top_k)
		return fail(r, "%s: %zu elements, expected top_k = %u", name,
			    json_array_size(*list), r->model->top_k);
	return 0;
}

static int json_picks(struct reader *r, const json_t *ids, const json_t *weights,
		      struct pick *pick)
{
	int err = 0;

	for (uint32_t i = 0; i < r->model->top_k && !err; i++) {
		const json_t *id = json_array_get(ids, i), *weight = json_array_get(weights, i);

		if (!json_is_integer(id))
			return fail(r, "topk_ids[%u]: not an integer", i);
		if (!json_is_number(weight))
			return fail(r, "topk_weights[%u]: not a number", i);
		err = set_expert(r, pick, i, "topk_ids", json_integer_value(id));
		if (!err)
			err = set_weight(r, pick, i, "topk_weights", json_number_value(weight));
	}
	return err;
}

static int json_object_line(struct reader *r, const json_t *line, struct pick *pick)
{
	const json_t *ids, *weights, *type = json_object_get(line, "type");
	int64_t layer = 0, token;
	int err;

	if (json_is_string(type) && strcmp(json_string_value(type), "route"))
		return SKIP;
	err = json_index(r, line, "layer", &layer);
	if (err)
		return err;
	if (layer != r->layer)
		return SKIP;
	err = json_index(r, line, "token", &token);
	if (!err)
		err = json_list(r, line, "topk_ids", &ids);
	if (!err)
		err = json_list(r, line, "topk_weights", &weights);
	if (!err)
		err = json_picks(r, ids, weights, pick);
	return err ? err : PICK;
}

static int json_line(struct reader *r, struct pick *pick)
{
	json_error_t where;
	json_t *line = json_loads(r->text, JSON_REJECT_DUPLICATES, &where);
	int ret;

	if (!line)
		return fail(r, "column %d: %s", where.column, where.text);
	if (json_is_object(line))
		ret = json_object_line(r, line, pick);
	else
		ret = fail(r, "not a JSON object");
	json_decref(line);
	return ret;
}

/* --- both --- */

static void store(struct rill_routing *routing, uint32_t token, const struct pick *pick)
{
	size_t at = (size_t)token * routing->top_k;

	memcpy(routing->expert + at, pick->expert, routing->top_k * sizeof(*routing->expert));
	memcpy(routing->weight + at, pick->weight, routing->top_k * sizeof(*routing->weight));
}

static int too_few(struct reader *r, uint32_t first, uint32_t tokens, uint64_t seen)
{
	return rill_moe_error(r->error, -ENODATA,
			      "%s: layer %u has %" PRIu64 " tokens; tokens %u..%" PRIu64
			      " were asked for", path_tail(r->path), r->layer, seen, first,
			      (uint64_t)first + tokens - 1);
}

static int parse_line(struct reader *r, struct pick *pick)
{
	if (!r->text[0])
		return SKIP;
	if (!r->format)
		r->format = r->text[0] == '{' ? JSON : CSV;
	return r->format == JSON ? json_line(r, pick) : csv_line(r, pick);
}

/* The next token's pick: PICK, 0 at the end, or an error. */
static int next_pick(struct reader *r, struct pick *pick)
{
	int ret;

	do {
		ret = next_line(r);
		if (ret <= 0)
			return ret;
		ret = parse_line(r, pick);
	} while (ret == SKIP);
	return ret;
}

static int read_tokens(struct reader *r, uint32_t first, struct rill_routing *routing)
{
	uint64_t seen = 0, end = (uint64_t)first + routing->tokens;
	struct pick pick;

	while (seen < end) {
		int ret = next_pick(r, &pick);

		if (ret < 0)
			return ret;
		if (!ret)
			return too_few(r, first, routing->tokens, seen);
		if (seen++ >= first)
			store(routing, seen - 1 - first, &pick);
	}
	return 0;
}

static int open_reader(struct reader *r)
{
	r->c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	if (!r->c_locale)
		return rill_moe_error(r->error, -ENOMEM, "out of memory");
	r->file = fopen(r->path, "re");
	if (!r->file) {
		int err = -errno;

		freelocale(r->c_locale);
		return rill_moe_error(r->error, err, "%s: cannot open: %s", path_tail(r->path),
				      strerror(-err));
	}
	return 0;
}

/* routing NULL: only count. */
static int load(struct reader *r, uint32_t first, struct rill_routing *routing, uint32_t *length)
{
	struct pick pick;
	int ret = open_reader(r);

	if (ret)
		return ret;
	if (routing)
		ret = read_tokens(r, first, routing);
	else
		while ((ret = next_pick(r, &pick)) == PICK)
			++*length;
	fclose(r->file);
	freelocale(r->c_locale);
	return ret;
}

static int read_file(const char *path, const struct rill_model *model, uint32_t layer, uint32_t first,
		     struct rill_routing *routing, uint32_t *length, char *error)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return rill_moe_error(error, -ENOMEM, "out of memory");
	r->path = path;
	r->model = model;
	r->layer = layer;
	r->error = error;
	err = load(r, first, routing, length);
	free(r);
	return err;
}

int rill_routing_load(const char *path, const struct rill_model *model, uint32_t layer,
		      uint32_t first, uint32_t tokens, struct rill_routing *routing, char *error)
{
	int err = rill_routing_alloc(model, tokens, routing, error);

	if (err)
		return err;
	err = read_file(path, model, layer, first, routing, NULL, error);
	if (err)
		rill_routing_free(routing);
	else
		snprintf(routing->source, sizeof(routing->source), "%s", path_tail(path));
	return err;
}

int rill_routing_length(const char *path, const struct rill_model *model, uint32_t layer,
			uint32_t *tokens, char *error)
{
	*tokens = 0;
	return read_file(path, model, layer, 0, NULL, tokens, error);
}

int rill_routing_alloc(const struct rill_model *model, uint32_t tokens,
		       struct rill_routing *routing, char *error)
{
	size_t picks = (size_t)tokens * model->top_k;

	memset(routing, 0, sizeof(*routing));
	if (!tokens || tokens > RILL_MAX_TOKENS)
		return rill_moe_error(error, -EINVAL, "tokens: %u is not in 1..%u", tokens,
				      RILL_MAX_TOKENS);
	if (!model->top_k || model->top_k > model->experts || model->top_k > MAX_TOP_K)
		return rill_moe_error(error, -EINVAL, "%s: top_k %u is not in 1..%u", model->name,
				      model->top_k, model->experts < MAX_TOP_K ? model->experts :
				      MAX_TOP_K);
	routing->tokens = tokens;
	routing->top_k = model->top_k;
	routing->expert = calloc(picks, sizeof(*routing->expert));
	routing->weight = calloc(picks, sizeof(*routing->weight));
	if (routing->expert && routing->weight)
		return 0;
	rill_routing_free(routing);
	return rill_moe_error(error, -ENOMEM, "out of memory for %u tokens", tokens);
}

void rill_routing_free(struct rill_routing *routing)
{
	free(routing->expert);
	free(routing->weight);
	memset(routing, 0, sizeof(*routing));
}
