/* SPDX-License-Identifier: MIT */
/* Text into tokens, and errors that say where. */
#ifndef RILL_NDF_LEX_H
#define RILL_NDF_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEX_MAX_BYTES	(64u << 20)
#define LEX_MAX_NAME	63

enum lex_kind {
	LEX_END,
	LEX_NAME,
	LEX_NUMBER,
	LEX_STRING,
	/* Punctuation: one character is its own kind; longer ones: */
	LEX_ARROW = 256,	/* -> */
	LEX_EQ,			/* == */
	LEX_NE,			/* != */
	LEX_LE,			/* <= */
	LEX_GE,			/* >= */
	LEX_SHL,		/* << */
	LEX_SHR,		/* >> */
	LEX_SHR_ZERO,		/* >>> */
};

struct lex_token {
	int kind;
	const char *text;	/* in the source */
	size_t length;
	uint32_t line, column;	/* from 1 */
	uint64_t word;		/* of a number: integer, or the bits of a double */
	bool fraction;		/* it had a point or an exponent */
};

struct lex {
	const char *file;
	const char *at, *end;
	uint32_t line, column;
	struct lex_token token;	/* the one that is looked at */
	char *error;		/* of RILL_GRAPH_ERROR_BYTES */
	bool failed;
};

void rill_lex_init(struct lex *lex, const char *file, const char *text, size_t size, char *error);
void rill_lex_next(struct lex *lex);
/* Keep the first error: "file:line:column: ...". Returns false. */
bool rill_lex_fail_at(struct lex *lex, uint32_t line, uint32_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
bool rill_lex_fail(struct lex *lex, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "expected WHAT, not ..." */
bool rill_lex_expected(struct lex *lex, const char *what);

bool rill_lex_is(const struct lex *lex, int kind);
bool rill_lex_is_word(const struct lex *lex, const char *word);
/* If the token is that: go on and return true. */
bool rill_lex_take(struct lex *lex, int kind);
bool rill_lex_take_word(struct lex *lex, const char *word);
/* It must be that. */
bool rill_lex_need(struct lex *lex, int kind, const char *what);
bool rill_lex_need_word(struct lex *lex, const char *word);
/* [-]integer, in range when read as signed; or a word of any kind. */
bool rill_lex_integer(struct lex *lex, const char *what, int64_t low, int64_t high, int64_t *value);
bool rill_lex_word(struct lex *lex, const char *what, uint64_t *word);
/* A number as fixed point with frac fraction bits, rounded to nearest. */
bool rill_lex_fixed(struct lex *lex, const char *what, unsigned int frac, int64_t low, int64_t high,
		    int64_t *value);
/* The text of a name or a string, without escapes, into to. */
bool rill_lex_text(struct lex *lex, const char *what, char *to, size_t size);

#endif
