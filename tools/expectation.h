/* SPDX-License-Identifier: MIT */
/* What the outputs of a layer must be, and whether they are. */
#ifndef RILL_TOOLS_EXPECTATION_H
#define RILL_TOOLS_EXPECTATION_H

#include "pass_run.h"

#define SAMPLE_TOKENS 4

struct expectation {
	const struct rill_layer *layer;
	int64_t *out;			/* owned; NULL: nothing is verified */
	uint32_t sample[SAMPLE_TOKENS];
	bool sampled;			/* out is of `sample` alone, else of all tokens */
	unsigned int count;
};

/* As --verify and --reference say. Prints what is wrong and returns a negative errno. */
int expectation_make(const struct options *options, const struct rill_layer *layer,
		     struct expectation *want);
void expectation_free(struct expectation *want);
/* Every bit of the outputs [tokens][hidden]; counts tokens in the result. */
int expectation_check(const struct expectation *want, const int64_t *out, struct pass_result *result);

#endif
