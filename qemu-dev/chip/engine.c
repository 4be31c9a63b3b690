// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine: one job at a time over all queues, in pieces. A pass has the chip to
 * itself, so its device time depends on nothing but its own jobs.
 */
#include "engine.h"
#include "gemm.h"
#include "ndf_job.h"
#include "rules.h"

#include <stdlib.h>

#define EFFORT_A_STEP	(1u << 16)	/* see struct rill_pass_state */
#define EFFORT_EVENT	32
#define INTERVALS_A_STEP 4096
#define TOKENS_A_STEP	64

/*
 * A barrier relies on an expert's slices all getting where one of them waits. So they do not if each is to be
 * computed before it moves on, has slots of its channel's share only, or keeps those that it has passed.
 */
#define BREAK_BARRIERS	(RILL_PASS_FORWARD_COMPUTED | RILL_PASS_OWNED_SLOTS | RILL_PASS_LATE_RELEASE)

struct rill_engine *rill_engine_new(struct rill_chip *chip)
{
	struct rill_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->gemm = rill_gemm_new();
	if (!engine->gemm) {
		free(engine);
		return NULL;
	}
	rill_log(chip, RILL_LOG_TRACE, "matrix products: %s", rill_gemm_name(engine->gemm));
	return engine;
}

static void close_pass(struct rill_chip *chip, unsigned int queue)
{
	struct rill_engine *engine = chip->engine;
	struct rill_pass_state *pass = engine->passes[queue];

	if (!pass)
		return;
	if (engine->running == pass)
		engine->running = NULL;
	rill_pass_clear(pass);
	free(pass);
	engine->passes[queue] = NULL;
}

void rill_engine_reset(struct rill_chip *chip)
{
	unsigned int i;

	for (i = 0; i < RILL_MAX_QUEUES; i++)
		close_pass(chip, i);
	rill_tail_clear(&chip->engine->tail);
	rill_transfer_clear(&chip->engine->transfer);
	rill_ndf_job_free(chip->engine->ndf);
	chip->engine->ndf = NULL;
}

void rill_engine_free(struct rill_chip *chip)
{
	if (!chip->engine)
		return;
	rill_engine_reset(chip);
	rill_gemm_free(chip->engine->gemm);
	rill_mac_work_free(chip->engine->mac_work);
	free(chip->engine);
	chip->engine = NULL;
}

static void complete_now(struct rill_chip *chip, const struct rill_job *job,
			 enum rill_status status, uint64_t detail)
{
	rill_queue_complete(chip, job->queue, job->tag, status, detail, chip->now_ps, chip->now_ps);
}

/* --- passes that fail --- */

static void complete_stream(struct rill_pass_state *pass, struct rill_stream_state *stream,
			    enum rill_status status, uint64_t detail)
{
	uint64_t now = pass->chip->now_ps;

	stream->done = true;
	rill_queue_complete(pass->chip, pass->queue, stream->tag, status, detail,
			    stream->started ? pass->start_ps + stream->start_ps : now, now);
}

/* A STREAM that is not one of the pass's yet, and will not be */
static void complete_adding(struct rill_pass_state *pass, enum rill_status status, uint64_t detail)
{
	uint64_t now = pass->chip->now_ps;

	free(pass->adding.routes);
	pass->adding.routes = NULL;
	rill_queue_complete(pass->chip, pass->queue, pass->adding.tag, status, detail, now, now);
}

/* What is left of a pass whose remaining jobs fail as they come: others may need the memory. */
static void forget_jobs(struct rill_pass_state *pass)
{
	struct rill_chip *chip = pass->chip;
	unsigned int queue = pass->queue;
	uint32_t tag = pass->failed_tag;

	rill_pass_clear(pass);
	pass->chip = chip;
	pass->queue = queue;
	pass->failed_tag = tag;
	pass->phase = RILL_PASS_SWALLOWING;
}

/*
 * The job `tag` has failed: the jobs of the pass that are not over fail with it,
 * and those that are still to come will.
 */
static void fail_pass(struct rill_pass_state *pass, uint32_t tag)
{
	bool running = pass->phase == RILL_PASS_RUNNING;
	size_t i;

	rill_tail_clear(&pass->chip->engine->tail);
	pass->phase = RILL_PASS_SWALLOWING;
	pass->failed_tag = tag;
	for (i = 0; i < pass->stream_count; i++)
		if (!pass->streams[i].done)
			complete_stream(pass, &pass->streams[i], RILL_PASS_FAILED, tag);
	if (pass->adding.routes)
		complete_adding(pass, RILL_PASS_FAILED, tag);
	if (pass->chip->engine->running == pass)
		pass->chip->engine->running = NULL;
	if (running)
		rill_stream_finish(pass);
	else
		forget_jobs(pass);
}

static void finish_pass(struct rill_pass_state *pass)
{
	rill_tail_keep(&pass->chip->engine->tail, pass);
	rill_stream_finish(pass);
}

/* PASS_END of a running pass completes, and the pass is over. */
static void end_pass(struct rill_pass_state *pass, enum rill_status status, uint64_t detail)
{
	struct rill_chip *chip = pass->chip;
	unsigned int queue = pass->queue;

	if (status)
		fail_pass(pass, pass->end_tag);
	else
		finish_pass(pass);
	rill_queue_complete(chip, queue, pass->end_tag, status, detail, pass->start_ps,
			    chip->now_ps);
	close_pass(chip, queue);
}

/* --- jobs as they are fetched --- */

/* In the place of the queue's last pass, which is over. NULL if out of memory. */
static struct rill_pass_state *open_pass(struct rill_chip *chip, unsigned int queue)
{
	struct rill_pass_state *pass;

	close_pass(chip, queue);
	pass = calloc(1, sizeof(*pass));
	if (!pass)
		return NULL;
	pass->chip = chip;
	pass->queue = queue;
	chip->engine->passes[queue] = pass;
	return pass;
}

static bool pass_is_open(const struct rill_chip *chip, unsigned int queue)
{
	const struct rill_pass_state *pass = chip->engine->passes[queue];

	return pass && pass->phase == RILL_PASS_COLLECTING;
}

static void start_pass_begin(struct rill_chip *chip, const struct rill_job *job)
{
	struct rill_pass_state *pass;
	enum rill_status status;
	uint64_t detail = 0;

	if (pass_is_open(chip, job->queue)) {
		complete_now(chip, job, RILL_PASS_OPEN, 0);
		return;
	}
	pass = open_pass(chip, job->queue);
	if (!pass) {
		complete_now(chip, job, RILL_INTERNAL, 0);
		return;
	}
	status = rill_pass_begin(chip, pass, job, &detail);
	complete_now(chip, job, status, status ? detail : 0);
	if (status)
		fail_pass(pass, job->tag);
}

/* The open pass that a STREAM or PASS_END belongs to; if there is none the job is over. */
static struct rill_pass_state *pass_of(struct rill_chip *chip, const struct rill_job *job)
{
	struct rill_pass_state *pass = chip->engine->passes[job->queue];

	if (!pass) {
		complete_now(chip, job, RILL_NO_PASS, 0);
		return NULL;
	}
	if (pass->phase == RILL_PASS_COLLECTING)
		return pass;
	complete_now(chip, job, RILL_PASS_FAILED, pass->failed_tag);
	if (job->opcode == RILL_OP_PASS_END)
		close_pass(chip, job->queue);
	return NULL;
}

/* A STREAM's weights; then the next job may come. */
static void locate_stream(struct rill_pass_state *pass)
{
	uint32_t tag = pass->adding.tag;
	enum rill_status status;
	uint64_t detail = 0;

	rill_queue_progress(pass->chip, pass->queue);
	status = rill_pass_locate(pass, &detail);
	if (!status && !rill_pass_is_located(pass))
		return;
	if (!status)
		status = rill_pass_add_end(pass, &detail);
	if (status) {
		complete_adding(pass, status, detail);
		fail_pass(pass, tag);
	} else {
		pass->phase = RILL_PASS_COLLECTING;
		pass->chip->engine->running = NULL;
	}
}

static void start_stream(struct rill_chip *chip, const struct rill_job *job)
{
	struct rill_pass_state *pass = pass_of(chip, job);
	enum rill_status status;
	uint64_t detail = 0;

	if (!pass)
		return;
	status = rill_pass_add(pass, job, &detail);
	if (!status) {
		pass->phase = RILL_PASS_LOCATING;
		chip->engine->running = pass;
		locate_stream(pass);
		return;
	}
	complete_now(chip, job, status, detail);
	fail_pass(pass, job->tag);
}

static void start_pass_end(struct rill_chip *chip, const struct rill_job *job)
{
	struct rill_pass_state *pass = pass_of(chip, job);

	if (!pass)
		return;
	pass->end_tag = job->tag;
	pass->start_ps = chip->now_ps;
	pass->phase = RILL_PASS_RUNNING;
	chip->engine->running = pass;
}

static void start_transfer(struct rill_chip *chip, const struct rill_job *job)
{
	enum rill_status status = RILL_PASS_OPEN;
	uint64_t detail = 0;

	if (!pass_is_open(chip, job->queue))
		status = rill_transfer_begin(chip, job, &detail);
	if (status)
		complete_now(chip, job, status, detail);
}

static void start_ndf(struct rill_chip *chip, const struct rill_job *job)
{
	enum rill_status status = RILL_PASS_OPEN;
	uint64_t detail = 0;

	if (!pass_is_open(chip, job->queue))
		status = rill_ndf_job_begin(chip, job, &detail);
	if (status)
		complete_now(chip, job, status, detail);
}

static bool addr_is_bad(const struct rill_job *job)
{
	if (job->opcode == RILL_OP_NOP || job->opcode == RILL_OP_PASS_END)
		return job->addr;
	return job->addr % 8;
}

/* A job that ended before it could start: its pass, with a hole in it, fails. */
static void lose_job(struct rill_chip *chip, const struct rill_job *job)
{
	struct rill_pass_state *pass = chip->engine->passes[job->queue];
	bool open = pass_is_open(chip, job->queue);

	if (job->opcode == RILL_OP_PASS_BEGIN && !open) {
		pass = open_pass(chip, job->queue);
		if (pass)
			fail_pass(pass, job->tag);
	}
	if ((job->opcode == RILL_OP_STREAM || job->opcode == RILL_OP_PASS_END) && open)
		fail_pass(pass, job->tag);
	if (job->opcode == RILL_OP_PASS_END)
		close_pass(chip, job->queue);
}

/* Only a pass that follows directly may have been loaded ahead. */
static bool ends_tail(const struct rill_job *job)
{
	return job->opcode != RILL_OP_NOP && job->opcode != RILL_OP_PASS_BEGIN &&
	       job->opcode != RILL_OP_STREAM && job->opcode != RILL_OP_PASS_END;
}

static void start_job(struct rill_chip *chip, const struct rill_job *job)
{
	if (job->lost) {
		lose_job(chip, job);
		return;
	}
	if (job->opcode <= RILL_OP_NDF && addr_is_bad(job)) {
		complete_now(chip, job, RILL_BAD_FIELD, RILL_FIELD_ADDR);
		lose_job(chip, job);
		return;
	}
	if (ends_tail(job))
		rill_tail_clear(&chip->engine->tail);
	switch (job->opcode) {
	case RILL_OP_NOP:
		complete_now(chip, job, RILL_OK, 0);
		break;
	case RILL_OP_FILL:
	case RILL_OP_COPY:
		start_transfer(chip, job);
		break;
	case RILL_OP_PASS_BEGIN:
		start_pass_begin(chip, job);
		break;
	case RILL_OP_STREAM:
		start_stream(chip, job);
		break;
	case RILL_OP_PASS_END:
		start_pass_end(chip, job);
		break;
	case RILL_OP_NDF:
		start_ndf(chip, job);
		break;
	default:
		complete_now(chip, job, RILL_BAD_OPCODE, job->opcode);
	}
}

/* --- jobs that run --- */

/*
 * If the address space has changed what the slices point to may be gone: they are looked for again, before
 * anything else happens. The pass does not move meanwhile, which may be for good. False: they are not all there
 * yet, or the pass has failed.
 */
static bool still_mapped(struct rill_pass_state *pass)
{
	enum rill_status status;
	uint64_t detail = 0;

	if (pass->epoch != pass->ctx->epoch) {
		pass->epoch = pass->ctx->epoch;
		pass->located = 0;
		pass->located_bytes = 0;
	}
	if (rill_pass_is_located(pass))
		return true;
	status = rill_pass_locate(pass, &detail);
	if (status)
		end_pass(pass, status, detail);
	return false;
}

/* A piece of what there is to do before the first event */
static void begin_pass(struct rill_pass_state *pass)
{
	enum rill_status status;
	uint64_t detail = 0;
	bool done;

	rill_queue_progress(pass->chip, pass->queue);
	status = rill_pass_prepare(pass, &done, &detail);
	if (!status && done)
		status = rill_mac_load(pass, &done, &detail);
	if (status) {
		end_pass(pass, status, detail);
	} else if (done && rill_packet_scatter(pass)) {
		rill_stream_begin(pass);
		pass->begun = true;
	}
}

static void write_outputs(struct rill_pass_state *pass)
{
	struct rill_fault fault = { 0 };
	uint32_t i;

	for (i = 0; pass->work && i < TOKENS_A_STEP; i++) {
		if (pass->tokens_out == pass->block.tokens)
			break;
		if (!rill_mac_output(pass, pass->tokens_out, &fault)) {
			end_pass(pass, fault.status, fault.detail);
			return;
		}
		pass->tokens_out++;
	}
	if (pass->work && pass->tokens_out < pass->block.tokens)
		return;
	if (!rill_timeline_flush(pass, &fault) || !rill_rules_keep(pass, &fault) ||
	    !rill_report_write(pass, &fault))
		end_pass(pass, fault.status, fault.detail);
	else
		end_pass(pass, RILL_OK, 0);
}

static bool pass_is_over(const struct rill_pass_state *pass)
{
	return !pass->clock.count && !pass->streams_left && !pass->reduces_left;
}

static bool run_events(struct rill_pass_state *pass, uint64_t until_ps)
{
	for (pass->effort = 0; pass->effort < EFFORT_A_STEP && !pass_is_over(pass); pass->effort += EFFORT_EVENT) {
		uint64_t next = rill_clock_next(&pass->clock);

		if (next != UINT64_MAX && pass->start_ps + next > until_ps)
			return pass->effort;
		rill_stream_event(pass);
		pass->chip->now_ps = pass->start_ps + pass->now;
		if (pass->broken || rill_mac_step(pass))
			break;
	}
	return true;
}

static void end_broken(struct rill_pass_state *pass)
{
	uint64_t detail = 0;

	if (rill_rules_failed(pass->program, &detail)) {
		end_pass(pass, RILL_BAD_RULES, detail);
		return;
	}
	if (pass->stuck && pass->barrier && pass->block.flags & BREAK_BARRIERS) {
		end_pass(pass, RILL_BAD_FIELD, offsetof(struct rill_pass, flags));
		return;
	}
	rill_log(pass->chip, RILL_LOG_ERROR, "stream engine stuck or out of memory");
	end_pass(pass, RILL_INTERNAL, 0);
}

static bool step_pass(struct rill_pass_state *pass, uint64_t until_ps)
{
	struct rill_fault fault;

	if (pass->phase == RILL_PASS_LOCATING) {
		locate_stream(pass);
		return true;
	}
	if (!still_mapped(pass))
		return true;
	if (!pass->begun) {
		begin_pass(pass);
		return true;
	}
	if (rill_mac_step(pass))
		return true;
	if (pass->broken) {
		end_broken(pass);
		return true;
	}
	if (pass_is_over(pass)) {
		write_outputs(pass);
		return true;
	}
	if (!run_events(pass, until_ps))
		return false;
	if (pass->interval_count >= INTERVALS_A_STEP && !rill_timeline_flush(pass, &fault))
		end_pass(pass, fault.status, fault.detail);
	return true;
}

static bool step_transfer(struct rill_chip *chip, uint64_t until_ps)
{
	struct rill_transfer *transfer = &chip->engine->transfer;

	if (!transfer->done) {
		rill_transfer_step(chip);
		return true;
	}
	if (transfer->end_ps > until_ps)
		return false;
	chip->now_ps = transfer->end_ps;
	rill_queue_complete(chip, transfer->job.queue, transfer->job.tag, RILL_OK, 0,
			    transfer->start_ps, transfer->end_ps);
	rill_transfer_clear(transfer);
	return true;
}

bool rill_engine_step(struct rill_chip *chip, uint64_t until_ps)
{
	struct rill_job job;

	if (chip->engine->running)
		return step_pass(chip->engine->running, until_ps);
	if (chip->engine->transfer.active)
		return step_transfer(chip, until_ps);
	if (chip->engine->ndf)
		return rill_ndf_job_step(chip, until_ps);
	if (!rill_queue_fetch(chip, &job))
		return false;
	/* At a pace of its own, device time went on while there was nothing to do. */
	if (until_ps != UINT64_MAX && until_ps > chip->now_ps)
		chip->now_ps = until_ps;
	start_job(chip, &job);
	return true;
}

uint64_t rill_engine_next(const struct rill_chip *chip)
{
	const struct rill_engine *engine = chip->engine;
	uint64_t next;

	if (engine->transfer.active)
		return engine->transfer.done ? engine->transfer.end_ps : chip->now_ps;
	if (engine->ndf)
		return rill_ndf_job_next(chip);
	if (!engine->running)
		return UINT64_MAX;
	next = rill_clock_next(&engine->running->clock);
	return next == UINT64_MAX ? chip->now_ps : engine->running->start_ps + next;
}

/* --- aborting --- */

static void abort_transfer(struct rill_chip *chip, unsigned int queue, uint32_t tag, bool silent)
{
	struct rill_transfer *transfer = &chip->engine->transfer;

	if (!transfer->active || transfer->job.queue != queue ||
	    (tag != UINT32_MAX && transfer->job.tag != tag))
		return;
	if (!silent)
		rill_queue_complete(chip, queue, transfer->job.tag, RILL_ABORTED, 0,
				    transfer->start_ps, chip->now_ps);
	rill_transfer_clear(transfer);
}

static void abort_ndf(struct rill_chip *chip, unsigned int queue, uint32_t tag, bool silent)
{
	const struct rill_ndf_task *task = chip->engine->ndf;

	if (task && task->job.queue == queue && (tag == UINT32_MAX || task->job.tag == tag))
		rill_ndf_job_abort(chip, silent);
}

static bool pass_holds(const struct rill_pass_state *pass, uint32_t tag)
{
	size_t i;

	if (pass->phase == RILL_PASS_RUNNING && pass->end_tag == tag)
		return true;
	if (pass->adding.routes && pass->adding.tag == tag)
		return true;
	for (i = 0; i < pass->stream_count; i++)
		if (!pass->streams[i].done && pass->streams[i].tag == tag)
			return true;
	return false;
}

static void abort_pass(struct rill_pass_state *pass, uint32_t tag)
{
	bool running = pass->phase == RILL_PASS_RUNNING;
	struct rill_chip *chip = pass->chip;
	unsigned int queue = pass->queue;
	size_t i;

	for (i = 0; i < pass->stream_count; i++)
		if (!pass->streams[i].done && (tag == UINT32_MAX || pass->streams[i].tag == tag))
			complete_stream(pass, &pass->streams[i], RILL_ABORTED, 0);
	if (pass->adding.routes && (tag == UINT32_MAX || pass->adding.tag == tag))
		complete_adding(pass, RILL_ABORTED, 0);
	fail_pass(pass, tag);
	if (!running)
		return;
	if (tag == UINT32_MAX || pass->end_tag == tag)
		rill_queue_complete(chip, queue, pass->end_tag, RILL_ABORTED, 0, pass->start_ps,
				    chip->now_ps);
	else
		rill_queue_complete(chip, queue, pass->end_tag, RILL_PASS_FAILED, tag,
				    pass->start_ps, chip->now_ps);
	close_pass(chip, queue);
}

void rill_engine_abort(struct rill_chip *chip, unsigned int queue, uint32_t tag, bool silent)
{
	struct rill_pass_state *pass = chip->engine->passes[queue];

	abort_transfer(chip, queue, tag, silent);
	abort_ndf(chip, queue, tag, silent);
	if (pass && !silent && pass->phase != RILL_PASS_SWALLOWING &&
	    (tag == UINT32_MAX || pass_holds(pass, tag)))
		abort_pass(pass, tag);
	if (tag != UINT32_MAX)
		return;
	close_pass(chip, queue);
	if (chip->engine->tail.queue == queue)
		rill_tail_clear(&chip->engine->tail);
}
