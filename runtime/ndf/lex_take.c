// SPDX-License-Identifier: MIT
/* What parsers ask of the lexer. */
#include "lex.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool rill_lex_is(const struct lex *lex, int kind)
{
	return !lex->failed && lex->token.kind == kind;
}

bool rill_lex_is_word(const struct lex *lex, const char *word)
{
	return rill_lex_is(lex, LEX_NAME) && lex->token.length == strlen(word) &&
	       !memcmp(lex->token.text, word, lex->token.length);
}

bool rill_lex_take(struct lex *lex, int kind)
{
	if (!rill_lex_is(lex, kind))
		return false;
	rill_lex_next(lex);
	return true;
}

bool rill_lex_take_word(struct lex *lex, const char *word)
{
	if (!rill_lex_is_word(lex, word))
		return false;
	rill_lex_next(lex);
	return true;
}

bool rill_lex_need(struct lex *lex, int kind, const char *what)
{
	return rill_lex_take(lex, kind) || rill_lex_expected(lex, what);
}

bool rill_lex_need_word(struct lex *lex, const char *word)
{
	char what[LEX_MAX_NAME + 3];

	snprintf(what, sizeof(what), "'%s'", word);
	return rill_lex_take_word(lex, word) || rill_lex_expected(lex, what);
}

bool rill_lex_integer(struct lex *lex, const char *what, int64_t low, int64_t high, int64_t *value)
{
	struct lex_token first = lex->token;
	bool minus = rill_lex_take(lex, '-'), fits;
	uint64_t word = lex->token.word;

	if (!rill_lex_is(lex, LEX_NUMBER) || lex->token.fraction)
		return rill_lex_expected(lex, what);
	fits = minus ? word <= 1ULL << 63 : word <= INT64_MAX;
	*value = (int64_t)(minus ? 0 - word : word);
	if (!fits || *value < low || *value > high)
		return rill_lex_fail_at(lex, first.line, first.column, "%s: %s%.*s is not in %lld..%lld", what,
					minus ? "-" : "", (int)lex->token.length, lex->token.text,
					(long long)low, (long long)high);
	rill_lex_next(lex);
	return true;
}

bool rill_lex_word(struct lex *lex, const char *what, uint64_t *word)
{
	bool minus = rill_lex_take(lex, '-');

	if (!rill_lex_is(lex, LEX_NUMBER))
		return rill_lex_expected(lex, what);
	*word = lex->token.word;
	if (minus && lex->token.fraction)
		*word ^= 1ULL << 63;
	else if (minus && *word > 1ULL << 63)
		return rill_lex_fail(lex, "%s: -%.*s is below the limit of %lld", what, (int)lex->token.length,
				     lex->token.text, (long long)INT64_MIN);
	else if (minus)
		*word = 0 - *word;
	rill_lex_next(lex);
	return true;
}

bool rill_lex_fixed(struct lex *lex, const char *what, unsigned int frac, int64_t low, int64_t high,
		    int64_t *value)
{
	struct lex_token first = lex->token;
	bool minus = rill_lex_take(lex, '-');
	double number, scaled;

	if (!rill_lex_is(lex, LEX_NUMBER))
		return rill_lex_expected(lex, what);
	if (lex->token.fraction)
		memcpy(&number, &lex->token.word, sizeof(number));
	else
		number = (double)lex->token.word;
	scaled = nearbyint(ldexp(minus ? -number : number, (int)frac));
	/* (double)high may round up to what no longer fits. */
	if (!(scaled >= (double)low && scaled <= (double)high) || scaled >= 0x1p63)
		return rill_lex_fail_at(lex, first.line, first.column, "%s: %s%.*s is not in %g..%g", what,
					minus ? "-" : "", (int)lex->token.length, lex->token.text,
					ldexp((double)low, -(int)frac), ldexp((double)high, -(int)frac));
	*value = (int64_t)scaled;
	rill_lex_next(lex);
	return true;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unescape(struct lex *lex, const char *what, char *to, size_t size)
{
	const char *p = lex->token.text + 1, *end = lex->token.text + lex->token.length - 1;
	size_t n = 0;
	int c;

	while (p < end) {
		c = (unsigned char)*p++;
		if (c == '\\' && p < end && *p == 'x') {
			if (end - p < 3 || hex(p[1]) < 0 || hex(p[2]) < 0)
				return rill_lex_fail(lex, "%s: expected two hex digits (0-9, a-f) after \\x", what);
			c = hex(p[1]) << 4 | hex(p[2]);
			p += 3;
		} else if (c == '\\' && p < end) {
			c = (unsigned char)*p++;
		}
		if (!c)
			return rill_lex_fail(lex, "%s: a NUL in it", what);
		if (n + 1 >= size)
			return rill_lex_fail(lex, "%s: longer than the limit of %zu bytes", what, size - 1);
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return true;
}

bool rill_lex_text(struct lex *lex, const char *what, char *to, size_t size)
{
	if (rill_lex_is(lex, LEX_STRING)) {
		if (!unescape(lex, what, to, size))
			return false;
	} else if (rill_lex_is(lex, LEX_NAME)) {
		if (lex->token.length >= size)
			return rill_lex_fail(lex, "%s: '%.*s...' is longer than the limit of %zu characters", what, 16,
					     lex->token.text, size - 1);
		memcpy(to, lex->token.text, lex->token.length);
		to[lex->token.length] = '\0';
	} else {
		return rill_lex_expected(lex, what);
	}
	rill_lex_next(lex);
	return true;
}
