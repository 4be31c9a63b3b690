// SPDX-License-Identifier: MIT
#include "string_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct string_entry {
	char *text;
	size_t value;
};

/* FNV-1a, then mixed: its low bits alone are poor */
uint64_t string_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
	return hash ^ (hash >> 29);
}

/* Its entry, or the free one where it belongs. There is always a free one. */
static struct string_entry *locate(const struct string_set *set, const char *text)
{
	size_t at = string_hash(text) & (set->room - 1);

	while (set->entries[at].text && strcmp(set->entries[at].text, text))
		at = (at + 1) & (set->room - 1);
	return &set->entries[at];
}

static int grow(struct string_set *set)
{
	struct string_set larger = { .room = set->room ? set->room * 2 : 64 };
	size_t i;

	larger.entries = calloc(larger.room, sizeof(*larger.entries));
	if (!larger.entries)
		return -ENOMEM;
	for (i = 0; i < set->room; i++)
		if (set->entries[i].text)
			*locate(&larger, set->entries[i].text) = set->entries[i];
	larger.count = set->count;
	free(set->entries);
	*set = larger;
	return 0;
}

bool string_set_find(const struct string_set *set, const char *text, size_t *value)
{
	struct string_entry *entry = set->room ? locate(set, text) : NULL;

	if (!entry || !entry->text)
		return false;
	if (value)
		*value = entry->value;
	return true;
}

int string_set_put(struct string_set *set, const char *text, size_t value)
{
	struct string_entry *entry;

	if (set->count * 2 >= set->room && grow(set))
		return -ENOMEM;
	entry = locate(set, text);
	if (!entry->text) {
		entry->text = strdup(text);
		if (!entry->text)
			return -ENOMEM;
		set->count++;
	}
	entry->value = value;
	return 0;
}

void string_set_free(struct string_set *set)
{
	size_t i;

	for (i = 0; i < set->room; i++)
		free(set->entries[i].text);
	free(set->entries);
	*set = (struct string_set){ 0 };
}
