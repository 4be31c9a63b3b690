/* SPDX-License-Identifier: MIT */
/* The lines of results files: of the same key, the last one counts. */
#ifndef RILL_PLOT_RECORDS_H
#define RILL_PLOT_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/string_set.h"

struct record {
	json_t *line, *result;		/* result NULL: the point did not run */
	const char *key, *model, *strategy, *array;
	const char *source;		/* of the routing, "" if unknown */
	bool trace;			/* real routing */
	unsigned int tokens, sample, rows, cols;
	uint64_t enlarged;		/* SRAM bytes it was given so that it runs; 0: the chip's own */
	double finish, bound;		/* ms */
	double ddr, mac, link;		/* the bound's terms, ms */
};

struct records {
	size_t count;
	struct record *record;
	struct string_set keys;
	char *build;			/* of the last line */
	size_t broken;			/* lines that are no results */
	size_t other_build;		/* dropped, see records_keep_build() */
};

/* Prints what is wrong and returns a negative errno. A torn or broken line is passed over and counted. */
int records_load(const char *path, struct records *records);
/* Drop what another build than that of the last line made: plans and chip may differ. */
int records_keep_build(struct records *records);
void records_free(struct records *records);

/* A parameter's text, or NULL where the point does not give it. */
const char *record_param(const struct record *record, const char *name);
/* Those that every point has: model, tokens, array, strategy, and the routing's. */
bool record_is_usual(const char *param);
/* Does it give nothing but the usual ones and names, a NULL-terminated list? */
bool record_gives_only(const struct record *record, const char *const *names);
double record_number(const struct record *record, const char *name);	/* of its result; 0: absent */

#endif
