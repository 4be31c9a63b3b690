// SPDX-License-Identifier: GPL-2.0-or-later
/* A job that runs a dataflow program: its block, its phases, and the run itself. */
#include "ndf_job.h"
#include "engine.h"

#include <stdlib.h>

#define EVENTS_A_STEP	512u		/* a firing may be that of a large WHEN */
#define FIELD(member)	offsetof(struct rill_ndf_job, member)

void rill_ndf_job_free(struct rill_ndf_task *task)
{
	if (!task)
		return;
	rill_ndf_mapped_free(task->mapped);
	rill_ndf_program_free(task->program);
	free(task->binary);
	free(task->inputs);
	free(task->outputs);
	free(task->weights);
	free(task);
}

/* --- the block --- */

static uint64_t bad_array(const struct rill_ndf_job *block)
{
	if (block->inputs % 8)
		return FIELD(inputs);
	if (block->outputs % 8)
		return FIELD(outputs);
	if (block->input_count > RILL_NDF_MAX_NODES || (!block->inputs && block->input_count))
		return FIELD(input_count);
	if (block->output_count > RILL_NDF_MAX_NODES || (!block->outputs && block->output_count))
		return FIELD(output_count);
	return 0;
}

static uint64_t bad_weights(const struct rill_ndf_job *block)
{
	if (block->weights % 8 || (!block->weights && block->flags & RILL_NDF_JOB_LOAD_WEIGHTS))
		return FIELD(weights);
	return !block->weights && block->weights_bytes ? FIELD(weights_bytes) : 0;
}

/* A field out of range. Arrays that are not there are checked against the program later. */
static bool block_is_bad(const struct rill_ndf_job *block, uint64_t *field)
{
	if (block->flags & ~(RILL_NDF_JOB_LOAD_WEIGHTS | RILL_NDF_JOB_WAVES)) {
		*field = FIELD(flags);
		return true;
	}
	*field = FIELD(capacity);
	if (block->capacity > RILL_NDF_MAX_CAPACITY)
		return true;
	*field = FIELD(firing_limit);
	if (!block->firing_limit || block->firing_limit > RILL_NDF_MAX_FIRINGS)
		return true;
	*field = FIELD(program);
	if (!block->program || block->program % 8)
		return true;
	*field = FIELD(memory);
	if (block->memory % 8 || block->memory >> RILL_VA_BITS)
		return true;
	*field = FIELD(report);
	if (block->report % 8)
		return true;
	*field = bad_array(block);
	if (!*field)
		*field = bad_weights(block);
	return *field;
}

enum rill_status rill_ndf_job_begin(struct rill_chip *chip, const struct rill_job *job, uint64_t *detail)
{
	struct rill_fault fault = { 0 };
	struct rill_ndf_task *task;
	struct rill_ndf_job block;

	if (!rill_mmu_read(chip, rill_queue_context(chip, job->queue), job->addr, &block, sizeof(block), &fault)) {
		*detail = fault.detail;
		return fault.status;
	}
	if (block_is_bad(&block, detail))
		return RILL_BAD_FIELD;
	*detail = FIELD(reserved);
	if (block.reserved)
		return RILL_BAD_RESERVED;
	*detail = 0;
	task = calloc(1, sizeof(*task));
	if (!task)
		return RILL_INTERNAL;
	task->chip = chip;
	task->job = *job;
	task->block = block;
	task->start_ps = chip->now_ps;
	task->end_ps = chip->now_ps;
	chip->engine->ndf = task;
	return RILL_OK;
}

/* --- the run --- */

static void judge_fault(struct rill_ndf_task *task)
{
	struct rill_ndf_fault_report fault;

	rill_ndf_fault(rill_ndf_mapped_engine(task->mapped), &fault);
	if (task->fault.status) {
		task->run_status = task->fault.status;
		task->run_detail = task->fault.detail;
	} else if (!fault.fault || fault.fault == RILL_NDF_FAULT_NO_MEMORY) {
		task->run_status = RILL_INTERNAL;
	} else {
		task->run_status = RILL_PROGRAM_FAULT;
		task->run_detail = (uint64_t)fault.node << 32 | fault.fault;
	}
}

static void judge_deadlock(struct rill_ndf_task *task)
{
	struct rill_ndf_block block = { 0 };

	rill_ndf_blocks(rill_ndf_mapped_engine(task->mapped), &block, 1);
	task->run_status = RILL_DEADLOCK;
	task->run_detail = (uint64_t)block.node << 32 | block.arc;
}

static void judge(struct rill_ndf_task *task)
{
	switch (task->end) {
	case RILL_NDF_FINISHED:
	case RILL_NDF_QUIESCENT:
		break;
	case RILL_NDF_DEADLOCK:
		judge_deadlock(task);
		break;
	case RILL_NDF_LIMIT:
		task->run_status = RILL_FIRING_LIMIT;
		task->run_detail = task->block.firing_limit;
		break;
	case RILL_NDF_FAULT:
		judge_fault(task);
		break;
	default:
		task->run_status = RILL_INTERNAL;
	}
}

/* True: it has ended. */
static bool run_some(struct rill_ndf_task *task, uint64_t events)
{
	task->end = rill_ndf_mapped_step(task->mapped, events);
	task->end_ps = task->start_ps + rill_ndf_mapped_time(task->mapped);
	return task->end != RILL_NDF_LIMIT || rill_ndf_mapped_spent(task->mapped);
}

/*
 * At a pace, event by event: when the next one is due is only known once it has been, so it may be one ahead. Returns
 * whether anything happened.
 */
static bool run(struct rill_ndf_task *task, uint64_t until_ps)
{
	uint64_t piece = until_ps == UINT64_MAX ? EVENTS_A_STEP : 1, events;
	bool over = false;

	for (events = 0; !over && events < EVENTS_A_STEP && task->end_ps <= until_ps; events += piece)
		over = run_some(task, piece);
	if (over) {
		judge(task);
		task->phase++;
	}
	rill_ndf_job_count_links(task);
	return events;
}

/* --- phases --- */

static void complete(struct rill_ndf_task *task)
{
	struct rill_chip *chip = task->chip;
	enum rill_status status = task->status ? task->status : task->run_status;

	chip->engine->ndf = NULL;
	rill_queue_complete(chip, task->job.queue, task->job.tag, status,
			    task->status ? task->detail : task->run_detail, task->start_ps, task->end_ps);
	rill_ndf_job_free(task);
}

static bool take_phase(struct rill_ndf_task *task)
{
	switch (task->phase) {
	case RILL_NDF_PHASE_READ_BINARY:
		return rill_ndf_job_read_binary(task);
	case RILL_NDF_PHASE_CHECK_PROGRAM:
		return rill_ndf_job_check_program(task);
	case RILL_NDF_PHASE_READ_WEIGHTS:
		return rill_ndf_job_read_weights(task);
	case RILL_NDF_PHASE_START:
		return rill_ndf_job_start(task);
	case RILL_NDF_PHASE_READ_INPUTS:
		return rill_ndf_job_read_inputs(task);
	case RILL_NDF_PHASE_WRITE_OUTPUTS:
		return rill_ndf_job_write_outputs(task);
	default:
		return rill_ndf_job_write_rest(task);
	}
}

/* False: not before until_ps is later. */
static bool advance(struct rill_ndf_task *task, uint64_t until_ps)
{
	if (task->phase == RILL_NDF_PHASE_RUN)
		return run(task, until_ps);
	if (task->phase == RILL_NDF_PHASE_HOLD) {
		if (task->end_ps > until_ps)
			return false;
		task->phase++;
		return true;
	}
	if (!take_phase(task))
		return true;
	task->phase++;
	task->at = 0;
	task->offset = 0;
	return true;
}

bool rill_ndf_job_step(struct rill_chip *chip, uint64_t until_ps)
{
	struct rill_ndf_task *task = chip->engine->ndf;
	bool moved = advance(task, until_ps);
	uint64_t now = task->end_ps < until_ps ? task->end_ps : until_ps;

	if (now > chip->now_ps)
		chip->now_ps = now;
	if (moved)
		rill_queue_progress(chip, task->job.queue);
	if (task->status || task->phase == RILL_NDF_PHASE_OVER)
		complete(task);
	return moved;
}

uint64_t rill_ndf_job_next(const struct rill_chip *chip)
{
	const struct rill_ndf_task *task = chip->engine->ndf;

	return task->end_ps > chip->now_ps ? task->end_ps : chip->now_ps;
}

void rill_ndf_job_abort(struct rill_chip *chip, bool silent)
{
	struct rill_ndf_task *task = chip->engine->ndf;

	chip->engine->ndf = NULL;
	if (!silent)
		rill_queue_complete(chip, task->job.queue, task->job.tag, RILL_ABORTED, 0, task->start_ps,
				    chip->now_ps);
	rill_ndf_job_free(task);
}
