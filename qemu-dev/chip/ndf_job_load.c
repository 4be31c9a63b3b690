// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program's job brings along: copied first and then believed no more than checked, for the guest
 * may write to it at any time.
 */
#include "ndf_job.h"
#include "pass.h"

#include <stdlib.h>
#include <string.h>

#include "ndf/weights.h"

#define FIELD(member)		offsetof(struct rill_ndf_job, member)
#define ELEMENT(member, i)	((uint64_t)(i) << 16 | FIELD(member))
#define WORDS_A_PIECE		4096u

static bool read_some(struct rill_ndf_task *task, uint64_t va, void *to, uint64_t bytes)
{
	struct rill_fault fault = { 0 };

	if (rill_mmu_read(task->chip, rill_ndf_job_context(task), va, to, bytes, &fault))
		return true;
	rill_ndf_job_fail(task, fault.status, fault.detail);
	return false;
}

/* The next piece of something long; true when all of it is there, or at a fault. */
static bool read_piece(struct rill_ndf_task *task, uint64_t va, uint8_t *to, uint64_t bytes)
{
	uint64_t piece = bytes - task->offset;

	if (piece > RILL_NDF_PIECE_BYTES)
		piece = RILL_NDF_PIECE_BYTES;
	if (!read_some(task, va + task->offset, to + task->offset, piece))
		return true;
	task->offset += piece;
	return task->offset == bytes;
}

/* --- the program --- */

static bool read_header(struct rill_ndf_task *task)
{
	struct rill_ndf_header header;

	if (!read_some(task, task->block.program, &header, sizeof(header)))
		return false;
	if (header.bytes < sizeof(header) || header.bytes > RILL_NDF_MAX_BYTES) {
		rill_ndf_job_fail(task, RILL_BAD_PROGRAM, (uint64_t)RILL_NDF_BAD_BYTES << 48 |
				  offsetof(struct rill_ndf_header, bytes));
		return false;
	}
	task->binary = malloc(header.bytes);
	task->binary_bytes = header.bytes;
	if (!task->binary)
		rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	return task->binary;
}

bool rill_ndf_job_read_binary(struct rill_ndf_task *task)
{
	if (!task->binary && !read_header(task))
		return true;
	return read_piece(task, task->block.program, task->binary, task->binary_bytes);
}

static bool load_program(struct rill_ndf_task *task)
{
	struct rill_ndf_verdict verdict;

	rill_ndf_program_free(task->program);
	task->program = rill_ndf_program_new(task->binary, task->binary_bytes, &verdict);
	if (task->program)
		return true;
	if (verdict.code == RILL_NDF_VALID)
		rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	else
		rill_ndf_job_fail(task, RILL_BAD_PROGRAM, (uint64_t)verdict.code << 48 | verdict.position);
	return false;
}

static struct rill_ndf_node node_at(const struct rill_ndf_task *task, uint32_t i)
{
	struct rill_ndf_header header;
	struct rill_ndf_node node;

	memcpy(&header, task->binary, sizeof(header));
	memcpy(&node, task->binary + header.nodes + i * sizeof(node), sizeof(node));
	return node;
}

static bool check_placement(struct rill_ndf_task *task)
{
	uint64_t chiplets = rill_ndf_job_context(task)->chiplets;
	uint32_t i;

	for (i = 0; i < rill_ndf_program_nodes(task->program); i++) {
		unsigned int chiplet = node_at(task, i).chiplet;

		if (chiplet >= task->chip->chiplet_count || !(chiplets & rill_bit(chiplet))) {
			rill_ndf_job_fail(task, RILL_BAD_PROGRAM, (uint64_t)RILL_NDF_BAD_CHIPLET << 48 | i);
			return false;
		}
	}
	return true;
}

/* What the block says of the program must be true. */
static bool check_figures(struct rill_ndf_task *task)
{
	const struct rill_ndf_program *program = task->program;
	const struct rill_ndf_job *block = &task->block;
	uint64_t field;

	if ((uint64_t)block->capacity * rill_ndf_program_arcs(program) > RILL_NDF_MAX_SLOTS)
		field = FIELD(capacity);
	else if (!block->memory != !rill_ndf_program_memory(program))
		field = FIELD(memory);
	else if (block->inputs && block->input_count != rill_ndf_program_sources(program))
		field = FIELD(input_count);
	else if (block->outputs && block->output_count != rill_ndf_program_sinks(program))
		field = FIELD(output_count);
	else if (block->weights && block->weights_bytes != rill_ndf_weights_bytes(program))
		field = FIELD(weights_bytes);
	else
		return true;
	rill_ndf_job_fail(task, RILL_BAD_FIELD, field);
	return false;
}

/* --- inputs and outputs --- */

/* The structures, and one more, so that none is no failure. */
static void *read_array(struct rill_ndf_task *task, uint64_t va, uint32_t count, size_t element)
{
	void *array = calloc((size_t)count + 1, element);

	if (!array)
		rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	else if (count)
		read_some(task, va, array, count * element);
	return array;
}

static bool check_inputs(struct rill_ndf_task *task)
{
	uint64_t words = 0;
	uint32_t i;

	for (i = 0; i < task->block.input_count; i++) {
		const struct rill_ndf_input *input = &task->inputs[i];

		if (input->words % 8 || (input->count && !input->words) ||
		    input->count > RILL_NDF_MAX_JOB_TOKENS - words) {
			rill_ndf_job_fail(task, RILL_BAD_FIELD, ELEMENT(inputs, i));
			return false;
		}
		words += input->count;
	}
	return true;
}

static bool check_outputs(struct rill_ndf_task *task)
{
	uint32_t i;

	for (i = 0; i < task->block.output_count; i++) {
		const struct rill_ndf_output *output = &task->outputs[i];
		unsigned int mode = node_at(task, rill_ndf_program_sink_node(task->program, i)).mode;

		if (output->words % 8 || (output->room && !output->words) ||
		    (output->expected && mode != RILL_NDF_SINK_COUNT) ||
		    output->expected > RILL_NDF_MAX_SINK_TOKENS) {
			rill_ndf_job_fail(task, RILL_BAD_FIELD, ELEMENT(outputs, i));
			return false;
		}
	}
	return true;
}

bool rill_ndf_job_check_program(struct rill_ndf_task *task)
{
	const struct rill_ndf_job *block = &task->block;
	uint64_t detail = 0;

	if (!load_program(task) || !check_placement(task) || !check_figures(task))
		return true;
	task->inputs = read_array(task, block->inputs, block->input_count, sizeof(*task->inputs));
	if (task->status)
		return true;
	task->outputs = read_array(task, block->outputs, block->output_count, sizeof(*task->outputs));
	if (task->status || !check_inputs(task) || !check_outputs(task))
		return true;
	if (!rill_ndf_job_check_links(task, &detail))
		rill_ndf_job_fail(task, RILL_UNREACHABLE, detail);
	return true;
}

/* --- weights --- */

bool rill_ndf_job_read_weights(struct rill_ndf_task *task)
{
	if (!task->block.weights)
		return true;
	if (!task->weights)
		task->weights = malloc(task->block.weights_bytes + 1);
	if (!task->weights)
		return rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	if (!(task->block.flags & RILL_NDF_JOB_LOAD_WEIGHTS))
		return true;
	if (!read_piece(task, task->block.weights, task->weights, task->block.weights_bytes))
		return false;
	if (task->status)
		return true;
	if (!rill_ndf_weights_put(task->program, task->binary, task->weights))
		return rill_ndf_job_fail(task, RILL_BAD_RESERVED, FIELD(weights));
	load_program(task);
	return true;
}

/* --- the engine --- */

static struct rill_ndf_array array_of(const struct rill_ndf_task *task)
{
	const struct rill_chip_config *config = &task->chip->config;
	uint64_t cycle = (1000000000ULL + config->mac_khz - 1) / config->mac_khz;

	return (struct rill_ndf_array){
		.rows = config->rows, .cols = config->cols,
		.op_ps = cycle, .when_ps = cycle, .where_ps = cycle, .memory_ps = cycle + config->ddr_latency_ps,
		.hop_ps = config->link_hop_ps, .token_ps = task->token_ps,
		.firing_limit = task->block.firing_limit,
		.waves = task->block.flags & RILL_NDF_JOB_WAVES, .wave_gap_ps = cycle,
	};
}

bool rill_ndf_job_start(struct rill_ndf_task *task)
{
	struct rill_ndf_options options = {
		.host = rill_ndf_job_host, .capacity = task->block.capacity,
		.sink_tokens = RILL_NDF_MAX_JOB_TOKENS,
	};
	struct rill_ndf_array array = array_of(task);
	uint32_t i;

	options.host.opaque = task;
	task->mapped = rill_ndf_mapped_new(task->program, task->binary, &options, &array);
	if (!task->mapped)
		return rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	free(task->binary);
	task->binary = NULL;
	for (i = 0; i < task->block.output_count; i++)
		if (task->outputs[i].expected)
			rill_ndf_sink_expect(rill_ndf_mapped_engine(task->mapped), i, task->outputs[i].expected);
	return true;
}

/* A piece of the words of input `at`; none of them is also something to push. False: out of reach. */
static bool push_piece(struct rill_ndf_task *task, const struct rill_ndf_input *input)
{
	uint64_t words[WORDS_A_PIECE], count = input->count - task->offset;

	if (count > WORDS_A_PIECE)
		count = WORDS_A_PIECE;
	if (!read_some(task, input->words + 8 * task->offset, words, 8 * count))
		return false;
	task->offset += count;
	if (rill_ndf_source_push(rill_ndf_mapped_engine(task->mapped), task->at, words, count))
		return true;
	rill_ndf_job_fail(task, RILL_INTERNAL, 0);
	return false;
}

bool rill_ndf_job_read_inputs(struct rill_ndf_task *task)
{
	uint32_t i;

	for (i = 0; i < RILL_NDF_PIECE_BYTES / 8 / WORDS_A_PIECE; i++) {
		const struct rill_ndf_input *input = &task->inputs[task->at];

		if (task->at == task->block.input_count)
			return true;
		if (input->words && !push_piece(task, input))
			return true;
		if (task->offset < input->count)
			continue;
		task->at++;
		task->offset = 0;
	}
	return false;
}
