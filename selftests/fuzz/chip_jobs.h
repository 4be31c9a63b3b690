/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs as software would write them; what lies in memory for them can be spoiled afterwards. */
#ifndef CHIP_JOBS_H
#define CHIP_JOBS_H

#include "chip_rig.h"
#include "ndf_corpus.h"

#define JOBS_MAX	8	/* of a pass */
#define JOBS_PARTS	64

/* Where their blocks and arrays lie, for all jobs of a case */
struct chip_jobs {
	struct chip_rig *rig;
	const struct sample *programs;	/* CORPUS of them, to be rules; or NULL */
	uint64_t used;			/* of system memory */
	struct {
		uint64_t va, bytes;
	} parts[JOBS_PARTS];
	unsigned int part_count;
};

/*
 * A pass that is right for a context of all chiplets, but may need too much SRAM, and rules are anything that is a
 * program. 0 jobs if there is no room.
 */
unsigned int chip_jobs_pass(struct chip_jobs *jobs, struct rill_hw_sqe *sqes);
/* One FILL or COPY */
unsigned int chip_jobs_transfer(struct chip_jobs *jobs, struct rill_hw_sqe *sqe);
/* Always the same; its output is at *out. */
unsigned int chip_jobs_honest(struct chip_jobs *jobs, struct rill_hw_sqe *sqes, uint64_t *out, size_t *bytes);
/* A word of some block or array becomes another. */
void chip_jobs_spoil(struct chip_jobs *jobs);
uint64_t chip_jobs_word(struct chip_rig *rig);

#endif
