// SPDX-License-Identifier: GPL-2.0-or-later
/* What came of a program: words of sinks, weights, a report. */
#include "ndf_job.h"

#include <string.h>

#include "ndf/weights.h"

static bool write_some(struct rill_ndf_task *task, uint64_t va, const void *from, uint64_t bytes)
{
	struct rill_fault fault = { 0 };

	if (rill_mmu_write(task->chip, rill_ndf_job_context(task), va, from, bytes, &fault))
		return true;
	rill_ndf_job_fail(task, fault.status, fault.detail);
	return false;
}

/* --- outputs --- */

static bool write_count(struct rill_ndf_task *task, uint64_t count)
{
	uint64_t va = task->block.outputs + task->at * sizeof(struct rill_ndf_output);

	return write_some(task, va + offsetof(struct rill_ndf_output, count), &count, sizeof(count));
}

/* A piece of output `at`, and its count when all is written; the bytes, 0 at a fault. */
static uint64_t write_output(struct rill_ndf_task *task)
{
	const struct rill_ndf_output *output = &task->outputs[task->at];
	uint64_t bytes, piece;
	const uint64_t *words;
	size_t count;

	words = rill_ndf_sink_words(rill_ndf_mapped_engine(task->mapped), task->at, &count);
	bytes = 8ULL * (count < output->room ? count : output->room);
	piece = bytes - task->offset;
	if (piece > RILL_NDF_PIECE_BYTES)
		piece = RILL_NDF_PIECE_BYTES;
	if (piece && !write_some(task, output->words + task->offset, words + task->offset / 8, piece))
		return 0;
	task->offset += piece;
	if (task->offset < bytes)
		return piece;
	if (!write_count(task, count))
		return 0;
	task->at++;
	task->offset = 0;
	return piece + sizeof(output->count);
}

bool rill_ndf_job_write_outputs(struct rill_ndf_task *task)
{
	uint64_t moved = 0, piece;

	while (moved < RILL_NDF_PIECE_BYTES) {
		if (task->at == task->block.output_count)
			return true;
		piece = write_output(task);
		if (!piece)
			return true;
		moved += piece;
	}
	return false;
}

/* --- weights --- */

static bool write_weights(struct rill_ndf_task *task)
{
	uint64_t bytes = task->block.weights_bytes, piece = bytes - task->offset;

	if (!task->offset)
		rill_ndf_weights_get(task->program, rill_ndf_mapped_engine(task->mapped), task->weights);
	if (piece > RILL_NDF_PIECE_BYTES)
		piece = RILL_NDF_PIECE_BYTES;
	if (!write_some(task, task->block.weights + task->offset, task->weights + task->offset, piece))
		return true;
	task->offset += piece;
	return task->offset == bytes;
}

/* --- the report --- */

static void report_waits(const struct rill_ndf_task *task, struct rill_ndf_report *report)
{
	struct rill_ndf_block blocks[RILL_NDF_MAX_WAITS];
	uint32_t i;

	if (task->end != RILL_NDF_DEADLOCK)
		return;
	report->wait_count = rill_ndf_blocks(rill_ndf_mapped_engine(task->mapped), blocks, RILL_NDF_MAX_WAITS);
	for (i = 0; i < RILL_NDF_MAX_WAITS && i < report->wait_count; i++)
		report->wait[i] = (struct rill_ndf_wait){
			.arc = blocks[i].arc, .node = blocks[i].node, .full = blocks[i].full,
		};
}

static void report_counts(const struct rill_ndf_task *task, struct rill_ndf_report *report)
{
	struct rill_ndf_stats stats;
	uint32_t c, way;

	rill_ndf_stats(rill_ndf_mapped_engine(task->mapped), &stats);
	report->firings = stats.firings;
	report->op = stats.op;
	report->when = stats.when;
	report->where = stats.where;
	report->source = stats.source;
	report->sink = stats.sink;
	report->lessons = stats.lessons;
	report->tokens_left = stats.tokens;
	report->memory_accesses = task->accesses;
	for (c = 0; c < task->chip->chiplet_count; c++) {
		report->chiplet[c].firings = rill_ndf_mapped_firings(task->mapped, c);
		report->chiplet[c].busy_ps = rill_ndf_mapped_busy(task->mapped, c);
		for (way = 0; way < 4; way++)
			report->link_transfers += rill_ndf_mapped_link(task->mapped, c, way);
	}
}

static void report_detection(const struct rill_ndf_task *task, struct rill_ndf_report *report)
{
	struct rill_ndf_detection detection;

	rill_ndf_mapped_detection(task->mapped, &detection);
	report->waves = detection.waves;
	report->wave_messages = detection.messages;
	report->settled_ps = task->end_ps;
	if (detection.settled_ps != UINT64_MAX)
		report->settled_ps = task->start_ps + detection.settled_ps;
}

static bool write_report(struct rill_ndf_task *task)
{
	struct rill_ndf_report report = {
		.end = task->end, .start_ps = task->start_ps, .end_ps = task->end_ps,
	};
	struct rill_ndf_fault_report fault;

	rill_ndf_fault(rill_ndf_mapped_engine(task->mapped), &fault);
	report.fault = fault.fault;
	report.fault_node = fault.node;
	report.fault_word = fault.word;
	report_counts(task, &report);
	report_waits(task, &report);
	report_detection(task, &report);
	return write_some(task, task->block.report, &report, sizeof(report));
}

bool rill_ndf_job_write_rest(struct rill_ndf_task *task)
{
	if (task->block.weights && !write_weights(task))
		return false;
	if (!task->status && task->block.report)
		write_report(task);
	return true;
}
