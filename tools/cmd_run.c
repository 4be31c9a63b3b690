// SPDX-License-Identifier: MIT
/* rill run and rill sim: layers under each strategy, verified and compared. */
#include "cmd_run.h"
#include "commands.h"
#include "enlarge.h"
#include "report.h"
#include "timeline_svg.h"

#include <errno.h>
#include <stdio.h>

static int run_all(struct rill_device *device, const struct options *options, struct work *work,
		   struct pass_result *results)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < options->strategy_count; i++)
		ret = enlarge_run(device, work, options->strategies[i], &results[i]);
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

static int run_work(struct rill_device *device, const struct options *options, struct work *work)
{
	struct pass_result results[MAX_STRATEGIES] = { 0 };
	unsigned int i;
	int ret = check_array(device, options);

	if (!ret)
		ret = work_place(rill_device_chip(device), work);
	if (!ret)
		ret = run_all(device, options, work, results);
	if (!ret)
		ret = publish(device, options, work->layers.layer[0], results);
	for (i = 0; i < options->strategy_count; i++)
		pass_result_free(&results[i]);
	return ret;
}

static int run(const struct options *options)
{
	struct rill_device *device;
	struct work work;
	const char *error;
	int ret = work_make(options, &work);

	if (ret)
		return 1;
	ret = rill_device_open(&options->device, &device, &error);
	if (ret) {
		fprintf(stderr, "rill: %s\n", error);
	} else {
		ret = run_work(device, options, &work);
		rill_device_close(device);
	}
	work_free(&work);
	return ret ? 1 : 0;
}

int cmd_run_layers(int argc, char **argv, const struct options_of *command)
{
	struct options options;
	int ret;

	options_parse(argc, argv, command, &options);
	ret = run(&options);
	options_free(&options);
	return ret;
}

int cmd_run(int argc, char **argv)
{
	static const struct options_of command = {
		"run", "Stream an MoE layer on the chip through the kernel driver.", RILL_TRANSPORT_KERNEL, NULL,
	};

	return cmd_run_layers(argc, argv, &command);
}

int cmd_sim(int argc, char **argv)
{
	static const struct options_of command = {
		"sim", "Stream an MoE layer on the chip's model: same bits, same picoseconds.",
		RILL_TRANSPORT_MODEL, NULL,
	};

	return cmd_run_layers(argc, argv, &command);
}
