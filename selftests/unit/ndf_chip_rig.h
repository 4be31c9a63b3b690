/* SPDX-License-Identifier: MIT */
/*
 * Programs on a chip for tests: a run there beside one of the flat engine. The chip is the model, or with
 * RILL_TEST_PATH=uring or ioctl the device behind the driver.
 */
#ifndef NDF_CHIP_RIG_H
#define NDF_CHIP_RIG_H

#include "dataflow_rig.h"
#include "rill_dataflow_device.h"

struct chip_rig {
	struct rill_device *device;
	struct rill_queue_handle *queue;
};

int chip_rig_setup(void **state);
int chip_rig_teardown(void **state);
/* Others beside it. The test fails if there is none. */
void chip_rig_open(struct chip_rig *chip, uint64_t chiplets);
void chip_rig_close(struct chip_rig *chip);

/* Spread the nodes over the first `chiplets` chiplets, one after another. */
void chip_rig_place(struct rill_graph *graph, uint32_t chiplets);
struct rill_run *chip_rig_run(struct chip_rig *chip, struct rill_graph *graph);
/* Must end so. */
void chip_rig_go(struct rill_run *run, int end);
/* Sinks of the two are equal; all of the memory, too, if `memory`. */
void chip_rig_same(struct rill_run *chip, struct rill_run *flat, bool memory);
void chip_rig_same_weights(const struct rill_run *chip, const struct rill_run *flat, const char *name);
/* What rill_run_explain() writes, from malloc() */
char *chip_rig_explain(const struct rill_run *run, int end);

#endif
