/* SPDX-License-Identifier: MIT */
/* What a routing trace holds: its layers and their tokens, and a digest of the file. */
#ifndef RILL_BENCH_TRACE_INFO_H
#define RILL_BENCH_TRACE_INFO_H

#include <stdint.h>

#include "rill_moe.h"

#define TRACE_MAX_LAYERS 256

struct trace_layer {
	uint32_t layer, tokens;
};

struct trace_info {
	unsigned int count;		/* layers that the model has, in the order of the file */
	struct trace_layer layers[TRACE_MAX_LAYERS];
	char name[96];			/* file name without folders, and a digest of its bytes */
};

/* 0, or a negative errno; -ENODATA: no layer of this model. */
int trace_info_read(const char *path, const struct rill_model *model, struct trace_info *info);

/*
 * Batch `sample` (1, 2, ...) of a number of tokens: layers in turn, and within a layer far apart in
 * the file. False if no layer is long enough.
 */
bool trace_info_batch(const struct trace_info *info, uint32_t sample, uint32_t tokens,
		      uint32_t *layer, uint32_t *first);

#endif
