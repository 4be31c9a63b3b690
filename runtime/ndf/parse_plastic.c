// SPDX-License-Identifier: MIT
/* `plastic NAME(inputs) { field number ... }`: a `when` that learns; numbers are real, `frac` says how fine. */
#include "parse_program.h"

#include <stddef.h>
#include <string.h>

#include "words.h"

#define MAX_INPUTS 16

/* Fields of the rule as fixed point with `frac` fraction bits */
static const struct {
	const char *name;
	size_t offset;
	bool wide;
	int64_t low, high;
} fixed_fields[] = {
#define FIELD(field, wide, low, high) { #field, offsetof(struct rill_plastic, field), wide, low, high }
	FIELD(eta, false, 0, INT32_MAX),
	FIELD(psi_min, false, 0, INT32_MAX),
	FIELD(miss, false, INT32_MIN, INT32_MAX),
	FIELD(weight_min, false, INT32_MIN, INT32_MAX),
	FIELD(weight_max, false, INT32_MIN, INT32_MAX),
	FIELD(bias_min, true, INT64_MIN / 2, INT64_MAX / 2),
	FIELD(bias_max, true, INT64_MIN / 2, INT64_MAX / 2),
	FIELD(theta_min, true, INT64_MIN / 2, INT64_MAX / 2),
	FIELD(theta_max, true, INT64_MIN / 2, INT64_MAX / 2),
	FIELD(theta_eta, false, 0, INT32_MAX),
#undef FIELD
};

static bool store(struct plastic_text *text, size_t offset, bool wide, int64_t value)
{
	uint8_t *to = (uint8_t *)text + offsetof(struct plastic_text, rule) + offset;

	if (wide)
		memcpy(to, &(int64_t){ value }, sizeof(int64_t));
	else
		memcpy(to, &(int32_t){ (int32_t)value }, sizeof(int32_t));
	return true;
}

static bool small(struct lex *lex, const char *what, int64_t low, int64_t high, uint8_t *to)
{
	int64_t value;

	if (!rill_lex_integer(lex, what, low, high, &value))
		return false;
	*to = (uint8_t)value;
	return true;
}

static bool count(struct lex *lex, const char *what, uint64_t *to)
{
	int64_t value;

	if (!rill_lex_integer(lex, what, 0, INT64_MAX, &value))
		return false;
	*to = (uint64_t)value;
	return true;
}

static bool fixed_list(struct lex *lex, const char *what, unsigned int frac, uint32_t wanted, int64_t low,
		       int64_t high, int64_t *to)
{
	uint32_t i;

	if (!rill_lex_need(lex, '{', "'{'"))
		return false;
	for (i = 0; i < wanted; i++) {
		if (i && !rill_lex_need(lex, ',', "','"))
			return false;
		if (!rill_lex_fixed(lex, what, frac, low, high, &to[i]))
			return false;
	}
	return rill_lex_need(lex, '}', "'}'");
}

static bool parse_weights(struct lex *lex, struct plastic_text *text)
{
	const struct rill_when_spec *spec = &text->spec;
	int64_t values[MAX_INPUTS * RILL_NDF_MAX_DIMS];
	uint32_t i, n = spec->inputs * spec->when.dims;

	if (!fixed_list(lex, "a weight", spec->when.frac, n, INT32_MIN, INT32_MAX, values))
		return false;
	for (i = 0; i < n; i++)
		text->weights[i] = (int32_t)values[i];
	return true;
}

static bool parse_shape(struct lex *lex, struct plastic_text *text, bool *found)
{
	struct rill_ndf_when *when = &text->spec.when;

	*found = true;
	if (rill_lex_take_word(lex, "dims")) {
		if (!small(lex, "dims", 1, 63, &when->dims))
			return false;
		when->decode = when->dims > 1 ? RILL_NDF_DECODE_WTA : RILL_NDF_DECODE_TABLE;
		return true;
	}
	if (rill_lex_take_word(lex, "frac"))
		return small(lex, "frac", 0, 24, &when->frac);
	if (rill_lex_take_word(lex, "x_frac"))
		return small(lex, "x_frac", 0, 30, &when->x_frac);
	*found = false;
	return true;
}

static bool parse_rule_field(struct lex *lex, struct rill_plastic *rule, bool *found)
{
	uint32_t choice;
	int64_t value;

	*found = true;
	if (rill_lex_take_word(lex, "rule")) {
		if (!rill_parse_choice(lex, "rule", rill_ndf_rules + 1, &choice))
			return false;
		rule->rule = (uint8_t)(choice + 1);
		return true;
	}
	if (rill_lex_take_word(lex, "history"))
		return small(lex, "history", 1, RILL_NDF_MAX_HISTORY, &rule->history);
	if (rill_lex_take_word(lex, "trace"))
		return small(lex, "trace", 0, 63, &rule->trace);
	if (rill_lex_take_word(lex, "rate"))
		return small(lex, "rate", 0, 16, &rule->rate);
	if (rill_lex_take_word(lex, "first"))
		return count(lex, "first", &rule->first);
	if (rill_lex_take_word(lex, "length"))
		return count(lex, "length", &rule->length);
	if (rill_lex_take_word(lex, "period"))
		return count(lex, "period", &rule->period);
	if (rill_lex_take_word(lex, "target")) {
		if (!rill_lex_fixed(lex, "target", 16, 0, 65536, &value))
			return false;
		rule->target = (uint32_t)value;
		return true;
	}
	*found = false;
	return true;
}

static bool parse_field(struct lex *lex, struct plastic_text *text, bool *sized)
{
	uint8_t frac = text->spec.when.frac, dims = text->spec.when.dims;
	struct lex_token token = lex->token;
	bool found;
	int64_t value;
	size_t i;

	if (!parse_shape(lex, text, &found))
		return false;
	if (found && *sized)
		return rill_lex_fail_at(lex, token.line, token.column,
					"dims, frac and x_frac come before the numbers that depend on them");
	if (found)
		return true;
	if (!parse_rule_field(lex, &text->rule, &found) || found)
		return found && !lex->failed;
	*sized = true;
	for (i = 0; i < sizeof(fixed_fields) / sizeof(fixed_fields[0]); i++) {
		if (!rill_lex_take_word(lex, fixed_fields[i].name))
			continue;
		return rill_lex_fixed(lex, fixed_fields[i].name, frac, fixed_fields[i].low,
				      fixed_fields[i].high, &value) &&
		       store(text, fixed_fields[i].offset, fixed_fields[i].wide, value);
	}
	if (rill_lex_take_word(lex, "weights"))
		return parse_weights(lex, text);
	if (rill_lex_take_word(lex, "bias"))
		return fixed_list(lex, "a bias", frac, dims, INT64_MIN / 2, INT64_MAX / 2, text->bias);
	if (rill_lex_take_word(lex, "theta"))
		return fixed_list(lex, "a threshold", frac, dims, INT64_MIN / 2, INT64_MAX / 2, text->theta);
	return rill_lex_expected(lex, "a field of plastic, or '}'");
}

static bool parse_inputs(struct parser *p, struct plastic_text *text)
{
	if (!rill_lex_need(p->lex, '(', "'('"))
		return false;
	do {
		if (text->spec.inputs == MAX_INPUTS)
			return rill_lex_fail(p->lex, "more inputs than the limit of %d", MAX_INPUTS);
		if (!rill_parser_name(p, "an input's name"))
			return false;
		text->spec.inputs++;
	} while (rill_lex_take(p->lex, ','));
	return rill_lex_need(p->lex, ')', "',' or ')'");
}

static const struct plastic_text defaults = {
	.spec = { .when = { .decode = RILL_NDF_DECODE_TABLE, .reset = RILL_NDF_RESET_ALL, .dims = 1, .states = 1,
			    .frac = 8, .width = 64 } },
	.rule = { .rule = RILL_NDF_RULE_SURROGATE, .history = 1, .weight_min = INT32_MIN,
		  .weight_max = INT32_MAX, .bias_min = INT64_MIN / 2, .bias_max = INT64_MAX / 2,
		  .theta_min = INT64_MIN / 2, .theta_max = INT64_MAX / 2 },
};

bool rill_parse_plastic(struct parser *p)
{
	static const struct rill_when_entry identity[2] = { { .id = 0, .emit = 1 }, { .id = 1, .emit = 1 } };
	struct lex_token token = p->lex->token;
	struct symbol *s = rill_symbol_add(p, SYMBOL_PLASTIC, &token);
	struct plastic_text *text;
	bool sized = false;

	if (!s)
		return false;
	rill_lex_next(p->lex);
	text = rill_parser_alloc(p, sizeof(*text));
	if (!text)
		return false;
	*text = defaults;
	s->plastic = text;
	if (!parse_inputs(p, text) || !rill_lex_need(p->lex, '{', "'{'"))
		return false;
	text->weights = rill_parser_alloc(p, text->spec.inputs * RILL_NDF_MAX_DIMS * sizeof(int32_t));
	if (!text->weights)
		return false;
	while (!rill_lex_take(p->lex, '}')) {
		if (!parse_field(p->lex, text, &sized))
			return false;
	}
	if (text->rule.rule == RILL_NDF_RULE_RSTDP && text->rule.psi_min)
		return rill_lex_fail_at(p->lex, token.line, token.column, "psi_min belongs to rule surrogate");
	if (text->rule.rule == RILL_NDF_RULE_SURROGATE && (text->rule.trace || text->rule.miss))
		return rill_lex_fail_at(p->lex, token.line, token.column, "trace and miss belong to rule rstdp");
	text->spec.bias = text->bias;
	text->spec.theta = text->theta;
	text->spec.weights = text->weights;
	text->spec.plastic = &text->rule;
	if (text->spec.when.decode == RILL_NDF_DECODE_TABLE)
		text->spec.table = identity;
	rill_symbol_append(&p->program->plastics, s);
	return true;
}
