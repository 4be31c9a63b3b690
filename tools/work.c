// SPDX-License-Identifier: MIT
#include "work.h"
#include "homes_input.h"
#include "waits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is it the next layer of the model? Then what it is sure to need may be loaded before its pass. */
static bool follows(const struct work *work, unsigned int i)
{
	struct rill_layer *const *layer = &work->layers.layer[i];

	return i && !work->options->no_prefetch && layer[0]->layer == layer[-1]->layer + 1;
}

static int buffer_tokens(struct work *work)
{
	const struct rill_buffering_options options = {
		.percent = work->options->buffer, .age = work->options->age,
		.slack = work->options->slack, .seed = work->options->seed,
	};
	char error[RILL_ERROR_BYTES] = "";
	unsigned int i;
	int ret = rill_buffering_create(work->layers.layer, work->layers.count, &options,
					&work->buffering, error);

	if (ret) {
		fprintf(stderr, "rill: %s\n", error);
		return ret;
	}
	for (i = 0; i < work->layers.count; i++)
		work->jobs[i] = (struct pass_job){ .layer = work->buffering->passes[i].layer };
	return 0;
}

int work_make(const struct options *options, struct work *work)
{
	unsigned int i;
	int ret;

	*work = (struct work){ .options = options };
	ret = layers_input(options, &work->layers);
	for (i = 0; !ret && i < work->layers.count; i++) {
		work->jobs[i] = (struct pass_job){
			.layer = work->layers.layer[i], .follows = follows(work, i),
		};
		ret = expectation_make(options, work->layers.layer[i], &work->want[i]);
	}
	if (ret)
		work_free(work);
	return ret;
}

int work_place(const struct drm_rill_chip_info *chip, struct work *work)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < work->layers.count; i++)
		ret = homes_input(work->options, chip, work->layers.layer[i]);
	if (!ret && work->options->buffered)
		ret = buffer_tokens(work);
	return ret;
}

void work_free(struct work *work)
{
	unsigned int i;

	for (i = 0; i < work->layers.count; i++) {
		expectation_free(&work->want[i]);
		free(work->sums[i]);
	}
	rill_buffering_free(work->buffering);
	layer_list_free(&work->layers);
}

static int check_pass(void *opaque, unsigned int pass, const int64_t *out, struct pass_result *result)
{
	const struct work *work = opaque;

	return expectation_check(&work->want[pass], out, result);
}

static int add_pass(void *opaque, unsigned int pass, const int64_t *out, struct pass_result *result)
{
	const struct work *work = opaque;

	rill_buffering_add(work->buffering, pass, out, work->sums);
	return 0;
}

static int clear_sums(struct work *work)
{
	unsigned int i;

	for (i = 0; i < work->layers.count; i++) {
		const struct rill_layer *layer = work->layers.layer[i];

		free(work->sums[i]);
		work->sums[i] = calloc((size_t)layer->tokens * layer->model->hidden, sizeof(int64_t));
		if (!work->sums[i])
			return -ENOMEM;
	}
	return 0;
}

static int check_sums(struct work *work, struct pass_result *result)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < work->layers.count; i++) {
		rill_buffering_round(work->layers.layer[i], work->sums[i]);
		ret = expectation_check(&work->want[i], work->sums[i], result);
	}
	return ret;
}

int work_run(struct rill_device *device, struct work *work, const char *strategy,
	     struct pass_result *result)
{
	bool verify = work->options->verify != VERIFY_NONE, sum = verify && work->buffering;
	struct pass_set set = {
		.jobs = work->jobs, .count = work->layers.count, .opaque = work,
		.check = !verify ? NULL : sum ? add_pass : check_pass,
	};
	int ret = sum ? clear_sums(work) : 0;

	if (!ret)
		ret = pass_run(device, work->options, &set, strategy, result);
	if (!ret && sum)
		ret = check_sums(work, result);
	if (!ret && work->buffering)
		ret = waits_measure(work, result);
	return ret;
}
