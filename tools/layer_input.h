/* SPDX-License-Identifier: MIT */
/* The layer that the options describe, and its file of reference outputs. */
#ifndef RILL_TOOLS_LAYER_INPUT_H
#define RILL_TOOLS_LAYER_INPUT_H

#include "layer_numbers.h"
#include "options.h"
#include "rill_moe.h"

int model_input(const struct options *options, const struct rill_model **model);
/* Where the options say that routing comes from */
struct rill_routing_source source_input(const struct options *options);
/* Of the layer's batch number `batch`; the sentence goes to error[RILL_ERROR_BYTES]. */
int routing_input(const struct options *options, const struct rill_model *model, unsigned int layer,
		  unsigned int batch, struct rill_routing *routing, char *error);
/* Prints what is wrong and returns a negative errno. */
int layer_input(const struct options *options, struct rill_layer **layer);

struct layer_list {
	unsigned int count;
	struct rill_layer *layer[MAX_LAYERS];	/* owned */
};

/* Those of --layers, or the one of --layer, for each batch of --passes. */
int layers_input(const struct options *options, struct layer_list *list);
void layer_list_free(struct layer_list *list);

/* Of everything that the outputs depend on. */
uint64_t layer_digest(const struct rill_layer *layer);

int reference_save(const char *path, const struct rill_layer *layer, const int64_t *out);
/* -ESTALE if the file is of another layer. */
int reference_read(const char *path, const struct rill_layer *layer, int64_t *out);

#endif
