/* SPDX-License-Identifier: MIT */
/* A file of results: a JSON object on each line. One writer at a time. */
#ifndef RILL_BENCH_RESULTS_H
#define RILL_BENCH_RESULTS_H

#include <jansson.h>

#include "bench/string_set.h"

struct results {
	int fd;
	const char *path;
	struct string_set keys;		/* of this build's lines */
	size_t other_build;		/* lines of another one */
	size_t repaired;		/* bytes of a torn last line, cut off */
	size_t broken;			/* lines in between that are no result */
};

/*
 * Open or create it and read the keys that are there; build NULL: whatever made them. Prints what is
 * wrong and returns a negative errno; -EBUSY: another process writes it.
 */
int results_open(const char *path, const char *build, struct results *results);
int results_append(struct results *results, const char *line, size_t length);
void results_close(struct results *results);

#endif
