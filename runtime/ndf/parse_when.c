// SPDX-License-Identifier: MIT
/* `when NAME pred|event inputs { field ... }`; fields in any order, those left out have their defaults. */
#include "parse.h"

#include <stddef.h>
#include <stdlib.h>

#include "words.h"

struct when_text {
	struct rill_when_spec spec;
	struct rill_plastic plastic;
	struct word_list need, bias, theta, weights;
	struct rill_when_entry *table;
	uint32_t entries, room;
};

static bool parse_u8(struct lex *lex, const char *what, int64_t low, int64_t high, uint8_t *to)
{
	int64_t value;

	if (!rill_lex_integer(lex, what, low, high, &value))
		return false;
	*to = (uint8_t)value;
	return true;
}

static bool parse_entry(struct lex *lex, struct rill_when_entry *entry)
{
	int64_t id = 0, next = 0;

	*entry = (struct rill_when_entry){ .emit = !rill_lex_take_word(lex, "none") };
	if (entry->emit && !rill_lex_integer(lex, "an id or none", 0, UINT32_MAX, &id))
		return false;
	if (rill_lex_take(lex, LEX_ARROW) && !rill_lex_integer(lex, "next state", 0, RILL_NDF_MAX_STATES - 1, &next))
		return false;
	entry->id = (uint32_t)id;
	entry->next = (uint8_t)next;
	return true;
}

static bool parse_table(struct lex *lex, struct when_text *text)
{
	text->entries = 0;
	if (!rill_lex_need(lex, '{', "'{'"))
		return false;
	do {
		if (text->entries == RILL_NDF_MAX_ENTRIES)
			return rill_lex_fail(lex, "table: more entries than the limit of %u", RILL_NDF_MAX_ENTRIES);
		if (!rill_graph_grow((void **)&text->table, &text->room, text->entries + 1, sizeof(*text->table)))
			return rill_lex_fail(lex, "out of memory");
		if (!parse_entry(lex, &text->table[text->entries++]))
			return false;
	} while (rill_lex_take(lex, ','));
	return rill_lex_need(lex, '}', "',' or '}'");
}

static void store(void *to, size_t size, int64_t value)
{
	if (size == 1)
		*(uint8_t *)to = (uint8_t)value;
	else if (size == 4)
		*(uint32_t *)to = (uint32_t)value;
	else
		*(uint64_t *)to = (uint64_t)value;
}

#define WORD (-1)			/* as a limit: any 64 bits */

/* Fields of a plastic block, all integers of the binary's units */
static const struct {
	const char *name;
	size_t offset, size;
	int64_t low, high;
} plastic_fields[] = {
#define FIELD(field, low, high) { #field, offsetof(struct rill_plastic, field), \
				  sizeof(((struct rill_plastic *)0)->field), low, high }
	FIELD(history, 0, RILL_NDF_MAX_HISTORY), FIELD(trace, 0, 63), FIELD(rate, 0, 16),
	FIELD(eta, 0, INT32_MAX), FIELD(psi_min, 0, INT32_MAX), FIELD(miss, INT32_MIN, INT32_MAX),
	FIELD(weight_min, INT32_MIN, INT32_MAX), FIELD(weight_max, INT32_MIN, INT32_MAX),
	FIELD(bias_min, INT64_MIN, INT64_MAX), FIELD(bias_max, INT64_MIN, INT64_MAX),
	FIELD(theta_min, INT64_MIN, INT64_MAX), FIELD(theta_max, INT64_MIN, INT64_MAX),
	FIELD(theta_eta, 0, INT32_MAX), FIELD(target, 0, 65536), FIELD(first, 0, WORD), FIELD(length, 0, WORD),
	FIELD(period, 0, WORD),
#undef FIELD
};

static bool parse_plastic_field(struct lex *lex, struct rill_plastic *p)
{
	uint32_t rule;
	int64_t value;
	size_t i;
	bool ok;

	if (rill_lex_take_word(lex, "rule")) {
		if (!rill_parse_choice(lex, "rule", rill_ndf_rules, &rule))
			return false;
		p->rule = (uint8_t)rule;
		return true;
	}
	for (i = 0; i < sizeof(plastic_fields) / sizeof(plastic_fields[0]); i++) {
		if (!rill_lex_take_word(lex, plastic_fields[i].name))
			continue;
		if (plastic_fields[i].high == WORD)
			ok = rill_lex_word(lex, plastic_fields[i].name, (uint64_t *)&value);
		else
			ok = rill_lex_integer(lex, plastic_fields[i].name, plastic_fields[i].low,
					      plastic_fields[i].high, &value);
		if (!ok)
			return false;
		store((uint8_t *)p + plastic_fields[i].offset, plastic_fields[i].size, value);
		return true;
	}
	return rill_lex_expected(lex, "a field of plastic, or '}'");
}

static bool parse_plastic(struct lex *lex, struct when_text *text)
{
	text->spec.plastic = &text->plastic;
	if (!rill_lex_need(lex, '{', "'{'"))
		return false;
	while (!rill_lex_take(lex, '}')) {
		if (!parse_plastic_field(lex, &text->plastic))
			return false;
	}
	return true;
}

static bool parse_decode(struct lex *lex, struct rill_ndf_when *when)
{
	uint32_t decode;

	if (!rill_parse_choice(lex, "decode", rill_ndf_decodes, &decode))
		return false;
	when->decode = (uint8_t)decode;
	when->top = 0;
	return decode != RILL_NDF_DECODE_TOPK || parse_u8(lex, "how many", 1, RILL_NDF_MAX_DIMS, &when->top);
}

static bool parse_reset(struct lex *lex, struct rill_ndf_when *when)
{
	uint32_t reset;

	if (!rill_parse_choice(lex, "reset", rill_ndf_resets, &reset))
		return false;
	when->reset = (uint8_t)reset;
	return true;
}

static bool parse_states(struct lex *lex, struct rill_ndf_when *when)
{
	return parse_u8(lex, "states", 1, RILL_NDF_MAX_STATES, &when->states) &&
	       (!rill_lex_take_word(lex, "from") ||
		parse_u8(lex, "the first state", 0, when->states - 1, &when->state));
}

static bool parse_list(struct lex *lex, const char *what, uint32_t limit, struct word_list *list)
{
	list->count = 0;
	return rill_parse_words(lex, what, limit, list);
}

static bool parse_field(struct lex *lex, struct when_text *text)
{
	struct rill_ndf_when *when = &text->spec.when;

	if (rill_lex_take_word(lex, "dims"))
		return parse_u8(lex, "dims", 1, RILL_NDF_MAX_DIMS, &when->dims);
	if (rill_lex_take_word(lex, "decode"))
		return parse_decode(lex, when);
	if (rill_lex_take_word(lex, "reset"))
		return parse_reset(lex, when);
	if (rill_lex_take_word(lex, "states"))
		return parse_states(lex, when);
	if (rill_lex_take_word(lex, "frac"))
		return parse_u8(lex, "frac", 0, 30, &when->frac);
	if (rill_lex_take_word(lex, "x_frac"))
		return parse_u8(lex, "x_frac", 0, 30, &when->x_frac);
	if (rill_lex_take_word(lex, "leak"))
		return parse_u8(lex, "leak", 0, 63, &when->leak);
	if (rill_lex_take_word(lex, "width"))
		return parse_u8(lex, "width", 2, 64, &when->width);
	if (rill_lex_take_word(lex, "need"))
		return parse_list(lex, "need", RILL_NDF_MAX_STATES, &text->need);
	if (rill_lex_take_word(lex, "bias"))
		return parse_list(lex, "bias", RILL_NDF_MAX_DIMS, &text->bias);
	if (rill_lex_take_word(lex, "theta"))
		return parse_list(lex, "theta", RILL_NDF_MAX_DIMS, &text->theta);
	if (rill_lex_take_word(lex, "weights"))
		return parse_list(lex, "weights", RILL_NDF_MAX_DIMS * RILL_NDF_MAX_PORTS, &text->weights);
	if (rill_lex_take_word(lex, "table"))
		return parse_table(lex, text);
	if (rill_lex_take_word(lex, "plastic"))
		return parse_plastic(lex, text);
	return rill_lex_expected(lex, "a field of when, or '}'");
}

/* A list that was left out is NULL, which means zeroes; else it must be as long as it says. */
static bool check_list(struct lex *lex, const char *what, const struct word_list *list, uint64_t count)
{
	return !list->count || list->count == count ||
	       rill_lex_fail(lex, "%s: %u numbers, not %llu", what, list->count, (unsigned long long)count);
}

static bool add(struct lex *lex, struct rill_graph *graph, const char *name, struct when_text *text)
{
	struct rill_when_spec *spec = &text->spec;
	bool table = spec->when.decode == RILL_NDF_DECODE_TABLE;
	uint64_t weights = (uint64_t)spec->inputs * spec->when.dims;
	uint64_t entries = table && spec->when.dims < 32 ? (uint64_t)spec->when.states << spec->when.dims : 0;
	int32_t narrow[RILL_NDF_MAX_DIMS * RILL_NDF_MAX_PORTS];
	uint32_t i;

	if (!check_list(lex, "need", &text->need, spec->when.states) ||
	    !check_list(lex, "bias", &text->bias, spec->when.dims) ||
	    !check_list(lex, "theta", &text->theta, spec->when.dims) ||
	    !check_list(lex, "weights", &text->weights, weights))
		return false;
	if (text->entries != entries)
		return rill_lex_fail(lex, "table: %u entries, not %llu", text->entries, (unsigned long long)entries);
	for (i = 0; i < text->weights.count; i++) {
		if ((int64_t)text->weights.words[i] != (int32_t)text->weights.words[i])
			return rill_lex_fail(lex, "weights: %lld is not in %d..%d",
					     (long long)text->weights.words[i], INT32_MIN, INT32_MAX);
		narrow[i] = (int32_t)text->weights.words[i];
	}
	spec->need = text->need.count ? text->need.words : NULL;
	spec->bias = text->bias.count ? (int64_t *)text->bias.words : NULL;
	spec->theta = text->theta.count ? (int64_t *)text->theta.words : NULL;
	spec->weights = text->weights.count ? narrow : NULL;
	spec->table = table ? text->table : NULL;
	rill_graph_when(graph, name, spec);
	return true;
}

bool rill_parse_when(struct lex *lex, struct rill_graph *graph, const char *name)
{
	struct when_text text = { .spec.when = { .dims = 1, .states = 1, .width = 64 } };
	uint32_t mode;
	int64_t inputs;
	bool ok;

	ok = rill_parse_choice(lex, "the when's mode", rill_ndf_when_modes, &mode) &&
	     rill_lex_integer(lex, "number of inputs", 1, RILL_NDF_MAX_PORTS, &inputs) &&
	     rill_lex_need(lex, '{', "'{'");
	if (ok) {
		text.spec.mode = mode;
		text.spec.inputs = (uint32_t)inputs;
	}
	while (ok && !rill_lex_is(lex, '}'))
		ok = parse_field(lex, &text);
	ok = ok && add(lex, graph, name, &text) && rill_lex_need(lex, '}', "'}'");
	free(text.need.words);
	free(text.bias.words);
	free(text.theta.words);
	free(text.weights.words);
	free(text.table);
	return ok;
}
