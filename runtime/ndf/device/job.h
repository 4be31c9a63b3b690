/* SPDX-License-Identifier: MIT */
#ifndef RILL_NDF_JOB_H
#define RILL_NDF_JOB_H

#include "chip_run.h"

/* Run it once: enum rill_ndf_end, or a negative errno and a sentence in `failure`. */
int chip_run_job(struct chip_run *chip, uint64_t firings);

#endif
