// SPDX-License-Identifier: MIT
/* Where a job's memory lies in its buffer, and what is written there. */
#include "chip_run.h"

#include <endian.h>
#include <string.h>

#define JOB_ALIGN	64u

static uint64_t pad8(uint64_t bytes)
{
	return (bytes + 7) & ~7ULL;
}

static uint64_t take(struct chip_layout *layout, uint64_t bytes)
{
	uint64_t at = layout->bytes;

	layout->bytes = (at + bytes + JOB_ALIGN - 1) & ~(uint64_t)(JOB_ALIGN - 1);
	return at;
}

/* ---- room ---- */

/* Of these nobody knows in advance how many words they take. */
static bool unbounded(const struct graph_node *sink)
{
	return sink->mode == RILL_NDF_SINK_UNTIL || sink->mode == RILL_NDF_SINK_QUIET;
}

static uint32_t unbounded_room(const struct chip_run *chip)
{
	uint32_t i, count = 0, room = chip->options.room ? chip->options.room : RILL_CHIP_RUN_ROOM;

	for (i = 0; i < chip->output_count; i++)
		count += unbounded(&chip->run.graph->nodes[chip->outputs[i].node]);
	return count && RILL_NDF_MAX_JOB_TOKENS / count < room ? RILL_NDF_MAX_JOB_TOKENS / count : room;
}

/* The chip keeps no more than RILL_NDF_MAX_JOB_TOKENS of all sinks, so there is no use for more room. */
static void make_room(struct chip_run *chip)
{
	uint32_t i, room = unbounded_room(chip), left = RILL_NDF_MAX_JOB_TOKENS;

	for (i = 0; i < chip->output_count; i++) {
		struct chip_output *output = &chip->outputs[i];
		const struct graph_node *sink = &chip->run.graph->nodes[output->node];
		uint64_t want = unbounded(sink) ? room : 0;

		if (sink->mode == RILL_NDF_SINK_COUNT)
			want = output->expected ? output->expected : sink->imm;
		output->room = want < left ? (uint32_t)want : left;
		left -= output->room;
	}
}

/* ---- layout ---- */

static uint64_t plastic_bytes(const struct chip_plastic *plastic)
{
	return 16ULL * plastic->dims + pad8(4ULL * plastic->inputs * plastic->dims);
}

void chip_run_lay_out(struct chip_run *chip, struct chip_layout *layout)
{
	uint64_t input_words = 0, output_words = 0;
	uint32_t i;

	make_room(chip);
	for (i = 0; i < chip->input_count; i++)
		input_words += chip->inputs[i].count;
	for (i = 0; i < chip->output_count; i++)
		output_words += chip->outputs[i].room;
	*layout = (struct chip_layout){ 0 };
	for (i = 0; i < chip->plastic_count; i++)
		layout->weights_bytes += plastic_bytes(&chip->plastics[i]);
	layout->block = take(layout, sizeof(struct rill_ndf_job));
	layout->program = take(layout, chip->binary_bytes);
	layout->inputs = take(layout, chip->input_count * sizeof(struct rill_ndf_input));
	layout->outputs = take(layout, chip->output_count * sizeof(struct rill_ndf_output));
	layout->weights = take(layout, layout->weights_bytes);
	layout->report = take(layout, sizeof(struct rill_ndf_report));
	layout->input_words = take(layout, 8 * input_words);
	layout->output_words = take(layout, 8 * output_words);
}

/* ---- writing ---- */

static void put_words(uint8_t *at, const void *from, uint64_t count)
{
	const uint64_t *words = from;
	uint64_t i, word;

	for (i = 0; i < count; i++) {
		word = htole64(words[i]);
		memcpy(at + 8 * i, &word, sizeof(word));
	}
}

static void write_inputs(const struct chip_run *chip, const struct chip_layout *layout, uint64_t va, uint8_t *at)
{
	uint64_t offset = layout->input_words;
	uint32_t i;

	for (i = 0; i < chip->input_count; i++) {
		const struct chip_input *from = &chip->inputs[i];
		struct rill_ndf_input input = { 0 };

		if (from->words) {
			input.words = htole64(va + offset);
			input.count = htole64(from->count);
			put_words(at + offset, from->words, from->count);
			offset += 8ULL * from->count;
		}
		memcpy(at + layout->inputs + i * sizeof(input), &input, sizeof(input));
	}
}

static void write_outputs(const struct chip_run *chip, const struct chip_layout *layout, uint64_t va, uint8_t *at)
{
	uint64_t offset = layout->output_words;
	uint32_t i;

	for (i = 0; i < chip->output_count; i++) {
		const struct chip_output *from = &chip->outputs[i];
		struct rill_ndf_output output = {
			.words = htole64(from->room ? va + offset : 0),
			.room = htole32(from->room),
			.expected = htole32(from->expected),
		};

		offset += 8ULL * from->room;
		memcpy(at + layout->outputs + i * sizeof(output), &output, sizeof(output));
	}
}

static void write_weights(const struct chip_run *chip, uint8_t *at)
{
	uint32_t i, k, weight;

	for (i = 0; i < chip->plastic_count; i++) {
		const struct chip_plastic *from = &chip->plastics[i];

		put_words(at, from->bias, from->dims);
		put_words(at + 8ULL * from->dims, from->theta, from->dims);
		for (k = 0; k < from->inputs * from->dims; k++) {
			weight = htole32((uint32_t)from->weights[k]);
			memcpy(at + 16ULL * from->dims + 4ULL * k, &weight, sizeof(weight));
		}
		at += plastic_bytes(from);
	}
}

void chip_run_write(const struct chip_run *chip, const struct chip_layout *layout, uint64_t firings, uint64_t va,
		    uint8_t *at)
{
	struct rill_ndf_job job = {
		.firing_limit = htole64(firings),
		.program = htole64(va + layout->program),
		.memory = htole64(chip->memory ? rill_buffer_va(chip->memory) : 0),
		.inputs = htole64(chip->input_count ? va + layout->inputs : 0),
		.outputs = htole64(chip->output_count ? va + layout->outputs : 0),
		.input_count = htole32(chip->input_count),
		.output_count = htole32(chip->output_count),
		.weights = htole64(chip->plastic_count ? va + layout->weights : 0),
		.weights_bytes = htole64(layout->weights_bytes),
		.report = htole64(va + layout->report),
	};

	if (chip->learned)
		job.flags |= htole32(RILL_NDF_JOB_LOAD_WEIGHTS);
	if (chip->options.waves)
		job.flags |= htole32(RILL_NDF_JOB_WAVES);
	memset(at, 0, layout->input_words);
	memcpy(at + layout->block, &job, sizeof(job));
	memcpy(at + layout->program, chip->binary, chip->binary_bytes);
	write_inputs(chip, layout, va, at);
	write_outputs(chip, layout, va, at);
	write_weights(chip, at + layout->weights);
}
