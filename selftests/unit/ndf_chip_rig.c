// SPDX-License-Identifier: MIT
#include "ndf_chip_rig.h"

#include <stdlib.h>
#include <string.h>

void chip_rig_open(struct chip_rig *chip, uint64_t chiplets)
{
	const char *path = getenv("RILL_TEST_PATH"), *error;
	struct rill_device_options options = { .transport = RILL_TRANSPORT_MODEL, .chiplet_mask = chiplets };

	if (path) {
		options.transport = RILL_TRANSPORT_KERNEL;
		options.path = strcmp(path, "ioctl") ? RILL_SUBMIT_URING : RILL_SUBMIT_IOCTL;
	}
	if (rill_device_open(&options, &chip->device, &error))
		fail_msg("%s", error);
	if (rill_queue_create(chip->device, 4, &chip->queue))
		fail_msg("%s", rill_device_error(chip->device));
}

void chip_rig_close(struct chip_rig *chip)
{
	rill_queue_destroy(chip->queue);
	rill_device_close(chip->device);
}

int chip_rig_setup(void **state)
{
	*state = calloc(1, sizeof(struct chip_rig));
	chip_rig_open(*state, 0);
	return 0;
}

int chip_rig_teardown(void **state)
{
	chip_rig_close(*state);
	free(*state);
	return 0;
}

void chip_rig_place(struct rill_graph *graph, uint32_t chiplets)
{
	struct rill_graph_counts counts;
	uint32_t i;

	rill_graph_count(graph, &counts);
	for (i = 0; i < counts.nodes; i++)
		rill_graph_place(graph, i, i % chiplets);
}

struct rill_run *chip_rig_run(struct chip_rig *chip, struct rill_graph *graph)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run = rill_run_new_on_chip(graph, chip->queue, NULL, error);

	if (!run)
		fail_msg("%s", error);
	return run;
}

void chip_rig_go(struct rill_run *run, int end)
{
	int got = rill_run_go(run, RIG_FIRINGS, UINT64_MAX);

	if (got == end)
		return;
	rill_run_explain(run, got, stderr);
	fail_msg("ended with %d, not %d: %s", got, end, rill_run_failure(run));
}

void chip_rig_same(struct rill_run *chip, struct rill_run *flat, bool memory)
{
	const uint8_t *ours, *theirs;
	const uint64_t *a, *b;
	const char *name;
	uint64_t bytes;
	uint32_t i, mode;
	size_t n, m;

	for (i = 0; (a = rill_run_sink(chip, i, &name, &mode, &n)); i++) {
		b = rill_run_sink(flat, i, &name, &mode, &m);
		assert_non_null(b);
		assert_int_equal(n, m);
		if (n)
			assert_memory_equal(a, b, n * sizeof(*a));
	}
	assert_null(rill_run_sink(flat, i, &name, &mode, &m));
	if (!memory)
		return;
	ours = rill_run_memory(chip, &bytes);
	theirs = rill_run_memory(flat, &bytes);
	if (bytes)
		assert_memory_equal(ours, theirs, bytes);
}

void chip_rig_same_weights(const struct rill_run *chip, const struct rill_run *flat, const char *name)
{
	struct rill_weights *a = rill_run_weights(chip, name), *b = rill_run_weights(flat, name);

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->inputs, b->inputs);
	assert_int_equal(a->dims, b->dims);
	assert_int_equal(a->frac, b->frac);
	assert_int_equal(a->x_frac, b->x_frac);
	assert_memory_equal(a->weights, b->weights, a->inputs * a->dims * sizeof(*a->weights));
	assert_memory_equal(a->bias, b->bias, a->dims * sizeof(*a->bias));
	assert_memory_equal(a->theta, b->theta, a->dims * sizeof(*a->theta));
	rill_weights_free(a);
	rill_weights_free(b);
}

char *chip_rig_explain(const struct rill_run *run, int end)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	rill_run_explain(run, end, file);
	fclose(file);
	return text;
}
