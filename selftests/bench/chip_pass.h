/* SPDX-License-Identifier: MIT */
/* A pass on the chip's model in this process, timed. */
#ifndef CHIP_PASS_H
#define CHIP_PASS_H

#include "rill_moe.h"

struct chip_pass {
	const struct rill_layer *layer;
	uint32_t rows, cols;
	const char *strategy;
	uint32_t slices;		/* of an expert; 0: the strategy's choice */
	struct rill_plan plan;		/* result: what ran */
	double seconds;			/* result: processor time of the host, the best of some runs */
};

/* False, with a sentence on stderr, if it failed or if its output is not the dense reference's. */
bool chip_pass_run(struct chip_pass *pass);
void chip_pass_free(struct chip_pass *pass);

#endif
