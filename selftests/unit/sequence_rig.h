/* SPDX-License-Identifier: MIT */
/* Plans run one after the other on one queue of a modelled chip, with their outputs. */
#ifndef RILL_UNIT_SEQUENCE_RIG_H
#define RILL_UNIT_SEQUENCE_RIG_H

#include "rill_device.h"
#include "rill_moe.h"

struct sequence_rig {
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_plan_chip chip;
};

struct sequence_pass {
	const struct rill_layer *layer;
	struct rill_plan *plan;
	int64_t *out;			/* [tokens][hidden], owned; NULL if timing only */
	struct rill_pass_report report;
};

void sequence_rig_open(struct sequence_rig *rig, const struct rill_model_chip *chip);
void sequence_rig_close(struct sequence_rig *rig);
struct rill_plan *sequence_rig_plan(const struct sequence_rig *rig, const struct rill_layer *layer,
				    const char *strategy, const struct rill_plan_options *options);
void sequence_rig_plan_free(struct rill_plan *plan);
/* All passes in one submission; a NOP or a FILL between each two if asked for. */
enum between { BETWEEN_NOTHING, BETWEEN_NOP, BETWEEN_FILL };
void sequence_rig_run(struct sequence_rig *rig, struct sequence_pass *passes, unsigned int count,
		      bool timing_only, enum between between);
/* Are its outputs those of the dense reference, to the bit? */
void sequence_pass_check(const struct sequence_pass *pass);
static inline uint64_t sequence_pass_ps(const struct sequence_pass *pass)
{
	return pass->report.end_ps - pass->report.start_ps;
}

#endif
