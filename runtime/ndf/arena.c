// SPDX-License-Identifier: MIT
#include "ast.h"

#include <stdlib.h>

#define BLOCK_BYTES 65536

struct arena_block {
	struct arena_block *next;
	uint64_t data[];
};

void *rill_arena_alloc(struct arena *arena, size_t bytes)
{
	struct arena_block *block;
	size_t room;

	bytes = (bytes + 15) & ~(size_t)15;
	if (bytes > arena->left) {
		room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
		block = calloc(1, sizeof(*block) + room);
		if (!block)
			return NULL;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->left = room;
	}
	arena->left -= bytes;
	return (char *)arena->blocks->data + arena->left;
}

void rill_arena_free(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
	arena->left = 0;
}
