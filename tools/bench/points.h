/* SPDX-License-Identifier: MIT */
/* The points of a sweep: each a run of the chip's model with all its parameters given. */
#ifndef RILL_BENCH_POINTS_H
#define RILL_BENCH_POINTS_H

#include <jansson.h>
#include <stdint.h>

#include "string_set.h"
#include "sweep.h"
#include "trace_info.h"

struct point {
	char *key;			/* "name=value ..." of all parameters, names in order */
	json_t *params;			/* the same as an object of strings */
	char **args;			/* of rill sim, then NULL; without --timing-only and --json */
	uint64_t hash;			/* of the key */
};

/* A model's trace */
struct trace {
	char *model, *path;
	struct trace_info info;
};

struct points {
	size_t count;
	struct point *point;
	struct string_set keys;
	/* Where traces are, and those looked at so far */
	const char *trace_dir;
	unsigned int trace_count;
	struct trace *traces;
	/* Left out: no such strategy or option in this build, no trace for the model */
	unsigned int left_out;
};

/* --trace MODEL=FILE: before points_add() */
int points_trace(struct points *points, const char *model, const char *path);
/*
 * Append the points of a block (its `all` are expanded in place), without those that are there
 * already. Prints what is left out and why, and what is wrong; 0 or a negative errno.
 */
int points_add(struct points *points, struct sweep_block *block);
/* Keep only those of shard index (1..count): by the hash of their keys. */
void points_shard(struct points *points, unsigned int index, unsigned int count);
void points_free(struct points *points);

#endif
