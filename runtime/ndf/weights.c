// SPDX-License-Identifier: MIT
/* Learned weights as text: `plastic NAME frac F x_frac X inputs P dims D weights {...} bias {...} theta {...}`. */
#include "parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void rill_weights_free(struct rill_weights *weights)
{
	struct rill_weights *next;

	for (; weights; weights = next) {
		next = weights->next;
		free(weights->name);
		free(weights->weights);
		free(weights->bias);
		free(weights->theta);
		free(weights);
	}
}

static void write_list(FILE *file, const char *what, const int64_t *list, uint32_t count)
{
	uint32_t i;

	fprintf(file, "\n\t%s {", what);
	for (i = 0; i < count; i++)
		fprintf(file, "%s %" PRId64, i ? "," : "", list[i]);
	fputs(" }", file);
}

int rill_weights_write(const struct rill_weights *weights, FILE *file)
{
	uint32_t i;

	for (; weights; weights = weights->next) {
		fprintf(file, "plastic %s frac %u x_frac %u inputs %u dims %u\n\tweights {", weights->name,
			weights->frac, weights->x_frac, weights->inputs, weights->dims);
		for (i = 0; i < weights->inputs * weights->dims; i++)
			fprintf(file, "%s %" PRId32, i ? "," : "", weights->weights[i]);
		fputs(" }", file);
		write_list(file, "bias", weights->bias, weights->dims);
		write_list(file, "theta", weights->theta, weights->dims);
		fputs("\n", file);
	}
	return ferror(file) ? -EIO : 0;
}

static bool parse_list(struct lex *lex, const char *what, uint32_t count, int64_t low, int64_t high, int64_t *to)
{
	uint32_t i;

	if (!rill_lex_need_word(lex, what) || !rill_lex_need(lex, '{', "'{'"))
		return false;
	for (i = 0; i < count; i++) {
		if ((i && !rill_lex_need(lex, ',', "','")) || !rill_lex_integer(lex, what, low, high, &to[i]))
			return false;
	}
	return rill_lex_need(lex, '}', "'}'");
}

static bool parse_field(struct lex *lex, const char *what, int64_t low, int64_t high, uint32_t *to)
{
	int64_t value;

	if (!rill_lex_need_word(lex, what) || !rill_lex_integer(lex, what, low, high, &value))
		return false;
	*to = (uint32_t)value;
	return true;
}

static bool parse_one(struct lex *lex, struct rill_weights *w)
{
	int64_t weights[RILL_NDF_MAX_PORTS * RILL_NDF_MAX_DIMS];
	char name[LEX_MAX_NAME + 1];
	uint32_t i;

	if (!rill_lex_need_word(lex, "plastic") || !rill_lex_text(lex, "a name", name, sizeof(name)) ||
	    !parse_field(lex, "frac", 0, 30, &w->frac) ||
	    !parse_field(lex, "x_frac", 0, 30, &w->x_frac) ||
	    !parse_field(lex, "inputs", 1, RILL_NDF_MAX_PORTS, &w->inputs) ||
	    !parse_field(lex, "dims", 1, RILL_NDF_MAX_DIMS, &w->dims) ||
	    !parse_list(lex, "weights", w->inputs * w->dims, INT32_MIN, INT32_MAX, weights))
		return false;
	w->name = strdup(name);
	w->weights = malloc(w->inputs * w->dims * sizeof(*w->weights));
	w->bias = malloc(w->dims * sizeof(*w->bias));
	w->theta = malloc(w->dims * sizeof(*w->theta));
	if (!w->name || !w->weights || !w->bias || !w->theta)
		return rill_lex_fail(lex, "out of memory");
	for (i = 0; i < w->inputs * w->dims; i++)
		w->weights[i] = (int32_t)weights[i];
	return parse_list(lex, "bias", w->dims, INT64_MIN, INT64_MAX, w->bias) &&
	       parse_list(lex, "theta", w->dims, INT64_MIN, INT64_MAX, w->theta);
}

struct rill_weights *rill_weights_parse(const char *file, const char *text, size_t size, char *error)
{
	struct rill_weights *all = NULL, **last = &all;
	struct lex lex;
	bool ok;

	rill_lex_init(&lex, file, text, size, error);
	do {
		*last = calloc(1, sizeof(**last));
		ok = *last ? parse_one(&lex, *last) : rill_lex_fail(&lex, "out of memory");
		if (*last)
			last = &(*last)->next;
	} while (ok && !rill_lex_is(&lex, LEX_END));
	if (ok && !lex.failed)
		return all;
	rill_weights_free(all);
	return NULL;
}
