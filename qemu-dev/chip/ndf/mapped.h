/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program on an array of chiplets, in device time. The engine computes, this schedules it. */
#ifndef RILL_CHIP_NDF_MAPPED_H
#define RILL_CHIP_NDF_MAPPED_H

#include "ndf.h"

struct rill_ndf_array {
	uint32_t rows, cols;		/* rows * cols: 1..RILL_NDF_MAX_CHIPLETS */
	uint64_t op_ps, when_ps, where_ps, memory_ps;	/* of a firing; SOURCE and SINK as where */
	uint64_t hop_ps;		/* latency of a link */
	uint64_t token_ps;		/* that a token or credit occupies a link */
	uint64_t firing_limit;		/* of all chiplets together; 0: none */
};

struct rill_ndf_mapped;

/*
 * Takes the placement from the nodes of `binary`, from which `program` was loaded. options->hooks
 * must be NULL. NULL: out of memory, array out of range, or a node on a chiplet outside of it.
 */
struct rill_ndf_mapped *rill_ndf_mapped_new(const struct rill_ndf_program *program, const void *binary,
					    const struct rill_ndf_options *options,
					    const struct rill_ndf_array *array);
void rill_ndf_mapped_free(struct rill_ndf_mapped *mapped);
struct rill_ndf_engine *rill_ndf_mapped_engine(struct rill_ndf_mapped *mapped);
/* At most `events` events more; LIMIT: call again, unless _spent(). Also after BUSY. */
enum rill_ndf_end rill_ndf_mapped_step(struct rill_ndf_mapped *mapped, uint64_t events);
/* A firing beyond the limit was due: every step ends with LIMIT from here on. */
bool rill_ndf_mapped_spent(const struct rill_ndf_mapped *mapped);
uint64_t rill_ndf_mapped_time(const struct rill_ndf_mapped *mapped);	/* ps */
uint64_t rill_ndf_mapped_firings(const struct rill_ndf_mapped *mapped, uint32_t chiplet);
uint64_t rill_ndf_mapped_busy(const struct rill_ndf_mapped *mapped, uint32_t chiplet);	/* ps */
/* Tokens and credits over the link that leaves a chiplet; direction 0..3: east, west, south, north */
uint64_t rill_ndf_mapped_link(const struct rill_ndf_mapped *mapped, uint32_t chiplet, uint32_t direction);

#endif
