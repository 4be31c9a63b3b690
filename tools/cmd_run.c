// SPDX-License-Identifier: MIT
/* rill run and rill sim: a layer under each strategy, verified and compared. */
#include "commands.h"
#include "report.h"
#include "timeline_svg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_TOKENS 4

/* The outputs to compare with, and for which tokens. */
struct expectation {
	int64_t *out;
	uint32_t sample[SAMPLE_TOKENS];
	const uint32_t *tokens;		/* NULL: all of them, in order */
	unsigned int count;
};

static void choose_tokens(const struct options *options, const struct rill_layer *layer,
			  struct expectation *want)
{
	unsigned int i;

	want->count = layer->tokens;
	if (options->verify != VERIFY_SAMPLE || layer->tokens <= SAMPLE_TOKENS)
		return;
	want->count = SAMPLE_TOKENS;
	want->tokens = want->sample;
	for (i = 0; i < SAMPLE_TOKENS; i++)
		want->sample[i] = (uint64_t)i * (layer->tokens - 1) / (SAMPLE_TOKENS - 1);
}

static int read_expectation(const struct options *options, const struct rill_layer *layer,
			    struct expectation *want)
{
	int ret = reference_read(options->reference, layer, want->out);

	if (ret == -ESTALE)
		fprintf(stderr, "rill: reference: %s is of another layer, batch or seed\n",
			options->reference);
	else if (ret)
		fprintf(stderr, "rill: reference: %s: %s\n", options->reference, strerror(-ret));
	want->tokens = NULL;
	want->count = layer->tokens;
	return ret;
}

static int expect(const struct options *options, const struct rill_layer *layer,
		  struct expectation *want)
{
	size_t hidden = layer->model->hidden;

	*want = (struct expectation){ 0 };
	if (options->verify == VERIFY_NONE)
		return 0;
	choose_tokens(options, layer, want);
	want->out = malloc(layer->tokens * hidden * sizeof(*want->out));
	if (!want->out)
		return -ENOMEM;
	if (options->reference)
		return read_expectation(options, layer, want);
	return rill_reference(layer, want->tokens, want->count, options->threads, want->out);
}

static int run_all(struct rill_device *device, const struct options *options,
		   const struct rill_layer *layer, const struct expectation *want,
		   struct pass_result *results)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < options->strategy_count; i++)
		ret = pass_run(device, options, layer, options->strategies[i], want->tokens,
			       want->count, want->out, &results[i]);
	return ret;
}

static int publish(struct rill_device *device, const struct options *options,
		   const struct rill_layer *layer, const struct pass_result *results)
{
	const struct drm_rill_chip_info *chip = rill_device_chip(device);
	bool kernel = options->device.transport == RILL_TRANSPORT_KERNEL;
	int ret = 0;

	report_table(options, chip, layer, results, options->strategy_count);
	if (options->json)
		ret = report_json(options, chip, layer, results, options->strategy_count,
				  kernel ? "kernel" : "model");
	if (!ret && options->timeline)
		ret = timeline_write(options->timeline, device, results, options->strategy_count);
	if (!ret && options->svg)
		ret = timeline_svg(options->svg, device, layer, results, options->strategy_count);
	return ret;
}

/* --array is what to model, or what the device must be. */
static int check_array(struct rill_device *device, const struct options *options)
{
	const struct drm_rill_chip_info *chip = rill_device_chip(device);
	const struct rill_model_chip *want = &options->device.chip;

	if (!want->rows || (want->rows == chip->rows && want->cols == chip->cols))
		return 0;
	fprintf(stderr, "rill: array: the device is %ux%u, not %ux%u\n", chip->rows, chip->cols,
		want->rows, want->cols);
	return -EINVAL;
}

static int run_layer(struct rill_device *device, const struct options *options,
		     const struct rill_layer *layer)
{
	struct pass_result results[MAX_STRATEGIES] = { 0 };
	struct expectation want;
	unsigned int i;
	int ret = check_array(device, options);

	if (ret)
		return ret;
	ret = expect(options, layer, &want);
	if (!ret)
		ret = run_all(device, options, layer, &want, results);
	if (!ret)
		ret = publish(device, options, layer, results);
	for (i = 0; i < options->strategy_count; i++)
		pass_result_free(&results[i]);
	free(want.out);
	return ret;
}

static int run(const struct options *options)
{
	struct rill_device *device;
	struct rill_layer *layer;
	const char *error;
	int ret = layer_input(options, &layer);

	if (ret)
		return 1;
	ret = rill_device_open(&options->device, &device, &error);
	if (ret) {
		fprintf(stderr, "rill: %s\n", error);
	} else {
		ret = run_layer(device, options, layer);
		rill_device_close(device);
	}
	rill_layer_free(layer);
	return ret ? 1 : 0;
}

int cmd_run(int argc, char **argv)
{
	struct options options;

	options_parse(argc, argv, "run",
		      "Stream an MoE layer on the chip through the kernel driver.",
		      RILL_TRANSPORT_KERNEL, &options);
	return run(&options);
}

int cmd_sim(int argc, char **argv)
{
	struct options options;

	options_parse(argc, argv, "sim",
		      "Stream an MoE layer on the chip's model: same bits, same picoseconds.",
		      RILL_TRANSPORT_MODEL, &options);
	return run(&options);
}
