/* SPDX-License-Identifier: MIT */
/* rill ndf run: where a program runs if not on the host, and whether it did the same there. */
#ifndef RILL_TOOLS_NDF_DEVICE_H
#define RILL_TOOLS_NDF_DEVICE_H

#include <argp.h>

#include "ndf.h"
#include "rill_dataflow_device.h"

struct ndf_run_options;

struct ndf_device {
	bool given, array_given, path_given, compare, waves;
	struct rill_device_options options;
	struct rill_device *device;
	struct rill_queue_handle *queue;	/* NULL: on the host */
};

extern const struct argp ndf_device_argp;	/* a child; its input is struct ndf_device */

/* These print what is wrong, and return an exit status, 0 if all is well. */
int ndf_device_open(struct ndf_device *device);
void ndf_device_close(struct ndf_device *device);
/* Run it on the host as well: sinks, memory and what was learned must be equal. */
int ndf_device_compare(const struct ndf_file *file, const struct rill_build_options *build,
		       const struct ndf_run_options *options, struct rill_run *run);
/* Device time, and where nodes fired; nothing if it was not a chip's run. */
void ndf_device_print(const struct rill_run *run);
uint64_t ndf_device_ps(const struct rill_run *run);

#endif
