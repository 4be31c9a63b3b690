// SPDX-License-Identifier: MIT
#include "enlarge.h"
#include "plan_input.h"

#include <errno.h>
#include <stdio.h>

#define MOST_SRAM (4ULL << 30)		/* that a chip takes */

/* What all plans need; 0 if they fit, or cannot be made for another reason. */
static uint64_t needed(const struct work *work, struct rill_plan_chip chip, const char *strategy)
{
	uint64_t most = 0, sram = chip.sram_bytes;
	char error[RILL_ERROR_BYTES];
	struct rill_plan plan;
	unsigned int i;
	int ret;

	for (i = 0; i < work->layers.count; i++) {
		const struct rill_layer *layer = work->jobs[i].layer;

		chip.sram_bytes = sram;
		ret = plan_try(work->options, layer, &chip, NULL, strategy, &plan, error);
		chip.sram_bytes = MOST_SRAM;
		if (ret == -ENOSPC)
			ret = plan_try(work->options, layer, &chip, NULL, strategy, &plan, error);
		if (ret)
			return 0;
		if (rill_plan_sram_needed(layer, &plan) > most)
			most = rill_plan_sram_needed(layer, &plan);
		rill_plan_free(&plan);
	}
	return most > sram ? most : 0;
}

static int run_larger(const struct options *options, uint64_t sram, struct work *work,
		      const char *strategy, struct pass_result *result)
{
	struct rill_device_options larger = options->device;
	struct rill_device *device;
	const char *error;
	int ret;

	larger.chip.sram_bytes = sram;
	ret = rill_device_open(&larger, &device, &error);
	if (ret) {
		fprintf(stderr, "rill: %s\n", error);
		return ret;
	}
	ret = work_run(device, work, strategy, result);
	result->sram_enlarged = sram;
	rill_device_close(device);
	return ret;
}

int enlarge_run(struct rill_device *device, struct work *work, const char *strategy,
		struct pass_result *result)
{
	struct rill_plan_chip chip;
	uint64_t sram = 0;
	int ret = 0;

	if (work->options->enlarge_sram)
		ret = plan_chip_input(device, work->options, &chip);
	if (!ret && work->options->enlarge_sram)
		sram = needed(work, chip, strategy);
	if (!ret && sram)
		return run_larger(work->options, sram, work, strategy, result);
	return ret ? ret : work_run(device, work, strategy, result);
}
