// SPDX-License-Identifier: MIT
/* Text into tokens. */
#include "lex.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill_dataflow.h"

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool fail(struct lex *lex, uint32_t line, uint32_t column, const char *format, va_list args)
{
	size_t length;

	if (lex->failed)
		return false;
	lex->failed = true;
	lex->token.kind = LEX_END;
	snprintf(lex->error, RILL_GRAPH_ERROR_BYTES, "%.200s:%u:%u: ", lex->file, line, column);
	length = strlen(lex->error);
	vsnprintf(lex->error + length, RILL_GRAPH_ERROR_BYTES - length, format, args);
	return false;
}

bool rill_lex_fail_at(struct lex *lex, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(lex, line, column, format, args);
	va_end(args);
	return false;
}

bool rill_lex_fail(struct lex *lex, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(lex, lex->token.line, lex->token.column, format, args);
	va_end(args);
	return false;
}

bool rill_lex_expected(struct lex *lex, const char *what)
{
	const struct lex_token *token = &lex->token;

	if (token->kind == LEX_END)
		return rill_lex_fail(lex, "expected %s, not the end of the text", what);
	return rill_lex_fail(lex, "expected %s, not '%.*s'", what,
			     (int)(token->length < LEX_MAX_NAME ? token->length : LEX_MAX_NAME), token->text);
}

void rill_lex_init(struct lex *lex, const char *file, const char *text, size_t size, char *error)
{
	*lex = (struct lex){ .file = file, .at = text, .end = text + size, .line = 1, .column = 1,
			     .error = error, .token = { .line = 1, .column = 1 } };
	if (size > LEX_MAX_BYTES)
		rill_lex_fail(lex, "the text has %zu bytes; the limit is %u", size, LEX_MAX_BYTES);
	else
		rill_lex_next(lex);
}

static void advance(struct lex *lex)
{
	if (*lex->at++ == '\n') {
		lex->line++;
		lex->column = 1;
	} else {
		lex->column++;
	}
}

static void skip_blanks(struct lex *lex)
{
	while (lex->at < lex->end) {
		if (*lex->at == '#') {
			while (lex->at < lex->end && *lex->at != '\n')
				advance(lex);
		} else if (*lex->at == ' ' || *lex->at == '\t' || *lex->at == '\n' || *lex->at == '\r') {
			advance(lex);
		} else {
			return;
		}
	}
}

static void lex_name(struct lex *lex)
{
	const char *p = lex->at;

	while (p < lex->end && (letter(*p) || digit(*p) ||
				(*p == '.' && p + 1 < lex->end && (letter(p[1]) || digit(p[1])))))
		p++;
	lex->token.kind = LEX_NAME;
	lex->token.length = (size_t)(p - lex->at);
}

static void parse_fraction(struct lex *lex, const char *text)
{
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	double value;
	char *end;

	if (!c_locale) {
		rill_lex_fail(lex, "out of memory");
		return;
	}
	value = strtod_l(text, &end, c_locale);
	freelocale(c_locale);
	if (*end)
		rill_lex_fail(lex, "'%s' is not a number", text);
	memcpy(&lex->token.word, &value, sizeof(value));
	lex->token.fraction = true;
}

static void lex_number(struct lex *lex)
{
	const char *p = lex->at;
	bool hex = p + 1 < lex->end && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'), fraction = false;
	char text[64], *end;

	for (; p < lex->end && (letter(*p) || digit(*p) || *p == '.' ||
				((*p == '-' || *p == '+') && !hex && (p[-1] == 'e' || p[-1] == 'E'))); p++)
		fraction |= *p == '.' || (!hex && (*p == 'e' || *p == 'E'));
	lex->token.kind = LEX_NUMBER;
	lex->token.length = (size_t)(p - lex->at);
	if (lex->token.length >= sizeof(text)) {
		rill_lex_fail(lex, "a number of %zu characters; the limit is %zu", lex->token.length,
			      sizeof(text) - 1);
		return;
	}
	memcpy(text, lex->at, lex->token.length);
	text[lex->token.length] = '\0';
	if (fraction) {
		parse_fraction(lex, text);
		return;
	}
	errno = 0;
	lex->token.word = strtoull(text, &end, hex ? 16 : 10);
	if (*end)
		rill_lex_fail(lex, "'%s' is not a number", text);
	else if (errno)
		rill_lex_fail(lex, "'%s' is over the limit of %llu", text, (unsigned long long)UINT64_MAX);
}

static void lex_string(struct lex *lex)
{
	const char *p = lex->at + 1;

	while (p < lex->end && *p != '"' && *p != '\n')
		p += *p == '\\' && p + 1 < lex->end && p[1] != '\n' ? 2 : 1;
	if (p >= lex->end || *p != '"') {
		rill_lex_fail(lex, "expected '\"' at the end of the string, on the same line");
		return;
	}
	lex->token.kind = LEX_STRING;
	lex->token.length = (size_t)(p + 1 - lex->at);
}

static void lex_punctuation(struct lex *lex)
{
	static const struct {
		char text[4];
		int kind;
	} longer[] = {
		{ ">>>", LEX_SHR_ZERO }, { "->", LEX_ARROW }, { "==", LEX_EQ }, { "!=", LEX_NE },
		{ "<=", LEX_LE }, { ">=", LEX_GE }, { "<<", LEX_SHL }, { ">>", LEX_SHR },
	};
	size_t i, length;

	for (i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		length = strlen(longer[i].text);
		if ((size_t)(lex->end - lex->at) >= length && !memcmp(lex->at, longer[i].text, length)) {
			lex->token.kind = longer[i].kind;
			lex->token.length = length;
			return;
		}
	}
	lex->token.length = 1;
	lex->token.kind = (unsigned char)*lex->at;
	if (!strchr("{}()[],:;=<>+-*/%&|^~@!?", *lex->at) || !*lex->at)
		rill_lex_fail(lex, "a character 0x%02x that has no meaning here", (unsigned char)*lex->at);
}

void rill_lex_next(struct lex *lex)
{
	size_t i;

	if (lex->failed)
		return;
	skip_blanks(lex);
	lex->token = (struct lex_token){ .text = lex->at, .line = lex->line, .column = lex->column };
	if (lex->at == lex->end)
		return;
	if (letter(*lex->at))
		lex_name(lex);
	else if (digit(*lex->at))
		lex_number(lex);
	else if (*lex->at == '"')
		lex_string(lex);
	else
		lex_punctuation(lex);
	for (i = 0; i < lex->token.length && !lex->failed; i++)
		advance(lex);
}
