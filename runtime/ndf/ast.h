/* SPDX-License-Identifier: MIT */
/* A program as parsed: names are resolved, nothing is built yet. */
#ifndef RILL_NDF_AST_H
#define RILL_NDF_AST_H

#include "graph.h"
#include "lex.h"

#define AST_MAX_NESTING	200		/* of expressions, and of blocks */
#define AST_MAX_LIST	64		/* parameters, results, sides of an assignment */
#define AST_MAX_WORDS	(1u << 20)	/* of a stream or array */

/* Memory that is freed all at once */
struct arena {
	struct arena_block *blocks;
	size_t left;
};

void *rill_arena_alloc(struct arena *arena, size_t bytes);	/* zeroed; NULL: out of memory */
void rill_arena_free(struct arena *arena);

enum expr_kind {
	EXPR_NUMBER,
	EXPR_VAR,		/* symbol */
	EXPR_LOAD,		/* symbol: array; a: index */
	EXPR_OP,		/* op; args */
	EXPR_CALL,		/* symbol: function; args */
	EXPR_LEARNED,		/* symbol: plastic; args; teach */
	EXPR_AND, EXPR_OR, EXPR_NOT,	/* a, b */
};

struct expr {
	enum expr_kind kind;
	uint32_t line, column, depth;
	uint64_t word;
	struct symbol *symbol;
	uint8_t op;
	uint32_t arg_count;
	struct expr **args;
	struct expr *teach;
};

enum stmt_kind { STMT_ASSIGN, STMT_IF, STMT_WHILE, STMT_CASE, STMT_ROUTE, STMT_OUTPUT };

struct block {
	struct stmt *first, **last;
};

struct target {
	struct symbol *symbol;	/* variable or array */
	struct expr *index;
};

struct arm {
	int64_t value;		/* of a case */
	uint32_t line, column;
	struct block block;
	struct arm *next;
};

struct stmt {
	enum stmt_kind kind;
	uint32_t line, column;
	const char *label;
	struct stmt *next;
	/* ASSIGN: either as many exprs as targets, or one call */
	uint32_t target_count, expr_count;
	struct target *targets;
	struct expr **exprs;	/* IF, WHILE: the condition; CASE, ROUTE: the selector; OUTPUT: the value */
	bool unfused;
	struct block block;	/* IF: then; WHILE: body */
	struct block other;	/* IF: else; CASE: else */
	struct arm *arms;
	uint32_t arm_count;
	const char *name;	/* OUTPUT */
};

enum symbol_kind { SYMBOL_VAR, SYMBOL_CONST, SYMBOL_ARRAY, SYMBOL_FUNCTION, SYMBOL_PLASTIC };

struct function {
	struct symbol *params[AST_MAX_LIST], *results[AST_MAX_LIST];
	uint32_t param_count, result_count;
	struct block block;
	uint32_t calls;		/* in the text */
	bool memory;		/* loads or stores */
	uint32_t flow;		/* number of the shared function */
	bool shared, complete;
};

struct symbol {
	enum symbol_kind kind;
	const char *name;
	uint32_t line, column;
	struct symbol *next;	/* in the bucket */
	struct symbol *scope;	/* the function it belongs to; NULL: the program */
	struct symbol *order;	/* next of its kind, in text order */
	uint32_t var;		/* VAR: number; flow variable is var + 1 */
	uint64_t word;		/* CONST */
	/* VAR that is an input, ARRAY */
	bool input, stream, random;
	int64_t low, high;	/* of a random stream */
	uint64_t *words;
	uint32_t count;		/* given words */
	uint32_t size;		/* ARRAY: in words */
	uint32_t base;		/* ARRAY: byte address */
	struct function *function;
	struct plastic_text *plastic;
};

/* plastic NAME(params) { ... }, as fixed point */
struct plastic_text {
	struct rill_when_spec spec;
	struct rill_plastic rule;
	int64_t bias[RILL_NDF_MAX_DIMS], theta[RILL_NDF_MAX_DIMS];
	int32_t *weights;
	bool used;
};

struct expectation {
	const char *name;
	struct symbol *array;	/* NULL: an output */
	uint64_t *words;
	uint32_t count;
	uint32_t line, column;
	struct expectation *next;
};

#define AST_BUCKETS	1024
#define AST_MAX_SYMBOLS	16384

struct program {
	struct arena arena;
	const char *name;
	uint32_t capacity;	/* 0: the default */
	struct block block;
	struct symbol *buckets[AST_BUCKETS];
	struct symbol *inputs, *arrays, *functions, *plastics;	/* in text order */
	struct expectation *expectations;
	uint32_t var_count, symbol_count;
	uint64_t memory_bytes;
};

/* `program ...` up to the end of the text. */
bool rill_parse_program(struct lex *lex, struct program *program);

#endif
