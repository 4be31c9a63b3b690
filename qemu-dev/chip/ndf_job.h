/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job that runs a dataflow program: loaded in pieces, run by events on the chiplets that its nodes are
 * placed on, and what came of it written back in pieces.
 */
#ifndef RILL_CHIP_NDF_JOB_H
#define RILL_CHIP_NDF_JOB_H

#include "internal.h"
#include "rill_ndf.h"

#include "ndf/mapped.h"

#define RILL_NDF_TOKEN_BYTES	16u		/* of a token or credit on a link */
#define RILL_NDF_PIECE_BYTES	(1u << 20)	/* moved in a step */

/* Each in turn, some of them in many steps. */
enum rill_ndf_phase {
	RILL_NDF_PHASE_READ_BINARY,
	RILL_NDF_PHASE_CHECK_PROGRAM,
	RILL_NDF_PHASE_READ_WEIGHTS,
	RILL_NDF_PHASE_START,
	RILL_NDF_PHASE_READ_INPUTS,
	RILL_NDF_PHASE_RUN,
	RILL_NDF_PHASE_HOLD,			/* it has ended, but its time is not over */
	RILL_NDF_PHASE_WRITE_OUTPUTS,
	RILL_NDF_PHASE_WRITE_REST,
	RILL_NDF_PHASE_OVER,
};

struct rill_ndf_task {
	struct rill_chip *chip;
	struct rill_job job;
	struct rill_ndf_job block;
	enum rill_ndf_phase phase;
	uint8_t *binary;
	uint32_t binary_bytes;
	struct rill_ndf_program *program;
	struct rill_ndf_mapped *mapped;
	struct rill_ndf_input *inputs;
	struct rill_ndf_output *outputs;
	uint8_t *weights;
	uint16_t links[RILL_MAX_CHIPLETS][4];	/* that leave a chiplet, by direction as in mapped.h */
	uint32_t at;			/* element of an array, */
	uint64_t offset;		/* and bytes of it, that are done */
	uint32_t rate_permille;		/* of the slowest link in use */
	uint64_t start_ps, end_ps, token_ps;
	uint64_t accesses;
	uint64_t moved[RILL_MAX_CHIPLETS][4];	/* as counted in links so far */
	struct rill_fault fault;	/* of an access by the program */
	/* How the run ended, */
	enum rill_ndf_end end;
	enum rill_status run_status;
	uint64_t run_detail;
	/* and what went wrong before or after it */
	enum rill_status status;
	uint64_t detail;
};

/* --- ndf_job.c --- */

/* Its block; chip->engine->ndf is the task if it is good. */
enum rill_status rill_ndf_job_begin(struct rill_chip *chip, const struct rill_job *job, uint64_t *detail);
/* A bounded piece; false if there is nothing to do up to until_ps. Completes the job at its end. */
bool rill_ndf_job_step(struct rill_chip *chip, uint64_t until_ps);
uint64_t rill_ndf_job_next(const struct rill_chip *chip);
void rill_ndf_job_abort(struct rill_chip *chip, bool silent);
void rill_ndf_job_free(struct rill_ndf_task *task);

/* Phases. True: done with, or task->status is set. */

/* ndf_job_load.c */
bool rill_ndf_job_read_binary(struct rill_ndf_task *task);
bool rill_ndf_job_check_program(struct rill_ndf_task *task);
bool rill_ndf_job_read_weights(struct rill_ndf_task *task);
bool rill_ndf_job_start(struct rill_ndf_task *task);
bool rill_ndf_job_read_inputs(struct rill_ndf_task *task);

/* ndf_job_write.c */
bool rill_ndf_job_write_outputs(struct rill_ndf_task *task);
bool rill_ndf_job_write_rest(struct rill_ndf_task *task);

/* --- ndf_job_links.c: what its arcs need of the mesh --- */

/* False: a link on the way is down or not of the context; *detail is source << 16 | destination. */
bool rill_ndf_job_check_links(struct rill_ndf_task *task, uint64_t *detail);
void rill_ndf_job_count_links(struct rill_ndf_task *task);

/* --- ndf_job_memory.c: struct rill_ndf_host, opaque is the task --- */

extern const struct rill_ndf_host rill_ndf_job_host;

static inline struct rill_context *rill_ndf_job_context(const struct rill_ndf_task *task)
{
	return rill_queue_context(task->chip, task->job.queue);
}

static inline bool rill_ndf_job_fail(struct rill_ndf_task *task, enum rill_status status, uint64_t detail)
{
	task->status = status;
	task->detail = detail;
	return true;
}

#endif
