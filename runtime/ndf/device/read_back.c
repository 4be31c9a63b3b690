// SPDX-License-Identifier: MIT
/* What a job left: words of the sinks, weights, the report. */
#include "chip_run.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void get_words(void *to, const uint8_t *at, uint64_t count)
{
	uint64_t *words = to, word, i;

	for (i = 0; i < count; i++) {
		memcpy(&word, at + 8 * i, sizeof(word));
		words[i] = le64toh(word);
	}
}

static int read_output(struct chip_run *chip, struct chip_output *output, const uint8_t *entry, const uint8_t *words)
{
	struct rill_ndf_output from;
	uint64_t kept;

	memcpy(&from, entry, sizeof(from));
	output->count = le64toh(from.count);
	kept = output->count < output->room ? output->count : output->room;
	free(output->words);
	output->words = malloc(8 * kept + 8);
	if (!output->words) {
		output->count = 0;
		return chip_run_fail(chip, -ENOMEM, "out of memory");
	}
	get_words(output->words, words, kept);
	return 0;
}

/* IGNORE counts nothing, so it never lacks room. */
int chip_run_check_room(struct chip_run *chip)
{
	uint32_t i;

	for (i = 0; i < chip->output_count; i++) {
		struct chip_output *output = &chip->outputs[i];

		if (output->count > output->room)
			return chip_run_fail(chip, -ENOBUFS, "sink '%s' took %" PRIu64 " words; there was room for %u",
					     rill_graph_node_name(chip->run.graph, output->node), output->count,
					     output->room);
	}
	return 0;
}

static int read_outputs(struct chip_run *chip, const struct chip_layout *layout, const uint8_t *at)
{
	uint64_t words = layout->output_words;
	uint32_t i;
	int ret;

	for (i = 0; i < chip->output_count; i++) {
		ret = read_output(chip, &chip->outputs[i], at + layout->outputs + i * sizeof(struct rill_ndf_output),
				  at + words);
		if (ret)
			return ret;
		words += 8ULL * chip->outputs[i].room;
	}
	return 0;
}

static void read_weights(struct chip_run *chip, const uint8_t *at)
{
	uint32_t i, k, count, weight;

	for (i = 0; i < chip->plastic_count; i++) {
		struct chip_plastic *to = &chip->plastics[i];

		count = to->inputs * to->dims;
		get_words(to->bias, at, to->dims);
		get_words(to->theta, at + 8ULL * to->dims, to->dims);
		at += 16ULL * to->dims;
		for (k = 0; k < count; k++) {
			memcpy(&weight, at + 4ULL * k, sizeof(weight));
			to->weights[k] = (int32_t)le32toh(weight);
		}
		at += (4ULL * count + 7) & ~7ULL;
	}
	chip->learned = chip->plastic_count;
}

int chip_run_read(struct chip_run *chip, const struct chip_layout *layout, const uint8_t *at)
{
	int ret = read_outputs(chip, layout, at);

	if (ret)
		return ret;
	read_weights(chip, at + layout->weights);
	return 0;
}

/* ---- the report ---- */

static void swap64(__le64 *words, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes / sizeof(*words); i++)
		words[i] = le64toh(words[i]);
}

void chip_run_read_report(struct chip_run *chip, const uint8_t *at)
{
	struct rill_ndf_report *r = &chip->report;
	uint32_t i;

	memcpy(r, at, sizeof(*r));
	r->end = le32toh(r->end);
	r->fault = le32toh(r->fault);
	r->fault_node = le32toh(r->fault_node);
	r->wait_count = le32toh(r->wait_count);
	swap64(&r->fault_word, offsetof(struct rill_ndf_report, wait) - offsetof(struct rill_ndf_report, fault_word));
	for (i = 0; i < RILL_NDF_MAX_WAITS; i++) {
		r->wait[i].arc = le32toh(r->wait[i].arc);
		r->wait[i].node = le32toh(r->wait[i].node);
		r->wait[i].full = le32toh(r->wait[i].full);
	}
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		r->chiplet[i].firings = le64toh(r->chiplet[i].firings);
		r->chiplet[i].busy_ps = le64toh(r->chiplet[i].busy_ps);
	}
	chip->reported = true;
}
