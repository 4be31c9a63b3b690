/* SPDX-License-Identifier: MIT */
/* Lists of layers: "all", or numbers and ranges separated by commas. */
#ifndef RILL_TOOLS_LAYER_NUMBERS_H
#define RILL_TOOLS_LAYER_NUMBERS_H

#include "rill_moe.h"

#define MAX_LAYERS 256

struct layer_numbers {
	unsigned int count;
	unsigned int number[MAX_LAYERS];
};

/* All are MoE layers of the model. Prints what is wrong and returns a negative errno. */
int layer_numbers_parse(const char *list, const struct rill_model *model, struct layer_numbers *numbers);

#endif
