/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine holds: the jobs that have been fetched and are not over. */
#ifndef RILL_CHIP_ENGINE_H
#define RILL_CHIP_ENGINE_H

#include "pass.h"
#include "tail.h"

struct rill_gemm;
struct rill_mac_work;
struct rill_ndf_task;

/* A FILL or COPY under way. */
struct rill_transfer {
	struct rill_job job;
	bool active, done;		/* done: the bytes are moved, the time is not over */
	bool zero;
	struct rill_fill_range *ranges;	/* FILL */
	struct rill_copy copy;		/* COPY */
	uint32_t range_count, range;
	uint64_t offset;
	uint64_t start_ps, end_ps;
	uint64_t moved[RILL_MAX_CHANNELS + 1];	/* bytes by channel; the last is system memory */
};

struct rill_engine {
	struct rill_gemm *gemm;
	struct rill_mac_work *mac_work;	/* mac.c's: kept from pass to pass, for new memory is dear */
	struct rill_pass_state *passes[RILL_MAX_QUEUES];	/* open or failed ones */
	struct rill_pass_state *running;
	struct rill_transfer transfer;
	struct rill_ndf_task *ndf;	/* ndf_job.h: the program that runs, or NULL */
	struct rill_tail tail;
};

/* transfer.c */
enum rill_status rill_transfer_begin(struct rill_chip *chip, const struct rill_job *job,
				     uint64_t *detail);
/* A bounded piece; false when its bytes are moved or it has failed. */
bool rill_transfer_step(struct rill_chip *chip);
void rill_transfer_clear(struct rill_transfer *transfer);

/* mac.c */
void rill_mac_work_free(struct rill_mac_work *work);

/* report.c */
bool rill_report_write(struct rill_pass_state *pass, struct rill_fault *fault);

#endif
