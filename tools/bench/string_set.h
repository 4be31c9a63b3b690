/* SPDX-License-Identifier: MIT */
/* A set of strings, each with a number. */
#ifndef RILL_BENCH_STRING_SET_H
#define RILL_BENCH_STRING_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct string_set {
	size_t count, room;
	struct string_entry *entries;
};

uint64_t string_hash(const char *text);
/* *value (if not NULL) is set when found. */
bool string_set_find(const struct string_set *set, const char *text, size_t *value);
/* Adds it, or replaces its number. Copies the text. -ENOMEM. */
int string_set_put(struct string_set *set, const char *text, size_t value);
void string_set_free(struct string_set *set);

#endif
