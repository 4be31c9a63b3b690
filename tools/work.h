/* SPDX-License-Identifier: MIT */
/* What is to be run, as the options say: a layer, several of them, or one for several batches. */
#ifndef RILL_TOOLS_WORK_H
#define RILL_TOOLS_WORK_H

#include "expectation.h"

struct work {
	const struct options *options;
	struct layer_list layers;	/* or batches of one */
	struct expectation want[MAX_LAYERS];
	struct pass_job jobs[MAX_LAYERS];
	struct rill_buffering *buffering;	/* NULL: a pass is a batch, done at once */
	int64_t *sums[MAX_LAYERS];	/* of buffered passes' outputs, by batch */
};

/* All print what is wrong and return a negative errno. */
int work_make(const struct options *options, struct work *work);
/* Once the chip is known, before work_run(): homes, and what waits for a later pass. */
int work_place(const struct drm_rill_chip_info *chip, struct work *work);
int work_run(struct rill_device *device, struct work *work, const char *strategy,
	     struct pass_result *result);
void work_free(struct work *work);

#endif
