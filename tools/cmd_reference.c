// SPDX-License-Identifier: MIT
/* rill reference --reference FILE: the dense reference, for a guest that is slow at it. */
#include "commands.h"
#include "layer_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_reference(const struct rill_layer *layer, const struct options *options)
{
	size_t count = (size_t)layer->tokens * layer->model->hidden;
	int64_t *out = malloc(count * sizeof(*out));
	int ret = 1;

	if (!out || rill_reference(layer, NULL, layer->tokens, options->threads, out))
		fputs("rill: reference: out of memory\n", stderr);
	else if (reference_save(options->reference, layer, out))
		fprintf(stderr, "rill: reference: cannot write %s\n", options->reference);
	else
		ret = 0;
	free(out);
	return ret;
}

int cmd_reference(int argc, char **argv)
{
	struct options options;
	struct rill_layer *layer;
	int ret;

	options_parse(argc, argv, "reference",
		      "Compute a layer's outputs densely and write them to the file that --reference names.",
		      RILL_TRANSPORT_MODEL, &options);
	if (!options.reference) {
		fputs("rill: reference: --reference FILE is missing\n", stderr);
		return 2;
	}
	if (layer_input(&options, &layer))
		return 1;
	ret = write_reference(layer, &options);
	rill_layer_free(layer);
	return ret;
}
