/* SPDX-License-Identifier: MIT */
/* Ranges of a linear space: virtual addresses, DDR of a channel, DMA addresses. */
#ifndef RILL_VA_H
#define RILL_VA_H

#include <stddef.h>
#include <stdint.h>

struct rill_va_range {
	uint64_t start, size;
};

/* The free ranges, in ascending order, none touching the next. */
struct rill_va {
	struct rill_va_range *free;
	size_t count, capacity;
	size_t allocated;		/* ranges that will come back */
};

int rill_va_init(struct rill_va *va, uint64_t start, uint64_t size);
void rill_va_fini(struct rill_va *va);
/* First fit. align: a power of two. -ENOSPC or -ENOMEM. */
int rill_va_alloc(struct rill_va *va, uint64_t size, uint64_t align, uint64_t *start);
/* What rill_va_alloc() gave. Cannot fail: room for it was made then. */
void rill_va_free(struct rill_va *va, uint64_t start, uint64_t size);
uint64_t rill_va_free_bytes(const struct rill_va *va);

#endif
