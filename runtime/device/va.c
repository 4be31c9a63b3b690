// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "va.h"

static uint64_t end_of(const struct rill_va_range *range)
{
	return range->start + range->size;
}

/* Each allocation in use may one day come back as a range of its own. */
static int reserve(struct rill_va *va, size_t capacity)
{
	struct rill_va_range *larger;

	if (capacity <= va->capacity)
		return 0;
	larger = realloc(va->free, 2 * capacity * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	va->free = larger;
	va->capacity = 2 * capacity;
	return 0;
}

static void insert(struct rill_va *va, size_t at, uint64_t start, uint64_t size)
{
	memmove(&va->free[at + 1], &va->free[at], (va->count - at) * sizeof(*va->free));
	va->free[at] = (struct rill_va_range){ start, size };
	va->count++;
}

static void drop(struct rill_va *va, size_t at)
{
	va->count--;
	memmove(&va->free[at], &va->free[at + 1], (va->count - at) * sizeof(*va->free));
}

int rill_va_init(struct rill_va *va, uint64_t start, uint64_t size)
{
	memset(va, 0, sizeof(*va));
	if (reserve(va, 1))
		return -ENOMEM;
	if (size)
		insert(va, 0, start, size);
	return 0;
}

void rill_va_fini(struct rill_va *va)
{
	free(va->free);
	memset(va, 0, sizeof(*va));
}

/* Take size bytes at start out of a free range. */
static void carve(struct rill_va *va, size_t at, uint64_t start, uint64_t size)
{
	struct rill_va_range *range = &va->free[at];
	uint64_t before = start - range->start, after = end_of(range) - (start + size);

	if (before && after)
		insert(va, at + 1, start + size, after);
	range = &va->free[at];
	if (before)
		range->size = before;
	else if (after)
		*range = (struct rill_va_range){ start + size, after };
	else
		drop(va, at);
}

static bool fits(const struct rill_va_range *range, uint64_t size, uint64_t align, uint64_t *start)
{
	uint64_t skip = -range->start & (align - 1);

	*start = range->start + skip;
	return skip < range->size && size <= range->size - skip;
}

int rill_va_alloc(struct rill_va *va, uint64_t size, uint64_t align, uint64_t *start)
{
	size_t i;

	if (!size || !align || align & (align - 1))
		return -EINVAL;
	if (reserve(va, va->count + va->allocated + 2))
		return -ENOMEM;
	for (i = 0; i < va->count; i++) {
		if (!fits(&va->free[i], size, align, start))
			continue;
		carve(va, i, *start, size);
		va->allocated++;
		return 0;
	}
	return -ENOSPC;
}

void rill_va_free(struct rill_va *va, uint64_t start, uint64_t size)
{
	size_t at = 0;

	while (at < va->count && va->free[at].start < start)
		at++;
	insert(va, at, start, size);
	va->allocated--;
	if (at + 1 < va->count && end_of(&va->free[at]) == va->free[at + 1].start) {
		va->free[at].size += va->free[at + 1].size;
		drop(va, at + 1);
	}
	if (at && end_of(&va->free[at - 1]) == start) {
		va->free[at - 1].size += va->free[at].size;
		drop(va, at);
	}
}

uint64_t rill_va_free_bytes(const struct rill_va *va)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < va->count; i++)
		bytes += va->free[i].size;
	return bytes;
}
