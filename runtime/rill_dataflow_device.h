/* SPDX-License-Identifier: MIT */
/*
 * librill, neuromorphic dataflow on a chip: a program's graph runs as a job (RILL_OP_NDF), over the
 * kernel or in the model. Nodes fire on the chiplets that the graph places them on.
 *
 * The run is one of rill_dataflow.h. What differs:
 *   rill_run_go()	is a job. Another one is another job: the program begins anew, with memory and
 *			learned weights as the last one left them, and with the same input unless there
 *			is other. It has no steps (give UINT64_MAX), and at most RILL_NDF_MAX_FIRINGS firings.
 *			-ENOBUFS: a sink took more words than there was room for
 *   rill_run_input()	-EINVAL for no words, which a job cannot tell from the program's own; -E2BIG for more
 *			than RILL_NDF_MAX_JOB_TOKENS
 *   rill_run_memory()	is the memory that the chip uses; not to be touched during a job
 */
#ifndef RILL_DATAFLOW_DEVICE_H
#define RILL_DATAFLOW_DEVICE_H

#include "rill_dataflow.h"
#include "rill_device.h"

#define RILL_CHIP_RUN_ROOM	65536u

struct rill_chip_run_options {
	enum drm_rill_placement placement;	/* of the program's memory */
	uint32_t channel;
	uint32_t room;				/* words of each UNTIL and QUIET sink; 0: RILL_CHIP_RUN_ROOM */
	bool waves;				/* the array finds the end by itself: RILL_NDF_JOB_WAVES */
};

/*
 * options may be NULL. The queue must outlive the run. NULL: error (RILL_GRAPH_ERROR_BYTES) says
 * why.
 */
struct rill_run *rill_run_new_on_chip(struct rill_graph *graph, struct rill_queue_handle *queue,
				      const struct rill_chip_run_options *options, char *error);
/* What the chip said of the last job, in the host's byte order; NULL: it did not get so far, or no run of a chip. */
const struct rill_ndf_report *rill_run_report(const struct rill_run *run);

#endif
