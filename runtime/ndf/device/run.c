// SPDX-License-Identifier: MIT
/* Graphs run by a chip, as jobs. */
#include "job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "device/transport.h"

static struct chip_run *chip_of(const struct rill_run *run)
{
	return (struct chip_run *)run;
}

int chip_run_fail(struct chip_run *chip, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(chip->failure, sizeof(chip->failure), format, args);
	va_end(args);
	return code;
}

static void chip_free(struct rill_run *run)
{
	struct chip_run *chip = chip_of(run);

	rill_buffer_destroy(chip->job);
	rill_buffer_destroy(chip->memory);
	chip_run_forget(chip);
	free(chip->binary);
	free(chip);
}

static uint64_t words_given(const struct chip_run *chip)
{
	uint64_t words = 0;
	uint32_t i;

	for (i = 0; i < chip->input_count; i++)
		words += chip->inputs[i].used ? 0 : chip->inputs[i].count;
	return words;
}

static int chip_input(struct rill_run *run, uint32_t source, const uint64_t *words, uint32_t count)
{
	struct chip_run *chip = chip_of(run);
	struct chip_input *input = &chip->inputs[source];
	uint32_t before = input->used ? 0 : input->count;
	uint64_t *grown;

	if (!count)
		return -EINVAL;
	if (words_given(chip) + count > RILL_NDF_MAX_JOB_TOKENS)
		return -E2BIG;
	grown = realloc(input->words, 8ULL * (before + count));
	if (!grown)
		return -ENOMEM;
	memcpy(grown + before, words, 8ULL * count);
	*input = (struct chip_input){ .words = grown, .count = before + count };
	return 0;
}

static void chip_expect(struct rill_run *run, uint32_t sink, uint64_t count)
{
	chip_of(run)->outputs[sink].expected = (uint32_t)count;
}

static uint8_t *chip_memory(struct rill_run *run)
{
	static uint8_t none[1];
	struct chip_run *chip = chip_of(run);

	return chip->memory ? rill_buffer_map(chip->memory) : none;
}

static int chip_go(struct rill_run *run, uint64_t firings, uint64_t steps)
{
	struct chip_run *chip = chip_of(run);
	uint32_t i;
	int ret;

	if (steps != UINT64_MAX)
		return chip_run_fail(chip, -EINVAL, "steps: a chip does not count them");
	ret = chip_run_job(chip, firings < RILL_NDF_MAX_FIRINGS ? firings : RILL_NDF_MAX_FIRINGS);
	for (i = 0; i < chip->input_count; i++)
		chip->inputs[i].used = true;
	return ret;
}

static const char *chip_failure(const struct rill_run *run)
{
	return chip_of(run)->failure;
}

static void chip_count(const struct rill_run *run, struct rill_run_counts *counts)
{
	const struct rill_ndf_report *r = &chip_of(run)->report;

	*counts = (struct rill_run_counts){
		.firings = r->firings, .op = r->op, .when = r->when, .where = r->where, .source = r->source,
		.sink = r->sink, .lessons = r->lessons,
	};
}

static const uint64_t *chip_sink(const struct rill_run *run, uint32_t sink, size_t *count)
{
	const struct chip_output *output = &chip_of(run)->outputs[sink];

	*count = output->count < output->room ? output->count : output->room;
	return output->words;
}

static void chip_fault(const struct rill_run *run, struct rill_ndf_fault_report *fault)
{
	const struct rill_ndf_report *r = &chip_of(run)->report;

	*fault = (struct rill_ndf_fault_report){ .fault = r->fault, .node = r->fault_node, .word = r->fault_word };
}

static size_t chip_blocks(const struct rill_run *run, struct rill_ndf_block *blocks, size_t max)
{
	const struct rill_ndf_report *r = &chip_of(run)->report;
	size_t i;

	for (i = 0; i < r->wait_count && i < RILL_NDF_MAX_WAITS && i < max; i++) {
		if (r->wait[i].arc >= run->graph->arc_count)
			return i;
		blocks[i] = (struct rill_ndf_block){
			.arc = r->wait[i].arc, .node = r->wait[i].node, .full = r->wait[i].full,
		};
	}
	return r->wait_count;
}

/* Nothing is on its way in a deadlock. */
static uint32_t chip_held(const struct rill_run *run, const struct rill_ndf_block *block)
{
	return block->full ? run->graph->arcs[run->order[block->arc]].capacity : 0;
}

static bool chip_when(const struct rill_run *run, uint32_t node, struct rill_ndf_when_state *state)
{
	const struct chip_run *chip = chip_of(run);
	uint32_t i;

	for (i = 0; i < chip->plastic_count; i++) {
		const struct chip_plastic *p = &chip->plastics[i];

		if (p->node != node)
			continue;
		*state = (struct rill_ndf_when_state){
			.inputs = p->inputs, .dims = p->dims, .weights = p->weights, .bias = p->bias,
			.theta = p->theta,
		};
		return true;
	}
	return false;
}

static const struct rill_runner runner = {
	.free = chip_free,
	.input = chip_input,
	.expect = chip_expect,
	.memory = chip_memory,
	.go = chip_go,
	.failure = chip_failure,
	.count = chip_count,
	.sink = chip_sink,
	.fault = chip_fault,
	.blocks = chip_blocks,
	.held = chip_held,
	.when = chip_when,
};

const struct rill_ndf_report *rill_run_report(const struct rill_run *run)
{
	return run->runner == &runner && chip_of(run)->reported ? &chip_of(run)->report : NULL;
}

static bool create_memory(struct chip_run *chip, char *error)
{
	const struct rill_graph *graph = chip->run.graph;
	uint8_t *at;

	if (!graph->memory_bytes)
		return true;
	if (!rill_buffer_create(chip->queue->device, graph->memory_bytes, chip->options.placement,
				chip->options.channel, &chip->memory)) {
		at = rill_buffer_map(chip->memory);
		if (at && graph->data_bytes)
			memcpy(at, graph->data, graph->data_bytes);
		if (at)
			return true;
	}
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "the program's memory: %.400s",
		 rill_device_error(chip->queue->device));
	return false;
}

struct rill_run *rill_run_new_on_chip(struct rill_graph *graph, struct rill_queue_handle *queue,
				      const struct rill_chip_run_options *options, char *error)
{
	struct chip_run *chip = calloc(1, sizeof(*chip));
	bool ok;

	snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
	if (!chip)
		return NULL;
	chip->run.runner = &runner;
	chip->queue = queue;
	if (options)
		chip->options = *options;
	ok = !rill_run_init(&chip->run, graph, &chip->binary, &chip->binary_bytes, error) &&
	     chip_run_describe(chip) && create_memory(chip, error);
	if (ok)
		return &chip->run;
	rill_run_free(&chip->run);
	return NULL;
}
